package projections

import (
	"context"
	"fmt"
	"sync"

	"github.com/saldo-ledger/saldo/eventstore"
)

// gauge shows how far the views are, and wakes who waits for them to be further.
type gauge struct {
	mu    sync.Mutex
	at    eventstore.Position
	known bool          // at is; before, nobody can say how far the views are
	moved chan struct{} // closed when at or err changes
	err   error         // why it will never move again
	calls chan struct{} // somebody has begun to wait; holds one call
}

func newGauge() *gauge { return &gauge{moved: make(chan struct{}), calls: make(chan struct{}, 1)} }

// rise moves the gauge to at.
func (g *gauge) rise(at eventstore.Position) { g.move(func() { g.at, g.known = at, true }) }

// stop says why the gauge will not move again.
func (g *gauge) stop(err error) { g.move(func() { g.err = err }) }

func (g *gauge) move(change func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	change()
	close(g.moved)
	g.moved = make(chan struct{})
}

// reached says whether the gauge is at position, or how far it is, when that will
// change, and why it never will.
func (g *gauge) reached(position eventstore.Position) (yes bool, at eventstore.Position, moved <-chan struct{}, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.known && g.at >= position, g.at, g.moved, g.err
}

// wait returns when the gauge has reached position.
func (g *gauge) wait(ctx context.Context, position eventstore.Position) error {
	for {
		yes, at, moved, err := g.reached(position)
		switch {
		case yes:
			return nil
		case err != nil:
			return fmt.Errorf("projections: the views stopped at position %d, before %d: %w", at, position, err)
		}
		select {
		case g.calls <- struct{}{}:
		default: // a call is heard already
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return fmt.Errorf("projections: the views are at position %d, not yet %d: %w", at, position, ctx.Err())
		}
	}
}
