package eventstoredb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/saldo-ledger/saldo/eventstore"
)

// Reads are done page by page: between pages nothing of the client is held, so a
// consumer may take its time or call again, and a page that fails is fetched
// again.
const (
	firstPage = 64
	lastPage  = 2048
	pageBytes = 4 << 20
	pageTime  = 30 * time.Second
)

// errBehind says that a server has less than another has shown. It passes.
var errBehind = errors.New("eventstoredb: the server is behind what is known of the log")

// source is a place to read on from.
type source interface {
	// page reads up to limit events. With an error come the events before it.
	page(ctx context.Context, client *esdb.Client, limit int) (page, error)
}

// page is some events and the place after them.
type page struct {
	events []eventstore.Recorded
	bytes  int
	rest   source // nil if there is no more
}

// take adds e, unless it is the server's own, and says whether there is room for
// more.
func (p *page) take(e *esdb.RecordedEvent) (more bool, err error) {
	if isSystem(e) {
		return true, nil
	}
	r, err := recorded(e)
	if err != nil {
		return false, err
	}
	p.events = append(p.events, r)
	p.bytes += len(r.Data) + len(r.Metadata)
	return p.bytes < pageBytes, nil
}

// page reads from from once it can be read.
func (s *Store) page(ctx context.Context, from source, limit int) (page, error) {
	p, err := persist(ctx, s, func() (page, error) {
		p, err := from.page(ctx, s.client, limit)
		if len(p.events) > 0 && err != nil && !lasting(err) {
			return p, nil // the rest is fetched next
		}
		return p, err
	})
	if err != nil {
		return p, fmt.Errorf("reading the event store: %w", explain(err))
	}
	return p, nil
}

// receive hands the events of a read to take, until that wants no more. It
// returns how many came, and whether those were all that the server had to send.
func receive(
	ctx context.Context, open func(context.Context) (*esdb.ReadStream, error), take func(*esdb.RecordedEvent) (bool, error),
) (n int, all bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, pageTime)
	defer cancel()
	stream, err := open(ctx)
	if err != nil {
		return 0, false, err
	}
	defer stream.Close()
	for {
		e, err := stream.Recv()
		switch {
		case errors.Is(err, io.EOF), isMissing(err):
			return n, true, nil
		case err != nil:
			return n, false, err
		}
		n++
		if more, err := take(e.OriginalEvent()); err != nil || !more {
			return n, false, err
		}
	}
}

// streamSource is a stream after a revision.
type streamSource struct {
	stream eventstore.Stream
	after  eventstore.Revision
}

func (s streamSource) page(ctx context.Context, client *esdb.Client, limit int) (page, error) {
	var p page
	n, all, err := receive(ctx, func(ctx context.Context) (*esdb.ReadStream, error) {
		return client.ReadStream(ctx, string(s.stream), esdb.ReadStreamOptions{
			Direction: esdb.Forwards, From: esdb.Revision(uint64(s.after)),
		}, uint64(limit))
	}, func(e *esdb.RecordedEvent) (bool, error) {
		if e.EventNumber != uint64(s.after) {
			return false, fmt.Errorf("%w: %s goes from revision %d to %d", ErrGap, s.stream, s.after, e.EventNumber+1)
		}
		s.after++
		return p.take(e)
	})
	if !all || n == limit {
		p.rest = s
	}
	return p, err
}

// logSource is the log after one position, up to another.
type logSource struct {
	from      esdb.AllPosition
	seen, end eventstore.Position
}

func (l logSource) page(ctx context.Context, client *esdb.Client, limit int) (page, error) {
	var p page
	count := limit + 1 // the event at from comes again
	n, all, err := receive(ctx, func(ctx context.Context) (*esdb.ReadStream, error) {
		return client.ReadAll(ctx, esdb.ReadAllOptions{Direction: esdb.Forwards, From: l.from}, uint64(count))
	}, func(e *esdb.RecordedEvent) (bool, error) {
		at := position(e.Position.Commit)
		switch {
		case at <= l.seen:
			return true, nil
		case at > l.end:
			l.seen = l.end
			return false, nil
		}
		more, err := p.take(e)
		if err == nil {
			l.from, l.seen = e.Position, at
		}
		return more, err
	})
	if l.seen < l.end {
		p.rest = l
		if err == nil && all && n < count {
			err = errBehind
		}
	}
	return p, err
}

// tailSource is the log backwards.
type tailSource struct{ from esdb.AllPosition }

func (t tailSource) page(ctx context.Context, client *esdb.Client, limit int) (page, error) {
	var p page
	n, all, err := receive(ctx, func(ctx context.Context) (*esdb.ReadStream, error) {
		return client.ReadAll(ctx, esdb.ReadAllOptions{Direction: esdb.Backwards, From: t.from}, uint64(limit))
	}, func(e *esdb.RecordedEvent) (bool, error) {
		t.from = e.Position
		_, err := p.take(e)
		return len(p.events) == 0, err
	})
	if !all || n == limit {
		p.rest = t
	}
	return p, err
}

// headSource is the last event of a stream.
type headSource struct{ stream eventstore.Stream }

func (h headSource) page(ctx context.Context, client *esdb.Client, _ int) (page, error) {
	var p page
	_, _, err := receive(ctx, func(ctx context.Context) (*esdb.ReadStream, error) {
		return client.ReadStream(ctx, string(h.stream), esdb.ReadStreamOptions{
			Direction: esdb.Backwards, From: esdb.End{},
		}, 1)
	}, p.take)
	return p, err
}
