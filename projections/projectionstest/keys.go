package projectionstest

import (
	"bytes"
	"context"
	"fmt"
	"sync"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// Keys hide nothing, and forget whom they are told to.
type Keys struct {
	mu     sync.Mutex
	erased map[uuid.UUID]bool
}

// Erase makes the personal data of a person unreadable.
func (k *Keys) Erase(subject uuid.UUID) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.erased == nil {
		k.erased = make(map[uuid.UUID]bool)
	}
	k.erased[subject] = true
}

// seal is what stands before data that are sealed.
const seal = "sealed:"

// Seal returns plain with a mark.
func (k *Keys) Seal(_ context.Context, _ uuid.UUID, plain, _ []byte) ([]byte, error) {
	return append([]byte(seal), plain...), nil
}

// Open takes the mark away, unless the person was erased.
func (k *Keys) Open(_ context.Context, subject uuid.UUID, sealed, _ []byte) ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.erased[subject] {
		return nil, fmt.Errorf("%s: %w", subject, wire.ErrErased)
	}
	return bytes.TrimPrefix(sealed, []byte(seal)), nil
}
