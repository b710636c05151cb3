package town

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/eventstore/ledger"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// Keys is a vault in memory. Each person's key follows from a secret and their id,
// so that a town of any size needs no room for them. It protects nothing: the log
// of an invented town needs no protection.
type Keys struct {
	secret [32]byte
	mu     sync.Mutex
	erased map[uuid.UUID]bool
}

var _ ledger.Vault = (*Keys)(nil)

// NewKeys returns a vault with a secret that follows from seed.
func NewKeys(seed uint64) *Keys {
	return &Keys{secret: sha256.Sum256(fmt.Append(nil, seed)), erased: make(map[uuid.UUID]bool)}
}

// Seal encrypts with AES-256-GCM, as the real vault does.
func (k *Keys) Seal(_ context.Context, subject uuid.UUID, plain, place []byte) ([]byte, error) {
	aead, err := k.key(subject)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, aead.NonceSize(), aead.NonceSize()+len(plain)+aead.Overhead())
	_, _ = rand.Read(nonce) // never fails
	return aead.Seal(nonce, nonce, plain, place), nil
}

var errNotSealed = errors.New("town: not sealed here")

// Open decrypts what Seal returned.
func (k *Keys) Open(_ context.Context, subject uuid.UUID, sealed, place []byte) ([]byte, error) {
	aead, err := k.key(subject)
	if err != nil {
		return nil, err
	}
	if len(sealed) < aead.NonceSize() {
		return nil, errNotSealed
	}
	return aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], place)
}

func (k *Keys) key(subject uuid.UUID) (cipher.AEAD, error) {
	k.mu.Lock()
	erased := k.erased[subject]
	k.mu.Unlock()
	if erased {
		return nil, fmt.Errorf("person %s: %w", subject, wire.ErrErased)
	}
	key := sha256.Sum256(append(k.secret[:], subject[:]...))
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// ClaimID hides a value.
func (k *Keys) ClaimID(kind, value string) string {
	mac := hmac.New(sha256.New, k.secret[:])
	fmt.Fprintf(mac, "%s\x00%s", kind, value)
	return hex.EncodeToString(mac.Sum(nil))
}

// Erase forgets a person.
func (k *Keys) Erase(_ context.Context, person uuid.UUID) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.erased[person] = true
	return nil
}
