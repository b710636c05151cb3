package embedded

import (
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// guard stands between the engine and the files that a commit depends on: the
// WAL, the manifest, the directory. The engine has no way to go on when one of
// them cannot be written: it panics, some of the time with its locks in a state
// that ends the process, and with it all reading. So the engine is never told.
// The first such error closes failed, and the operation that met it does not
// return: the commit behind it never counts as done, nothing is ever written
// after it, and reading, which needs none of these files, goes on.
type guard struct {
	vfs.FS
	dir    string
	armed  atomic.Bool // errors are the caller's before, while the log is being opened
	once   sync.Once
	failed chan struct{}
	err    error // once failed is closed
	strain strain
}

func newGuard(fs vfs.FS, dir string, log *slog.Logger) *guard {
	return &guard{FS: fs, dir: dir, failed: make(chan struct{}), strain: strain{log: log}}
}

// do runs f, which may write, and gives up on it when a write has failed.
func (g *guard) do(f func() error) error {
	done := make(chan error, 1)
	go func() { done <- f() }()
	select {
	case err := <-done:
		return err
	case <-g.failed:
		return g.err
	}
}

// flush runs f, which writes out the engine's memory as tables, and gives up on it
// when the disk refuses one: what is in memory is in the WAL as well.
func (g *guard) flush(f func() error) error {
	done := make(chan error, 1)
	fails := g.strain.fails()
	go func() { done <- g.do(f) }()
	select {
	case err := <-done:
		return err
	case <-fails:
		return g.strain.check()
	}
}

// failure returns the error of the first write that failed, if one has.
func (g *guard) failure() error {
	select {
	case <-g.failed:
		return g.err
	default:
		return nil
	}
}

// pass returns err, or does not return if it is one that the engine must not
// see.
func (g *guard) pass(err error) error {
	if err == nil || !g.armed.Load() {
		return err
	}
	g.once.Do(func() {
		g.err = err
		close(g.failed)
	})
	select {}
}

// guards says whether a commit depends on the file of that name.
func (g *guard) guards(name string) bool {
	base := g.PathBase(name)
	return g.PathDir(name) == g.dir &&
		(strings.HasSuffix(base, ".log") || strings.HasPrefix(base, "MANIFEST-") || strings.HasPrefix(base, "marker."))
}

func (g *guard) file(name string, f vfs.File, err error) (vfs.File, error) {
	if !g.guards(name) {
		return f, err
	}
	if err := g.pass(err); err != nil {
		return nil, err
	}
	return guardedFile{f, g}, nil
}

// Create is of vfs.FS. A marker names another file of the directory, and the
// engine flushes the directory once for both: on a file system that keeps its
// entries in any order, a crash could leave the marker without the file it names.
// So the directory is flushed before a marker is made.
func (g *guard) Create(name string, category vfs.DiskWriteCategory) (vfs.File, error) {
	if g.guards(name) && strings.HasPrefix(g.PathBase(name), "marker.") {
		if err := g.pass(syncDirectory(g.FS, g.dir)); err != nil {
			return nil, err
		}
	}
	if strings.HasSuffix(name, ".sst") && g.strain.check() != nil {
		time.Sleep(respite)
	}
	f, err := g.FS.Create(name, category)
	return g.file(name, f, err)
}

// ReuseForWrite is of vfs.FS.
func (g *guard) ReuseForWrite(oldname, newname string, category vfs.DiskWriteCategory) (vfs.File, error) {
	f, err := g.FS.ReuseForWrite(oldname, newname, category)
	return g.file(newname, f, err)
}

// OpenDir is of vfs.FS. Directories are opened to be flushed.
func (g *guard) OpenDir(name string) (vfs.File, error) {
	f, err := g.FS.OpenDir(name)
	if err != nil || name != g.dir {
		return f, err
	}
	return guardedFile{f, g}, nil
}

// Unwrap is of vfs.FS.
func (g *guard) Unwrap() vfs.FS { return g.FS }

// guardedFile is a file that a commit depends on.
type guardedFile struct {
	vfs.File
	guard *guard
}

func (f guardedFile) Write(b []byte) (int, error) {
	n, err := f.File.Write(b)
	return n, f.guard.pass(err)
}

func (f guardedFile) Preallocate(offset, length int64) error {
	return f.guard.pass(f.File.Preallocate(offset, length))
}

func (f guardedFile) Sync() error     { return f.guard.pass(f.File.Sync()) }
func (f guardedFile) SyncData() error { return f.guard.pass(f.File.SyncData()) }
func (f guardedFile) Close() error    { return f.guard.pass(f.File.Close()) }

func (f guardedFile) SyncTo(length int64) (fullSync bool, err error) {
	fullSync, err = f.File.SyncTo(length)
	return fullSync, f.guard.pass(err)
}
