package embedded

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/cockroachdb/pebble/v2"
)

// respite is how long the engine has to wait before it makes another table, while
// the disk refuses them.
const respite = 50 * time.Millisecond

// strain is what the engine meets when it writes out its memory as tables. Commits
// do not depend on that, and the engine repeats what failed for ever; but its
// memory is bounded, and appends would wait in silence once it is full. So they
// are refused, with the reason, until a table can be written again.
type strain struct {
	log *slog.Logger

	mu     sync.Mutex
	last   error         // of the last flush
	err    error         // while the disk refuses tables
	failed chan struct{} // closed when the next flush fails; nil while nobody waits
}

// flushed hears of the end of each flush. Its error can mean that there was
// nothing to flush; background hears of those that matter.
func (s *strain) flushed(info pebble.FlushInfo) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last = info.Err; s.last == nil && s.err != nil {
		s.err = nil
		s.log.Warn("the disk takes tables again, the log goes on")
	}
}

// background hears of what the engine could not do by itself, again and again.
func (s *strain) background(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last == nil || !errors.Is(err, s.last) {
		s.log.Error("the log's engine failed in the background", "err", err)
		return
	}
	if s.err == nil {
		s.log.Error("the disk refuses tables, the log takes no events until it does", "err", err)
	}
	s.err = err
	if s.failed != nil {
		close(s.failed)
		s.failed = nil
	}
}

// check returns ErrDiskFailing while the disk refuses tables.
func (s *strain) check() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrDiskFailing, s.err)
}

// fails returns a channel that is closed when the next flush fails.
func (s *strain) fails() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed == nil {
		s.failed = make(chan struct{})
	}
	return s.failed
}
