package embedded

import (
	"github.com/cockroachdb/pebble/v2"
	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/eventstore"
)

// A page starts small, because most reads are of a few events, and doubles at
// each turn, because the others are of the whole log.
const (
	firstPage = 32
	lastPage  = 4096
	pageBytes = 4 << 20
	// twoSided is the page that is worth two goroutines.
	twoSided = 512
	// Chunks double as well.
	smallChunk = 512
	largeChunk = 32 << 10
	// kindsKept bounds the event types whose strings are shared.
	kindsKept = 256
)

// page is a run of events taken out of the engine. The events stay valid when
// the page is turned, unless they are lent. Bytes are copied into chunks shared by
// neighbours, so an event that is kept keeps up to largeChunk bytes with it.
type page struct {
	events []eventstore.Recorded
	limit  int
	bytes  int // of the events
	chunk  []byte
	lent   bool              // the bytes are good until the page is turned: all are in one chunk
	stream eventstore.Stream // of the last event, to share its string
	kinds  map[string]string // event types seen, to share their strings
	back   *page             // its other side, see logReader.fillBoth
}

// turn makes the page an empty one for so many events.
func (p *page) turn(limit int) {
	p.events = p.events[:0]
	p.bytes = 0
	p.limit = limit
	if p.lent {
		p.chunk = p.chunk[:0]
	}
}

func (p *page) full() bool { return p.counted() || p.bytes >= pageBytes }

// counted says that the page has as many events as it should.
func (p *page) counted() bool { return len(p.events) >= p.limit }

// take copies out the event at it, which must be the one at pos. The stream is
// what the caller knows of it, for the error.
func (p *page) take(it *pebble.Iterator, pos eventstore.Position, stream eventstore.Stream) (eventstore.Recorded, error) {
	if !it.Valid() && it.Error() != nil {
		return eventstore.Recorded{}, engineError(it.Error(), pos, stream)
	}
	if !it.Valid() || eventPosition(it.Key()) != pos {
		return eventstore.Recorded{}, &CorruptError{Position: pos, Stream: stream, Err: errMissing}
	}
	record, err := it.ValueAndErr()
	if err != nil {
		return eventstore.Recorded{}, engineError(err, pos, stream)
	}
	f, err := openRecord(pos, record)
	if err != nil {
		if stream == "" {
			stream = f.plausibleStream()
		}
		return eventstore.Recorded{}, &CorruptError{Position: pos, Stream: stream, Bytes: whole(PartRecord, record), Err: err}
	}
	p.bytes += len(record)
	return eventstore.Recorded{
		Stream:   p.streamName(f.stream, stream),
		Revision: eventstore.Revision(f.revision),
		Position: pos,
		ID:       uuid.UUID(f.id),
		Type:     p.kind(f.kind),
		Data:     p.copy(f.data),
		Metadata: p.copy(f.metadata),
	}, nil
}

// streamName returns the name b, which most likely is that of the stream expected.
func (p *page) streamName(b []byte, expected eventstore.Stream) eventstore.Stream {
	switch string(b) {
	case string(p.stream):
	case string(expected):
		p.stream = expected
	default:
		p.stream = eventstore.Stream(b)
	}
	return p.stream
}

func (p *page) kind(b []byte) string {
	if s, ok := p.kinds[string(b)]; ok {
		return s
	}
	if p.kinds == nil || len(p.kinds) >= kindsKept {
		p.kinds = make(map[string]string)
	}
	s := string(b)
	p.kinds[s] = s
	return s
}

// copy returns b in memory that nobody writes to again, or before the page is turned
// if it is lent.
func (p *page) copy(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	if len(b) > cap(p.chunk)-len(p.chunk) {
		most := largeChunk
		if p.lent {
			most = pageBytes
		}
		size := min(max(2*cap(p.chunk), smallChunk), most)
		p.chunk = make([]byte, 0, max(size, len(b)))
	}
	n := len(p.chunk)
	p.chunk = append(p.chunk, b...)
	return p.chunk[n:len(p.chunk):len(p.chunk)]
}
