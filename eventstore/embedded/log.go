// Package embedded is the event log that runs in this process, on Pebble. One
// goroutine commits: whatever queued while it was flushing goes into the next
// batch, one flush for all of it, and an append is acknowledged after its flush.
// Positions are 1, 2, 3 and so on without a gap.
package embedded

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/saldo-ledger/saldo/eventstore"
)

// What Options has where it is zero.
const (
	DefaultReserveBytes = 256 << 20
	DefaultCacheBytes   = 64 << 20
)

// Options of a Log. The zero value is a log on the system's files that writes
// and says nothing.
type Options struct {
	// FS holds the files; nil is the operating system's. Tests use an in-memory
	// one.
	FS vfs.FS
	// Logger hears what an operator should know: a tail that was torn by a crash,
	// damage, a slow disk. Nil is silence.
	Logger *slog.Logger
	// ReadOnly opens a log that exists, to read it and change no event of it. It
	// still takes the lock: a directory in use cannot be audited through here.
	ReadOnly bool
	// ReserveBytes are kept free on the disk, so that there is always room to
	// start again and compact; appends get ErrDiskFull when less is left. 0 is
	// DefaultReserveBytes.
	ReserveBytes uint64
	// CacheBytes bounds the blocks of the log kept in memory; 0 is
	// DefaultCacheBytes.
	CacheBytes int64
}

func (o Options) withDefaults() Options {
	if o.FS == nil {
		o.FS = vfs.Default
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.ReserveBytes == 0 {
		o.ReserveBytes = DefaultReserveBytes
	}
	if o.CacheBytes == 0 {
		o.CacheBytes = DefaultCacheBytes
	}
	return o
}

// Log is an event log in a directory. It is an eventstore.Store, safe for use by
// many goroutines.
type Log struct {
	db     *pebble.DB
	guard  *guard
	lock   *dirLock
	tide   tide
	commit *committer // nil if the log is read-only

	// gate is held for reading by whoever uses db or queues an append, and for
	// writing by Close, which so waits for them and turns away who comes later.
	gate    sync.RWMutex
	closed  bool
	closing chan struct{} // closed when Close begins: followers end
	once    sync.Once
}

var _ eventstore.Store = (*Log)(nil)

// Open opens the log in dir, and makes it if there is none, unless it is to be
// read only. What a crash left unfinished is cut off at the last whole commit
// and reported to the Logger. Errors: ErrInUse, ErrFormat, *CorruptError, and
// those of the file system.
func Open(dir string, opts Options) (*Log, error) {
	opts = opts.withDefaults()
	if !opts.ReadOnly {
		if err := makeDirectory(opts.FS, dir); err != nil {
			return nil, fmt.Errorf("embedded: making the directory: %w", err)
		}
	}
	if opts.FS == vfs.Default {
		name, err := oneName(dir)
		if err != nil {
			return nil, fmt.Errorf("embedded: %w", err)
		}
		dir = name
	}
	lock, err := lockDirectory(opts.FS, dir, opts.ReadOnly)
	if err != nil {
		return nil, err
	}
	l, err := openLocked(dir, lock, opts)
	if err != nil {
		return nil, errors.Join(err, lock.release())
	}
	return l, nil
}

func openLocked(dir string, lock *dirLock, opts Options) (*Log, error) {
	reached, err := readWatermark(opts.FS, dir)
	if err != nil {
		return nil, err
	}
	if err := inspectTail(opts.FS, dir, opts.Logger); err != nil {
		return nil, err
	}
	g := newGuard(opts.FS, dir, opts.Logger)
	db, err := pebble.Open(dir, engineOptions(opts, g, lock.held))
	if err != nil {
		return nil, openError(dir, err)
	}
	end, err := inspect(db, dir, opts.ReadOnly)
	if err == nil {
		err = checkEnd(opts, dir, end, reached)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	g.armed.Store(true)
	l := &Log{db: db, guard: g, lock: lock, closing: make(chan struct{})}
	l.tide.rise(end)
	if !opts.ReadOnly {
		l.commit = newCommitter(db, g, &l.tide, room{opts.FS, dir, opts.ReserveBytes}, opts.Logger)
		go l.commit.run()
	}
	return l, nil
}

// checkEnd compares the end of the log with its watermark, and raises that.
func checkEnd(opts Options, dir string, end, reached eventstore.Position) error {
	switch {
	case end < reached:
		return &CorruptError{Position: end + 1, Err: fmt.Errorf("%w: it once had %d", errTooShort, reached)}
	case end == reached || opts.ReadOnly:
		return nil
	}
	return writeWatermark(opts.FS, dir, end)
}

func openError(dir string, err error) error {
	switch {
	case errors.Is(err, pebble.ErrDBDoesNotExist):
		return fmt.Errorf("%s: %w", dir, ErrFormat)
	case pebble.IsCorruptionError(err):
		return engineDamage(err, 0, "")
	}
	return fmt.Errorf("embedded: opening %s: %w", dir, err)
}

// inspect checks that db is a log of our format, or makes it one if it is
// empty, and returns the position of its last event.
func inspect(db *pebble.DB, dir string, readOnly bool) (eventstore.Position, error) {
	it, err := db.NewIter(nil)
	if err != nil {
		return 0, engineError(err, 0, "")
	}
	defer it.Close()
	var format []byte
	if it.SeekPrefixGE([]byte(formatKey)) {
		format, err = it.ValueAndErr()
	} else if it.Error() == nil && !it.First() && it.Error() == nil && !readOnly {
		return 0, db.Set([]byte(formatKey), []byte(formatV1), pebble.Sync)
	}
	if err = cmp.Or(err, it.Error()); err != nil {
		return 0, engineError(err, 0, "")
	}
	if string(format) != formatV1 {
		return 0, fmt.Errorf("%s: %w: it says %q", dir, ErrFormat, format)
	}
	// Nothing but events sorts before the format.
	if !it.SeekLT([]byte(formatKey)) {
		return 0, engineError(it.Error(), 0, "")
	}
	return eventPosition(it.Key()), nil
}

// Close ends followers, waits for the calls in flight, writes out what the next
// start would have to recover, and lets go of the directory. Calls that come
// later get eventstore.ErrClosed. After a failed commit the engine cannot be
// closed: Close returns ErrFailed, and the directory stays locked until the
// process ends.
func (l *Log) Close() error {
	l.once.Do(func() { close(l.closing) })
	l.gate.Lock()
	defer l.gate.Unlock()
	if l.closed {
		return nil
	}
	l.closed = true
	err := l.closeEngine()
	if l.guard.failure() == nil {
		err = errors.Join(err, l.lock.release())
	}
	if err != nil {
		return fmt.Errorf("embedded: closing the log: %w", err)
	}
	return nil
}

func (l *Log) closeEngine() error {
	if l.commit == nil {
		return l.db.Close()
	}
	if err := l.commit.stop(); err != nil {
		return err
	}
	err := l.guard.flush(l.db.Flush)
	if failure := l.guard.failure(); failure != nil {
		return fmt.Errorf("%w: %w", ErrFailed, failure)
	}
	if err == nil {
		err = writeWatermark(l.lock.fs, l.lock.dir, l.tide.mark())
	}
	// After a flush the one WAL that is not obsolete is that of what comes next.
	flushed := err == nil && l.db.Metrics().WAL.Files <= 1
	if err = errors.Join(err, l.guard.do(l.db.Close)); err != nil || !flushed {
		return err
	}
	return removeWALs(l.lock.fs, l.lock.dir)
}

// Ready returns why the log takes no events now: ErrDiskFull, ErrDiskFailing,
// ErrFailed, ErrReadOnly or eventstore.ErrClosed; nil when it does.
func (l *Log) Ready() error {
	l.gate.RLock()
	defer l.gate.RUnlock()
	switch {
	case l.closed:
		return eventstore.ErrClosed
	case l.commit == nil:
		return ErrReadOnly
	}
	if failure := l.guard.failure(); failure != nil {
		return fmt.Errorf("%w: %w", ErrFailed, failure)
	}
	return l.commit.check()
}

// Backup copies the log, as it is now, to the directory dir, which must not
// exist. Appends wait meanwhile; on one file system most of the copy is links,
// and that is a moment. It returns the position up to which the copy is
// complete.
func (l *Log) Backup(dir string) (eventstore.Position, error) {
	l.gate.RLock()
	defer l.gate.RUnlock()
	switch {
	case l.closed:
		return 0, eventstore.ErrClosed
	case l.commit == nil:
		return 0, ErrReadOnly
	}
	return l.commit.backup(dir)
}
