package embedded

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/saldo-ledger/saldo/eventstore"
)

// tails are the streams of the first n pairs, from their beginning.
func tails(n int) (all []eventstore.Tail) {
	for i := range n {
		all = append(all, eventstore.Tail{Stream: eventstore.Stream(fmt.Sprintf("bulletin-%d", i))})
	}
	return all
}

// filedPairs is a log of so many pairs: see pair.
func filedPairs(t testing.TB, n int) *Log {
	l := open(t, "log", Options{FS: vfs.NewMem()})
	for i := range n {
		if _, err := l.AppendJointly(t.Context(), pair(i, 0)...); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

func TestStreamsReadInOneGoEndWhereTheLogEndedThen(t *testing.T) {
	l := filedPairs(t, 20)
	read := 0
	for e, err := range l.Gather(t.Context(), tails(30)) {
		if err != nil || !isEvent(e) {
			t.Fatalf("%s: %v", e.Stream, err)
		}
		if read++; read == 1 {
			file(t, l, "bulletin-7", 1, 3)
			file(t, l, "bulletin-25", 0, 1)
		}
	}
	if read != 20 {
		t.Errorf("%d events, want the 20 that were there", read)
	}
}

func TestReadingStreamsInOneGoEndsEarly(t *testing.T) {
	l := filedPairs(t, 20)
	for range 2 {
		for _, err := range l.Gather(t.Context(), tails(20)) {
			if err != nil {
				t.Fatal(err)
			}
			break
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var last error
	for _, err := range l.Gather(ctx, tails(20)) {
		cancel()
		last = err
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("after the end of its context: %v", last)
	}
	for e, err := range l.Gather(t.Context(), []eventstore.Tail{{Stream: "bulletin-1", After: math.MaxUint64}}) {
		t.Errorf("beyond the end there is %v, %v", e, err)
	}
	closeLog(t, l)
	for name, c := range map[error]eventstore.Stream{eventstore.ErrBadStream: "bulletin", eventstore.ErrClosed: "bulletin-1"} {
		for _, err := range l.Gather(t.Context(), []eventstore.Tail{{Stream: c}}) {
			if !errors.Is(err, name) {
				t.Errorf("%v, want %v", err, name)
			}
		}
	}
}

// BenchmarkGather reads the streams of many bollettini, in one go and one by one.
func BenchmarkGather(b *testing.B) {
	const streams = 250
	l, all := filedPairs(b, 4*streams), tails(streams)
	b.Run("in one go", func(b *testing.B) {
		for b.Loop() {
			for _, err := range l.Gather(b.Context(), all) {
				if err != nil {
					b.Fatal(err)
				}
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*streams), "ns/stream")
	})
	b.Run("one by one", func(b *testing.B) {
		for b.Loop() {
			for _, tail := range all {
				for _, err := range l.Read(b.Context(), tail.Stream, 0) {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*streams), "ns/stream")
	})
}
