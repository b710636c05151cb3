// Package register makes the books that accountants keep, from the log alone: the
// libro giornale (every posting in the order of the log), the mastrini (the postings of
// each account, with its balance) and the bilancio di verifica (what moved on every
// account, and what is left). They are lines of cells, which adapters write as files;
// their titles are in Italian, because the law that asks for these books is.
package register

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/table"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
)

// Kind is which book.
type Kind string

// The books, by the names that accountants know them by.
const (
	Giornale Kind = "giornale"
	Mastrini Kind = "mastrini"
	Bilancio Kind = "bilancio"
)

// Kinds are all books.
var Kinds = []Kind{Giornale, Mastrini, Bilancio}

// Title is the book's title, in Italian.
func (k Kind) Title() string {
	switch k {
	case Giornale:
		return "Libro giornale"
	case Mastrini:
		return "Mastrini"
	}
	return "Bilancio di verifica"
}

// Query says which book, of whom, and of what time.
type Query struct {
	Kind     Kind
	Creditor domain.FiscalCode
	// From and To are the first and the last day, in Italy, on which what is in the book
	// took place (effective date).
	From, To domain.Date
	// RecordedBy leaves out what the ledger came to know after this moment; the zero time
	// leaves out nothing.
	RecordedBy time.Time
	// Position is the last of the log that is looked at. Fix sets it to the log's end
	// where it is 0.
	Position eventstore.Position
}

// Refusals of queries.
var (
	ErrKind = &domain.Refusal{Kind: domain.Invalid, Field: "register", Rule: "a register is giornale, mastrini or bilancio"}
	ErrDays = &domain.Refusal{Kind: domain.Invalid, Field: "from", Rule: "a period is two days, written yyyy-mm-dd, the last not before the first"}
)

// Check refuses what is no query, naming the field.
func (q Query) Check() error {
	_, err := domain.ParseBodyCode(string(q.Creditor))
	switch {
	case !slices.Contains(Kinds, q.Kind):
		return fmt.Errorf("%q: %w", q.Kind, ErrKind)
	case err != nil:
		return err
	case !(domain.Period{From: q.From, To: q.To}).Valid():
		return ErrDays
	}
	return nil
}

// Fix checks a query and holds it fast to the log as it is now: what is fixed gives the
// same book for ever.
func (q Query) Fix(ctx context.Context, log interface {
	End(context.Context) (eventstore.Position, error)
}) (Query, error) {
	if err := q.Check(); err != nil || q.Position != 0 {
		return q, err
	}
	var err error
	q.Position, err = log.End(ctx)
	return q, err
}

// Name is what the book's file is called, without anything in it that is not for a
// file's name.
func (q Query) Name(f table.Format) string {
	return fmt.Sprintf("%s-%s-%s-%s.%s", q.Kind, q.Creditor, q.From, q.To, f)
}

// Heading says in Italian what the book is of, for its first lines.
func (q Query) Heading() string {
	text := fmt.Sprintf("Ente %s, dal %s al %s", q.Creditor, day(q.From), day(q.To))
	if !q.RecordedBy.IsZero() {
		text += ", registrato entro il " + q.RecordedBy.In(domain.Rome).Format("02/01/2006 15:04:05")
	}
	return fmt.Sprintf("%s (registro fino alla posizione %d)", text, q.Position)
}

// begin is the first moment of the period, and end the last.
func (q Query) begin() time.Time { return midnight(q.From) }

func (q Query) end() time.Time { return midnight(q.To.Next()).Add(-time.Nanosecond) }

// reach is what of the log can be in the book.
func (q Query) reach() audit.Range {
	return audit.Range{To: q.Position, AsOf: q.end(), RecordedBy: q.RecordedBy}
}

// midnight is the first moment of a day in Italy.
func midnight(d domain.Date) time.Time {
	t := d.Time()
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, domain.Rome)
}

func day(d domain.Date) string { return d.Time().Format("02/01/2006") }
