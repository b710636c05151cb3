// Package eventstore is the port to the event log: streams of events under one
// global order, and Handle, the only way the ledger writes to it. It knows no
// bulletin and no payment.
package eventstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/google/uuid"
)

// Stream names one aggregate's events, "category-id". No personal data is in it.
type Stream string

// Revision counts the events of a stream: 0 is a stream nobody wrote to, n a
// stream whose last event is its n-th.
type Revision uint64

// Position is a place in the global order of the log. Positions grow in commit
// order; they need not be consecutive. 0 is before the first event.
type Position uint64

// MaxEventSize bounds the bytes of one event: type, data and metadata together.
const MaxEventSize = 1 << 20

// Proposed is an event to be appended.
type Proposed struct {
	// ID makes a repeated append recognisable: it is derived from the command
	// (see EventID), never random.
	ID       uuid.UUID
	Type     string
	Data     []byte
	Metadata []byte
}

// Recorded is an event as the log holds it. Its slices must not be changed, and no
// engine writes to them again, unless it says so (see Lender and Gatherer): readers hand
// events on to other goroutines and keep them.
type Recorded struct {
	Stream   Stream
	Revision Revision // of the stream after this event; the first event has 1
	Position Position
	ID       uuid.UUID
	Type     string
	Data     []byte
	Metadata []byte
}

// Clone returns the event with slices of its own, to be kept where it was only lent.
func (r Recorded) Clone() Recorded {
	r.Data, r.Metadata = bytes.Clone(r.Data), bytes.Clone(r.Metadata)
	return r
}

// Appended says where an append ended.
type Appended struct {
	Revision Revision // the stream's revision after the append
	Position Position // of the last event appended
	// New says that this very call filed the events: the bytes in the log are those
	// it was given. False, they may have been there before, and a writer to whom the
	// bytes matter reads them. An engine that cannot tell leaves it false.
	New bool
}

// Store is an append-only log of streams under one global order.
type Store interface {
	// Append files events at the end of stream, all or none, and returns when they
	// are durable. The check against expected is EventStoreDB's:
	//   - the stream is at expected: the events are filed;
	//   - the stream is further, and the events just after expected have the very
	//     IDs given: nothing is filed, the first append's outcome is returned, a
	//     second or a year later;
	//   - otherwise a *ConflictError, and nothing is filed.
	// An append of no events is ErrEmptyAppend; one of an event above MaxEventSize
	// is ErrTooLarge. When ctx ends first the outcome is unknown, and repeating the
	// same append tells.
	Append(ctx context.Context, stream Stream, expected Revision, events ...Proposed) (Appended, error)
	// Read yields the events of stream filed after the given revision, oldest
	// first. A stream nobody wrote to is empty, not an error.
	Read(ctx context.Context, stream Stream, after Revision) iter.Seq2[Recorded, error]
	// ReadAll yields every event after the given position, in global order, up to
	// the end of the log as it was when reading began.
	ReadAll(ctx context.Context, after Position) iter.Seq2[Recorded, error]
	// Follow is ReadAll that does not end: it waits for more until ctx is done, and
	// then yields ctx.Err().
	Follow(ctx context.Context, after Position) iter.Seq2[Recorded, error]
	// End returns the position of the last event, 0 for an empty log.
	End(ctx context.Context) (Position, error)
}

// Reader is the part of a Store that auditors need.
type Reader interface {
	Read(ctx context.Context, stream Stream, after Revision) iter.Seq2[Recorded, error]
	ReadAll(ctx context.Context, after Position) iter.Seq2[Recorded, error]
	End(ctx context.Context) (Position, error)
}

var (
	// ErrEmptyAppend refuses an append of no events.
	ErrEmptyAppend = errors.New("eventstore: an append needs at least one event")
	// ErrTooLarge refuses an event above MaxEventSize.
	ErrTooLarge = fmt.Errorf("eventstore: an event is larger than %d bytes", MaxEventSize)
	// ErrBadStream refuses a stream name that is empty, longer than 200 bytes,
	// without a dash after its category, or with characters other than printable ASCII.
	ErrBadStream = errors.New("eventstore: a stream is named category-id, in at most 200 printable ASCII characters")
	// ErrUnavailable says that the log takes no events now, for a reason of its own and
	// whatever they are: its disk is full, or fails. Engines' errors are this one too.
	// Nothing was filed, or the outcome is unknown; what was filed before is still read.
	ErrUnavailable = errors.New("eventstore: the log takes no events now")
	// ErrClosed answers calls on a store that was closed.
	ErrClosed = errors.New("eventstore: the log is closed")
)

// ConflictError says that a stream was not at the revision its writer expected.
type ConflictError struct {
	Stream   Stream
	Expected Revision
	Actual   Revision
}

func (e *ConflictError) Error() string {
	return fmt.Sprintf("eventstore: stream %s is at revision %d, not %d", e.Stream, e.Actual, e.Expected)
}

// Category returns the part of the stream's name before the first dash.
func (s Stream) Category() string {
	for i := range len(s) {
		if s[i] == '-' {
			return string(s[:i])
		}
	}
	return string(s)
}

// Check returns ErrBadStream unless s is a usable stream name.
func (s Stream) Check() error {
	dash := len(s.Category())
	if dash == 0 || dash >= len(s)-1 || len(s) > 200 || s[0] == '$' {
		return fmt.Errorf("%q: %w", string(s), ErrBadStream)
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return fmt.Errorf("%q: %w", string(s), ErrBadStream)
		}
	}
	return nil
}
