package ledger

import (
	"context"
	"fmt"

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
	return outcome(l.closings.Handle(ctx, ClosingStream(cmd.Creditor, cmd.Period), env, cmd))
}

// KnownClosing returns a period's closing; domain.ErrUnknownClosing where it is open.
func (l *Ledger) KnownClosing(ctx context.Context, creditor domain.FiscalCode, period domain.ClosingPeriod) (domain.PeriodClosed, error) {
	c, revision, err := l.closings.Load(ctx, ClosingStream(creditor, period))
	if err == nil && revision == 0 {
		err = fmt.Errorf("period %s: %w", period, domain.ErrUnknownClosing)
	}
	return c.Closed, err
}
