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
	return s.again(ctx, "the log is not being sealed", sealAgain, func() error { return s.sealer.Run(ctx, s.log) })
}
