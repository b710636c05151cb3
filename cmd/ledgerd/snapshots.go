package main

import (
	"context"
	"time"
)

// snapshotFolder is where balances are kept that make figures as of a date fast. It can
// be removed: it is made again.
const snapshotFolder = "snapshots"

// snapshotsAgain is when keeping snapshots is tried again after it failed.
const snapshotsAgain = 30 * time.Second

// keepSnapshots keeps snapshots of the log until ctx is done. Nothing waits for them.
func (s *service) keepSnapshots(ctx context.Context) error {
	return s.again(ctx, "snapshots of balances are not being kept", snapshotsAgain, func() error { return s.snapshots.Keep(ctx, s.log) })
}

// again does something that ends with ctx, and says so in the log when it ended before,
// until it is done.
func (s *service) again(ctx context.Context, failed string, pause time.Duration, do func() error) error {
	for {
		err := do()
		if ctx.Err() != nil {
			return nil
		}
		s.logger.Error(failed, "error", err, "again in", pause)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil
		}
	}
}
