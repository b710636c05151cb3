package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/saldo-ledger/saldo/eventstore"
)

var followRules = []rule{
	{"Follow yields what is there and then what comes", func(x *trial) {
		s, events := x.stream(), fresh(40)
		x.append(s, 0, events[:10]...)
		seen := 0
		for e, err := range x.store.Follow(x.ctx, x.start) {
			if err != nil {
				x.Fatalf("Follow after %d events: %v", seen, err)
			}
			if !x.own(e) {
				continue
			}
			x.same(e, s, eventstore.Revision(seen+1), events[seen])
			seen++
			if seen == len(events) {
				break
			}
			if seen >= 10 { // all that is there was seen: the next does not exist yet
				x.append(s, eventstore.Revision(seen), events[seen])
			}
		}
	}},
	{"Follow wakes when an event comes", func(x *trial) {
		s, heard := x.stream(), make(chan eventstore.Recorded)
		ctx, cancel := context.WithCancel(x.ctx)
		var following sync.WaitGroup
		following.Go(func() {
			for e, err := range x.store.Follow(ctx, x.start) {
				if err == nil && x.own(e) {
					heard <- e
				}
			}
		})
		for i, want := range fresh(50) {
			x.append(s, eventstore.Revision(i), want)
			select {
			case e := <-heard:
				x.same(e, s, eventstore.Revision(i+1), want)
			case <-x.ctx.Done():
				x.Fatalf("event %d was filed and never heard of", i)
			}
		}
		cancel()
		following.Wait()
	}},
	{"Follow begins after its position", func(x *trial) {
		s, events := x.stream(), fresh(5)
		x.append(s, 0, events[:2]...)
		third := x.append(s, 2, events[2])
		x.append(s, 3, events[3:]...)
		seen := 3
		for e, err := range x.store.Follow(x.ctx, third.Position) {
			if err != nil {
				x.Fatal(err)
			}
			if !x.own(e) {
				continue
			}
			x.same(e, s, eventstore.Revision(seen+1), events[seen])
			if seen++; seen == len(events) {
				break
			}
		}
	}},
	{"followers cross the live edge without gap or repeat", func(x *trial) {
		const writers, each, followers = 6, 60, 4
		total := writers * each
		seen := make([][]eventstore.Recorded, followers)
		var writing, following sync.WaitGroup
		shared := x.stream()
		for range writers {
			s := x.stream()
			writing.Go(func() { x.writeBoth(s, shared, each) })
		}
		for i := range followers {
			following.Go(func() { seen[i] = x.follow(x.start, 2*total) })
			x.append(x.stream(), 0, fresh(1)...) // time passes between one follower's start and the next
		}
		writing.Wait()
		following.Wait()
		all := x.readAll(x.start)[:2*total]
		x.ascending(all)
		for i := range followers {
			if !slices.Equal(positions(seen[i]), positions(all)) {
				x.Errorf("follower %d of %d did not see what the log holds, in its order", i, followers)
			}
		}
	}},
	{"Follow from any position yields the rest of the log", func(x *trial) {
		const writers, each = 4, 30
		total := 2 * writers * each
		shared := x.stream()
		var writing, following sync.WaitGroup
		for range writers {
			s := x.stream()
			writing.Go(func() { x.writeBoth(s, shared, each) })
		}
		from := x.follow(x.start, total/4) // while the log grows
		rest := make([][]eventstore.Recorded, len(from))
		for i, e := range from {
			following.Go(func() { rest[i] = x.follow(e.Position, total-i-1) })
		}
		writing.Wait()
		following.Wait()
		all := positions(x.readAll(x.start))
		for i := range rest {
			if !slices.Equal(positions(rest[i]), all[i+1:]) {
				x.Errorf("following from position %d did not give the rest of the log", from[i].Position)
			}
		}
	}},
	{"Follow ends with the context's error", func(x *trial) {
		cause := fmt.Errorf("the follower went home")
		ctx, cancel := context.WithCancelCause(x.ctx)
		ended := make(chan error, 1)
		ready := make(chan struct{}, 1)
		go func() {
			var last error
			for _, err := range x.store.Follow(ctx, x.start) {
				if last = err; err == nil {
					select {
					case ready <- struct{}{}:
					default:
					}
				}
			}
			ended <- last
		}()
		x.append(x.stream(), 0, fresh(1)...)
		<-ready
		cancel(cause)
		select {
		case err := <-ended:
			if !errors.Is(err, context.Canceled) {
				x.Errorf("Follow ended with %v, want the context's error", err)
			}
		case <-x.ctx.Done():
			x.Error("Follow did not end with its context")
		}
	}},
}

// writeBoth files n events in a stream of one writer and n in one shared with
// others.
func (x *trial) writeBoth(own, shared eventstore.Stream, n int) {
	var at eventstore.Revision
	for i := range n {
		if _, err := x.store.Append(x.ctx, own, eventstore.Revision(i), fresh(1)...); err != nil {
			x.Errorf("Append(%s): %v", own, err)
			return
		}
		for {
			done, err := x.store.Append(x.ctx, shared, at, fresh(1)...)
			if err == nil {
				at = done.Revision
				break
			}
			conflict, ok := errors.AsType[*eventstore.ConflictError](err)
			if !ok {
				x.Errorf("Append(%s): %v", shared, err)
				return
			}
			at = conflict.Actual
		}
	}
}

// follow returns the next n events after the given position in the streams of
// the trial that writeBoth writes to.
func (x *trial) follow(after eventstore.Position, n int) []eventstore.Recorded {
	var events []eventstore.Recorded
	for e, err := range x.store.Follow(x.ctx, after) {
		if err != nil {
			x.Errorf("Follow(%d) after %d of %d events: %v", after, len(events), n, err)
			break
		}
		if x.own(e) {
			events = append(events, e)
		}
		if len(events) == n {
			break
		}
	}
	return events
}
