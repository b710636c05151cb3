package audit_test

import (
	"context"
	"iter"
	"slices"

	"github.com/saldo-ledger/saldo/eventstore"
)

// shelf is a log that is what it is: a slice.
type shelf []eventstore.Recorded

var _ eventstore.Reader = shelf{}

func (s shelf) Read(_ context.Context, stream eventstore.Stream, after eventstore.Revision) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		for _, e := range s {
			if e.Stream == stream && e.Revision > after && !yield(e, nil) {
				return
			}
		}
	}
}

func (s shelf) ReadAll(_ context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		for _, e := range s {
			if e.Position > after && !yield(e, nil) {
				return
			}
		}
	}
}

func (s shelf) End(context.Context) (eventstore.Position, error) {
	if len(s) == 0 {
		return 0, nil
	}
	return s[len(s)-1].Position, nil
}

// with returns a copy of s in which one event is altered.
func (s shelf) with(i int, alter func(*eventstore.Recorded)) shelf {
	out := slices.Clone(s)
	out[i].Data, out[i].Metadata = slices.Clone(s[i].Data), slices.Clone(s[i].Metadata)
	alter(&out[i])
	return out
}

// next returns the place of the stream's next event after the one at i; -1 if
// that is the stream's last.
func (s shelf) next(i int) int {
	for j := i + 1; j < len(s); j++ {
		if s[j].Stream == s[i].Stream {
			return j
		}
	}
	return -1
}

// stream returns the events of the stream of the one at i, and where it is there.
func (s shelf) stream(i int) (all shelf, at int) {
	for j, e := range s {
		if e.Stream != s[i].Stream {
			continue
		}
		if j == i {
			at = len(all)
		}
		all = append(all, e)
	}
	return all, at
}

// torn is a shelf whose reading ends with an error.
type torn struct {
	shelf
	err error
}

func (s torn) ReadAll(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		for e := range s.shelf.ReadAll(ctx, after) {
			if !yield(e, nil) {
				return
			}
		}
		yield(eventstore.Recorded{}, s.err)
	}
}
