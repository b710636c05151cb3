package main

import (
	"context"
	"errors"
	"strings"

	"github.com/saldo-ledger/saldo/adapters/papers/tables"
	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	reconciliationpages "github.com/saldo-ledger/saldo/adapters/portal/reconciliation"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/reconciliation"
	"github.com/saldo-ledger/saldo/domain/summary"
	"github.com/saldo-ledger/saldo/projections"
)

// openReconciliation opens the reconciliation officers' pages.
func (b *body) openReconciliation(on *frame.Site) error {
	return reconciliationpages.Open(on, reconciliationpages.Config{
		Views: reconciliationViews{b}, Commands: reconciliationCommands{b}, Printer: tables.Printer{}, FourEyes: b.Reconciliation.FourEyesAbove,
	})
}

// reconciliationViews are the views as the body's officers see them.
type reconciliationViews struct{ *body }

// Facts returns what is to be reconciled of a span of days.
func (v reconciliationViews) Facts(ctx context.Context, span domain.Period) (reconciliation.Facts, error) {
	facts, _, err := v.views.ReconciliationFacts(ctx, v.Body.FiscalCode, span)
	return facts, err
}

// Flow returns what is to be reconciled of one flow.
func (v reconciliationViews) Flow(ctx context.Context, id string) (reconciliation.Facts, error) {
	facts, _, err := v.views.FlowFacts(ctx, v.Body.FiscalCode, id)
	return facts, err
}

// BankLine returns a movement, and the flow that it was matched with.
func (v reconciliationViews) BankLine(ctx context.Context, id string) (projections.BankLine, error) {
	line, _, err := v.views.BankLine(ctx, v.Body.FiscalCode, id)
	return line, err
}

// TakingsOf returns the payments of a notice, each with the flows that name it.
func (v reconciliationViews) TakingsOf(ctx context.Context, n domain.NoticeNumber) ([]reconciliation.Receipt, map[domain.ReceiptID][]string, error) {
	takings, named, _, err := v.views.TakingsOf(ctx, v.Body.FiscalCode, n)
	return takings, named, err
}

// CaseWord returns what people said of a case.
func (v reconciliationViews) CaseWord(ctx context.Context, subject domain.Subject) (projections.CaseWord, error) {
	word, _, err := v.views.CaseWord(ctx, v.Body.FiscalCode, subject)
	return word, err
}

// History returns all that was found and said of a case.
func (v reconciliationViews) History(ctx context.Context, subject domain.Subject) ([]domain.CaseEvent, error) {
	return v.ledger.CaseHistory(ctx, v.Body.FiscalCode, subject)
}

// Names tells the staff by their usernames. What a token did is called by the token's
// name.
func (v reconciliationViews) Names(ctx context.Context) (func(actor string) string, error) {
	all, err := v.vault.Staff(ctx)
	names := make(map[string]string, len(all))
	for _, one := range all {
		names["staff:"+one.Subject.String()] = one.Name
	}
	return func(actor string) string {
		if name, ok := names[actor]; ok {
			return name
		}
		if name, ok := strings.CutPrefix(actor, "api:"); ok {
			return "API " + name
		}
		return actor
	}, err
}

// Taking returns the payment of a receipt, and the flows that name it.
func (v reconciliationViews) Taking(ctx context.Context, receipt domain.ReceiptID) (reconciliation.Receipt, []string, error) {
	taking, flows, _, err := v.views.TakingOf(ctx, v.Body.FiscalCode, receipt)
	return taking, flows, err
}

// ToResolve returns the receipts whose money waits for somebody.
func (v reconciliationViews) ToResolve(ctx context.Context) ([]projections.ReceiptToResolve, error) {
	all, _, err := v.views.ReceiptsToResolve(ctx, v.Body.FiscalCode)
	return all, err
}

// parkedShown is how many parked messages are shown at once.
const parkedShown = 100

// Parked returns the body's messages that could not be understood.
func (v reconciliationViews) Parked(ctx context.Context) ([]reconciliationpages.ParkedMessage, error) {
	messages, err := v.bus.Parked(ctx, 0, parkedShown)
	var all []reconciliationpages.ParkedMessage
	for _, m := range messages {
		if m.Creditor == v.Body.FiscalCode {
			all = append(all, reconciliationpages.ParkedMessage{Sequence: m.Sequence, Reason: m.Reason, Size: m.Size, At: m.At})
		}
	}
	return all, err
}

// Unreadable returns the messages that should have been receipts.
func (v reconciliationViews) Unreadable(ctx context.Context) ([]projections.UnreadableMessage, error) {
	all, _, err := v.views.Unreadable(ctx)
	return all, err
}

// Transit returns the transit account of a span of days.
func (v reconciliationViews) Transit(ctx context.Context, span domain.Period) (projections.Transit, error) {
	t, _, err := v.views.Transit(ctx, v.Body.FiscalCode, span)
	return t, err
}

// Summary answers a question about a span of days.
func (v reconciliationViews) Summary(ctx context.Context, q summary.Question) (*summary.Summary, error) {
	code, err := v.Segregation(ctx)
	if err != nil {
		return nil, err
	}
	s, _, err := v.views.Summary(ctx, q, reconciliation.Terms{Segregation: code, Now: v.now()})
	return s, err
}

// InTransit returns the payments of a day that the transit account has still.
func (v reconciliationViews) InTransit(ctx context.Context, day domain.Date, skip, limit int) ([]projections.InTransit, error) {
	all, _, err := v.views.InTransit(ctx, v.Body.FiscalCode, day, skip, limit)
	return all, err
}

// Expectations returns the receipts that are waited for.
func (v reconciliationViews) Expectations(ctx context.Context) ([]projections.Expectation, error) {
	all, _, err := v.views.Expectations(ctx, v.Body.FiscalCode, v.now())
	return all, err
}

// LastTry tells how a receipt was asked for last by this process.
func (v reconciliationViews) LastTry(receipt domain.ReceiptID) reconciliationpages.Try {
	if v.lookout == nil {
		return reconciliationpages.Try{}
	}
	try, _ := v.lookout.LastTry(v.Body.FiscalCode, receipt)
	return reconciliationpages.Try{At: try.At, Times: try.Times, Next: try.Next}
}

// Segregation is the code of the body's own notices.
func (v reconciliationViews) Segregation(ctx context.Context) (int, error) {
	known, err := v.ledger.KnownCreditor(ctx, v.Body.FiscalCode)
	return known.Profile.Segregation, err
}

// Rules returns the body's rules of automatic acceptance.
func (v reconciliationViews) Rules(ctx context.Context) (domain.Rules, error) {
	return v.ledger.KnownRules(ctx, v.Body.FiscalCode)
}

// Documents returns the files that came last.
func (v reconciliationViews) Documents(ctx context.Context, limit int) ([]projections.DocumentRow, error) {
	rows, _, err := v.views.Documents(ctx, v.Body.FiscalCode, limit)
	return rows, err
}

// Document returns one file that came.
func (v reconciliationViews) Document(ctx context.Context, sha256 string) (projections.DocumentRow, error) {
	row, _, err := v.views.Document(ctx, v.Body.FiscalCode, sha256)
	return row, err
}

// Original returns a file as it came.
func (v reconciliationViews) Original(ctx context.Context, sha256 string) ([]byte, string, error) {
	raw, filed, err := v.ledger.Original(ctx, v.Body.FiscalCode, sha256)
	if errors.Is(err, domain.ErrUnknownDocument) {
		err = frame.ErrNotFound
	}
	return raw, filed.Name, err
}

// sourceNames are the sources by the first word of their keys.
var sourceNames = map[string]string{
	domain.ChannelREST: "Flussi di pagoPA (REST)", domain.ChannelSOAP: "Flussi di pagoPA (SOAP)", domain.ChannelFolder: "Cartella dei file",
	treasurySource: "Tesoreria simulata",
}

// Sources tells how each source of the body was asked last.
func (v reconciliationViews) Sources() []reconciliationpages.Source {
	c := v.collector
	if c == nil {
		return nil
	}
	last := c.Last()
	var all []reconciliationpages.Source
	for _, s := range c.of(v.Body.FiscalCode) {
		channel, _, _ := strings.Cut(s.key, " ")
		run := last[s.key]
		all = append(all, reconciliationpages.Source{Name: sourceNames[channel], At: run.At, Took: run.Took, Refused: run.Refused, Error: run.Error})
	}
	return all
}
