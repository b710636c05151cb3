package ledger

import (
	"context"
	"fmt"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// Case carries a person's word about what is to be reconciled.
func (l *Ledger) Case(ctx context.Context, env eventstore.Envelope, creditor domain.FiscalCode, s domain.Subject, cmd domain.CaseCommand) (Outcome, error) {
	if !s.Valid() {
		return Outcome{}, fmt.Errorf("subject %.64q: %w", string(s), domain.ErrBadCase)
	}
	if _, err := l.KnownCreditor(ctx, creditor); err != nil {
		return Outcome{}, err
	}
	return outcome(l.cases.Handle(ctx, CaseStream(creditor, s), env, cmd))
}

// CaseHistory returns all that was found and said of a case, oldest first: each event
// names its author and its reason. A case that nobody ever touched has none.
func (l *Ledger) CaseHistory(ctx context.Context, creditor domain.FiscalCode, s domain.Subject) ([]domain.CaseEvent, error) {
	var all []domain.CaseEvent
	for rec, err := range l.store.Read(ctx, CaseStream(creditor, s), 0) {
		if err != nil {
			return nil, err
		}
		fact, err := l.registry.Decode(ctx, rec)
		if err != nil {
			return nil, err
		}
		if e, ok := fact.(domain.CaseEvent); ok {
			all = append(all, e)
		}
	}
	return all, nil
}
