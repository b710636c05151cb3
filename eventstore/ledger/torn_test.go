package ledger_test

import (
	"context"
	"errors"
	"sync"

	"github.com/saldo-ledger/saldo/eventstore"
)

// torn is a log that fails the appends to streams of one category, before or
// after it filed them.
type torn struct {
	eventstore.Store
	category string
	after    bool

	mu    sync.Mutex
	times int
}

// tears reports whether this append is one of those that fail.
func (s *torn) tears(stream eventstore.Stream) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if stream.Category() != s.category || s.times == 0 {
		return false
	}
	s.times--
	return true
}

var errTorn = errors.New("the line was torn")

// tornJointly is torn where a log files jointly.
type tornJointly struct{ torn }

func (s *tornJointly) AppendJointly(ctx context.Context, writes ...eventstore.Write) (eventstore.Appended, error) {
	tears := false
	for _, w := range writes {
		tears = tears || s.tears(w.Stream)
	}
	if !tears || s.after {
		if at, err := s.Store.(eventstore.Joint).AppendJointly(ctx, writes...); err != nil || !tears {
			return at, err
		}
	}
	return eventstore.Appended{}, errTorn
}

func (s *torn) Append(ctx context.Context, stream eventstore.Stream, expected eventstore.Revision, events ...eventstore.Proposed) (eventstore.Appended, error) {
	if !s.tears(stream) {
		return s.Store.Append(ctx, stream, expected, events...)
	}
	if s.after {
		if _, err := s.Store.Append(ctx, stream, expected, events...); err != nil {
			return eventstore.Appended{}, err
		}
	}
	return eventstore.Appended{}, errTorn
}
