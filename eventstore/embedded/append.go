package embedded

import (
	"context"
	"errors"
	"fmt"

	"github.com/saldo-ledger/saldo/eventstore"
)

// MaxAppendBytes bounds the bytes of all events of one append together. A larger
// one is eventstore.ErrTooLarge.
const MaxAppendBytes = 256 << 20

// pending is an append on its way to the committer.
type pending struct {
	ctx      context.Context
	stream   eventstore.Stream
	expected eventstore.Revision
	records  []byte // one after the other, not yet sealed
	ends     []int  // where each record ends
	answer   chan answer
	also     *pending // to be filed with it, or neither; the first has the answer
}

// answer is what became of a pending append.
type answer struct {
	done eventstore.Appended
	head eventstore.Revision // with errBehind: the stream's revision
	err  error
}

// errBehind is the committer's answer to a writer who is behind the stream.
// Whether the events are there already is for the writer's goroutine to find
// out, because that needs reading, and everybody waits for the committer.
var errBehind = errors.New("embedded: behind the stream")

// Append files events at the end of stream, as eventstore.Store says. Beside the
// port's errors there are ErrReadOnly, ErrDiskFull, ErrDiskFailing, ErrFailed and
// *CorruptError.
func (l *Log) Append(
	ctx context.Context, stream eventstore.Stream, expected eventstore.Revision, events ...eventstore.Proposed,
) (eventstore.Appended, error) {
	p, err := newPending(ctx, stream, expected, events)
	if err != nil {
		return eventstore.Appended{}, err
	}
	a := l.submit(p)
	if a.err == errBehind {
		return l.settle(p, a.head, events)
	}
	return a.done, a.err
}

var _ eventstore.Joint = (*Log)(nil)

// AppendJointly is of eventstore.Joint. Its errors are those of Append.
func (l *Log) AppendJointly(ctx context.Context, writes ...eventstore.Write) (eventstore.Appended, error) {
	streams := make(map[eventstore.Stream]bool, len(writes))
	all, size, events := make([]pending, len(writes)), 0, 0
	for i, w := range writes {
		if streams[w.Stream] {
			return eventstore.Appended{}, fmt.Errorf("stream %s: %w", w.Stream, eventstore.ErrNotJoint)
		}
		streams[w.Stream] = true
		own, err := sizeOf(ctx, w.Stream, w.Events)
		if err != nil {
			return eventstore.Appended{}, err
		}
		size, events = size+own, events+len(w.Events)
		if i > 0 {
			all[i-1].also = &all[i]
		}
	}
	if len(all) == 0 {
		return eventstore.Appended{}, eventstore.ErrEmptyAppend
	}
	records, ends := make([]byte, 0, size), make([]int, 0, events) // of all of them
	for i, w := range writes {
		p := &all[i]
		p.ctx, p.stream, p.expected = ctx, w.Stream, w.Expected
		p.records, p.ends = records[len(records):], ends[len(ends):]
		p.encode(w.Events)
		records, ends = records[:len(records)+len(p.records)], ends[:len(ends)+len(p.ends)]
	}
	all[0].answer = make(chan answer, 1)
	a := l.submit(&all[0])
	return a.done, a.err
}

// newPending checks and encodes an append. The records' revisions are known
// before the stream's is: if that is another than expected, nothing is filed.
func newPending(
	ctx context.Context, stream eventstore.Stream, expected eventstore.Revision, events []eventstore.Proposed,
) (*pending, error) {
	size, err := sizeOf(ctx, stream, events)
	if err != nil {
		return nil, err
	}
	p := &pending{
		ctx: ctx, stream: stream, expected: expected,
		records: make([]byte, 0, size),
		ends:    make([]int, 0, len(events)),
		answer:  make(chan answer, 1), // so that the committer never waits
	}
	p.encode(events)
	return p, nil
}

// encode appends the records of events, for which there is room.
func (p *pending) encode(events []eventstore.Proposed) {
	for i, e := range events {
		p.records = appendRecord(p.records, p.stream, p.expected+eventstore.Revision(i)+1, e)
		p.ends = append(p.ends, len(p.records))
	}
}

// sizeOf bounds the bytes of the records of events, which it checks.
func sizeOf(ctx context.Context, stream eventstore.Stream, events []eventstore.Proposed) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if err := stream.Check(); err != nil {
		return 0, err
	}
	if len(events) == 0 {
		return 0, eventstore.ErrEmptyAppend
	}
	size := 0
	for i, e := range events {
		if n := len(e.Type) + len(e.Data) + len(e.Metadata); n > eventstore.MaxEventSize {
			return 0, fmt.Errorf("event %d of %d has %d bytes: %w", i+1, len(events), n, eventstore.ErrTooLarge)
		}
		size += recordSize(stream, e)
	}
	if size > MaxAppendBytes {
		return 0, fmt.Errorf("%d events of %d bytes in one append: %w", len(events), size, eventstore.ErrTooLarge)
	}
	return size, nil
}

// submit hands p to the committer and waits for its answer.
func (l *Log) submit(p *pending) answer {
	l.gate.RLock()
	defer l.gate.RUnlock()
	switch {
	case l.closed:
		return answer{err: eventstore.ErrClosed}
	case l.commit == nil:
		return answer{err: ErrReadOnly}
	}
	select {
	case l.commit.queue <- p:
	case <-p.ctx.Done():
		return answer{err: p.ctx.Err()}
	}
	select {
	case a := <-p.answer:
		return a
	case <-p.ctx.Done():
		return answer{err: p.ctx.Err()}
	}
}

// settle decides about an append whose writer is behind the stream, which is at
// head: it was filed before, or it is a conflict.
func (l *Log) settle(p *pending, head eventstore.Revision, events []eventstore.Proposed) (eventstore.Appended, error) {
	i := 0
	for e, err := range l.Read(p.ctx, p.stream, p.expected) {
		switch {
		case err != nil:
			return eventstore.Appended{}, err
		case e.ID != events[i].ID:
			return eventstore.Appended{}, p.conflict(head)
		}
		if i++; i == len(events) {
			return eventstore.Appended{Revision: e.Revision, Position: e.Position}, nil
		}
	}
	return eventstore.Appended{}, p.conflict(head)
}

// size is the bytes of all that is to be filed with p.
func (p *pending) size() (bytes int) {
	for ; p != nil; p = p.also {
		bytes += len(p.records)
	}
	return bytes
}

func (p *pending) conflict(head eventstore.Revision) error {
	return &eventstore.ConflictError{Stream: p.stream, Expected: p.expected, Actual: head}
}
