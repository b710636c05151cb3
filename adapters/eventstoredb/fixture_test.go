package eventstoredb_test

import (
	"fmt"
	"iter"
	"testing"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/eventstore"
)

func stream(category string, n int) eventstore.Stream {
	return eventstore.Stream(fmt.Sprintf("%s-%d", category, n))
}

// fresh makes n events with ids of their own.
func fresh(n int) []eventstore.Proposed {
	events := make([]eventstore.Proposed, n)
	for i := range events {
		events[i] = eventstore.Proposed{ID: uuid.New(), Type: "thing-happened", Data: []byte(`{}`), Metadata: []byte(`{}`)}
	}
	return events
}

// file appends n fresh events, which must succeed.
func file(t *testing.T, s eventstore.Store, to eventstore.Stream, expected eventstore.Revision, n int) eventstore.Appended {
	t.Helper()
	done, err := s.Append(t.Context(), to, expected, fresh(n)...)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// all returns the events of seq, which must end without an error.
func all(t *testing.T, seq iter.Seq2[eventstore.Recorded, error]) []eventstore.Recorded {
	t.Helper()
	return take(t, seq, -1)
}

// take returns the first n events of seq.
func take(t *testing.T, seq iter.Seq2[eventstore.Recorded, error], n int) []eventstore.Recorded {
	t.Helper()
	var events []eventstore.Recorded
	for e, err := range seq {
		if err != nil {
			t.Fatal(err)
		}
		if events = append(events, e); len(events) == n {
			break
		}
	}
	return events
}

// last reads seq to its end and returns its error.
func last(seq iter.Seq2[eventstore.Recorded, error]) (err error) {
	for _, err = range seq {
	}
	return err
}
