package projections

import (
	"sync"

	"github.com/saldo-ledger/saldo/eventstore"
)

// basin is where events wait, folded, while the batch before them is written: the
// slower the writing, the larger the next batch, and an event that comes to an
// idle sink waits for nothing.
type basin struct {
	least, most int           // events in a batch
	full        chan struct{} // holds a token since the open batch was full

	mu      sync.Mutex
	changed sync.Cond
	open    *Batch
	spare   *Batch
	to      eventstore.Position // of the last event in open
	ended   bool
	err     error
}

func newBasin(least, most int) *basin {
	b := &basin{least: least, most: most, full: make(chan struct{}, 1), open: &Batch{}, spare: &Batch{}}
	b.changed.L = &b.mu
	return b
}

// pour lets fold add one event to the open batch, and first waits while that is
// full. It reports whether there is still somebody to write it.
func (b *basin) pour(at eventstore.Position, fold func(*Batch)) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.open.Events() >= b.most && !b.ended {
		select {
		case b.full <- struct{}{}:
		default: // it is known
		}
		b.changed.Wait()
	}
	if b.ended {
		return false
	}
	fold(b.open)
	b.to = at
	if b.open.Events() >= b.least {
		b.changed.Signal()
	}
	return true
}

// take returns the open batch and the position it leads to, as soon as it has
// enough events or no more will come. The batch taken before goes back empty. No
// batch and no error is the end.
func (b *basin) take() (*Batch, eventstore.Position, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.open.Events() < b.least && !b.ended {
		b.changed.Wait()
	}
	if b.open.Events() == 0 {
		return nil, b.to, b.err
	}
	full := b.open
	b.spare.Reset()
	b.open, b.spare = b.spare, full
	select {
	case <-b.full:
	default:
	}
	b.changed.Signal()
	return full, b.to, nil
}

// end says that no more events will come, because of err if it is not nil. Only
// the first end counts.
func (b *basin) end(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.ended {
		b.ended, b.err = true, err
		b.changed.Broadcast()
	}
}
