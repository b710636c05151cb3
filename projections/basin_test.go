package projections

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// drop pours an event that changes nothing.
func drop(b *basin, at eventstore.Position) bool {
	return b.pour(at, func(open *Batch) { Fold(open, eventstore.Recorded{Position: at}, domain.CredentialChanged{}) })
}

// taken checks the next batch of b.
func taken(t *testing.T, b *basin, events int, to eventstore.Position) {
	t.Helper()
	batch, at, err := b.take()
	if err != nil || batch == nil {
		t.Fatalf("no batch: %v", err)
	}
	if batch.Events() != events || at != to {
		t.Errorf("a batch of %d events up to %d, want %d up to %d", batch.Events(), at, events, to)
	}
}

func TestABatchWaitsUntilItHasEnough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBasin(3, 5)
		go func() {
			for at := range eventstore.Position(7) {
				synctest.Wait() // the taker waits, or is gone
				drop(b, at+1)
			}
			b.end(nil)
		}()
		taken(t, b, 3, 3)
		taken(t, b, 3, 6)
		taken(t, b, 1, 7) // the rest, because no more will come
		if batch, _, err := b.take(); batch != nil || err != nil {
			t.Errorf("after the end: %v, %v", batch, err)
		}
	})
}

func TestAFullBatchHoldsThePouringBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, poured := newBasin(1, 2), 0
		go func() {
			for poured < 3 && drop(b, eventstore.Position(poured+1)) {
				poured++
			}
		}()
		synctest.Wait()
		if poured != 2 {
			t.Fatalf("%d events poured into a batch of at most 2", poured)
		}
		if len(b.full) != 1 {
			t.Error("nobody is told that the batch is full")
		}
		taken(t, b, 2, 2)
		taken(t, b, 1, 3)
	})
}

func TestNothingIsPouredWhenNobodyTakes(t *testing.T) {
	b := newBasin(1, 2)
	b.end(ErrStopped)
	if drop(b, 1) {
		t.Error("an event was poured after the end")
	}
}

func TestTheFirstEndCounts(t *testing.T) {
	b, broken := newBasin(1, 2), errors.New("broken")
	drop(b, 1)
	b.end(broken)
	b.end(nil)
	taken(t, b, 1, 1) // what came before
	if _, _, err := b.take(); !errors.Is(err, broken) {
		t.Errorf("ended with %v", err)
	}
}
