package eventstoredb

import (
	"testing"
	"testing/synctest"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/saldo-ledger/saldo/eventstore"
)

func TestAnEventThatComesAgainIsYieldedOnceAndTheNextSubscriptionBeginsAfterIt(t *testing.T) {
	var yielded []eventstore.Position
	f := follower{from: placeOf(0), yield: func(e eventstore.Recorded, _ error) bool {
		yielded = append(yielded, e.Position)
		return true
	}}
	for _, commit := range []uint64{4, 8, 8, 4, 12} {
		at := esdb.Position{Commit: commit, Prepare: commit}
		event := &esdb.ResolvedEvent{Event: &esdb.RecordedEvent{StreamID: "thing-1", EventType: "thing-happened", Position: at}}
		if err := f.take(&esdb.SubscriptionEvent{EventAppeared: event}); err != nil {
			t.Fatal(err)
		}
		if f.from != at {
			t.Errorf("after an event at %d the next subscription begins at %v", commit, f.from)
		}
	}
	if len(yielded) != 3 || yielded[0] != 5 || yielded[1] != 9 || yielded[2] != 13 {
		t.Errorf("yielded positions %v, want 5, 9, 13", yielded)
	}
}

func TestTheConnectionIsClosedOnlyWhenNobodyUsesIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, err := esdb.NewClient(&esdb.Configuration{Address: "127.0.0.1:2113"}) // connects when it is asked
		if err != nil {
			t.Fatal(err)
		}
		s := &Store{client: client, gate: newGate(1), end: func() {}}
		if !s.gate.enter() {
			t.Fatal("an open gate lets nobody in")
		}
		closed := s.shut()
		synctest.Wait()
		if s.gate.enter() || len(closed) != 0 {
			t.Error("it was closed, or somebody let in, while a call was in flight")
		}
		s.gate.users.Done()
		if err := <-closed; err != nil {
			t.Error(err)
		}
	})
}
