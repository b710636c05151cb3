package storetest

import (
	"context"
	"errors"
	"iter"
	"math"
	"sync"

	"github.com/saldo-ledger/saldo/eventstore"
)

var readRules = []rule{
	{"a stream nobody wrote to is empty", func(x *trial) {
		x.holds(x.stream(), 0)
		x.holds(x.stream(), 7)
		x.holds(x.stream(), math.MaxUint64)
	}},
	{"a stream is read after a revision", func(x *trial) {
		s, events := x.stream(), fresh(9)
		x.append(s, 0, events[:1]...)
		x.append(s, 1, events[1:6]...)
		x.append(s, 6, events[6:]...)
		for after := range len(events) {
			x.holds(s, eventstore.Revision(after), events[after:]...)
		}
		for _, after := range []eventstore.Revision{9, 10, 1000, math.MaxInt64, math.MaxUint64 - 1, math.MaxUint64} {
			x.holds(s, after)
		}
	}},
	{"a long stream is read to its end", func(x *trial) {
		s, events := x.stream(), fresh(9_000)
		for i := 0; i < len(events); i += 1500 {
			x.append(s, eventstore.Revision(i), events[i:i+1500]...)
		}
		x.ascending(x.holds(s, 0, events...))
		x.holds(s, 8_998, events[8_998:]...)
	}},
	{"the end of the log is the position of its last event", func(x *trial) {
		for range 5 {
			done := x.append(x.stream(), 0, fresh(3)...)
			end, err := x.store.End(x.ctx)
			if err != nil || end < done.Position {
				x.Fatalf("End = %d, %v after an append at %d", end, err, done.Position)
			}
			if events := x.readAll(end); len(events) != 0 {
				x.Fatalf("there are events after the end of the log: %v", positions(events))
			}
		}
	}},
	{"the log is in the order of the appends", func(x *trial) {
		a, b := x.stream(), x.stream()
		var want []eventstore.Proposed
		for i := range eventstore.Revision(20) {
			events := fresh(4)
			want = append(want, events...)
			x.append(a, i, events[0])
			x.append(b, 3*i, events[1:]...)
		}
		got := x.readAll(x.start)
		if len(got) != len(want) {
			x.Fatalf("ReadAll gives %d events, want %d", len(got), len(want))
		}
		for i, e := range got {
			if e.ID != want[i].ID {
				x.Fatalf("event %d of the log is revision %d of %s, out of order", i, e.Revision, e.Stream)
			}
		}
		x.ascending(got)
	}},
	{"an event is the same however it is read", func(x *trial) {
		s, events := x.stream(), fresh(5)
		x.append(s, 0, events...)
		byStream, byLog := x.read(s, 0), x.readAll(x.start)
		for i := range events {
			x.same(byLog[i], s, eventstore.Revision(i+1), events[i])
			if byStream[i].Position != byLog[i].Position {
				x.Errorf("event %d is at position %d in its stream, at %d in the log", i, byStream[i].Position, byLog[i].Position)
			}
		}
	}},
	{"the log is read after a position", func(x *trial) {
		x.append(x.stream(), 0, fresh(10)...)
		all := x.readAll(x.start)
		for i, e := range all {
			rest := x.readAll(e.Position)
			if len(rest) != len(all)-i-1 || len(rest) > 0 && rest[0].Position != all[i+1].Position {
				x.Fatalf("after position %d there are %v, want those after it in %v", e.Position, positions(rest), positions(all))
			}
		}
		if beyond := x.readAll(all[9].Position + 1_000_000); len(beyond) != 0 {
			x.Fatalf("a million positions beyond the end there are %d events", len(beyond))
		}
	}},
	{"ReadAll ends where the log ended when reading began", func(x *trial) {
		s, events := x.stream(), fresh(4)
		x.append(s, 0, events[:2]...)
		seen := 0
		for e, err := range x.store.ReadAll(x.ctx, x.start) {
			if err != nil {
				x.Fatal(err)
			}
			if !x.own(e) {
				continue
			}
			if seen++; seen == 1 {
				x.append(s, 2, events[2:]...)
			}
		}
		if seen != 2 {
			x.Errorf("ReadAll gives %d events, there were 2 when it began", seen)
		}
		x.holds(s, 0, events...)
	}},
	{"a sequence can be read twice", func(x *trial) {
		s, events := x.stream(), fresh(3)
		x.append(s, 0, events[:2]...)
		log, stream := x.store.ReadAll(x.ctx, x.start), x.store.Read(x.ctx, s, 0)
		for _, want := range []int{2, 3} {
			inLog, inStream := 0, 0
			for e, err := range log {
				if err == nil && x.own(e) {
					inLog++
				}
			}
			for _, err := range stream {
				if err == nil {
					inStream++
				}
			}
			if inLog != want || inStream != want {
				x.Fatalf("of %d events, ReadAll gives %d and Read %d", want, inLog, inStream)
			}
			if want == 2 {
				x.append(s, 2, events[2])
			}
		}
	}},
	{"reading may stop at any event", func(x *trial) {
		s, events := x.stream(), fresh(100)
		x.append(s, 0, events...)
		for stop := range 5 {
			for name, seq := range x.sequences(x.ctx, s) {
				seen := 0
				for _, err := range seq {
					if err != nil {
						x.Fatalf("%s: %v", name, err)
					}
					if seen++; seen > stop {
						break
					}
				}
				if seen != stop+1 {
					x.Fatalf("%s was stopped at event %d, and gave %d", name, stop+1, seen)
				}
			}
		}
		x.append(s, 100, fresh(1)...)
	}},
	{"an event read stays what it is", func(x *trial) {
		s, events := x.stream(), fresh(3000)
		x.append(s, 0, events...)
		got := x.readAll(x.start)
		for i := range 20 { // whatever a log reuses, it reuses now
			x.append(s, eventstore.Revision(3000+50*i), fresh(50)...)
			x.readAll(x.start)
		}
		for i, e := range got {
			x.same(e, s, eventstore.Revision(i+1), events[i])
		}
	}},
	{"thousands of streams are told apart", func(x *trial) {
		const streams, writers = 2500, 32
		events := make(map[eventstore.Stream]eventstore.Proposed, streams)
		work := make(chan eventstore.Stream, streams)
		for range streams {
			s := x.stream()
			events[s] = fresh(1)[0]
			work <- s
		}
		close(work)
		var writing sync.WaitGroup
		for range writers {
			writing.Go(func() {
				for s := range work {
					if _, err := x.store.Append(x.ctx, s, 0, events[s]); err != nil {
						x.Errorf("Append(%s): %v", s, err)
					}
				}
			})
		}
		writing.Wait()
		all := x.readAll(x.start)
		if len(all) != streams {
			x.Fatalf("the log has %d events, want %d", len(all), streams)
		}
		x.ascending(all)
		for _, e := range all {
			x.same(e, e.Stream, 1, events[e.Stream])
			x.holds(e.Stream, 0, events[e.Stream])
		}
	}},
}

// sequences are the three ways to read s, by name.
func (x *trial) sequences(ctx context.Context, s eventstore.Stream) map[string]iter.Seq2[eventstore.Recorded, error] {
	return map[string]iter.Seq2[eventstore.Recorded, error]{
		"Read":    x.store.Read(ctx, s, 0),
		"ReadAll": x.store.ReadAll(ctx, x.start),
		"Follow":  x.store.Follow(ctx, x.start),
	}
}

// isConflict says whether err is a conflict.
func isConflict(err error) bool {
	_, ok := errors.AsType[*eventstore.ConflictError](err)
	return ok
}
