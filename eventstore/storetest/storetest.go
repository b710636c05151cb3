// Package storetest is the contract of eventstore.Store as tests: every log runs
// the same ones. They need nothing of a log but the port, and put up with one
// that others write to and that holds events already.
package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/eventstore"
)

// patience is how long one test may take before it counts as hanging.
const patience = 2 * time.Minute

// Run checks the Store that open returns. open is called once for each sub-test,
// with that sub-test's t, and cleans up through it.
func Run(t *testing.T, open func(t *testing.T) eventstore.Store) {
	for _, group := range [][]rule{appendRules, repeatRules, readRules, followRules, crowdRules, cancelRules} {
		for _, r := range group {
			t.Run(r.name, func(t *testing.T) { r.check(begin(t, open(t))) })
		}
	}
}

// rule is a sentence of the contract and the check that it holds.
type rule struct {
	name  string
	check func(x *trial)
}

// trial is one rule being checked on one store.
type trial struct {
	*testing.T
	store    eventstore.Store
	ctx      context.Context
	category string              // no other trial has it
	start    eventstore.Position // the end of the log when the trial began
	streams  int
}

func begin(t *testing.T, store eventstore.Store) *trial {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	start, err := store.End(ctx)
	if err != nil {
		t.Fatalf("End: %v", err)
	}
	category := "trial" + strings.ReplaceAll(uuid.NewString(), "-", "")
	return &trial{T: t, store: store, ctx: ctx, category: category, start: start}
}

// stream names a stream nobody has written to.
func (x *trial) stream() eventstore.Stream {
	x.streams++
	return eventstore.Stream(fmt.Sprintf("%s-%d", x.category, x.streams))
}

// fresh makes n events with ids of their own.
func fresh(n int) []eventstore.Proposed {
	events := make([]eventstore.Proposed, n)
	for i := range events {
		events[i] = eventstore.Proposed{
			ID:       uuid.New(),
			Type:     fmt.Sprintf("thing-happened-%d", i%3),
			Data:     fmt.Appendf(nil, `{"thing":%d}`, i),
			Metadata: []byte(`{"actor":"storetest"}`),
		}
	}
	return events
}

// append files events, which must succeed.
func (x *trial) append(stream eventstore.Stream, expected eventstore.Revision, events ...eventstore.Proposed) eventstore.Appended {
	x.Helper()
	done, err := x.store.Append(x.ctx, stream, expected, events...)
	if err != nil {
		x.Fatalf("Append(%s, %d, %d events): %v", stream, expected, len(events), err)
	}
	if want := expected + eventstore.Revision(len(events)); done.Revision != want {
		x.Fatalf("Append(%s, %d, %d events) ended at revision %d, want %d", stream, expected, len(events), done.Revision, want)
	}
	return done
}

// conflict tries to file events, which must be a conflict with a stream at the
// actual revision.
func (x *trial) conflict(actual eventstore.Revision, stream eventstore.Stream, expected eventstore.Revision, events ...eventstore.Proposed) {
	x.Helper()
	done, err := x.store.Append(x.ctx, stream, expected, events...)
	conflict, ok := errors.AsType[*eventstore.ConflictError](err)
	if !ok {
		x.Fatalf("Append(%s, %d, %d events) = %+v, %v; want a conflict", stream, expected, len(events), done, err)
	}
	if want := (eventstore.ConflictError{Stream: stream, Expected: expected, Actual: actual}); *conflict != want {
		x.Fatalf("Append(%s, %d, %d events) is the conflict %+v, want %+v", stream, expected, len(events), *conflict, want)
	}
}

// read returns the events of stream after the given revision.
func (x *trial) read(stream eventstore.Stream, after eventstore.Revision) []eventstore.Recorded {
	x.Helper()
	var events []eventstore.Recorded
	for e, err := range x.store.Read(x.ctx, stream, after) {
		if err != nil {
			x.Fatalf("Read(%s, %d): %v", stream, after, err)
		}
		events = append(events, e)
	}
	return events
}

// readAll returns the trial's own events after the given position.
func (x *trial) readAll(after eventstore.Position) []eventstore.Recorded {
	x.Helper()
	var events []eventstore.Recorded
	for e, err := range x.store.ReadAll(x.ctx, after) {
		if err != nil {
			x.Fatalf("ReadAll(%d): %v", after, err)
		}
		if x.own(e) {
			events = append(events, e)
		}
	}
	return events
}

// own says whether e is of this trial.
func (x *trial) own(e eventstore.Recorded) bool { return e.Stream.Category() == x.category }

// holds checks that stream has just the given events after the given revision.
func (x *trial) holds(stream eventstore.Stream, after eventstore.Revision, want ...eventstore.Proposed) []eventstore.Recorded {
	x.Helper()
	got := x.read(stream, after)
	if len(got) != len(want) {
		x.Fatalf("Read(%s, %d) gives %d events, want %d", stream, after, len(got), len(want))
	}
	for i, e := range got {
		x.same(e, stream, after+eventstore.Revision(i)+1, want[i])
	}
	return got
}

// same checks that e is the event want, at that revision of stream.
func (x *trial) same(e eventstore.Recorded, stream eventstore.Stream, rev eventstore.Revision, want eventstore.Proposed) {
	x.Helper()
	if e.Stream != stream || e.Revision != rev {
		x.Fatalf("the event is revision %d of %s, want %d of %s", e.Revision, e.Stream, rev, stream)
	}
	if e.ID != want.ID || e.Type != want.Type || !bytes.Equal(e.Data, want.Data) || !bytes.Equal(e.Metadata, want.Metadata) {
		x.Fatalf("revision %d of %s is another event than was filed", rev, stream)
	}
}

// ascending checks that positions grow from event to event.
func (x *trial) ascending(events []eventstore.Recorded) {
	x.Helper()
	if !slices.IsSortedFunc(events, func(a, b eventstore.Recorded) int {
		if a.Position >= b.Position {
			return 1
		}
		return -1
	}) {
		x.Fatalf("the positions do not grow: %v", positions(events))
	}
}

func positions(events []eventstore.Recorded) []eventstore.Position {
	all := make([]eventstore.Position, len(events))
	for i, e := range events {
		all[i] = e.Position
	}
	return all
}
