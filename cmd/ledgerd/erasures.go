package main

import (
	"context"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// completeErasures is the reaction that sees an erasure through: what was cut short
// after its fact is done, and once the views have forgotten the person, so do
// their files. How far it got is kept in the vault, so that a vault put back from a
// backup, with keys that were destroyed since, has them destroyed again.
func (s *service) completeErasures(ctx context.Context, rec eventstore.Recorded, e domain.Event) error {
	if err := s.ledger.ForgetErased(ctx, rec, e); err != nil {
		return err
	}
	if err := s.projector.WaitFor(ctx, rec.Position); err != nil {
		return err
	}
	return s.views.Scrub(ctx)
}
