package embedded

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/eventstore"
)

// model is what a log should be, in the plainest words.
type model struct {
	log     []eventstore.Recorded
	streams map[eventstore.Stream][]eventstore.Recorded
}

// append does what the port says of Store.Append.
func (m *model) append(stream eventstore.Stream, expected eventstore.Revision, proposed []eventstore.Proposed) (eventstore.Appended, error) {
	filed := m.streams[stream]
	head := eventstore.Revision(len(filed))
	if expected == head {
		for _, p := range proposed {
			head++
			e := eventstore.Recorded{
				Stream: stream, Revision: head, Position: eventstore.Position(len(m.log) + 1),
				ID: p.ID, Type: p.Type, Data: p.Data, Metadata: p.Metadata,
			}
			m.log = append(m.log, e)
			m.streams[stream] = append(m.streams[stream], e)
		}
		return eventstore.Appended{Revision: head, Position: eventstore.Position(len(m.log)), New: true}, nil
	}
	conflict := &eventstore.ConflictError{Stream: stream, Expected: expected, Actual: head}
	if expected > head || len(filed[expected:]) < len(proposed) {
		return eventstore.Appended{}, conflict
	}
	for i, p := range proposed {
		if filed[int(expected)+i].ID != p.ID {
			return eventstore.Appended{}, conflict
		}
	}
	last := filed[int(expected)+len(proposed)-1]
	return eventstore.Appended{Revision: last.Revision, Position: last.Position}, nil
}

// player does random things to a log and to its model.
type player struct {
	*testing.T
	rng   *rand.Rand
	fsys  vfs.FS
	log   *Log
	model model
}

func TestRandomOperationsAgainstAModel(t *testing.T) {
	p := &player{T: t, rng: random(t), fsys: vfs.NewMem()}
	p.model.streams = map[eventstore.Stream][]eventstore.Recorded{}
	p.log = open(t, "log", Options{FS: p.fsys})
	for range 1500 {
		switch n := p.rng.IntN(100); {
		case n < 45:
			p.appendNext()
		case n < 50:
			p.appendJointly()
		case n < 65:
			p.appendAnything()
		case n < 80:
			p.repeat()
		case n < 86:
			p.readStream()
		case n < 90:
			p.gather(p.rng.IntN(30))
		case n < 98:
			p.readLog()
		case n < 99:
			closeLog(t, p.log)
			p.log = open(t, "log", Options{FS: p.fsys})
		default:
			if err := p.log.db.Flush(); err != nil {
				t.Fatal(err)
			}
		}
	}
	p.compareLog(0)
	for stream := range p.model.streams {
		p.compareStream(stream, 0)
	}
	p.gather(1600)
}

func (p *player) stream() eventstore.Stream {
	return eventstore.Stream(fmt.Sprintf("thing-%d", p.rng.IntN(40)*p.rng.IntN(40)))
}

// fresh makes a few events of random sizes.
func (p *player) fresh() []eventstore.Proposed {
	all := make([]eventstore.Proposed, 1+p.rng.IntN(1+p.rng.IntN(20)))
	for i := range all {
		var id uuid.UUID
		for j := range id {
			id[j] = byte(p.rng.Uint32())
		}
		all[i] = eventstore.Proposed{ID: id, Type: fmt.Sprintf("type-%d", p.rng.IntN(500)), Data: p.bytes(), Metadata: p.bytes()}
	}
	return all
}

func (p *player) bytes() []byte {
	b := make([]byte, p.rng.IntN(1+p.rng.IntN(300)))
	if p.rng.IntN(200) == 0 {
		b = make([]byte, 3*largeChunk)
	}
	for i := range b {
		b[i] = byte(p.rng.Uint32())
	}
	return b
}

// append compares what the log and the model say of an append.
func (p *player) append(stream eventstore.Stream, expected eventstore.Revision, proposed []eventstore.Proposed) {
	want, wantErr := p.model.append(stream, expected, proposed)
	got, err := p.log.Append(p.Context(), stream, expected, proposed...)
	same := got == want && (err == nil) == (wantErr == nil)
	if c, ok := errors.AsType[*eventstore.ConflictError](wantErr); ok {
		conflict, isConflict := errors.AsType[*eventstore.ConflictError](err)
		same = isConflict && *conflict == *c
	}
	if !same {
		p.Fatalf("Append(%s, %d, %d events) = %+v, %v; want %+v, %v", stream, expected, len(proposed), got, err, want, wantErr)
	}
}

func (p *player) appendNext() {
	stream := p.stream()
	p.append(stream, eventstore.Revision(len(p.model.streams[stream])), p.fresh())
}

// appendJointly files to some streams at once, now and then with a wrong idea of where
// one of them is.
func (p *player) appendJointly() {
	var writes []eventstore.Write
	var wrong error
	for range 2 + p.rng.IntN(3) {
		stream := p.stream()
		if slices.ContainsFunc(writes, func(w eventstore.Write) bool { return w.Stream == stream }) {
			continue
		}
		head := eventstore.Revision(len(p.model.streams[stream]))
		expected := head
		switch p.rng.IntN(14) {
		case 0:
			expected++
		case 1:
			expected /= 2
		}
		if expected != head && wrong == nil {
			wrong = &eventstore.ConflictError{Stream: stream, Expected: expected, Actual: head}
		}
		writes = append(writes, eventstore.Write{Stream: stream, Expected: expected, Events: p.fresh()})
	}
	got, err := p.log.AppendJointly(p.Context(), writes...)
	if wrong != nil {
		conflict, ok := errors.AsType[*eventstore.ConflictError](err)
		if !ok || *conflict != *wrong.(*eventstore.ConflictError) {
			p.Fatalf("AppendJointly = %+v, %v; want %v", got, err, wrong)
		}
		return
	}
	var want eventstore.Appended
	for _, w := range writes {
		want, _ = p.model.append(w.Stream, w.Expected, w.Events)
	}
	if got != want || err != nil {
		p.Fatalf("AppendJointly = %+v, %v; want %+v", got, err, want)
	}
}

func (p *player) appendAnything() {
	stream := p.stream()
	p.append(stream, eventstore.Revision(p.rng.IntN(len(p.model.streams[stream])+3)), p.fresh())
}

// repeat files events again that were filed, sometimes with a change.
func (p *player) repeat() {
	if len(p.model.log) == 0 {
		return
	}
	stream := p.model.log[p.rng.IntN(len(p.model.log))].Stream
	filed := p.model.streams[stream]
	from := p.rng.IntN(len(filed))
	to := from + 1 + p.rng.IntN(len(filed)-from)
	var again []eventstore.Proposed
	for _, e := range filed[from:to] {
		again = append(again, eventstore.Proposed{ID: e.ID, Type: e.Type, Data: e.Data, Metadata: e.Metadata})
	}
	switch p.rng.IntN(4) {
	case 0:
		again[p.rng.IntN(len(again))].ID[p.rng.IntN(16)] ^= 1
	case 1:
		again = append(again, p.fresh()...)
	}
	p.append(stream, eventstore.Revision(from), again)
}

func (p *player) readStream() {
	stream := p.stream()
	p.compareStream(stream, p.rng.IntN(len(p.model.streams[stream])+2))
}

// gather reads about so many streams in one go, each from some revision on.
func (p *player) gather(n int) {
	var tails []eventstore.Tail
	after := make(map[eventstore.Stream]int)
	want := 0
	for range n {
		stream := p.stream()
		if _, ok := after[stream]; ok {
			continue
		}
		filed := len(p.model.streams[stream])
		after[stream] = p.rng.IntN(2) * p.rng.IntN(filed+2)
		tails = append(tails, eventstore.Tail{Stream: stream, After: eventstore.Revision(after[stream])})
		want += max(0, filed-after[stream])
	}
	for e, err := range p.log.Gather(p.Context(), tails) {
		at, ok := after[e.Stream]
		if err != nil || !ok || at >= len(p.model.streams[e.Stream]) || !sameRecorded(e, p.model.streams[e.Stream][at]) {
			p.Fatalf("of %d streams, the event after %d of %s is revision %d at %d, %v", len(tails), at, e.Stream, e.Revision, e.Position, err)
		}
		after[e.Stream]++
		want--
	}
	if want != 0 {
		p.Fatalf("reading %d streams gives %d events too few", len(tails), want)
	}
}

// readLog reads the end of the log more often than all of it.
func (p *player) readLog() {
	p.compareLog(len(p.model.log) + 1 - p.rng.IntN(p.rng.IntN(len(p.model.log)+2)+1))
}

func (p *player) compareStream(stream eventstore.Stream, after int) {
	p.compare(p.log.Read(p.Context(), stream, eventstore.Revision(after)), p.model.streams[stream], after)
}

func (p *player) compareLog(after int) {
	end, err := p.log.End(p.Context())
	if err != nil || int(end) != len(p.model.log) {
		p.Fatalf("End = %d, %v; want %d", end, err, len(p.model.log))
	}
	p.compare(p.log.ReadAll(p.Context(), eventstore.Position(after)), p.model.log, after)
}

func (p *player) compare(seq func(func(eventstore.Recorded, error) bool), all []eventstore.Recorded, after int) {
	p.Helper()
	at := after
	for e, err := range seq {
		if err != nil || at >= len(all) || !sameRecorded(e, all[at]) {
			p.Fatalf("event %d of %d after %d is revision %d of %s at %d, %v", at+1, len(all), after, e.Revision, e.Stream, e.Position, err)
		}
		at++
	}
	if at != max(after, len(all)) {
		p.Fatalf("reading after %d of %d events stopped at %d", after, len(all), at)
	}
}

func sameRecorded(a, b eventstore.Recorded) bool {
	return a.Stream == b.Stream && a.Revision == b.Revision && a.Position == b.Position && a.ID == b.ID &&
		a.Type == b.Type && string(a.Data) == string(b.Data) && string(a.Metadata) == string(b.Metadata)
}
