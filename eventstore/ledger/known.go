package ledger

import (
	"context"
	"fmt"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/saldo-ledger/saldo/domain"
)

// acquainted remembers what this process has seen of other streams and what a
// command that raises a debt has to know: whose a consumer is, which never changes,
// and who can be billed, which an erasure ends. Only a yes is remembered.
type acquainted struct {
	consumers *lru.Cache[domain.ConsumerID, domain.FiscalCode]
	payers    *lru.Cache[domain.ParentID, time.Time] // and when they were last seen
}

const (
	// manyPeople bounds how many people a process remembers, at about 150 bytes each.
	manyPeople = 1 << 18
	// payerAge bounds how long a parent who was erased by another process can still be
	// billed by this one: as long as a vault's key lives in memory.
	payerAge = time.Minute
)

func newAcquainted() acquainted {
	consumers, _ := lru.New[domain.ConsumerID, domain.FiscalCode](manyPeople) // fails for no room at all
	payers, _ := lru.New[domain.ParentID, time.Time](manyPeople)
	return acquainted{consumers, payers}
}

// checkPayer refuses to bill somebody who is not registered, or erased.
func (l *Ledger) checkPayer(ctx context.Context, id domain.ParentID) error {
	if seen, ok := l.known.payers.Get(id); ok && time.Since(seen) < payerAge {
		return nil
	}
	seen := time.Now()
	if _, err := l.payer(ctx, id); err != nil {
		return err
	}
	l.known.payers.Add(id, seen)
	return nil
}

// checkBilled refuses a consumer who is not the creditor's.
func (l *Ledger) checkBilled(ctx context.Context, creditor domain.FiscalCode, id domain.ConsumerID) error {
	if of, ok := l.known.consumers.Get(id); ok && of == creditor {
		return nil
	}
	c, _, err := l.consumers.Load(ctx, ConsumerStream(id))
	switch {
	case err != nil:
		return err
	case !c.Enrolled() || c.Creditor != creditor:
		return fmt.Errorf("consumer %s: %w", id, domain.ErrUnknownConsumer)
	}
	l.known.consumers.Add(id, creditor)
	return nil
}
