package wire

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/google/uuid"
)

// keys is a keyring of these tests: each person's key follows from their id, and
// the nonce from what is sealed, so that sealing the same twice gives the same
// bytes and a golden file can hold them.
type keys struct {
	erased map[uuid.UUID]bool
	broken error // what every call fails with
}

var errNotOpened = errors.New("not sealed for this person in this place")

func (k keys) Seal(_ context.Context, subject uuid.UUID, plain, place []byte) ([]byte, error) {
	if err := k.check(subject); err != nil {
		return nil, err
	}
	aead := lock(subject)
	sum := sha256.Sum256(append(append([]byte("nonce"), place...), plain...))
	nonce := sum[:aead.NonceSize()]
	return aead.Seal(nonce, nonce, plain, place), nil
}

func (k keys) Open(_ context.Context, subject uuid.UUID, sealed, place []byte) ([]byte, error) {
	if err := k.check(subject); err != nil {
		return nil, err
	}
	aead := lock(subject)
	if len(sealed) < aead.NonceSize() {
		return nil, errNotOpened
	}
	plain, err := aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], place)
	if err != nil {
		return nil, errors.Join(errNotOpened, err)
	}
	return plain, nil
}

func (k keys) check(subject uuid.UUID) error {
	if k.erased[subject] {
		return fmt.Errorf("person %s: %w", subject, ErrErased)
	}
	return k.broken
}

func lock(subject uuid.UUID) cipher.AEAD {
	key := sha256.Sum256(append([]byte("key"), subject[:]...))
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return aead
}
