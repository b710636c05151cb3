package main

import (
	"context"
	"time"
)

// sealFolder is where what is signed of the log is kept.
const sealFolder = "seal"

// sealAgain is when sealing is tried again after it failed.
const sealAgain = 30 * time.Second

// keepSealing seals the log until ctx is done. A log that cannot be sealed goes on
// taking receipts: what is wrong is said until somebody puts it right, and audit
// verify names it.
func (s *service) keepSealing(ctx context.Context) error {
	for {
		err := s.sealer.Run(ctx, s.log)
		if ctx.Err() != nil {
			return nil
		}
		s.logger.Error("the log is not being sealed", "error", err, "again in", sealAgain)
		select {
		case <-time.After(sealAgain):
		case <-ctx.Done():
			return nil
		}
	}
}
