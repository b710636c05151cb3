package domain

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Rules are a creditor's rules of automatic acceptance, folded from their stream: which
// differences are taken as they stand without a person looking at each. What a rule
// accepted is a DifferenceAccepted of its case, and a person can take it back.
type Rules struct {
	All []AcceptanceRule // by number, withdrawn ones too
}

// AcceptanceRule accepts differences of one outcome, up to an amount, once they are so
// many working days old.
type AcceptanceRule struct {
	Number    int       `json:"rule"`    // from 1, and never used again
	Outcome   string    `json:"outcome"` // see reconciliation.Outcome
	UpTo      Money     `json:"upTo"`    // what is at stake at most
	Days      int       `json:"days"`    // working days since the transfer, the payment or the booking
	Reason    string    `json:"reason"`  // of every acceptance
	SetBy     string    `json:"setBy"`
	SetAt     time.Time `json:"setAt"`
	Withdrawn bool      `json:"withdrawn"`
	// Who withdrew it, when and why; empty while it is in force.
	WithdrawnBy  string    `json:"withdrawnBy,omitzero"`
	WithdrawnAt  time.Time `json:"withdrawnAt,omitzero"`
	WithdrawnFor string    `json:"withdrawnFor,omitzero"`
}

// Actor is who accepts by the rule.
func (r AcceptanceRule) Actor() string { return "rule " + strconv.Itoa(r.Number) }

// MaxRuleDays bounds the working days of a rule: older differences are a person's.
const MaxRuleDays = 15

// maxRules bounds the rules in force.
const maxRules = 50

// RulesCommand is the closed set of intents about rules.
type RulesCommand interface{ rulesCommand() }

// RulesEvent closes the facts.
type RulesEvent interface {
	Event
	rulesEvent()
}

// SetRule adds a rule. What takes two persons is no rule's: UpTo is at most FourEyes,
// when that is not 0.
type SetRule struct {
	Creditor FiscalCode
	Outcome  string // who gives the command makes sure that it can be accepted: see reconciliation.Acceptable
	UpTo     Money
	Days     int
	Reason   string
	Actor    string
	FourEyes Money
	At       time.Time
}

// WithdrawRule ends a rule. What it accepted stays accepted.
type WithdrawRule struct {
	Creditor FiscalCode
	Rule     int
	Reason   string
	Actor    string
	At       time.Time
}

// RuleSet says that a rule is in force.
type RuleSet struct {
	Creditor FiscalCode `json:"creditor"`
	Rule     int        `json:"rule"`
	Outcome  string     `json:"outcome"`
	UpTo     Money      `json:"upTo"`
	Days     int        `json:"days"`
	Reason   string     `json:"reason"`
	Actor    string     `json:"actor"`
	At       time.Time  `json:"at"`
}

// RuleWithdrawn says that a rule is in force no more.
type RuleWithdrawn struct {
	Creditor FiscalCode `json:"creditor"`
	Rule     int        `json:"rule"`
	Reason   string     `json:"reason"`
	Actor    string     `json:"actor"`
	At       time.Time  `json:"at"`
}

// Refusals about rules.
var (
	ErrBadRuleOutcome = &Refusal{Invalid, "outcome", "a rule accepts an outcome that asks for a person, such as parziale or rt-senza-fdr"}
	ErrBadRuleAmount  = &Refusal{Invalid, "upTo", "a rule accepts up to an amount of at least 0.01, below which one person may decide alone"}
	ErrBadRuleDays    = &Refusal{Invalid, "days", "a rule accepts after 0 to 15 working days"}
	ErrTooManyRules   = &Refusal{Conflict, "outcome", "at most 50 rules are in force at once: withdraw one"}
	ErrUnknownRule    = &Refusal{NotFound, "rule", "no such rule"}
)

// Decide answers cmd with the facts that follow from it.
func (r Rules) Decide(cmd RulesCommand) ([]RulesEvent, error) {
	switch c := cmd.(type) {
	case SetRule:
		return r.set(c)
	case WithdrawRule:
		return r.withdraw(c)
	}
	panic(fmt.Sprintf("domain: unhandled command %T", cmd))
}

func (r Rules) set(c SetRule) ([]RulesEvent, error) {
	switch {
	case !within(c.Outcome, 1, 40):
		return nil, fmt.Errorf("outcome %q: %w", clip(c.Outcome), ErrBadRuleOutcome)
	case c.UpTo <= 0 || c.UpTo > MaxAmount || c.FourEyes != 0 && c.UpTo > c.FourEyes:
		return nil, fmt.Errorf("up to %s: %w", c.UpTo, ErrBadRuleAmount)
	case c.Days < 0 || c.Days > MaxRuleDays:
		return nil, fmt.Errorf("days %d: %w", c.Days, ErrBadRuleDays)
	case !within(c.Reason, 1, 200):
		return nil, fmt.Errorf("reason %q: %w", clip(c.Reason), ErrBadReason)
	}
	same := func(x AcceptanceRule) bool {
		return !x.Withdrawn && x.Outcome == c.Outcome && x.UpTo == c.UpTo && x.Days == c.Days && x.Reason == c.Reason
	}
	switch {
	case slices.ContainsFunc(r.All, same):
		return nil, nil
	case len(r.InForce()) >= maxRules:
		return nil, ErrTooManyRules
	}
	return []RulesEvent{RuleSet{c.Creditor, len(r.All) + 1, c.Outcome, c.UpTo, c.Days, c.Reason, c.Actor, c.At}}, nil
}

func (r Rules) withdraw(c WithdrawRule) ([]RulesEvent, error) {
	switch {
	case c.Rule < 1 || c.Rule > len(r.All):
		return nil, fmt.Errorf("rule %d: %w", c.Rule, ErrUnknownRule)
	case !within(c.Reason, 1, 200):
		return nil, fmt.Errorf("reason %q: %w", clip(c.Reason), ErrBadReason)
	case r.All[c.Rule-1].Withdrawn:
		return nil, nil
	}
	return []RulesEvent{RuleWithdrawn(c)}, nil
}

// InForce returns the rules that were not withdrawn, by number.
func (r Rules) InForce() []AcceptanceRule {
	return slices.DeleteFunc(slices.Clone(r.All), func(x AcceptanceRule) bool { return x.Withdrawn })
}

// Evolve returns r as it stands after e.
func (r Rules) Evolve(e RulesEvent) Rules {
	switch e := e.(type) {
	case RuleSet:
		r.All = append(slices.Clip(r.All), AcceptanceRule{
			Number: e.Rule, Outcome: e.Outcome, UpTo: e.UpTo, Days: e.Days, Reason: e.Reason, SetBy: e.Actor, SetAt: e.At,
		})
	case RuleWithdrawn:
		r.All = slices.Clone(r.All)
		for i := range r.All {
			if x := &r.All[i]; x.Number == e.Rule {
				x.Withdrawn, x.WithdrawnBy, x.WithdrawnAt, x.WithdrawnFor = true, e.Actor, e.At, e.Reason
			}
		}
	default:
		panic(fmt.Sprintf("domain: unhandled event %T", e))
	}
	return r
}

func (SetRule) rulesCommand()      {}
func (WithdrawRule) rulesCommand() {}

// OccurredAt is when the rule was set.
func (e RuleSet) OccurredAt() time.Time { return e.At }

// OccurredAt is when the rule was withdrawn.
func (e RuleWithdrawn) OccurredAt() time.Time { return e.At }

func (RuleSet) event()            {}
func (RuleWithdrawn) event()      {}
func (RuleSet) rulesEvent()       {}
func (RuleWithdrawn) rulesEvent() {}
