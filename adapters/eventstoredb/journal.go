package eventstoredb

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
)

// quiet is how long a complaint of the client is not repeated.
const quiet = 30 * time.Second

// journal takes what the client has to say. While it looks for a server that is
// the only sign of why there is none, so the last complaint is kept for the
// callers who wait.
type journal struct {
	log *slog.Logger
	now func() time.Time

	mu        sync.Mutex
	complaint string    // the last
	heard     time.Time // when that was
	told      time.Time // when it was logged
}

// hear is an esdb.LoggingFunc.
func (j *journal) hear(level esdb.LogLevel, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if (level == esdb.LogWarn || level == esdb.LogError) && j.complain(text) {
		j.log.Warn("the event store's client complains", "what", text)
		return
	}
	if j.log.Enabled(context.Background(), slog.LevelDebug) {
		j.log.Debug("the event store's client", "level", level, "what", text)
	}
}

// complain keeps text, and says whether that is news.
func (j *journal) complain(text string) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	again := text == j.complaint
	j.complaint, j.heard = text, j.now()
	if again && j.heard.Sub(j.told) < quiet {
		return false
	}
	j.told = j.heard
	return true
}

// last returns the last complaint that came after the given time, or nothing.
func (j *journal) last(after time.Time) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.heard.Before(after) {
		return ""
	}
	return j.complaint
}
