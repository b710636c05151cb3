package ledger_test

import (
	"context"
	"errors"

	"github.com/saldo-ledger/saldo/eventstore"
)

// torn is a log that fails the appends to streams of one category, before or
// after it filed them.
type torn struct {
	eventstore.Store
	category string
	after    bool
	times    int
}

var errTorn = errors.New("the line was torn")

func (s *torn) Append(ctx context.Context, stream eventstore.Stream, expected eventstore.Revision, events ...eventstore.Proposed) (eventstore.Appended, error) {
	if stream.Category() != s.category || s.times == 0 {
		return s.Store.Append(ctx, stream, expected, events...)
	}
	s.times--
	if s.after {
		if _, err := s.Store.Append(ctx, stream, expected, events...); err != nil {
			return eventstore.Appended{}, err
		}
	}
	return eventstore.Appended{}, errTorn
}
