package main

import (
	"context"
	"errors"
	"time"

	"github.com/saldo-ledger/saldo/adapters/httpapi"
	"github.com/saldo-ledger/saldo/adapters/natsbus"
)

// replayLimit bounds how long the ledger may take to say that a replayed message is
// durable.
const replayLimit = 10 * time.Second

// parked are the bus's parked messages, as the API lists them.
type parked struct{ bus *natsbus.Bus }

// Parked returns up to limit messages whose number is after the one given.
func (p parked) Parked(ctx context.Context, after uint64, limit int) ([]httpapi.ParkedMessage, error) {
	messages, err := p.bus.Parked(ctx, after, limit)
	all := make([]httpapi.ParkedMessage, len(messages))
	for i, m := range messages {
		all[i] = httpapi.ParkedMessage(m)
	}
	return all, err
}

// Replay takes a parked message as if it had just come.
func (p parked) Replay(ctx context.Context, sequence uint64) error {
	ctx, cancel := context.WithTimeout(ctx, replayLimit)
	defer cancel()
	err := p.bus.Replay(ctx, sequence)
	if errors.Is(err, natsbus.ErrNotParked) {
		return httpapi.ErrNotParked
	}
	return err
}
