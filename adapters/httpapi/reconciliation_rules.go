package httpapi

import (
	"cmp"
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/reconciliation"
	"github.com/saldo-ledger/saldo/eventstore"
)

// Collector asks the sources of flows and statements.
type Collector interface {
	// Sources lists the sources of a creditor in the order in which they are asked, with
	// how each was asked last.
	Sources(creditor domain.FiscalCode) []SourceRun
	// Collect asks the sources of a creditor now, and lets the rules accept what they
	// accept once it is reconciled. What came before adds nothing; what a call that was
	// cut short did not get to, the next one does.
	Collect(ctx context.Context, creditor domain.FiscalCode, r Round) (Collected, error)
}

// Round is what is asked for at once.
type Round struct {
	Source string // the one source that is asked, of those listed; empty for all
	Hold   bool   // let no rule accept yet: other sources are asked next
}

// Collected is what a round of all sources came to.
type Collected struct {
	Sources  []SourceRun
	Accepted []reconciliation.Acceptance
	Position eventstore.Position // of the log, when the views held all of it
}

// SourceRun is how asking one source went.
type SourceRun struct {
	Source  string    `json:"source"`
	At      time.Time `json:"at,omitzero"`     // zero for never
	Took    int       `json:"took"`            // documents that were new and read
	Refused int       `json:"refused"`         // documents that were put into quarantine
	Error   string    `json:"error,omitempty"` // empty when it went well
}

type collectIn struct {
	Source string `json:"source"`
	Hold   bool   `json:"hold"`
}

// collect asks the sources of a creditor now, or one of them.
func (a *api) collect(r *http.Request, _ eventstore.Envelope, in collectIn) (done, error) {
	creditor, err := a.knownCreditor(r)
	if err != nil {
		return done{}, err
	}
	if err := a.isSource(creditor, in.Source); err != nil {
		return done{}, err
	}
	got, err := a.Collector.Collect(r.Context(), creditor, Round(in))
	out := done{answer: map[string]any{"sources": append([]SourceRun{}, got.Sources...), "accepted": acceptances(got.Accepted)}}
	out.Position = got.Position
	return out, err
}

// isSource refuses a name that is none of the creditor's sources.
func (a *api) isSource(creditor domain.FiscalCode, name string) error {
	if name == "" {
		return nil
	}
	var known []string
	for _, s := range a.Collector.Sources(creditor) {
		if s.Source == name {
			return nil
		}
		known = append(known, s.Source)
	}
	if len(known) == 0 {
		return invalid("source", "no source is asked for this body")
	}
	return invalid("source", "a source is one of: "+strings.Join(known, ", "))
}

// sources lists the sources of a creditor, with how each was asked last.
func (a *api) sources(r *http.Request) (any, eventstore.Position, error) {
	creditor, err := a.knownCreditor(r)
	if err != nil {
		return nil, 0, err
	}
	at, err := a.Log.End(r.Context())
	return map[string]any{"sources": append([]SourceRun{}, a.Collector.Sources(creditor)...)}, at, err
}

type ruleIn struct {
	Outcome string       `json:"outcome"`
	UpTo    domain.Money `json:"upTo"`
	Days    int          `json:"days"`
	Reason  string       `json:"reason"`
	At      instant      `json:"at"`
}

// setRule adds a rule of automatic acceptance.
func (a *api) setRule(r *http.Request, env eventstore.Envelope, in ruleIn) (done, error) {
	creditor, at, err := a.creditorAt(r, in.At)
	if err != nil {
		return done{}, err
	}
	if !reconciliation.Acceptable(reconciliation.Outcome(in.Outcome)) {
		return done{}, domain.ErrBadRuleOutcome
	}
	out, err := a.Ledger.Rules(r.Context(), env, creditor, domain.SetRule{
		Creditor: creditor, Outcome: in.Outcome, UpTo: in.UpTo, Days: in.Days, Reason: in.Reason, Actor: env.Actor, FourEyes: a.FourEyes, At: at,
	})
	return done{Outcome: out}, err
}

type withdrawRuleIn struct {
	Reason string  `json:"reason"`
	At     instant `json:"at"`
}

// withdrawRule ends a rule.
func (a *api) withdrawRule(r *http.Request, env eventstore.Envelope, in withdrawRuleIn) (done, error) {
	creditor, at, err := a.creditorAt(r, in.At)
	if err != nil {
		return done{}, err
	}
	number, _ := strconv.Atoi(mux.Vars(r)["rule"]) // what is none is no rule's
	out, err := a.Ledger.Rules(r.Context(), env, creditor, domain.WithdrawRule{
		Creditor: creditor, Rule: number, Reason: in.Reason, Actor: env.Actor, At: at,
	})
	return done{Outcome: out}, err
}

// rules lists the rules, withdrawn ones too.
func (a *api) rules(r *http.Request) (any, eventstore.Position, error) {
	creditor, err := a.knownCreditor(r)
	if err != nil {
		return nil, 0, err
	}
	rules, err := a.Ledger.KnownRules(r.Context(), creditor)
	if err != nil {
		return nil, 0, err
	}
	at, err := a.Log.End(r.Context())
	return map[string]any{"rules": append([]domain.AcceptanceRule{}, rules.All...)}, at, err
}

// dryRun shows what the rules would accept of a span of days, or what one would that is
// not set yet.
func (a *api) dryRun(r *http.Request) (any, eventstore.Position, error) {
	creditor, err := a.knownCreditor(r)
	if err != nil {
		return nil, 0, err
	}
	rules, err := a.rulesOf(r, creditor)
	if err != nil {
		return nil, 0, err
	}
	book, at, err := a.bookOf(r, creditor)
	if err != nil {
		return nil, 0, err
	}
	return map[string]any{"accepts": acceptances(reconciliation.Acceptances(book, rules, a.Clock()))}, at, nil
}

// rulesOf are the rules in force, or the one that the query describes.
func (a *api) rulesOf(r *http.Request, creditor domain.FiscalCode) (domain.Rules, error) {
	q := r.URL.Query()
	if q.Get("outcome") == "" {
		return a.Ledger.KnownRules(r.Context(), creditor)
	}
	upTo, err := domain.ParseMoney(cmp.Or(q.Get("upTo"), "0"))
	if err != nil {
		return domain.Rules{}, domain.ErrBadRuleAmount
	}
	days, err := strconv.Atoi(cmp.Or(q.Get("days"), "0"))
	if err != nil {
		return domain.Rules{}, domain.ErrBadRuleDays
	}
	return reconciliation.Trial(domain.SetRule{Outcome: q.Get("outcome"), UpTo: upTo, Days: days, Reason: "prova", FourEyes: a.FourEyes})
}

// bookOf is what a span of days comes to.
func (a *api) bookOf(r *http.Request, creditor domain.FiscalCode) (reconciliation.Book, eventstore.Position, error) {
	span, err := a.span(r)
	if err != nil {
		return reconciliation.Book{}, 0, err
	}
	terms, err := a.terms(r.Context(), creditor)
	if err != nil {
		return reconciliation.Book{}, 0, err
	}
	facts, at, err := a.Reconciled.ReconciliationFacts(r.Context(), creditor, span)
	return reconciliation.Match(facts, terms), at, err
}

// acceptances are differences that rules accept, as the API tells them.
func acceptances(all []reconciliation.Acceptance) []map[string]any {
	out := []map[string]any{}
	for _, x := range all {
		out = append(out, map[string]any{
			"subject": x.Subject, "outcome": x.Outcome, "title": x.Outcome.Advice().Title, "detail": x.Detail, "stake": x.Stake, "day": x.Day,
			"rule": x.Rule.Number,
		})
	}
	return out
}
