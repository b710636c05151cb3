package storetest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/saldo-ledger/saldo/eventstore"
)

// Hold lets the next append to a store go as far as it can without being
// acknowledged, and no further: held is closed when it is there, and release lets
// it go on. What other appends do meanwhile, commit or wait, is the store's choice.
type Hold func() (held <-chan struct{}, release func())

// RunHeld checks a Store whose appends can be held open. open is called once for
// each sub-test, as in Run.
func RunHeld(t *testing.T, open func(t *testing.T) (eventstore.Store, Hold)) {
	for name, check := range map[string]func(*trial, Hold){
		"an append held open while later ones are made is never skipped": heldAndFollowed,
		"an append held open and given up is filed or not, never half":   heldAndGivenUp,
	} {
		t.Run(name, func(t *testing.T) {
			store, hold := open(t)
			check(begin(t, store), hold)
		})
	}
}

// later is how many appends are made while one is held open.
const later = 12

// heldAndFollowed holds an append open while later ones are made and readers read
// on from where they are. When all is filed, each must have seen each event.
func heldAndFollowed(x *trial, hold Hold) {
	first := x.append(x.stream(), 0, fresh(2)...)
	held, release := hold()
	var writing, reading sync.WaitGroup
	total := 3 + 2*later
	x.file(&writing, x.stream(), fresh(3))
	<-held
	var followed, read []eventstore.Position
	reading.Go(func() { followed = positions(x.follow(first.Position, total)) })
	reading.Go(func() { read = x.readOn(first.Position, total) })
	for range later {
		x.file(&writing, x.stream(), fresh(2))
	}
	// A reader that has read all there is will go on from there.
	x.readAll(first.Position)
	release()
	writing.Wait()
	reading.Wait()
	all := x.readAll(first.Position)
	x.ascending(all)
	if len(all) != total {
		x.Fatalf("the log has %d events, want %d", len(all), total)
	}
	for name, seen := range map[string][]eventstore.Position{"a follower": followed, "a reader that came again and again": read} {
		if !slices.Equal(seen, positions(all)) {
			x.Errorf("%s saw %v, the log has %v", name, seen, positions(all))
		}
	}
}

// heldAndGivenUp gives up on an append of several events while it is held open.
func heldAndGivenUp(x *trial, hold Hold) {
	const size = 5
	s, events := x.stream(), fresh(size)
	x.append(s, 0, events[0])
	held, release := hold()
	ctx, cancel := context.WithCancel(x.ctx)
	ended := make(chan error, 1)
	go func() {
		_, err := x.store.Append(ctx, s, 1, events[1:]...)
		ended <- err
	}()
	<-held
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		x.Errorf("Append: %v, want context.Canceled", err)
	}
	if n := len(x.read(s, 0)); n != 1 && n != size {
		x.Errorf("before it went on, %d events are there, want 1 or %d", n, size)
	}
	release()
	x.append(s, 1, events[1:]...)
	x.holds(s, 0, events...)
}

// file appends events to a stream of their own on another goroutine.
func (x *trial) file(writing *sync.WaitGroup, s eventstore.Stream, events []eventstore.Proposed) {
	writing.Go(func() {
		if _, err := x.store.Append(x.ctx, s, 0, events...); err != nil {
			x.Errorf("Append(%s): %v", s, err)
		}
	})
}

// readOn reads to the end of the log again and again, from where it was, until it
// has seen n of the trial's events. It returns their positions.
func (x *trial) readOn(after eventstore.Position, n int) []eventstore.Position {
	var seen []eventstore.Position
	for len(seen) < n {
		for e, err := range x.store.ReadAll(x.ctx, after) {
			if err != nil {
				x.Errorf("ReadAll(%d): %v", after, err)
				return seen
			}
			if after = e.Position; x.own(e) {
				seen = append(seen, after)
			}
		}
	}
	return seen
}
