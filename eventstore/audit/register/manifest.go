package register

import (
	"encoding/json"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/table"
	"github.com/saldo-ledger/saldo/eventstore"
)

// Manifest says what a file of a book holds. It depends on the log and on what was
// asked for alone: whoever makes the book again makes the same.
type Manifest struct {
	File       string              `json:"file"`
	Register   Kind                `json:"register"`
	Format     table.Format        `json:"format"`
	Creditor   domain.FiscalCode   `json:"creditor"`
	From       domain.Date         `json:"from"`
	To         domain.Date         `json:"to"`
	RecordedBy time.Time           `json:"recordedBy,omitzero"`
	Position   eventstore.Position `json:"position"` // the last of the log that was looked at
	Lines      uint64              `json:"lines"`    // postings or, in a bilancio, accounts
	Debits     domain.Money        `json:"debits"`
	Credits    domain.Money        `json:"credits"`
	Bytes      int64               `json:"bytes"`
	SHA256     string              `json:"sha256"`
}

// NewManifest begins the manifest of a book in a format.
func NewManifest(q Query, f table.Format) Manifest {
	return Manifest{
		File: q.Name(f), Register: q.Kind, Format: f, Creditor: q.Creditor, From: q.From, To: q.To, RecordedBy: q.RecordedBy.UTC(), Position: q.Position,
	}
}

// Count takes a line in.
func (m *Manifest) Count(l Line) {
	if l.Role == table.Entry {
		m.Lines++
		m.Debits, m.Credits = m.Debits+l.Debit, m.Credits+l.Credit
	}
}

// ManifestSuffix is what the file of a manifest is called by, after the name of the file
// that it is of.
const ManifestSuffix = ".manifest.json"

// Text is the manifest as its file holds it.
func (m Manifest) Text() ([]byte, error) {
	text, err := json.MarshalIndent(m, "", " ")
	return append(text, '\n'), err
}
