package eventstoredb

import (
	"context"
	"math/rand/v2"
	"time"
)

// Pauses between attempts: doubling from the first to the longest, and up to a
// quarter more by chance, so that those who lost one server together do not come
// back together.
const (
	firstPause   = 100 * time.Millisecond
	longestPause = 4 * time.Second
)

// backoff is the pauses of one caller. The zero value has made none.
type backoff struct{ next time.Duration }

// wait makes the next pause, or returns the error of ctx if that ends first.
func (b *backoff) wait(ctx context.Context) error {
	pause := max(b.next, firstPause)
	b.next = min(2*pause, longestPause)
	timer := time.NewTimer(pause + rand.N(pause/4))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// reset begins again with the first pause.
func (b *backoff) reset() { b.next = 0 }
