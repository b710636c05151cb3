package domain_test

import (
	"slices"
	"testing"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/domaintest"
)

type (
	rulesCase  = domaintest.Case[domain.RulesCommand, domain.RulesEvent]
	rulesFacts = []domain.RulesEvent
)

var (
	setRule = domain.SetRule{
		Creditor: comune, Outcome: "parziale", UpTo: 50, Days: 3, Reason: "Arrotondamenti", Actor: "anna", FourEyes: 10_000, At: later,
	}
	ruleSet       = domain.RuleSet{Creditor: comune, Rule: 1, Outcome: "parziale", UpTo: 50, Days: 3, Reason: "Arrotondamenti", Actor: "anna", At: later}
	withdrawRule  = domain.WithdrawRule{Creditor: comune, Rule: 1, Reason: "Il PSP ha corretto", Actor: "bruno", At: later}
	ruleWithdrawn = domain.RuleWithdrawn(withdrawRule)
)

func TestRulesAreSetAndWithdrawn(t *testing.T) {
	set := func(change func(*domain.SetRule)) domain.SetRule { return but(setRule, change) }
	second := but(ruleSet, func(e *domain.RuleSet) { e.Rule, e.UpTo = 2, 60 })
	var many rulesFacts
	for i := range 50 {
		many = append(many, but(ruleSet, func(e *domain.RuleSet) { e.Rule, e.UpTo = i+1, domain.Money(100+i) }))
	}
	domaintest.Run[domain.Rules](t, []rulesCase{
		{Name: "a rule gets a number", When: setRule, Then: rulesFacts{ruleSet}},
		{Name: "the next gets the next", Given: rulesFacts{ruleSet}, When: set(func(c *domain.SetRule) { c.UpTo = 60 }), Then: rulesFacts{second}},
		{Name: "the same rule is set once", Given: rulesFacts{ruleSet}, When: setRule},
		{Name: "and again after it was withdrawn", Given: rulesFacts{ruleSet, ruleWithdrawn}, When: setRule,
			Then: rulesFacts{but(ruleSet, func(e *domain.RuleSet) { e.Rule = 2 })}},
		{Name: "without an outcome", When: set(func(c *domain.SetRule) { c.Outcome = "" }), Refusal: domain.ErrBadRuleOutcome},
		{Name: "up to nothing", When: set(func(c *domain.SetRule) { c.UpTo = 0 }), Refusal: domain.ErrBadRuleAmount},
		{Name: "up to what two persons decide", When: set(func(c *domain.SetRule) { c.UpTo = 10_001 }), Refusal: domain.ErrBadRuleAmount},
		{Name: "after more days than a case is looked at", When: set(func(c *domain.SetRule) { c.Days = 16 }), Refusal: domain.ErrBadRuleDays},
		{Name: "without a reason", When: set(func(c *domain.SetRule) { c.Reason = "" }), Refusal: domain.ErrBadReason},
		{Name: "one too many", Given: many, When: setRule, Refusal: domain.ErrTooManyRules},
		{Name: "a rule is withdrawn", Given: rulesFacts{ruleSet}, When: withdrawRule, Then: rulesFacts{ruleWithdrawn}},
		{Name: "once", Given: rulesFacts{ruleSet, ruleWithdrawn}, When: withdrawRule},
		{Name: "not without a reason", Given: rulesFacts{ruleSet}, When: but(withdrawRule, func(c *domain.WithdrawRule) { c.Reason = "" }), Refusal: domain.ErrBadReason},
		{Name: "and not one that is none", When: withdrawRule, Refusal: domain.ErrUnknownRule},
	})
	rules := fold[domain.Rules](append(many[:2:2], domain.RulesEvent(ruleWithdrawn)))
	force := rules.InForce()
	if len(rules.All) != 2 || len(force) != 1 || force[0].Number != 2 || force[0].Actor() != "rule 2" {
		t.Errorf("%+v, of which in force %+v", rules.All, force)
	}
	if !slices.ContainsFunc(rules.All, func(r domain.AcceptanceRule) bool {
		return r.Withdrawn && r.WithdrawnBy == "bruno" && r.WithdrawnAt.Equal(later) && r.WithdrawnFor == "Il PSP ha corretto"
	}) {
		t.Errorf("a withdrawn rule is not told, with who withdrew it and why: %+v", rules.All)
	}
}
