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
// least once for each event, in log order, and must add nothing when called again. The
// recorded event is only good until it returns.
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
	// To are the events that the reaction answers, each by its zero value. Others are
	// passed over without being decoded. Nil is all.
	To     []domain.Event
	Logger *slog.Logger
	// Exact keeps the checkpoint after every event that was acted on: for reactions
	// whose repetition after a crash a person would notice, such as a mail.
	Exact bool
	// Key, when it is given, names what an event is about: events of one key are
	// answered one after the other, of others at the same time, so that they share the
	// log's flushes. It is for reactions that end the same in whatever order those come.
	Key func(domain.Event) string
}

// checkpointEvery and checkpointPause bound what may be looked at again after a
// crash. A checkpoint is a flush of the disk that the log also waits for.
const (
	checkpointEvery = 10_000
	checkpointPause = time.Second
)

// Run reacts to every event after the checkpoint until ctx is done. A reaction
// that fails is tried again, with growing pauses: an event is never skipped. One
// that is stopped, rather than cut short, repeats nothing when it runs again.
func (r Reactor) Run(ctx context.Context) (err error) {
	at, err := r.Checkpoints.Checkpoint(ctx, r.Name)
	if err != nil {
		return fmt.Errorf("reaction %s: %w", r.Name, err)
	}
	others, err := r.others()
	if err != nil {
		return fmt.Errorf("reaction %s: %w", r.Name, err)
	}
	saved, savedAt := at, time.Now()
	several := newCrew(r, at)
	defer func() {
		several.group.Wait()
		at = several.reached()
		if err == nil && at > saved {
			err = r.save(ctx, at)
		}
	}()
	for rec, err := range eventstore.LendOn(ctx, r.Store, eventstore.Position(at)) {
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reaction %s: %w", r.Name, err)
		}
		acted := false
		switch {
		case others[rec.Type]:
		case r.Key != nil:
			err = several.begin(ctx, rec)
		default:
			acted, err = r.answer(ctx, rec)
		}
		switch {
		case err != nil && ctx.Err() != nil:
			return nil // stopped before the reaction succeeded
		case err != nil:
			return err
		}
		several.passed(rec.Position)
		if at = several.reached(); acted && r.Exact || at-saved >= checkpointEvery || time.Since(savedAt) >= checkpointPause {
			if err := r.save(ctx, at); err != nil {
				return err
			}
			saved, savedAt = at, time.Now()
		}
	}
	return nil
}

// save keeps the checkpoint. What was done is noted even if it is the last thing done.
func (r Reactor) save(ctx context.Context, at uint64) error {
	if err := r.Checkpoints.SaveCheckpoint(context.WithoutCancel(ctx), r.Name, at); err != nil {
		return fmt.Errorf("reaction %s: %w", r.Name, err)
	}
	return nil
}

// others returns the stored names of the events that the reaction does not answer.
// A name that is written no more is not among them: what it stands for is known when
// it is decoded.
func (r Reactor) others() (map[string]bool, error) {
	others := make(map[string]bool)
	if r.To == nil {
		return others, nil
	}
	for _, name := range wire.Names() {
		others[name] = true
	}
	for _, e := range r.To {
		name, err := r.Registry.Name(e)
		if err != nil {
			return nil, err
		}
		delete(others, name)
	}
	return others, nil
}

// ErrNoReaction tells the Reactor that an event asks for nothing.
var ErrNoReaction = errors.New("ledger: nothing to react to")

// answer decodes an event and reacts to it.
func (r Reactor) answer(ctx context.Context, rec eventstore.Recorded) (acted bool, err error) {
	e, err := r.Registry.Decode(ctx, rec)
	if err != nil {
		return false, fmt.Errorf("reaction %s: %w", r.Name, err)
	}
	return r.insist(ctx, rec, e)
}

// insist calls the reaction until it succeeds, and reports whether there was
// anything to do.
func (r Reactor) insist(ctx context.Context, rec eventstore.Recorded, e domain.Event) (acted bool, err error) {
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
