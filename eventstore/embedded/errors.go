package embedded

import (
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"

	"github.com/saldo-ledger/saldo/eventstore"
)

var (
	// ErrInUse refuses to open a directory that a log already holds, in this
	// process or in another.
	ErrInUse = errors.New("embedded: the directory is in use")
	// ErrFormat refuses to open a directory that holds something else than a log
	// of the format this program knows.
	ErrFormat = errors.New("embedded: not a log of a format known here")
	// ErrReadOnly answers appends to a log that was opened read-only.
	ErrReadOnly = errors.New("embedded: the log was opened read-only")
	// ErrDiskFull refuses appends while less than Options.ReserveBytes are free.
	// Nothing is filed; appends go on as soon as there is room again.
	ErrDiskFull = errors.New("embedded: the disk is too full to take events")
	// ErrFailed answers every append from a failed commit on. Whether the events
	// of that commit survive is known only once the log is opened again; reads
	// go on, without them.
	ErrFailed = errors.New("embedded: a commit failed, the log takes no more events")
)

// CorruptError says that what was stored is not what is there now. Damaged
// events are never served.
type CorruptError struct {
	// Position of the first event that is damaged or missing; 0 where the damage
	// cannot be pinned to an event.
	Position eventstore.Position
	// Stream of that event; empty where it cannot be told any more.
	Stream eventstore.Stream
	// Err says what is wrong.
	Err error
}

// Error names the position and the stream, as far as they are known.
func (e *CorruptError) Error() string {
	switch {
	case e.Position == 0 && e.Stream == "":
		return fmt.Sprintf("embedded: the log is corrupt: %v", e.Err)
	case e.Position == 0:
		return fmt.Sprintf("embedded: the log is corrupt in stream %s: %v", e.Stream, e.Err)
	case e.Stream == "":
		return fmt.Sprintf("embedded: the log is corrupt at position %d: %v", e.Position, e.Err)
	}
	return fmt.Sprintf("embedded: the log is corrupt at position %d, stream %s: %v", e.Position, e.Stream, e.Err)
}

// Unwrap returns what is wrong.
func (e *CorruptError) Unwrap() error { return e.Err }

// What can be wrong with a stored event.
var (
	errMissing     = errors.New("the event is missing")
	errBadSum      = errors.New("the event does not match its checksum")
	errUndecodable = errors.New("the event cannot be decoded")
	errMisfiled    = errors.New("the index leads to another event")
	errBadIndex    = errors.New("the index entry cannot be decoded")
)

// engineError turns an error of the engine, met while reading about pos and
// stream, into ours.
func engineError(err error, pos eventstore.Position, stream eventstore.Stream) error {
	if err == nil {
		return nil
	}
	if pebble.IsCorruptionError(err) {
		return &CorruptError{Position: pos, Stream: stream, Err: err}
	}
	return fmt.Errorf("embedded: reading the log: %w", err)
}
