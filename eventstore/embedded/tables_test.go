package embedded

import (
	"fmt"
	"testing"

	"github.com/saldo-ledger/saldo/eventstore"
)

// Events are written to a table once: had a table both the last events and entries
// of the index, its keys would reach over the events of all tables after it, and the
// engine would have to merge them.
func TestNoTableHoldsEventsAndIndex(t *testing.T) {
	l := open(t, t.TempDir(), Options{})
	const flushes, streams = 5, 20
	for f := range flushes {
		for s := range streams {
			stream := eventstore.Stream(fmt.Sprintf("bulletin-%d", s))
			if _, err := l.Append(t.Context(), stream, eventstore.Revision(f), event(stream, eventstore.Revision(f+1))); err != nil {
				t.Fatal(err)
			}
		}
		if err := l.db.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	levels, err := l.db.SSTables()
	if err != nil {
		t.Fatal(err)
	}
	ofEvents := 0
	for _, tables := range levels {
		for _, table := range tables {
			first, last := table.Smallest.UserKey[0], table.Largest.UserKey[0]
			if first == eventPrefix && last != eventPrefix {
				t.Errorf("table %s reaches from %q to %q", table.FileNum, table.Smallest.UserKey, table.Largest.UserKey)
			}
			if first == eventPrefix {
				ofEvents++
			}
		}
	}
	if ofEvents == 0 {
		t.Error("no table holds events")
	}
}
