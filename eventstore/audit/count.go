package audit

import (
	"context"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// Count returns a figure by creditor, counted apart from Explain: an account's balance
// as BalancesOf adds it up, and of bulletins what is open of them by their own state.
// A creditor in whose books the range leaves everything out is there with nothing.
func Count(ctx context.Context, log eventstore.Reader, f Figure) (map[domain.FiscalCode]domain.Money, error) {
	if f.Account == "" {
		return f.open(ctx, log)
	}
	about := &Question{Account: f.Account, Creditor: f.Creditor}
	sums, err := sumsOf(ctx, log, column{Range: f.Range, amount: balance, about: about})
	if err != nil {
		return nil, err
	}
	figures := make(map[domain.FiscalCode]domain.Money, len(sums[0]))
	for book, sum := range sums[0] {
		figures[book.Creditor] += sum
	}
	return figures, nil
}

// open adds up what is open of the figure's bulletins.
func (f *Figure) open(ctx context.Context, log eventstore.Reader) (map[domain.FiscalCode]domain.Money, error) {
	figures := make(map[domain.FiscalCode]domain.Money)
	bulletins := make(map[eventstore.Stream]standing)
	for step, err := range f.steps(ctx, log) {
		if err != nil {
			return nil, err
		}
		fact, ok := step.Fact.(domain.BulletinEvent)
		if postings := f.touching(step); len(postings) > 0 {
			figures[postings[0].Creditor] += 0
		}
		if postings := f.postings(step); ok && len(postings) > 0 {
			b := bulletins[step.Event.Stream]
			b.creditor, b.moved, b.state = postings[0].Creditor, b.moved+f.amount(postings), b.state.Evolve(fact)
			bulletins[step.Event.Stream] = b
		}
	}
	for _, b := range bulletins {
		figures[b.creditor] += b.figure(f.Parent.UUID != uuid.Nil)
	}
	return figures, nil
}

// standing is a bulletin as the events of a range leave it.
type standing struct {
	creditor domain.FiscalCode
	state    domain.Bulletin
	moved    domain.Money
}

// figure is what is open; of a bulletin whose issue the range leaves out, and not its
// payment, what the payment moved.
func (s standing) figure(negative bool) domain.Money {
	if s.state.Issued.Notice == "" {
		return s.moved
	}
	var open domain.Money
	if s.state.Status != domain.BulletinPaid && s.state.Status != domain.BulletinVoid {
		open = s.state.Demand(s.state.Issued.Notice).Amount
	}
	if negative {
		return -open
	}
	return open
}

// receivables begins the name of what is owed for a child.
const receivables = "receivable:"
