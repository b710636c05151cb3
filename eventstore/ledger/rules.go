package ledger

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// Rules carries a command to a creditor's rules of automatic acceptance.
func (l *Ledger) Rules(ctx context.Context, env eventstore.Envelope, creditor domain.FiscalCode, cmd domain.RulesCommand) (Outcome, error) {
	if _, err := l.KnownCreditor(ctx, creditor); err != nil {
		return Outcome{}, err
	}
	return outcome(l.rules.Handle(ctx, RulesStream(creditor), env, cmd))
}

// KnownRules returns a creditor's rules as they stand; none where nobody set one.
func (l *Ledger) KnownRules(ctx context.Context, creditor domain.FiscalCode) (domain.Rules, error) {
	rules, _, err := l.rules.Load(ctx, RulesStream(creditor))
	return rules, err
}

// AcceptByRule accepts what a rule accepts of a book (see reconciliation.Acceptances),
// at a stake, and reports whether it was accepted now: not again, and not what a person
// reopened or is about to decide.
func (l *Ledger) AcceptByRule(
	ctx context.Context, creditor domain.FiscalCode, s domain.Subject, stake domain.Money, rule domain.AcceptanceRule,
) (bool, error) {
	at := l.now()
	env := eventstore.Envelope{
		Command: uuid.NewSHA1(uuid.NameSpaceOID, fmt.Appendf(nil, "saldo/rule/%s/%d/%s", creditor, rule.Number, s)), Actor: rule.Actor(),
	}
	out, err := l.cases.Handle(ctx, CaseStream(creditor, s), env, domain.AcceptDifference{
		Creditor: creditor, Subject: s, Stake: stake, Actor: rule.Actor(), Reason: rule.Reason, Rule: rule.Number, At: at,
	})
	return err == nil && !out.Repeated && len(out.Events) > 0, err
}
