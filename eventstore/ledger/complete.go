package ledger

import (
	"context"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// Carts finds the carts that hold a bulletin, as of a position at least.
type Carts interface {
	CartsWith(ctx context.Context, at eventstore.Position, creditor domain.FiscalCode, notice domain.NoticeNumber) ([]domain.PaymentID, error)
}

// CompletePayments is the reaction that closes a cart when the last of its
// bulletins is paid. It looks at both ends, because a bulletin can be paid while
// it is being put into a cart.
func (l *Ledger) CompletePayments(carts Carts) Reaction {
	return func(ctx context.Context, rec eventstore.Recorded, e domain.Event) error {
		switch e := e.(type) {
		case domain.PaymentConfirmed:
			return l.completeWith(ctx, rec, carts, e.Creditor, paidNotices(e.Notice, e.Bulletin))
		case domain.ReceiptApplied:
			return l.completeWith(ctx, rec, carts, e.Creditor, paidNotices(e.Notice, e.Bulletin))
		case domain.BulletinsSelected:
			return l.completeIfPaid(ctx, rec, e.Payment)
		}
		return ErrNoReaction
	}
}

// paidNotices are the numbers that a payment may have been the last for: its own, and
// the bulletin's where it is of an instalment.
func paidNotices(paid, bulletin domain.NoticeNumber) []domain.NoticeNumber {
	if bulletin == "" {
		return []domain.NoticeNumber{paid}
	}
	return []domain.NoticeNumber{paid, bulletin}
}

// completeWith completes the carts that hold what was just paid.
func (l *Ledger) completeWith(ctx context.Context, rec eventstore.Recorded, carts Carts, creditor domain.FiscalCode, paid []domain.NoticeNumber) error {
	for _, notice := range paid {
		ids, err := carts.CartsWith(ctx, rec.Position, creditor, notice)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := l.completeIfPaid(ctx, rec, id); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *Ledger) completeIfPaid(ctx context.Context, cause eventstore.Recorded, id domain.PaymentID) error {
	p, err := l.KnownPayment(ctx, id)
	if err != nil {
		return err
	}
	cmd := domain.CompletePayment{Payment: id}
	for _, line := range p.Selected.Lines {
		b, err := l.KnownBulletin(ctx, p.Selected.Creditor, line.Notice)
		if err != nil {
			return err
		}
		d := b.Demand(line.Notice)
		if d.Status != domain.BulletinPaid && b.Status != domain.BulletinPaid {
			return nil
		}
		cmd.Paid = append(cmd.Paid, line.Notice)
		if d.PaidAt.IsZero() {
			d.PaidAt = b.PaidAt // paid the other way
		}
		if d.PaidAt.After(cmd.At) {
			cmd.At = d.PaidAt
		}
	}
	env := eventstore.Envelope{Command: then(cause.ID, "complete/"+id.String()), Actor: "ledger", Causation: cause.ID}
	_, err = l.Payment(ctx, env, cmd)
	return err
}
