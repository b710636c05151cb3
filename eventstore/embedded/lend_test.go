package embedded

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/saldo-ledger/saldo/eventstore"
)

// different is a log whose events all have other bytes, of many lengths, so that it
// takes several pages and chunks.
func different(t testing.TB, events int) *Log {
	l := open(t, "log", Options{FS: vfs.NewMem()})
	for n := 0; n < events; {
		var all []eventstore.Proposed
		for range 100 {
			e := event("numbers-1", eventstore.Revision(n+1))
			e.Data = bytes.Repeat(fmt.Appendf(nil, "%d ", n), 1+n%40)
			e.Metadata = fmt.Appendf(nil, `{"n":%d}`, n)
			all = append(all, e)
			n++
		}
		if _, err := l.Append(t.Context(), "numbers-1", eventstore.Revision(n-100), all...); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

// kept is what a reader keeps of lent events, each while it was lent.
func kept(t testing.TB, lent iter.Seq2[eventstore.Recorded, error], most int) (all []eventstore.Recorded) {
	for e, err := range lent {
		if err != nil {
			t.Fatal(err)
		}
		if all = append(all, e.Clone()); len(all) == most {
			break
		}
	}
	return all
}

func same(a, b eventstore.Recorded) bool {
	return a.Stream == b.Stream && a.Revision == b.Revision && a.Position == b.Position && a.ID == b.ID && a.Type == b.Type &&
		bytes.Equal(a.Data, b.Data) && bytes.Equal(a.Metadata, b.Metadata)
}

func TestLentEventsAreThoseOfTheLog(t *testing.T) {
	const events = 20_000 // pages of both sides, several times over
	l := different(t, events)
	for _, after := range []eventstore.Position{0, 1, 777, events - 1} {
		want := kept(t, l.ReadAll(t.Context(), after), 0)
		for name, got := range map[string][]eventstore.Recorded{
			"LendAll": kept(t, l.LendAll(t.Context(), after), 0),
			"LendOn":  kept(t, l.LendOn(t.Context(), after), len(want)),
		} {
			if !slices.EqualFunc(got, want, same) {
				t.Errorf("%s after %d: %d events, not the %d of ReadAll", name, after, len(got), len(want))
			}
		}
	}
}

// A reader that waits is lent what comes, in the room of what was lent before.
func TestLendingGoesOnWithWhatComes(t *testing.T) {
	l := different(t, 2000)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	at := eventstore.Position(0)
	for e, err := range l.LendOn(ctx, 0) {
		if errors.Is(err, context.Canceled) {
			break
		}
		if err != nil || e.Position != at+1 || e.Position > 2000 && !isEvent(e) {
			t.Fatalf("after %d comes %d: %v", at, e.Position, err)
		}
		switch at = e.Position; {
		case at >= 2300:
			cancel()
		case at >= 2000:
			file(t, l, eventstore.Stream(fmt.Sprintf("late-%d", at)), 0, 1)
		}
	}
	if at != 2300 {
		t.Errorf("read up to %d", at)
	}
}

// BenchmarkLend reads along a log, with a copy of each event and without.
func BenchmarkLend(b *testing.B) {
	const events = 50_000
	l := different(b, events)
	for name, read := range map[string]func() iter.Seq2[eventstore.Recorded, error]{
		"copies": func() iter.Seq2[eventstore.Recorded, error] { return l.ReadAll(b.Context(), 0) },
		"lent":   func() iter.Seq2[eventstore.Recorded, error] { return l.LendAll(b.Context(), 0) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for _, err := range read() {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*events), "ns/event")
		})
	}
}
