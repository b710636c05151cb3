package ledger

import (
	"context"
	"fmt"
	"sync"

	"github.com/saldo-ledger/saldo/eventstore"
)

// crewSize is how many events a Reactor with a Key answers at once.
const crewSize = 16

// crew answers several events at the same time, and knows up to where all are answered.
type crew struct {
	Reactor
	places  chan struct{}
	mu      sync.Mutex
	open    []*answering             // by position; those done in front are taken away
	last    map[string]chan struct{} // of each key under way: closed when its last event is answered
	passing uint64                   // of the last event that was begun, or passed over
	group   sync.WaitGroup
}

// answering is an event that is being answered.
type answering struct {
	after uint64 // of the event before it
	done  bool
}

func newCrew(r Reactor, at uint64) *crew {
	return &crew{Reactor: r, places: make(chan struct{}, crewSize), last: make(map[string]chan struct{}), passing: at}
}

// begin answers an event once the last one of its key is answered, and returns when
// there is somebody to do so.
func (c *crew) begin(ctx context.Context, rec eventstore.Recorded) error {
	e, err := c.Registry.Decode(ctx, rec)
	if err != nil {
		return fmt.Errorf("reaction %s: %w", c.Name, err)
	}
	select {
	case c.places <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	rec = rec.Clone() // reading goes on
	key, mine, done := c.Key(e), &answering{}, make(chan struct{})
	c.mu.Lock()
	defer c.mu.Unlock()
	mine.after = c.passing
	c.open = append(c.open, mine)
	before := c.last[key]
	c.last[key] = done
	c.group.Go(func() {
		if before != nil {
			<-before
		}
		_, err := c.insist(ctx, rec, e) // fails when it is stopped
		c.finish(mine, key, done, err == nil)
	})
	return nil
}

func (c *crew) finish(a *answering, key string, done chan struct{}, answered bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a.done = answered
	if c.last[key] == done {
		delete(c.last, key)
	}
	close(done)
	<-c.places
}

// passed notes that reading came to a position.
func (c *crew) passed(at eventstore.Position) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.passing = uint64(at)
}

// reached is the position up to which every event is answered.
func (c *crew) reached() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.open) > 0 && c.open[0].done {
		c.open = c.open[1:]
	}
	if len(c.open) > 0 {
		return c.open[0].after
	}
	return c.passing
}
