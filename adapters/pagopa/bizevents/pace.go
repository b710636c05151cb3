package bizevents

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"
)

// Pauses between calls.
const (
	firstPause   = time.Second
	longestPause = 5 * time.Minute
	// longestAfter bounds what the platform may ask for: an hour later it is asked
	// again whatever it said.
	longestAfter = time.Hour
)

// pace says when the next call may go out. It outlives a question: who comes next waits
// as well.
type pace struct {
	next     time.Time
	failures int // in a row
}

// wait returns when the next call may go out, and reports whether that is before ctx
// ends. If it is not, it does not wait at all.
func (p *pace) wait(ctx context.Context) bool {
	pause := time.Until(p.next)
	if end, ok := ctx.Deadline(); ok && time.Until(end) <= pause {
		return false
	}
	if pause <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// note takes over how a call went, and what Retry-After it was answered.
func (p *pace) note(err error, after string) {
	busy := errors.Is(err, ErrBusy)
	if !busy && !errors.Is(err, ErrUnavailable) {
		*p = pace{}
		return
	}
	p.failures++
	pause := growing(firstPause, longestPause, p.failures)
	if said, ok := retryAfter(after); ok {
		pause = max(min(said, longestAfter), firstPause)
	}
	p.next = time.Now().Add(pause)
}

// growing is the n-th pause, from 1, of pauses that double.
func growing(first, longest time.Duration, n int) time.Duration {
	pause := first
	for i := 1; i < n && pause < longest; i++ {
		pause *= 2
	}
	return min(pause, longest)
}

// retryAfter reads seconds or a date (RFC 9110).
func retryAfter(s string) (time.Duration, bool) {
	if seconds, err := strconv.ParseUint(s, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second, true
	}
	at, err := http.ParseTime(s)
	return time.Until(at), err == nil
}
