package mail

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// Pauses double: between the attempts at one message, up to a day, and while
// nothing can be delivered at all, up to some minutes, since then every message
// waits. A message that is put off for longer than patience has failed (RFC 5321
// asks for four to five days).
const (
	firstPause   = time.Minute
	longestPause = 24 * time.Hour
	patience     = 5 * 24 * time.Hour

	firstTrouble   = time.Second
	longestTrouble = 15 * time.Minute
)

// Run delivers what waits, one message after the other, until ctx is done. A
// delivery under way is finished first.
func (o *Outbox) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		next, err := o.round(ctx)
		var news <-chan struct{}
		var alarm <-chan time.Time
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil: // what is new waits as well
			o.pause = min(max(2*o.pause, firstTrouble), longestTrouble)
			o.reportTrouble(ctx, err)
			alarm = time.After(o.pause)
		default:
			news = o.wake
			if !next.IsZero() {
				alarm = time.After(next.Sub(o.now()))
			}
		}
		select {
		case <-ctx.Done():
		case <-news:
		case <-alarm:
		}
	}
	return nil
}

func (o *Outbox) reportTrouble(ctx context.Context, err error) {
	counts, countErr := o.Counts(ctx)
	o.logger.Warn("no mail can be delivered and it will be tried again",
		"waiting", counts.Waiting, "failed", counts.Failed, "pause", o.pause, "error", errors.Join(err, countErr))
}

// round delivers all that is due, and returns when the next message is: zero when
// none waits. An error says that nothing can be delivered now.
func (o *Outbox) round(ctx context.Context) (next time.Time, err error) {
	defer o.carrier.Rest()
	for ctx.Err() == nil {
		w, err := o.first(ctx)
		if errors.Is(err, sql.ErrNoRows) {
			return time.Time{}, nil
		}
		if err != nil {
			return time.Time{}, err
		}
		if w.due.After(o.now()) {
			return w.due, nil
		}
		if err := o.deliver(ctx, w); err != nil {
			return time.Time{}, err
		}
	}
	return time.Time{}, ctx.Err()
}

// waiting is a message that waits.
type waiting struct {
	number              int64
	id                  string
	person              uuid.UUID
	written, since, due time.Time
	attempts            int
	content             []byte
}

// first returns the message that is due first.
func (o *Outbox) first(ctx context.Context) (w waiting, err error) {
	var person string
	var written, since, due int64
	err = o.db.QueryRowContext(ctx, `SELECT number, id, person, written, since, due, attempts, content FROM message
		WHERE state = 'waiting' ORDER BY due, number LIMIT 1`).
		Scan(&w.number, &w.id, &person, &written, &since, &due, &w.attempts, &w.content)
	if err != nil {
		return w, err
	}
	w.written, w.since, w.due = time.UnixMilli(written).UTC(), time.UnixMilli(since).UTC(), time.UnixMilli(due).UTC()
	w.person, err = uuid.Parse(person)
	return w, err
}

// deliver brings one message further. An error says that nothing can be delivered
// now; what is about the message alone is noted on it.
func (o *Outbox) deliver(ctx context.Context, w waiting) error {
	if w.number == o.delivered {
		return o.finish(ctx, w, "sent", "")
	}
	m, err := o.open(ctx, w)
	switch {
	case errors.Is(err, wire.ErrErased):
		return o.finish(ctx, w, "dropped", "the person was erased")
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return o.postpone(ctx, w, fmt.Errorf("%w: %w", errUnsealed, err))
	case !m.NotAfter.IsZero() && o.now().After(m.NotAfter):
		return o.fail(ctx, w, errTooLate)
	}
	err = o.carrier.Deliver(ctx, m, w.written)
	if err == nil || errors.Is(err, ErrRejected) || errors.Is(err, ErrPostponed) {
		o.pause = 0 // the way is open
	}
	switch {
	case err == nil:
		o.delivered = w.number
		o.logger.Debug("a mail was delivered", "id", w.id)
		return o.finish(ctx, w, "sent", "")
	case errors.Is(err, ErrRejected):
		return o.fail(ctx, w, err)
	case errors.Is(err, ErrPostponed):
		return o.postpone(ctx, w, err)
	}
	return err
}

func (o *Outbox) open(ctx context.Context, w waiting) (m Message, err error) {
	plain, err := o.keys.Open(ctx, w.person, w.content, sealContext(w.id))
	if err != nil {
		return m, err
	}
	return m, json.Unmarshal(plain, &m)
}

// postpone lets the message wait for its next attempt, or gives up.
func (o *Outbox) postpone(ctx context.Context, w waiting, why error) error {
	now := o.now()
	if now.Sub(w.since) >= patience {
		return o.fail(ctx, w, fmt.Errorf("%w: %w", errPatience, why))
	}
	pause := pauseAfter(w.attempts + 1)
	o.logger.Warn("a mail was put off and will be tried again", "id", w.id, "attempt", w.attempts+1, "pause", pause, "error", why)
	_, err := o.db.ExecContext(context.WithoutCancel(ctx), `UPDATE message SET attempts = attempts + 1, due = $2, changed = $3, reason = $4
		WHERE number = $1`, w.number, now.Add(pause).UnixMilli(), now.UnixMilli(), why.Error())
	return err
}

// pauseAfter is how long to wait after so many attempts.
func pauseAfter(attempts int) time.Duration {
	pause := firstPause
	for range attempts - 1 {
		if pause = 2 * pause; pause >= longestPause {
			return longestPause
		}
	}
	return pause
}

// fail keeps the message, and why it cannot be delivered, for a person.
func (o *Outbox) fail(ctx context.Context, w waiting, why error) error {
	o.logger.Error("a mail cannot be delivered", "id", w.id, "attempt", w.attempts+1, "error", why)
	_, err := o.db.ExecContext(context.WithoutCancel(ctx), `UPDATE message SET state = 'failed', attempts = attempts + 1, changed = $2, reason = $3
		WHERE number = $1`, w.number, o.now().UnixMilli(), why.Error())
	return err
}

// finish keeps that there was such a message, and nothing of what it said.
func (o *Outbox) finish(ctx context.Context, w waiting, state, reason string) error {
	_, err := o.db.ExecContext(context.WithoutCancel(ctx), `UPDATE message SET state = $2, attempts = attempts + 1, changed = $3, reason = $4,
		content = NULL WHERE number = $1`, w.number, state, o.now().UnixMilli(), reason)
	return err
}
