package reconciliation

import (
	"slices"
	"time"

	"github.com/saldo-ledger/saldo/domain"
)

// Acceptance is a difference that a rule accepts.
type Acceptance struct {
	Subject domain.Subject
	Outcome Outcome
	Detail  string
	Stake   domain.Money // never negative
	Day     domain.Date  // of the transfer, the payment or the booking
	Rule    domain.AcceptanceRule
}

// Acceptable reports whether a rule may accept an outcome: one that asks for a person.
func Acceptable(o Outcome) bool {
	a, ok := advices[o]
	return ok && a.Severity >= ToCheck
}

// ruleSpan is how many days rules look back: what is older is a person's.
const ruleSpan = 30

// RuleSpan is the days that rules look at when it is now.
func RuleSpan(now time.Time) domain.Period {
	return domain.Period{From: domain.DateOf(now.AddDate(0, 0, -ruleSpan)), To: domain.DateOf(now)}
}

// Trial is the rules with one that is not set yet, and no other, to see what it would
// accept. Its number is 0. What SetRule refuses is refused here too, and an outcome that
// asks for nobody: domain.ErrBadRuleOutcome.
func Trial(c domain.SetRule) (domain.Rules, error) {
	if !Acceptable(Outcome(c.Outcome)) {
		return domain.Rules{}, domain.ErrBadRuleOutcome
	}
	set, err := domain.Rules{}.Decide(c)
	if err != nil {
		return domain.Rules{}, err
	}
	tried := domain.Rules{}.Evolve(set[0])
	tried.All[0].Number = 0
	return tried, nil
}

// Acceptances returns what the rules in force accept of a book, each thing by the first
// rule that does, in the order of the book. It changes nothing: it is the dry run, and
// what is carried out.
func Acceptances(book Book, rules domain.Rules, now time.Time) (all []Acceptance) {
	force := rules.InForce()
	add := func(a Acceptance) {
		i := slices.IndexFunc(force, func(r domain.AcceptanceRule) bool {
			return Outcome(r.Outcome) == a.Outcome && a.Stake <= r.UpTo && !now.Before(endOf(a.Day, r.Days))
		})
		if i >= 0 {
			a.Rule = force[i]
			all = append(all, a)
		}
	}
	used := make(map[string]int, len(book.Flows))
	for _, f := range book.Flows {
		used[f.ID]++
	}
	for _, f := range book.Flows {
		if used[f.ID] > 1 {
			continue // accepting one accepts those of other PSPs too: a person does
		}
		add(Acceptance{Subject: domain.SubjectOfFlow(f.ID), Outcome: f.Outcome, Detail: f.Detail, Stake: f.Stake(), Day: f.RegulationDate})
	}
	for _, r := range book.Receipts {
		add(Acceptance{Subject: domain.SubjectOfReceipt(r.ID), Outcome: r.Outcome, Detail: r.Detail, Stake: r.Amount, Day: WorkingDayOf(r.PaidAt)})
	}
	for _, c := range book.Credits {
		add(Acceptance{Subject: domain.SubjectOfMovement(c.Movement), Outcome: c.Outcome, Detail: c.Detail, Stake: c.Amount, Day: c.Booked})
	}
	return all
}

// Apart is what the flows of one id and the bank are apart: of several PSPs' flows all of
// it, whichever side has more, because who accepts one accepts all.
func Apart(flows []FlowResult) (apart domain.Money) {
	if len(flows) == 1 {
		return flows[0].Sum - flows[0].Net
	}
	for _, f := range flows {
		apart += max(f.Sum-f.Net, f.Net-f.Sum)
	}
	return apart
}

// Stake is the most that a flow can be wrong by: what its lines and the bank, or its
// header, are apart, or all lines that somebody has to look at.
func (f FlowResult) Stake() domain.Money {
	var open domain.Money
	for _, l := range f.Found {
		if l.Finding.Outcome.Severity() >= ToCheck {
			open += l.Amount
		}
	}
	return max(open, f.Sum-f.Net, f.Net-f.Sum, f.Sum-f.DeclaredTotal, f.DeclaredTotal-f.Sum)
}
