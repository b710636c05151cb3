package ledger

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// acquainted remembers what this process has seen of other streams and what a
// command that raises a debt has to know: whose a consumer is, which never changes,
// and who can be billed, which an erasure ends. Only a yes is remembered.
type acquainted struct {
	consumers *lru.Cache[domain.ConsumerID, domain.FiscalCode]
	payers    *lru.Cache[domain.ParentID, time.Time] // and when the log was last asked
	following atomic.Bool                            // erasures are seen as they are filed: see Acquaint
}

const (
	// manyPeople bounds how many people a process remembers, at about 150 bytes each.
	manyPeople = 1 << 18
	// payerAge bounds how long a parent who was erased by another process can still be
	// billed by one that does not follow the log: as long as a vault's key lives in
	// memory.
	payerAge = time.Minute
)

func newAcquainted() *acquainted {
	consumers, _ := lru.New[domain.ConsumerID, domain.FiscalCode](manyPeople) // fails for no room at all
	payers, _ := lru.New[domain.ParentID, time.Time](manyPeople)
	return &acquainted{consumers: consumers, payers: payers}
}

// Acquaint follows the log and keeps in mind who can be billed, so that issuing
// bulletins by the thousand need not read two streams for each. It calls ready, when
// that is not nil, once it knows what the log held when it began, and returns when
// ctx is done, or with what went wrong. The ledger is right without it, and slower.
func (l *Ledger) Acquaint(ctx context.Context, ready func()) error {
	end, err := l.store.End(ctx)
	if err != nil {
		return err
	}
	defer l.known.following.Store(false)
	reached := func(at eventstore.Position) {
		if at >= end && !l.known.following.Swap(true) && ready != nil {
			ready()
		}
	}
	reached(0)
	closed := wire.New(nil)
	for rec, err := range eventstore.LendOn(ctx, l.store, 0) {
		if ctx.Err() != nil {
			return nil
		}
		if err == nil {
			err = l.known.meet(ctx, closed, rec)
		}
		if err != nil {
			return fmt.Errorf("ledger: getting to know who can be billed: %w", err)
		}
		reached(rec.Position)
	}
	return nil
}

// meet takes in what one event says of people.
func (a *acquainted) meet(ctx context.Context, closed *wire.Registry, rec eventstore.Recorded) error {
	if c := rec.Stream.Category(); c != "parent" && c != "consumer" {
		return nil
	}
	fact, err := closed.Decode(ctx, rec)
	if err != nil {
		return err
	}
	switch e := fact.(type) {
	case domain.ParentRegistered:
		a.payers.Add(e.Parent, time.Time{}) // counts while the log is followed, and not before
	case domain.ParentErased:
		a.payers.Remove(e.Parent)
	case domain.ConsumerEnrolled:
		a.consumers.Add(e.Consumer, e.Creditor)
	}
	return nil
}

// checkPayer refuses to bill somebody who is not registered, or erased.
func (l *Ledger) checkPayer(ctx context.Context, id domain.ParentID) error {
	if seen, ok := l.known.payers.Get(id); ok && (l.known.following.Load() || time.Since(seen) < payerAge) {
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
