package eventstoredb

import (
	"context"
	"fmt"
	"iter"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/saldo-ledger/saldo/eventstore"
)

const (
	searchWindow  = 500 // events that the server looks through before it may say where it is
	checkpointing = 10  // windows between its saying so
	heardAhead    = 256 // events waiting for the consumer
)

// Follow yields the events after the given position, those that are there and
// those to come, until ctx is done or the store is closed. A subscription that
// the cluster drops is made again from where it was: no event is left out or
// comes twice. Errors: as ReadAll.
func (s *Store) Follow(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		ctx, cancel := s.scope(ctx)
		defer cancel()
		f := follower{store: s, from: placeOf(after), seen: after, yield: yield}
		for over(ctx) == nil {
			switch err := f.subscribe(ctx); {
			case f.left:
				return
			case over(ctx) == nil && lasting(err):
				yield(eventstore.Recorded{}, fmt.Errorf("following the event store: %w", explain(err)))
				return
			}
			_ = f.pause.wait(ctx) // its error is seen next
		}
		yield(eventstore.Recorded{}, over(ctx))
	}
}

// follower is somebody who follows, through one subscription after the other.
type follower struct {
	store *Store
	from  esdb.AllPosition    // where the next subscription begins
	seen  eventstore.Position // of the last event yielded
	yield func(eventstore.Recorded, error) bool
	left  bool // the consumer wants no more
	pause backoff
}

// subscribe follows until the subscription ends, and returns why.
func (f *follower) subscribe(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := f.store
	subscription, err := call(ctx, s, func() (*esdb.Subscription, error) {
		return s.client.SubscribeToAll(ctx, esdb.SubscribeToAllOptions{
			From:               f.from,
			Filter:             esdb.ExcludeSystemEventsFilter(),
			MaxSearchWindow:    searchWindow,
			CheckpointInterval: checkpointing,
		})
	})
	if err != nil {
		return err
	}
	heard, err := s.listen(ctx, subscription)
	if err != nil {
		return err
	}
	for {
		select {
		case h := <-heard:
			if err := f.take(h); err != nil || f.left {
				return err
			}
		case <-ctx.Done():
		}
		if err := over(ctx); err != nil {
			return err
		}
	}
}

// take yields the event that was heard of, if it is one for the consumer.
func (f *follower) take(h *esdb.SubscriptionEvent) error {
	switch {
	case h.SubscriptionDropped != nil:
		return h.SubscriptionDropped.Error
	case h.CheckPointReached != nil:
		f.from = *h.CheckPointReached
	case h.EventAppeared != nil:
		return f.appeared(h.EventAppeared.OriginalEvent())
	}
	f.pause.reset()
	return nil
}

func (f *follower) appeared(e *esdb.RecordedEvent) error {
	f.pause.reset()
	if position(e.Position.Commit) > f.seen && !isSystem(e) {
		r, err := recorded(e)
		if err != nil {
			return err
		}
		f.seen = r.Position
		f.left = !f.yield(r, nil)
	}
	f.from = e.Position
	return nil
}

// listen passes on what subscription receives until ctx ends, the last being
// that it was dropped.
func (s *Store) listen(ctx context.Context, subscription *esdb.Subscription) (<-chan *esdb.SubscriptionEvent, error) {
	if !s.gate.enter() {
		return nil, eventstore.ErrClosed
	}
	heard := make(chan *esdb.SubscriptionEvent, heardAhead)
	go func() {
		defer s.gate.users.Done()
		defer subscription.Close()
		for dropped := false; !dropped; {
			h, err := guarded(func() (*esdb.SubscriptionEvent, error) { return subscription.Recv(), nil })
			if err != nil {
				h = &esdb.SubscriptionEvent{SubscriptionDropped: &esdb.SubscriptionDropped{Error: err}}
			}
			dropped = h.SubscriptionDropped != nil
			select {
			case heard <- h:
			case <-ctx.Done():
				return
			}
		}
	}()
	return heard, nil
}
