package embedded

import (
	"bytes"
	"math"
	"strings"

	"github.com/cockroachdb/pebble/v2"

	"github.com/saldo-ledger/saldo/eventstore"
)

// headsKept is the number of streams in each half of the heads.
const headsKept = 1 << 16

// heads remembers the revisions of the streams written last, in bounded memory.
// It has two halves: a stream that is touched goes to the young one, and when
// that is full it becomes the old one, in the place of what nobody touched for
// a while.
type heads struct {
	young, old map[eventstore.Stream]eventstore.Revision
}

func newHeads() *heads {
	return &heads{young: map[eventstore.Stream]eventstore.Revision{}}
}

func (h *heads) of(stream eventstore.Stream) (eventstore.Revision, bool) {
	rev, ok := h.young[stream]
	if !ok {
		rev, ok = h.old[stream]
	}
	return rev, ok
}

func (h *heads) set(stream eventstore.Stream, rev eventstore.Revision) {
	if _, ok := h.young[stream]; ok {
		h.young[stream] = rev
		return
	}
	if len(h.young) >= headsKept {
		h.young, h.old = make(map[eventstore.Stream]eventstore.Revision, headsKept), h.young
	}
	// The caller's string may be a small part of a large one.
	h.young[eventstore.Stream(strings.Clone(string(stream)))] = rev
}

// headSeeker looks up the revisions of streams in the engine's index. It serves
// one group of appends, so that the group pays for one iterator at most.
type headSeeker struct {
	db *pebble.DB
	it *pebble.Iterator // opened at the first look-up
}

// head returns the revision of stream as the index has it. A stream that its writer
// takes for begun is looked up without asking the filters first.
func (s *headSeeker) head(stream eventstore.Stream, begun bool) (eventstore.Revision, error) {
	if s.it == nil {
		it, err := s.db.NewIter(&pebble.IterOptions{
			LowerBound: []byte{streamPrefix},
			UpperBound: []byte{streamPrefix + 1},
			// Most look-ups are of streams that do not exist yet.
			UseL6Filters: true,
		})
		if err != nil {
			return 0, engineError(err, 0, stream)
		}
		s.it = it
	}
	// A stream that was ever written to has an entry for revision 1, and the
	// filters tell without reading that a key is nowhere.
	first := appendStreamKey(nil, stream, 1)
	if !begun && !s.it.SeekPrefixGE(first) {
		return 0, engineError(s.it.Error(), 0, stream)
	}
	if !s.it.SeekLT(appendStreamKey(nil, stream, math.MaxUint64)) || bytes.Compare(s.it.Key(), first) < 0 {
		return 0, engineError(s.it.Error(), 0, stream)
	}
	value, err := s.it.ValueAndErr()
	if err != nil {
		return 0, engineError(err, 0, stream)
	}
	r, err := decodeRun(stream, s.it.Key(), value)
	if err != nil {
		return 0, err
	}
	return r.last(), nil
}

func (s *headSeeker) close() error {
	if s.it == nil {
		return nil
	}
	return s.it.Close()
}
