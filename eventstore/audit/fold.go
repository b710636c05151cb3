package audit

import (
	"context"
	"iter"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// BalancesOf folds a range into the balance of every account. An account that was
// touched only by what the range leaves out is there, with a balance of zero.
//
// It works on all cores and looks only at what moves money: an event whose name
// says that it moves none is not decoded. A name that this program does not know
// is an error, as ever; whether the bytes are those that were written, Verify
// tells.
func BalancesOf(ctx context.Context, log eventstore.Reader, r Range) (Balances, error) {
	sums, err := sumsOf(ctx, log, column{Range: r, amount: balance})
	if err != nil {
		return nil, err
	}
	return sums[0], nil
}

// column is one figure that a fold adds up for each account: an amount of the
// postings that a range holds.
type column struct {
	Range
	amount func(domain.Posting) domain.Money
	about  *Question // the accounts; nil for all
}

func balance(p domain.Posting) domain.Money { return p.Debit - p.Credit }
func debit(p domain.Posting) domain.Money   { return p.Debit }
func credit(p domain.Posting) domain.Money  { return p.Credit }

// sumsOf goes along the log once, to the furthest end of the columns' ranges, and
// adds up each column. Of a log with snapshots it reads what they leave.
func sumsOf(ctx context.Context, log eventstore.Reader, columns ...column) ([]Balances, error) {
	var folds []*fold
	sums := make([]Balances, len(columns))
	for i := range sums {
		sums[i] = make(Balances)
	}
	gaps := []gap{{0, furthest(columns)}}
	if l, ok := log.(summed); ok {
		var err error
		if gaps, err = l.begin(columns, sums); err != nil {
			return nil, err
		}
	}
	err := inBatches(ctx,
		func(ctx context.Context) iter.Seq2[eventstore.Recorded, error] { return inGaps(ctx, log, gaps) },
		func() func([]eventstore.Recorded, *error) {
			f := newFold(columns)
			folds = append(folds, f)
			return func(events []eventstore.Recorded, err *error) { *err = f.all(ctx, events) }
		},
		func(_ []eventstore.Recorded, err *error) error { return *err })
	if err != nil {
		return nil, err
	}
	for i := range sums {
		sums[i] = merged(sums[i], folds, i)
	}
	return sums, nil
}

// furthest is the last position that any column looks at; 0 is the end of the log.
func furthest(columns []column) eventstore.Position {
	var to eventstore.Position
	for _, c := range columns {
		if c.To == 0 {
			return 0
		}
		to = max(to, c.To)
	}
	return to
}

// merged adds what each core counted of a column to its sums: they do not depend on
// the order.
func merged(sums Balances, folds []*fold, column int) Balances {
	for _, f := range folds {
		more := f.sums[column]
		if len(more) > len(sums) {
			sums, more = more, sums
		}
		for book, sum := range more {
			sums[book] += sum
		}
	}
	return sums
}

// upTo yields the events up to the end of the range.
func (r Range) upTo(events iter.Seq2[eventstore.Recorded, error]) iter.Seq2[eventstore.Recorded, error] {
	if r.To == 0 {
		return events
	}
	return func(yield func(eventstore.Recorded, error) bool) {
		for rec, err := range events {
			if err == nil && rec.Position > r.To || !yield(rec, err) {
				return
			}
		}
	}
}

// fold is what one core counted, column by column.
type fold struct {
	columns []column
	books   *wire.Books
	sums    []Balances
}

func newFold(columns []column) *fold {
	f := &fold{columns: columns, books: wire.NewBooks(), sums: make([]Balances, len(columns))}
	for i := range f.sums {
		f.sums[i] = make(Balances)
	}
	return f
}

func (f *fold) all(ctx context.Context, events []eventstore.Recorded) error {
	for i := range events {
		if err := f.add(ctx, &events[i]); err != nil {
			return err
		}
	}
	return nil
}

func (f *fold) add(ctx context.Context, rec *eventstore.Recorded) error {
	if _, err := eventstore.LinkOf(rec.Metadata); err != nil {
		return err
	}
	if !wire.Moves(rec.Type) {
		return nil
	}
	at, postings, err := f.books.Read(ctx, *rec)
	if err != nil || len(postings) == 0 {
		return err
	}
	var held bool
	for i, c := range f.columns {
		if i == 0 || c.Range != f.columns[i-1].Range { // neighbours mostly share a range
			if held, err = c.holdsMoment(at, rec); err != nil {
				return err
			}
		}
		c.add(f.sums[i], postings, held)
	}
	return nil
}

func (c *column) add(sums Balances, postings []domain.Posting, held bool) {
	for _, p := range postings {
		if c.about != nil && !c.about.concerns(p) {
			continue
		}
		var moved domain.Money
		if held {
			moved = c.amount(p)
		}
		sums[Book{p.Creditor, p.Account}] += moved
	}
}

// holdsMoment says whether the range holds an event that took place at a moment.
// The recorded date is read only if the range asks for it.
func (r Range) holdsMoment(at time.Time, rec *eventstore.Recorded) (bool, error) {
	if r.To != 0 && rec.Position > r.To || !r.AsOf.IsZero() && at.After(r.AsOf) {
		return false, nil
	}
	if r.RecordedBy.IsZero() {
		return true, nil
	}
	meta, err := eventstore.ParseMetadata(rec.Metadata)
	return err == nil && !meta.Recorded.After(r.RecordedBy), err
}
