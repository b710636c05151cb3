package ledger

import (
	"context"
	"fmt"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// ClosePeriod closes a period of a creditor's books. What it freezes was computed from
// the log (package audit), which holds every closing against the log again when it
// verifies.
func (l *Ledger) ClosePeriod(ctx context.Context, env eventstore.Envelope, cmd domain.ClosePeriod) (Outcome, error) {
	if _, err := domain.ParseClosingPeriod(string(cmd.Period)); err != nil {
		return Outcome{}, err
	}
	if _, err := l.KnownCreditor(ctx, cmd.Creditor); err != nil {
		return Outcome{}, err
	}
	if err := l.listClosing(ctx, env, cmd); err != nil {
		return Outcome{}, err
	}
	return outcome(l.closings.Handle(ctx, ClosingStream(cmd.Creditor, cmd.Period), env, cmd))
}

// listClosing puts a period that will be closed on its creditor's list. That comes
// first: a crash in between leaves a period that is listed and open, and none that is
// closed and not found.
func (l *Ledger) listClosing(ctx context.Context, env eventstore.Envelope, cmd domain.ClosePeriod) error {
	closing, _, err := l.closings.Load(ctx, ClosingStream(cmd.Creditor, cmd.Period))
	if err != nil {
		return err
	}
	if facts, err := closing.Decide(cmd); err != nil || len(facts) == 0 {
		return nil // nothing will be closed: the command says why
	}
	_, begun, err := l.listed.Load(ctx, ClosingListStream(cmd.Creditor))
	if err != nil {
		return err
	}
	list := domain.ListClosings{Creditor: cmd.Creditor, At: cmd.At}
	if begun == 0 {
		if list.Periods, err = l.closedUnlisted(ctx, cmd.Creditor, cmd.At); err != nil {
			return err
		}
	}
	list.Periods = append(list.Periods, cmd.Period)
	env.Command = then(env.Command, "list")
	_, err = l.listed.Handle(ctx, ClosingListStream(cmd.Creditor), env, list)
	return err
}

// closedUnlisted are the periods that were closed before there was a list: they are
// looked for from ten years before the first event of the log, once in its life.
func (l *Ledger) closedUnlisted(ctx context.Context, creditor domain.FiscalCode, now time.Time) (closed []domain.ClosingPeriod, err error) {
	for rec, err := range l.store.ReadAll(ctx, 0) {
		if err != nil {
			return nil, err
		}
		meta, err := eventstore.ParseMetadata(rec.Metadata)
		if err != nil {
			return nil, err
		}
		for _, p := range domain.ClosingPeriods(meta.Recorded.AddDate(-10, 0, 0), now) {
			_, revision, err := l.closings.Load(ctx, ClosingStream(creditor, p))
			if err != nil {
				return nil, err
			}
			if revision > 0 {
				closed = append(closed, p)
			}
		}
		break
	}
	return closed, nil
}

// KnownClosing returns a period's closing; domain.ErrUnknownClosing where it is open.
func (l *Ledger) KnownClosing(ctx context.Context, creditor domain.FiscalCode, period domain.ClosingPeriod) (domain.PeriodClosed, error) {
	c, revision, err := l.closings.Load(ctx, ClosingStream(creditor, period))
	if err == nil && revision == 0 {
		err = fmt.Errorf("period %s: %w", period, domain.ErrUnknownClosing)
	}
	return c.Closed, err
}
