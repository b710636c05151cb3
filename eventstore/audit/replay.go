// Package audit reads the log alone: it replays history, rebuilds any balance as
// of any date, and verifies that nothing was altered. It writes nothing, causes
// nothing, and needs no keys: personal data stay sealed. What it prints depends
// on the log only, so that it is the same on every machine.
package audit

import (
	"context"
	"iter"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// Range says which events an auditor looks at, in log order. The zero Range is
// everything.
type Range struct {
	// To is the last position looked at; 0 is the end of the log.
	To eventstore.Position
	// AsOf leaves out what took place after this moment (effective date); the zero
	// time leaves out nothing.
	AsOf time.Time
	// RecordedBy leaves out what the ledger came to know after this moment.
	RecordedBy time.Time
}

// Step is one event with what it did to the books.
type Step struct {
	Event    eventstore.Recorded
	Metadata eventstore.Metadata
	Fact     domain.Event
	Moves    []Move
}

// Move is one posting with the account's balance before and after it. A balance
// is debits less credits.
type Move struct {
	domain.Posting
	Before domain.Money
	After  domain.Money
}

// Book names an account in the books of one creditor.
type Book struct {
	Creditor domain.FiscalCode
	Account  domain.Account
}

// Balances are debits less credits by account.
type Balances map[Book]domain.Money

// Replay yields each event of the range with the balances before and after it,
// counted over the range alone.
func Replay(ctx context.Context, log eventstore.Reader, r Range) iter.Seq2[Step, error] {
	return func(yield func(Step, error) bool) {
		balances := make(Balances)
		for step, err := range facts(ctx, log, r) {
			if err != nil {
				yield(Step{}, err)
				return
			}
			if !r.holds(step) {
				continue
			}
			step.Moves = balances.post(domain.Postings(step.Fact))
			if !yield(step, nil) {
				return
			}
		}
	}
}

// post applies postings and says what each moved.
func (b Balances) post(postings []domain.Posting) []Move {
	moves := make([]Move, len(postings))
	for i, p := range postings {
		book := Book{p.Creditor, p.Account}
		before := b[book]
		b[book] = before + p.Debit - p.Credit
		moves[i] = Move{p, before, b[book]}
	}
	return moves
}

// facts decodes the events up to the end of a range, those too that the range
// leaves out.
func facts(ctx context.Context, log eventstore.Reader, r Range) iter.Seq2[Step, error] {
	reg := wire.New(nil)
	return func(yield func(Step, error) bool) {
		for rec, err := range log.ReadAll(ctx, 0) {
			if err == nil && r.To != 0 && rec.Position > r.To {
				return
			}
			var s Step
			if err == nil {
				s, err = decode(ctx, reg, rec)
			}
			if err != nil {
				yield(Step{}, err)
				return
			}
			if !yield(s, nil) {
				return
			}
		}
	}
}

func decode(ctx context.Context, reg *wire.Registry, rec eventstore.Recorded) (Step, error) {
	fact, err := reg.Decode(ctx, rec)
	if err != nil {
		return Step{}, err
	}
	meta, err := eventstore.ParseMetadata(rec.Metadata)
	return Step{Event: rec, Metadata: meta, Fact: fact}, err
}

func (r Range) holds(s Step) bool {
	return (r.AsOf.IsZero() || !s.Fact.OccurredAt().After(r.AsOf)) &&
		(r.RecordedBy.IsZero() || !s.Metadata.Recorded.After(r.RecordedBy))
}
