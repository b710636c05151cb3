package embedded

import (
	"errors"

	"github.com/saldo-ledger/saldo/eventstore"
)

// stop is why the log takes no events. It is an eventstore.ErrUnavailable.
type stop string

func (s stop) Error() string { return string(s) }

// Is is of errors.Is.
func (s stop) Is(target error) bool { return target == eventstore.ErrUnavailable }

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
	ErrDiskFull error = stop("embedded: the disk is too full to take events")
	// ErrDiskFailing refuses appends while the disk takes no tables. Nothing is
	// filed; appends go on as soon as it does.
	ErrDiskFailing error = stop("embedded: the disk fails, the log takes no events until it works")
	// ErrFailed answers every append from a failed commit on. Whether the events
	// of that commit survive is known only once the log is opened again; reads
	// go on, without them.
	ErrFailed error = stop("embedded: a commit failed, the log takes no more events")
)
