package ledger

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// Reaction answers an event with commands, mails or messages. It is called at
// least once for each event, in log order, and must add nothing when called again.
type Reaction func(ctx context.Context, rec eventstore.Recorded, e domain.Event) error

// Checkpoints remember how far each reaction got. They outlive the views, so that
// rebuilding those sends no mail twice.
type Checkpoints interface {
	Checkpoint(ctx context.Context, name string) (uint64, error)
	SaveCheckpoint(ctx context.Context, name string, position uint64) error
}

// Reactor runs one reaction along the log.
type Reactor struct {
	Name        string
	Store       eventstore.Store
	Registry    *wire.Registry
	Checkpoints Checkpoints
	React       Reaction
	Logger      *slog.Logger
	// Exact keeps the checkpoint after every event that was acted on: for reactions
	// whose repetition after a crash a person would notice, such as a mail.
	Exact bool
}

// checkpointEvery bounds how many events may be reacted to again after a crash.
const checkpointEvery = 256

// Run reacts to every event after the checkpoint until ctx is done. A reaction
// that fails is tried again, with growing pauses: an event is never skipped.
func (r Reactor) Run(ctx context.Context) error {
	at, err := r.Checkpoints.Checkpoint(ctx, r.Name)
	if err != nil {
		return fmt.Errorf("reaction %s: %w", r.Name, err)
	}
	saved := at
	for rec, err := range r.Store.Follow(ctx, eventstore.Position(at)) {
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reaction %s: %w", r.Name, err)
		}
		acted, err := r.insist(ctx, rec)
		switch {
		case err != nil && ctx.Err() != nil:
			return nil // stopped before the reaction succeeded
		case err != nil:
			return err
		}
		if at = uint64(rec.Position); acted && r.Exact || at-saved >= checkpointEvery {
			// What was done is noted even if it is the last thing done.
			if err := r.Checkpoints.SaveCheckpoint(context.WithoutCancel(ctx), r.Name, at); err != nil {
				return fmt.Errorf("reaction %s: %w", r.Name, err)
			}
			saved = at
		}
	}
	return nil
}

// ErrNoReaction tells the Reactor that an event asks for nothing.
var ErrNoReaction = errors.New("ledger: nothing to react to")

// insist calls the reaction until it succeeds, and reports whether there was
// anything to do.
func (r Reactor) insist(ctx context.Context, rec eventstore.Recorded) (acted bool, err error) {
	e, err := r.Registry.Decode(ctx, rec)
	if err != nil {
		return false, fmt.Errorf("reaction %s: %w", r.Name, err)
	}
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 30*time.Second) {
		err := r.React(ctx, rec, e)
		switch {
		case err == nil:
			return true, nil
		case errors.Is(err, ErrNoReaction):
			return false, nil
		case ctx.Err() != nil:
			return false, ctx.Err()
		}
		r.Logger.Warn("a reaction failed and will be tried again",
			"reaction", r.Name, "position", rec.Position, "event", rec.Type, "pause", pause, "error", err)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
}
