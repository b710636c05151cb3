package storetest

import (
	"bytes"
	"errors"
	"math"
	"strings"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/eventstore"
)

var appendRules = []rule{
	{"an append at the stream's revision is filed", func(x *trial) {
		s, events := x.stream(), fresh(6)
		x.append(s, 0, events[0])
		x.append(s, 1, events[1:4]...)
		done := x.append(s, 4, events[4:]...)
		got := x.holds(s, 0, events...)
		if last := got[5].Position; done.Position != last {
			x.Errorf("the append ended at position %d, its last event is at %d", done.Position, last)
		}
	}},
	{"an append behind the stream is a conflict", func(x *trial) {
		s, events := x.stream(), fresh(3)
		x.append(s, 0, events...)
		for behind := range eventstore.Revision(3) {
			x.conflict(3, s, behind, fresh(1)...)
		}
		x.holds(s, 0, events...)
	}},
	{"an append beyond the stream is a conflict", func(x *trial) {
		s, events := x.stream(), fresh(2)
		x.conflict(0, s, 1, fresh(1)...)
		x.append(s, 0, events...)
		x.conflict(2, s, 3, fresh(1)...)
		x.conflict(2, s, 3, events...)
		x.conflict(2, s, math.MaxInt64, fresh(1)...)
		x.holds(s, 0, events...)
	}},
	{"streams do not meet", func(x *trial) {
		a, b := x.stream(), x.stream()
		ab := a + "0" // its name begins with the other's
		events := fresh(6)
		x.append(ab, 0, events[:2]...)
		x.append(a, 0, events[2:4]...)
		x.append(b, 0, events[4:]...)
		x.holds(ab, 0, events[:2]...)
		x.holds(a, 0, events[2:4]...)
		x.holds(b, 0, events[4:]...)
	}},
	{"an append is filed as a whole or not at all", func(x *trial) {
		s, events := x.stream(), fresh(4)
		events[2].Data = make([]byte, eventstore.MaxEventSize)
		if _, err := x.store.Append(x.ctx, s, 0, events...); !errors.Is(err, eventstore.ErrTooLarge) {
			x.Fatalf("an append with one event too large: %v, want ErrTooLarge", err)
		}
		x.holds(s, 0)
		x.append(s, 0, events[0])
		x.conflict(1, s, 0, events[1], events[3])
		x.holds(s, 0, events[0])
	}},
	{"an append of no events is refused", func(x *trial) {
		s := x.stream()
		for _, expected := range []eventstore.Revision{0, 1} {
			if _, err := x.store.Append(x.ctx, s, expected); !errors.Is(err, eventstore.ErrEmptyAppend) {
				x.Errorf("an append of no events at %d: %v, want ErrEmptyAppend", expected, err)
			}
		}
	}},
	{"a bad stream name is refused", func(x *trial) {
		for _, s := range []eventstore.Stream{
			"", "-", "nodash", "-id", "category-", "$system-1", "a stream-1", "tab\t-1", "nul\x00-1", "caffè-1",
			eventstore.Stream("long-" + strings.Repeat("x", 196)),
		} {
			if _, err := x.store.Append(x.ctx, s, 0, fresh(1)...); !errors.Is(err, eventstore.ErrBadStream) {
				x.Errorf("Append to %q: %v, want ErrBadStream", s, err)
			}
			for _, err := range x.store.Read(x.ctx, s, 0) {
				if !errors.Is(err, eventstore.ErrBadStream) {
					x.Errorf("Read of %q: %v, want ErrBadStream", s, err)
				}
			}
		}
	}},
	{"the longest stream name is taken", func(x *trial) {
		s, events := x.stream()+"-", fresh(2)
		s += eventstore.Stream(strings.Repeat("~", 200-len(s)))
		x.append(s, 0, events...)
		x.holds(s, 0, events...)
	}},
	{"an event may be empty", func(x *trial) {
		s := x.stream()
		events := []eventstore.Proposed{
			{ID: uuid.New(), Type: "nothing-said"},
			{ID: uuid.New(), Type: "data-only", Data: []byte("{}")},
			{ID: uuid.New(), Type: "metadata-only", Metadata: []byte("{}")},
		}
		x.append(s, 0, events...)
		x.holds(s, 0, events...)
	}},
	{"any byte can be in an event", func(x *trial) {
		s, all := x.stream(), make([]byte, 256)
		for i := range all {
			all[i] = byte(i)
		}
		e := eventstore.Proposed{ID: uuid.New(), Type: "bytes-seen", Data: all, Metadata: bytes.Repeat(all, 3)}
		x.append(s, 0, e)
		x.holds(s, 0, e)
	}},
	{"the largest event is taken and a larger one refused", func(x *trial) {
		s, e := x.stream(), fresh(1)[0]
		room := eventstore.MaxEventSize - len(e.Type) - len(e.Metadata)
		e.Data = bytes.Repeat([]byte("0123456789abcdef"), eventstore.MaxEventSize/16)[:room]
		x.append(s, 0, e)
		x.holds(s, 0, e)
		for _, grow := range []func(*eventstore.Proposed){
			func(e *eventstore.Proposed) { e.Type += "x" },
			func(e *eventstore.Proposed) { e.Data = append(e.Data[:room:room], 'x') },
			func(e *eventstore.Proposed) { e.Metadata = append(bytes.Clone(e.Metadata), 'x') },
		} {
			larger := e
			larger.ID = uuid.New()
			grow(&larger)
			if _, err := x.store.Append(x.ctx, s, 1, larger); !errors.Is(err, eventstore.ErrTooLarge) {
				x.Errorf("one byte more: %v, want ErrTooLarge", err)
			}
		}
		x.holds(s, 0, e)
	}},
	{"the caller may reuse its slices after an append", func(x *trial) {
		s, events := x.stream(), fresh(1)
		filed := events[0]
		filed.Data, filed.Metadata = bytes.Clone(filed.Data), bytes.Clone(filed.Metadata)
		x.append(s, 0, events...)
		clear(events[0].Data)
		clear(events[0].Metadata)
		x.holds(s, 0, filed)
	}},
}

var repeatRules = []rule{
	{"the same append again gives the first outcome", func(x *trial) {
		s, events := x.stream(), fresh(3)
		first := x.append(s, 0, events...)
		for range 3 {
			x.repeated(first, s, 0, events...)
		}
		x.holds(s, 0, events...)
	}},
	{"the same append again gives the first outcome after others were filed", func(x *trial) {
		s, events := x.stream(), fresh(30)
		var first []eventstore.Appended
		for i := range 10 {
			first = append(first, x.append(s, eventstore.Revision(3*i), events[3*i:3*i+3]...))
			x.append(x.stream(), 0, fresh(1)...)
		}
		for i, want := range first {
			x.repeated(want, s, eventstore.Revision(3*i), events[3*i:3*i+3]...)
		}
		x.holds(s, 0, events...)
	}},
	{"a repeat is known by ids and revision, not by how it was cut", func(x *trial) {
		s, events := x.stream(), fresh(4)
		x.append(s, 0, events[:2]...)
		second := x.append(s, 2, events[2:]...)
		got := x.holds(s, 0, events...)
		x.repeated(second, s, 0, events...)
		x.repeated(second, s, 3, events[3])
		x.repeated(eventstore.Appended{Revision: 3, Position: got[2].Position}, s, 1, events[1:3]...)
		x.holds(s, 0, events...)
	}},
	{"a repeat is known by its ids alone", func(x *trial) {
		s, events := x.stream(), fresh(1)
		first := x.append(s, 0, events...)
		again := events[0]
		again.Type, again.Data, again.Metadata = "told-differently", []byte("[]"), nil
		x.repeated(first, s, 0, again)
		x.holds(s, 0, events...)
	}},
	{"a repeat with other events after it is a conflict", func(x *trial) {
		s, events := x.stream(), fresh(4)
		x.append(s, 0, events[:2]...)
		x.conflict(2, s, 0, events[:3]...)
		x.append(s, 2, events[3])
		x.conflict(3, s, 0, events[:3]...)
		x.holds(s, 0, events[0], events[1], events[3])
	}},
	{"a repeat with another first event is a conflict", func(x *trial) {
		s, events := x.stream(), fresh(3)
		x.append(s, 0, events...)
		x.conflict(3, s, 0, fresh(1)[0], events[1], events[2])
		x.conflict(3, s, 0, events[1], events[2])
		x.conflict(3, s, 1, events[0], events[1])
		x.conflict(3, s, 0, events[0], fresh(1)[0], events[2])
		x.holds(s, 0, events...)
	}},
	{"the same events in another order are a conflict", func(x *trial) {
		s, events := x.stream(), fresh(2)
		x.append(s, 0, events...)
		x.conflict(2, s, 0, events[1], events[0])
	}},
	{"ids do not matter at the stream's revision", func(x *trial) {
		s, events := x.stream(), fresh(1)
		x.append(s, 0, events...)
		x.append(s, 1, events...)
		x.holds(s, 0, events[0], events[0])
	}},
	{"ids do not matter across streams", func(x *trial) {
		a, b, events := x.stream(), x.stream(), fresh(2)
		x.append(a, 0, events...)
		x.append(b, 0, events...)
		x.holds(a, 0, events...)
		x.holds(b, 0, events...)
	}},
}

// repeated files events that were filed before, which must give the first
// outcome and never say that it is new.
func (x *trial) repeated(first eventstore.Appended, stream eventstore.Stream, expected eventstore.Revision, events ...eventstore.Proposed) {
	x.Helper()
	first.New = false
	if again := x.append(stream, expected, events...); again != first {
		x.Fatalf("Append(%s, %d, %d events) again = %+v, the first time it was %+v", stream, expected, len(events), again, first)
	}
}
