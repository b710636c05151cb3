package main

import (
	"context"

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
