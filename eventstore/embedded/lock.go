package embedded

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// pidFile names the process that has the directory, for the error message of
// the next. The lock itself is on another file, and the system's.
const pidFile = "pid"

// dirLock keeps a directory to one log.
type dirLock struct {
	fs   vfs.FS
	dir  string
	held *pebble.Lock
}

// lockDirectory locks dir, or says with ErrInUse who has it.
func lockDirectory(fsys vfs.FS, dir string, readOnly bool) (*dirLock, error) {
	l := &dirLock{fs: fsys, dir: dir}
	var err error
	l.held, err = pebble.LockDirectory(dir, fsys)
	if readOnly && errors.Is(err, syscall.EROFS) {
		l.held, err = pebble.LockDirectory(dir, readOnlyMedium{fsys})
	}
	if err != nil {
		return nil, lockError(fsys, dir, err)
	}
	l.writePID()
	return l, nil
}

// readOnlyMedium is a file system that nobody can write to, so that there is
// nothing to lock it against.
type readOnlyMedium struct{ vfs.FS }

func (readOnlyMedium) Lock(string) (io.Closer, error) { return io.NopCloser(nil), nil }

func lockError(fsys vfs.FS, dir string, err error) error {
	if _, ok := errors.AsType[*fs.PathError](err); ok { // there is no getting at the lock, held or not
		return fmt.Errorf("embedded: locking %s: %w", dir, err)
	}
	if pid := readPID(fsys, dir); pid != 0 {
		return fmt.Errorf("%s: %w by process %d", dir, ErrInUse, pid)
	}
	return fmt.Errorf("%s: %w", dir, ErrInUse)
}

// writePID leaves our process id beside the lock. It is a courtesy: without it
// only a message is poorer.
func (l *dirLock) writePID() {
	f, err := l.fs.Create(l.fs.PathJoin(l.dir, pidFile), vfs.WriteCategoryUnspecified)
	if err != nil {
		return
	}
	defer f.Close()
	_, _ = fmt.Fprintln(f, os.Getpid())
}

// readPID returns what writePID left, 0 if it cannot be told.
func readPID(fsys vfs.FS, dir string) int {
	f, err := fsys.Open(fsys.PathJoin(dir, pidFile))
	if err != nil {
		return 0
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return 0
	}
	return pid
}

// release lets go of the directory. The engine must be closed before.
func (l *dirLock) release() error {
	_ = l.fs.Remove(l.fs.PathJoin(l.dir, pidFile))
	return l.held.Close()
}

// makeDirectory makes dir and what is missing above it, all of it durable.
func makeDirectory(fsys vfs.FS, dir string) error {
	if _, err := fsys.Stat(dir); err == nil {
		return nil
	}
	parent := fsys.PathDir(dir)
	if parent != dir {
		if err := makeDirectory(fsys, parent); err != nil {
			return err
		}
	}
	if err := fsys.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	return syncDirectory(fsys, parent)
}

func syncDirectory(fsys vfs.FS, dir string) error {
	f, err := fsys.OpenDir(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// oneName returns the one name by which the existing directory dir is locked:
// the lock takes two names of a directory for two directories.
func oneName(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(dir)
}
