package embedded

import "errors"

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
	// ErrDiskFailing refuses appends while the disk takes no tables. Nothing is
	// filed; appends go on as soon as it does.
	ErrDiskFailing = errors.New("embedded: the disk fails, the log takes no events until it works")
	// ErrFailed answers every append from a failed commit on. Whether the events
	// of that commit survive is known only once the log is opened again; reads
	// go on, without them.
	ErrFailed = errors.New("embedded: a commit failed, the log takes no more events")
)
