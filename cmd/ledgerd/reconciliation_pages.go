package main

import (
	"context"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	reconciliationpages "github.com/saldo-ledger/saldo/adapters/portal/reconciliation"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/reconciliation"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
	"github.com/saldo-ledger/saldo/projections"
)

// openReconciliation opens the reconciliation officers' pages.
func (b *body) openReconciliation(on *frame.Site) error {
	return reconciliationpages.Open(on, reconciliationpages.Config{
		Views: reconciliationViews{b}, Commands: reconciliationCommands{b}, FourEyes: b.Reconciliation.FourEyesAbove,
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

// Segregation is the code of the body's own notices.
func (v reconciliationViews) Segregation(ctx context.Context) (int, error) {
	known, err := v.ledger.KnownCreditor(ctx, v.Body.FiscalCode)
	return known.Profile.Segregation, err
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

// Sources tells how each source of the body was asked last by this process.
func (v reconciliationViews) Sources() []reconciliationpages.Source {
	c := v.collector
	if c == nil {
		return nil
	}
	last := c.Last()
	var all []reconciliationpages.Source
	add := func(key, name string) {
		run := last[key]
		all = append(all, reconciliationpages.Source{Name: name, At: run.At, Took: run.Took, Error: run.Error})
	}
	for _, from := range c.sources {
		if from.body != v.Body.FiscalCode {
			continue
		}
		name := "Flussi di pagoPA (REST)"
		if from.channel == domain.ChannelSOAP {
			name = "Flussi di pagoPA (SOAP)"
		}
		add(from.key(), name)
	}
	if c.folder != "" && c.body == v.Body.FiscalCode {
		add(domain.ChannelFolder, "Cartella dei file")
	}
	if c.more != nil {
		add(treasurySource, "Tesoreria simulata")
	}
	return all
}

// reconciliationCommands carries out what the officers do in their pages.
type reconciliationCommands struct{ *body }

// Take files a document of the body, or each file of an archive.
func (c reconciliationCommands) Take(ctx context.Context, by frame.Account, name string, raw []byte) ([]reconciliationpages.Taken, eventstore.Position, error) {
	got, err := c.takeDocument(ctx, staffActor(by), ledger.Document{Creditor: c.Body.FiscalCode, Name: name, Channel: domain.ChannelUpload, Raw: raw})
	var at eventstore.Position
	all := make([]reconciliationpages.Taken, len(got))
	for i, g := range got {
		at = max(at, g.Position)
		all[i] = reconciliationpages.Taken{Name: g.Name, SHA256: g.SHA256, Kind: g.Kind, Repeated: g.Repeated, Quarantined: g.Quarantined, Contents: len(g.Contents)}
	}
	return all, at, err
}

// reconciliationSpace is the name space of the ids of the officers' commands.
var reconciliationSpace = uuid.NewSHA1(uuid.NameSpaceURL, []byte("saldo/reconciliation/commands"))

// Decide carries out a person's word about a case.
func (c reconciliationCommands) Decide(ctx context.Context, by frame.Account, key uuid.UUID, d reconciliationpages.Decision) (eventstore.Position, error) {
	env := eventstore.Envelope{Command: uuid.NewSHA1(reconciliationSpace, []byte(key.String())), Actor: staffActor(by)}
	body, at := c.Body.FiscalCode, c.now().UTC()
	var cmd domain.CaseCommand
	switch d.Action {
	case reconciliationpages.Revoke:
		out, err := c.ledger.Bulletin(ctx, env, domain.RevokePayment{Creditor: body, Notice: d.Notice, Receipt: d.Receipt, Reason: d.Reason, At: at})
		return out.Position, err
	case reconciliationpages.Propose:
		m, _, err := c.ledger.KnownMovement(ctx, body, d.Movement)
		if err != nil {
			return 0, err
		}
		m.By = domain.ByHand
		cmd = domain.ProposeMatch{
			Creditor: body, Subject: d.Subject, Movement: m, Actor: env.Actor, Reason: d.Reason, FourEyes: c.Reconciliation.FourEyesAbove, At: at,
		}
	case reconciliationpages.Confirm:
		cmd = domain.ConfirmMatch{Creditor: body, Subject: d.Subject, Movement: d.Movement, Actor: env.Actor, Reason: d.Reason, At: at}
	case reconciliationpages.Undo:
		cmd = domain.UndoMatch{Creditor: body, Subject: d.Subject, Movement: d.Movement, Actor: env.Actor, Reason: d.Reason, At: at}
	case reconciliationpages.Accept:
		cmd = domain.AcceptDifference{
			Creditor: body, Subject: d.Subject, Stake: d.Stake, Actor: env.Actor, Reason: d.Reason, FourEyes: c.Reconciliation.FourEyesAbove, At: at,
		}
	case reconciliationpages.Reopen:
		cmd = domain.ReopenDifference{Creditor: body, Subject: d.Subject, Actor: env.Actor, Reason: d.Reason, At: at}
	default:
		cmd = domain.AddCaseNote{
			Creditor: body, Subject: d.Subject, Note: uuid.NewSHA1(env.Command, []byte("note")).String(), Actor: env.Actor, Text: d.Reason,
			Holder: domain.CreditorSubject(body), At: at,
		}
	}
	out, err := c.ledger.Case(ctx, env, body, d.Subject, cmd)
	return out.Position, err
}
