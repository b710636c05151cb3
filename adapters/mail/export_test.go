package mail

import (
	"context"
	"time"
)

// Round is one round of Run, for tests that move the clock themselves.
func (o *Outbox) Round(ctx context.Context) (next time.Time, err error) { return o.round(ctx) }
