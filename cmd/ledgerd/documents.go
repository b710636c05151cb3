package main

import (
	"context"

	"github.com/saldo-ledger/saldo/adapters/archive"
	"github.com/saldo-ledger/saldo/adapters/pagopa/fdr"
	"github.com/saldo-ledger/saldo/adapters/treasury"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

// documentReaders read what comes for reconciliation.
var documentReaders = []ledger.DocumentReader{fdr.ReadDocument, treasury.ReadGiornale, treasury.ReadCamt053}

// takeDocument files a document, or each file of an archive. An archive that cannot be
// opened is kept and quarantined, as any file that nobody can read.
func (s *service) takeDocument(ctx context.Context, actor string, d ledger.Document) ([]ledger.Imported, error) {
	files := []archive.File{{Name: d.Name, Raw: d.Raw}}
	readers := documentReaders
	if archive.Is(d.Raw) {
		opened, err := archive.Files(d.Raw)
		if err != nil {
			readers = []ledger.DocumentReader{refuse(err)}
		} else {
			files = opened
		}
	}
	var all []ledger.Imported
	for _, f := range files {
		one := d
		one.Name, one.Raw, one.At = f.Name, f.Raw, s.now().UTC()
		got, err := s.ledger.Import(ctx, actor, one, readers...)
		if err != nil {
			return all, err
		}
		if got.Quarantined != "" {
			s.logger.Warn("a document is in quarantine", "creditor", d.Creditor, "document", got.Name, "sha256", got.SHA256, "why", got.Quarantined)
		}
		all = append(all, got)
	}
	return all, nil
}

// refuse reads nothing, and says why.
func refuse(why error) ledger.DocumentReader {
	return func([]byte, domain.CreditorProfile) (domain.DocumentContent, bool, error) {
		return domain.DocumentContent{}, true, why
	}
}

// intake is the service as the API hands documents to it.
type intake struct{ *service }

// Take files a document, or each file of an archive.
func (i intake) Take(ctx context.Context, actor string, d ledger.Document) ([]ledger.Imported, error) {
	return i.takeDocument(ctx, actor, d)
}
