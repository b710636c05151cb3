package eventstoredb

import (
	"context"
	"iter"
	"math"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/saldo-ledger/saldo/eventstore"
)

// Read yields the events of stream after the given revision, oldest first. While
// no server answers it waits, by ctx. Errors beside the port's: ErrDenied,
// ErrGap.
func (s *Store) Read(ctx context.Context, stream eventstore.Stream, after eventstore.Revision) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		ctx, cancel := s.scope(ctx)
		defer cancel()
		err := stream.Check()
		if err == nil {
			err = over(ctx)
		}
		switch {
		case err != nil:
			yield(eventstore.Recorded{}, err)
		case after < math.MaxInt64: // theirs go no further
			s.read(ctx, streamSource{stream, after}, yield)
		}
	}
}

// ReadAll yields the events after the given position, up to the end of the log
// as it was when reading began.
func (s *Store) ReadAll(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		ctx, cancel := s.scope(ctx)
		defer cancel()
		switch end, err := s.tail(ctx); {
		case err != nil:
			yield(eventstore.Recorded{}, err)
		case after < end:
			s.read(ctx, logSource{from: placeOf(after), seen: after, end: end}, yield)
		}
	}
}

// End returns the position of the last event that is not the server's own.
func (s *Store) End(ctx context.Context) (eventstore.Position, error) {
	ctx, cancel := s.scope(ctx)
	defer cancel()
	return s.tail(ctx)
}

// tail looks for the last event, past those of the server.
func (s *Store) tail(ctx context.Context) (eventstore.Position, error) {
	limit := 1
	for from := source(tailSource{esdb.End{}}); from != nil; {
		p, err := s.page(ctx, from, limit)
		if err != nil {
			return 0, err
		}
		if len(p.events) > 0 {
			return p.events[0].Position, nil
		}
		from, limit = p.rest, min(8*limit, lastPage)
	}
	return 0, over(ctx)
}

// fetched is a page or the error that came after its events.
type fetched struct {
	page
	err error
}

// read yields what is at from. The next page is on its way while the consumer is
// at work on one.
func (s *Store) read(ctx context.Context, from source, yield func(eventstore.Recorded, error) bool) {
	limit := firstPage
	next := s.ahead(ctx, from, limit)
	for {
		f := <-next
		more := f.err == nil && f.rest != nil
		if more {
			limit = min(8*limit, lastPage)
			next = s.ahead(ctx, f.rest, limit)
		}
		for _, e := range f.events {
			if !yield(e, nil) {
				return
			}
			if err := over(ctx); err != nil {
				yield(eventstore.Recorded{}, err)
				return
			}
		}
		if f.err != nil {
			yield(eventstore.Recorded{}, f.err)
		}
		if !more {
			return
		}
	}
}

// ahead fetches a page in the background.
func (s *Store) ahead(ctx context.Context, from source, limit int) <-chan fetched {
	ready := make(chan fetched, 1)
	go func() {
		p, err := s.page(ctx, from, limit)
		ready <- fetched{p, err}
	}()
	return ready
}
