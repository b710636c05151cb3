package revision

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Limits of what is exported: it lies beside the log, which needs its disk.
const (
	exportMost  = 512 << 20 // bytes of one file
	exportsKept = 4
	exportAge   = time.Hour
)

// errFull says that an export would take more than exportMost.
var errFull = errors.New("revision: the export is too large")

// A shelf keeps files for those who come back for them: the last few, for an hour.
type shelf struct {
	dir string

	mu    sync.Mutex
	files []kept // the oldest first
}

type kept struct {
	path  string
	timer *time.Timer
}

// newShelf makes a directory of its own inside another, or in os.TempDir where that is "".
func newShelf(inside string) (*shelf, error) {
	if inside != "" {
		if err := os.MkdirAll(inside, 0o700); err != nil {
			return nil, err
		}
	}
	dir, err := os.MkdirTemp(inside, "registri-")
	return &shelf{dir: dir}, err
}

// begin opens a new file, that nobody finds until it is kept.
func (s *shelf) begin() (*limitedFile, error) {
	f, err := os.CreateTemp(s.dir, "*.part")
	return &limitedFile{File: f, room: exportMost}, err
}

// keep closes a file that is complete and keeps it, in place of the oldest where there
// are too many.
func (s *shelf) keep(f *limitedFile) (path string, err error) {
	path = f.Name()[:len(f.Name())-len(filepath.Ext(f.Name()))]
	if err := errors.Join(f.Close(), os.Rename(f.Name(), path)); err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files = append(s.files, kept{path, time.AfterFunc(exportAge, func() { _ = os.Remove(path) })})
	for len(s.files) > exportsKept {
		s.files[0].timer.Stop()
		_ = os.Remove(s.files[0].path) // it may be gone for its age
		s.files = s.files[1:]
	}
	return path, nil
}

// drop removes a file that is not complete.
func (s *shelf) drop(f *limitedFile) { _ = errors.Join(f.Close(), os.Remove(f.Name())) }

// Close removes all files.
func (s *shelf) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.files {
		f.timer.Stop()
	}
	return os.RemoveAll(s.dir)
}

// limitedFile is a file that takes so many bytes and no more.
type limitedFile struct {
	*os.File
	room int
}

func (f *limitedFile) Write(b []byte) (int, error) {
	if len(b) > f.room {
		return 0, errFull
	}
	n, err := f.File.Write(b)
	f.room -= n
	return n, err
}
