package eventstoredb

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/eventstore"
)

const (
	appendTime   = 10 * time.Second // for one attempt
	serverAppend = 1 << 20          // MaxAppendSize of servers before 26, unless configured
	mostCutOffs  = 5
)

// Append files events at the end of stream, as eventstore.Store says, and never
// leaves an outcome open while ctx lasts: whatever goes wrong between here and
// the cluster, the same append is sent again, and the ids of its events at its
// revision make that safe. Errors beside the port's: ErrDenied, ErrBadEvent.
func (s *Store) Append(
	ctx context.Context, stream eventstore.Stream, expected eventstore.Revision, events ...eventstore.Proposed,
) (eventstore.Appended, error) {
	ctx, cancel := s.scope(ctx)
	defer cancel()
	if err := over(ctx); err != nil {
		return eventstore.Appended{}, err
	}
	if err := s.check(stream, events); err != nil {
		return eventstore.Appended{}, err
	}
	a := &attempt{ctx: ctx, client: s.client, stream: stream, expected: expected, events: proposed(events)}
	done, err := persist(ctx, s, a.once)
	if _, ok := errors.AsType[*eventstore.ConflictError](err); ok || err == nil {
		return done, err
	}
	return eventstore.Appended{}, fmt.Errorf("appending to %s: %w", stream, explain(err))
}

// check refuses what must not be sent. An append that is too large for the
// server can look like a lost connection, and would be sent for ever.
func (s *Store) check(stream eventstore.Stream, events []eventstore.Proposed) error {
	if err := stream.Check(); err != nil {
		return err
	}
	if len(events) == 0 {
		return eventstore.ErrEmptyAppend
	}
	total := 0
	for i, e := range events {
		size := len(e.Type) + len(e.Data) + len(e.Metadata)
		if size > eventstore.MaxEventSize {
			return fmt.Errorf("event %d of %d has %d bytes: %w", i+1, len(events), size, eventstore.ErrTooLarge)
		}
		if e.ID == uuid.Nil || strings.HasPrefix(e.Type, "$") {
			return fmt.Errorf("event %d of %d, %q: %w", i+1, len(events), e.Type, ErrBadEvent)
		}
		total += size
	}
	if total > s.options.MaxAppendBytes {
		return fmt.Errorf("%d events of %d bytes in one append: %w", len(events), total, eventstore.ErrTooLarge)
	}
	return nil
}

// attempt is an append being tried, one time after the other.
type attempt struct {
	ctx      context.Context
	client   *esdb.Client
	stream   eventstore.Stream
	expected eventstore.Revision
	events   []esdb.EventData
	cutOffs  int
}

// once sends the append, and finds out what a refusal means.
func (a *attempt) once() (eventstore.Appended, error) {
	if a.expected > math.MaxInt64 { // theirs go no further
		return a.settle()
	}
	deadline := appendTime
	result, err := a.client.AppendToStream(a.ctx, string(a.stream), esdb.AppendToStreamOptions{
		ExpectedRevision: expectation(a.expected), Deadline: &deadline,
	}, a.events...)
	switch {
	case err == nil:
		return a.filed(result)
	case isCode(err, esdb.ErrorCodeWrongExpectedVersion):
		return a.settle()
	case isCutOff(err):
		return eventstore.Appended{}, a.cutOff(err)
	}
	return eventstore.Appended{}, err
}

// filed is the outcome that the server tells.
func (a *attempt) filed(result *esdb.WriteResult) (eventstore.Appended, error) {
	last := a.expected + eventstore.Revision(len(a.events))
	if eventstore.Revision(result.NextExpectedVersion+1) != last {
		return eventstore.Appended{}, fmt.Errorf("%w: %d events were filed at revision %d, and the last is %d",
			ErrAnswer, len(a.events), a.expected, result.NextExpectedVersion+1)
	}
	if result.CommitPosition == 0 || result.CommitPosition > math.MaxInt64 { // it does not know
		return a.settle()
	}
	return eventstore.Appended{Revision: last, Position: position(result.CommitPosition)}, nil
}

// settle reads what is after the revision expected: the very events, and then
// they were filed before, or others, and then it is a conflict. The server is
// asked to compare them as well; it does not when it is in doubt.
func (a *attempt) settle() (eventstore.Appended, error) {
	matched := 0
	from := source(streamSource{a.stream, a.expected})
	for from != nil {
		p, err := from.page(a.ctx, a.client, firstPage)
		if err != nil {
			return eventstore.Appended{}, err
		}
		for _, e := range p.events {
			if e.ID != a.events[matched].EventID {
				return eventstore.Appended{}, a.conflict(p)
			}
			if matched++; matched == len(a.events) {
				return eventstore.Appended{Revision: e.Revision, Position: e.Position}, nil
			}
		}
		if from = p.rest; from == nil {
			return eventstore.Appended{}, a.conflict(p)
		}
	}
	return eventstore.Appended{}, errBehind
}

// conflict says where the stream is, p being the last page read of it.
func (a *attempt) conflict(p page) error {
	if p.rest != nil || len(p.events) == 0 {
		var err error
		if p, err = (headSource{a.stream}).page(a.ctx, a.client, 1); err != nil {
			return err
		}
	}
	actual := eventstore.Revision(0)
	if n := len(p.events); n > 0 {
		actual = p.events[n-1].Revision
	}
	if actual == a.expected { // what a server that refused cannot say
		return errBehind
	}
	return &eventstore.ConflictError{Stream: a.stream, Expected: a.expected, Actual: actual}
}

// cutOff is the error of an append that the server ended before all of it was
// sent. A lost connection looks like that, and so does an append above the
// server's limit: if it goes on, and the append is large, it is the latter.
func (a *attempt) cutOff(err error) error {
	size := 0
	for _, e := range a.events {
		size += len(e.EventType) + len(e.Data) + len(e.Metadata)
	}
	if a.cutOffs++; a.cutOffs < mostCutOffs || size < serverAppend {
		return err
	}
	return fmt.Errorf("the server would not take %d bytes %d times, its MaxAppendSize may be less: %w (%w)",
		size, a.cutOffs, eventstore.ErrTooLarge, err)
}
