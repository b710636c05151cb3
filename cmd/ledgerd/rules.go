package main

import (
	"context"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/reconciliation"
	"github.com/saldo-ledger/saldo/eventstore"
)

// rulesEvery is how often rules look at what has grown old enough.
const rulesEvery = time.Hour

// followRules lets the rules of every body accept, again and again until ctx is done.
// What goes wrong is logged, and tried again.
func (s *service) followRules(ctx context.Context) error {
	ticker := time.NewTicker(rulesEvery)
	defer ticker.Stop()
	for {
		for _, st := range s.Stations {
			if _, _, err := s.acceptByRules(ctx, st.Creditor); err != nil && ctx.Err() == nil {
				s.logger.Error("the rules could not accept", "creditor", st.Creditor, "error", err)
			}
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// ruleSet is the reaction that lets a rule accept at once.
func (s *service) ruleSet(ctx context.Context, _ eventstore.Recorded, e domain.Event) error {
	_, _, err := s.acceptByRules(ctx, e.(domain.RuleSet).Creditor)
	return err
}

// acceptByRules accepts what the rules in force accept, once the views hold all there
// is, and returns what was accepted now, and the position of the views.
func (s *service) acceptByRules(ctx context.Context, creditor domain.FiscalCode) ([]reconciliation.Acceptance, eventstore.Position, error) {
	if err := s.projector.WaitFor(ctx, 0); err != nil {
		return nil, 0, err
	}
	rules, err := s.ledger.KnownRules(ctx, creditor)
	if err != nil || len(rules.InForce()) == 0 {
		return nil, 0, err
	}
	body, err := s.ledger.KnownCreditor(ctx, creditor)
	if err != nil {
		return nil, 0, err
	}
	today := s.now()
	facts, at, err := s.views.ReconciliationFacts(ctx, creditor, reconciliation.RuleSpan(today))
	if err != nil {
		return nil, 0, err
	}
	book := reconciliation.Match(facts, reconciliation.Terms{Segregation: body.Profile.Segregation, Now: today})
	var accepted []reconciliation.Acceptance
	for _, a := range reconciliation.Acceptances(book, rules, today) {
		now, err := s.ledger.AcceptByRule(ctx, creditor, a.Subject, a.Stake, a.Rule)
		if err != nil {
			return accepted, at, err
		}
		if now {
			accepted = append(accepted, a)
		}
	}
	return accepted, at, nil
}
