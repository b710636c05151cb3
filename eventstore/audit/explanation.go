package audit

import (
	"bytes"
	"context"
	"iter"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// Explanation is which events make a figure, as Explain yields them: found in one pass
// along the log, of which any are opened later by reading them alone. It can be used by
// many goroutines.
type Explanation struct {
	Figure   Figure
	Events   int
	Turnover Turnover     // what they moved of the figure
	Sum      domain.Money // what they add up to
	list     listing
}

// Opened is an event of an explanation.
type Opened struct {
	Step                          // without balances
	Postings []domain.Posting     // those of the figure
	Amount   domain.Money         // that it adds
	Sum      domain.Money         // the figure after it
	Receipt  domain.ReceiptID     // that brought the money; empty where none did
	After    domain.ClosingPeriod // as in Part
}

// Explained finds the events of a figure. It works on all cores.
func Explained(ctx context.Context, log eventstore.Reader, f Figure) (*Explanation, error) {
	e := &Explanation{Figure: f}
	if f.Bulletin != "" {
		return e, e.ofStream(ctx, log)
	}
	err := inBatches(ctx,
		func(ctx context.Context) iter.Seq2[eventstore.Recorded, error] {
			return Range{To: f.To}.upTo(log.ReadAll(ctx, 0))
		},
		func() func([]eventstore.Recorded, *parts) {
			p := partFinder{f: &e.Figure, needle: f.needle(), books: wire.NewBooks(), reg: wire.New(nil)}
			return func(events []eventstore.Recorded, out *parts) { out.err = p.all(ctx, events, out) }
		},
		func(_ []eventstore.Recorded, found *parts) error {
			for _, p := range found.all {
				e.add(p)
			}
			return found.err
		})
	return e, err
}

// ofStream is Explained of a bulletin.
func (e *Explanation) ofStream(ctx context.Context, log eventstore.Reader) error {
	for step, err := range e.Figure.steps(ctx, log) {
		if err != nil {
			return err
		}
		if postings := e.Figure.postings(step); len(postings) > 0 {
			e.add(foundPart{step.Event.Position, e.Figure.amount(postings), turnoverOf(postings)})
		}
	}
	return nil
}

func (e *Explanation) add(p foundPart) {
	e.list.add(p.at, e.Sum)
	e.Events++
	e.Sum += p.amount
	e.Turnover = e.Turnover.plus(p.moved)
}

// Open opens up to so many of the events from one of them on; the first is 0. The log is
// the one that was read.
func (e *Explanation) Open(ctx context.Context, log eventstore.Reader, from, n int) ([]Opened, error) {
	events, skip, sum, err := e.list.open(ctx, log, from, n)
	if err != nil {
		return nil, err
	}
	reg, closings := wire.New(nil), newClosed(log, e.Figure.Range)
	var all []Opened
	for i, rec := range events {
		step, err := decode(ctx, reg, rec)
		if err != nil {
			return nil, err
		}
		postings := e.Figure.postings(step)
		o := Opened{Step: step, Postings: postings, Amount: e.Figure.amount(postings), Receipt: receiptOf(step.Fact)}
		sum += o.Amount
		if i < skip || len(postings) == 0 {
			continue
		}
		o.Sum = sum
		if o.After, err = closings.after(ctx, postings[0].Creditor, step.Fact.OccurredAt(), rec.Position); err != nil {
			return nil, err
		}
		all = append(all, o)
	}
	return all, nil
}

func turnoverOf(postings []domain.Posting) (t Turnover) {
	for _, p := range postings {
		t = t.plus(Turnover{p.Debit, p.Credit})
	}
	return t
}

// foundPart is an event of a figure, and what it moves of it.
type foundPart struct {
	at     eventstore.Position
	amount domain.Money
	moved  Turnover
}

// parts are the events of a batch that are of a figure, up to the first error.
type parts struct {
	all []foundPart
	err error
}

// partFinder looks, on one core, for the events of a figure. It decodes those alone that
// can be a parent's.
type partFinder struct {
	f      *Figure
	needle []byte
	books  *wire.Books
	reg    *wire.Registry
	own    []domain.Posting
}

func (p *partFinder) all(ctx context.Context, events []eventstore.Recorded, out *parts) error {
	out.all = out.all[:0]
	for i := range events {
		rec := &events[i]
		if !wire.Moves(rec.Type) || p.needle != nil && !bytes.Contains(rec.Data, p.needle) {
			continue
		}
		postings, err := p.postings(ctx, rec)
		if err != nil {
			return err
		}
		if len(postings) > 0 {
			out.all = append(out.all, foundPart{rec.Position, p.f.amount(postings), turnoverOf(postings)})
		}
	}
	return nil
}

// postings are those of an event that the figure is made of.
func (p *partFinder) postings(ctx context.Context, rec *eventstore.Recorded) ([]domain.Posting, error) {
	if p.f.Parent.UUID != uuid.Nil {
		step, err := decode(ctx, p.reg, *rec)
		return p.f.postings(step), err
	}
	at, postings, err := p.books.Read(ctx, *rec)
	if err != nil {
		return nil, err
	}
	p.own = p.own[:0]
	for _, posting := range postings {
		if p.f.takes(posting) {
			p.own = append(p.own, posting)
		}
	}
	if len(p.own) == 0 {
		return nil, nil
	}
	held, err := p.f.holdsMoment(at, rec)
	if !held {
		return nil, err
	}
	return p.own, err
}
