package projectionstest

import (
	"context"
	"fmt"
	"sync"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// Keys seal nothing, and forget whom they are told to.
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

// Seal returns plain as it is.
func (k *Keys) Seal(_ context.Context, _ uuid.UUID, plain, _ []byte) ([]byte, error) {
	return plain, nil
}

// Open returns sealed as it is, unless the person was erased.
func (k *Keys) Open(_ context.Context, subject uuid.UUID, sealed, _ []byte) ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.erased[subject] {
		return nil, fmt.Errorf("%s: %w", subject, wire.ErrErased)
	}
	return sealed, nil
}
