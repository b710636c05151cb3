package ledger_test

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

	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// vault keeps keys in memory: each person's follows from their id.
type vault struct {
	mu     sync.Mutex
	erased map[uuid.UUID]bool
	away   int // how many erasures fail
}

var errAway = errors.New("the vault is away")

// Erase destroys a key, unless the vault is away.
func (v *vault) Erase(_ context.Context, subject uuid.UUID) error {
	v.mu.Lock()
	if v.away > 0 {
		v.away--
		v.mu.Unlock()
		return errAway
	}
	v.mu.Unlock()
	v.erase(subject)
	return nil
}

func (v *vault) erase(subject uuid.UUID) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.erased[subject] = true
}

func (v *vault) isErased(subject uuid.UUID) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.erased[subject]
}

func (v *vault) Seal(_ context.Context, subject uuid.UUID, plain, place []byte) ([]byte, error) {
	aead, err := v.key(subject)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, aead.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	return aead.Seal(nonce, nonce, plain, place), nil
}

func (v *vault) Open(_ context.Context, subject uuid.UUID, sealed, place []byte) ([]byte, error) {
	aead, err := v.key(subject)
	if err != nil {
		return nil, err
	}
	n := aead.NonceSize()
	if len(sealed) < n {
		return nil, errors.New("not sealed")
	}
	return aead.Open(nil, sealed[:n], sealed[n:], place)
}

func (v *vault) key(subject uuid.UUID) (cipher.AEAD, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.erased[subject] {
		return nil, fmt.Errorf("person %s: %w", subject, wire.ErrErased)
	}
	key := sha256.Sum256(subject[:])
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func (v *vault) ClaimID(kind, value string) string {
	mac := hmac.New(sha256.New, []byte("a secret of the vault"))
	fmt.Fprintf(mac, "%s\x00%s", kind, value)
	return hex.EncodeToString(mac.Sum(nil))
}
