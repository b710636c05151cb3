package eventstore_test

import (
	"sync/atomic"
	"testing"

	"github.com/saldo-ledger/saldo/eventstore"
)

// alone is a process that nobody else writes beside.
func alone(store eventstore.Store, halls int) *doorkeeper {
	h := keeping(store, halls)
	h.SoleWriter()
	return h
}

func TestASoleWriterReadsAStreamOnce(t *testing.T) {
	var reads atomic.Int32
	store := &flaky{Store: openLog(t), reading: func() error { reads.Add(1); return nil }}
	door := alone(store, 100)
	handle(t, door, command("1"), come("ada"))
	handle(t, door, command("2"), come("bo"))
	refused(t, door, command("3"), visit{}, errNoGuest)
	if _, at, err := door.Load(t.Context(), theHall); err != nil || at != 2 {
		t.Errorf("Load at revision %d, %v", at, err)
	}
	if n := reads.Load(); n != 1 {
		t.Errorf("the stream was read %d times, want once", n)
	}
	chained(t, store.Store)
}

func TestASoleWriterReadsAgainWhenItDoesNotKnowWhatWasFiled(t *testing.T) {
	store := &flaky{Store: openLog(t)}
	door := alone(store, 100)
	handle(t, door, command("1"), come("ada"))
	store.appending = lost
	refused(t, door, command("2"), come("bo"), errTorn)
	store.appending = nil
	if h, at, err := door.Load(t.Context(), theHall); err != nil || at != 2 || len(h.guests) != 2 {
		t.Errorf("Load: %+v at revision %d, %v; want what the lost append filed", h, at, err)
	}
	if out := handle(t, door, command("2"), come("bo")); !out.Repeated {
		t.Errorf("%+v, want the first outcome", out)
	}
	chained(t, store.Store)
}

// A state can be evicted while its events are being filed. The one that was read
// in its place meanwhile does not know of them, and must not go on without.
func TestASoleWriterKnowsWhatAnEvictedStateFiled(t *testing.T) {
	store := &flaky{Store: openLog(t)}
	door := alone(store, 1)
	handle(t, door, command("1"), come("ada"))
	filing, goOn := make(chan struct{}), make(chan struct{})
	store.appending = func(file func() (eventstore.Appended, error)) (eventstore.Appended, error) {
		close(filing)
		<-goOn
		return file()
	}
	done := make(chan error)
	go func() {
		_, err := door.Handle(t.Context(), theHall, command("2"), come("bo"))
		done <- err
	}()
	<-filing
	for _, s := range []eventstore.Stream{"hall-2", theHall} { // the first evicts, the second reads anew
		if _, _, err := door.Load(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	close(goOn)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if _, at, err := door.Load(t.Context(), theHall); err != nil || at != 2 {
		t.Errorf("Load at revision %d, %v; want 2", at, err)
	}
}

func TestASoleWriterAfterAConflictReads(t *testing.T) {
	log := openLog(t)
	door := alone(log, 100)
	handle(t, door, command("1"), come("ada"))
	handle(t, newDoorkeeper(log), command("2"), come("bo")) // somebody wrote all the same
	if out := handle(t, door, command("3"), come("cy")); out.Revision != 3 {
		t.Errorf("%+v, want revision 3", out)
	}
	chained(t, log)
}
