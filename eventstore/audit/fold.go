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
	var folds []*fold
	err := inBatches(ctx,
		func(ctx context.Context) iter.Seq2[eventstore.Recorded, error] { return r.upTo(log.ReadAll(ctx, 0)) },
		func() func([]eventstore.Recorded, *error) {
			f := &fold{r: r, books: wire.NewBooks(), balances: make(Balances)}
			folds = append(folds, f)
			return func(events []eventstore.Recorded, err *error) { *err = f.all(ctx, events) }
		},
		func(_ []eventstore.Recorded, err *error) error { return *err })
	if err != nil {
		return nil, err
	}
	return merged(folds), nil
}

// merged adds up what each core counted: a sum does not depend on its order.
func merged(folds []*fold) Balances {
	sums := folds[0].balances
	for _, f := range folds[1:] {
		if len(f.balances) > len(sums) {
			sums, f.balances = f.balances, sums
		}
		for book, sum := range f.balances {
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

// fold is what one core counted.
type fold struct {
	r        Range
	books    *wire.Books
	balances Balances
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
	held, err := f.r.holdsMoment(at, rec)
	for _, p := range postings {
		var moved domain.Money
		if held {
			moved = p.Debit - p.Credit
		}
		f.balances[Book{p.Creditor, p.Account}] += moved
	}
	return err
}

// holdsMoment says whether the range holds an event that took place at a moment.
// The recorded date is read only if the range asks for it.
func (r Range) holdsMoment(at time.Time, rec *eventstore.Recorded) (bool, error) {
	if !r.AsOf.IsZero() && at.After(r.AsOf) {
		return false, nil
	}
	if r.RecordedBy.IsZero() {
		return true, nil
	}
	meta, err := eventstore.ParseMetadata(rec.Metadata)
	return err == nil && !meta.Recorded.After(r.RecordedBy), err
}
