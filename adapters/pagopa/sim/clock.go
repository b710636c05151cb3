package sim

import (
	"errors"
	"fmt"
	"sync"
	"time"
)

// MaxAdvance bounds one step of the simulated clock, and maxAhead all of them.
const (
	MaxAdvance = 370 * 24 * time.Hour
	maxAhead   = 20 * MaxAdvance
)

// errClock is a step that the clock does not make.
var errClock = errors.New("pagopa sim: the clock goes forward only, and not that far")

// simulatedClock is the clock that everything here goes by: the given one, put
// forward by hand. What is due in days then comes at once.
type simulatedClock struct {
	base func() time.Time

	mu    sync.Mutex
	ahead time.Duration
}

func (c *simulatedClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.base().Add(c.ahead)
}

// advance puts the clock forward.
func (c *simulatedClock) advance(by time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if by <= 0 || by > MaxAdvance || c.ahead+by > maxAhead {
		return fmt.Errorf("%w: by %v", errClock, by)
	}
	c.ahead += by
	return nil
}

// Now is the simulated time, as people in Italy read it.
func (s *Simulator) Now() time.Time { return s.now() }

// Advance puts the simulated clock forward by at most MaxAdvance. Receipts whose
// time comes are sent, working days end, flows are published and the treasury
// books, all at once and without waiting.
func (s *Simulator) Advance(by time.Duration) error {
	if err := s.clock.advance(by); err != nil {
		return err
	}
	s.queue.hasten(by)
	s.books.close(s.now())
	s.config.Logger.Info("clock advanced", "by", by, "now", s.now())
	return nil
}

// atHour is a day's hour in Italy.
func atHour(day time.Time, hour, minute int) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), hour, minute, 0, 0, day.Location())
}

// nextOf is the first time after now that is hour:minute.
func nextOf(now time.Time, hour, minute int) time.Time {
	at := atHour(now, hour, minute)
	if !at.After(now) {
		at = atHour(now.AddDate(0, 0, 1), hour, minute)
	}
	return at
}
