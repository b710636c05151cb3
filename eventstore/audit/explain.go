package audit

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"strings"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// Figure names an amount of the books, as of the dates of its range. One of Account,
// Bulletin and Parent is set.
type Figure struct {
	Creditor domain.FiscalCode // in whose books; empty for everybody's
	// Account is an account's balance, or that of all accounts of a kind as Grouped names
	// them ("receivable:*"): debits less credits.
	Account domain.Account
	// Bulletin is what is owed of the bulletin on a stream. Nothing but that stream is
	// read.
	Bulletin eventstore.Stream
	// Parent is a parent's saldo bollettini: what is owed of all the parent's
	// bulletins, and so 0 or negative.
	Parent domain.ParentID
	Range
}

// Part is an event that moves a figure. Its Moves are those of the figure alone.
type Part struct {
	Step
	Amount  domain.Money     // that it adds
	Sum     domain.Money     // the figure after it
	Receipt domain.ReceiptID // that brought the money; empty where none did
	// After is the period after whose closing the event was recorded, although it took
	// place before the period's end; empty where there is none.
	After domain.ClosingPeriod
}

// Explain yields, in log order, the events that make a figure: their amounts add up to
// it, and Count tells whether they are all. An event may be there with an amount of
// nothing, where what it moves is evened out.
func Explain(ctx context.Context, log eventstore.Reader, f Figure) iter.Seq2[Part, error] {
	return func(yield func(Part, error) bool) {
		balances := make(Balances)
		closings := newClosed(log, f.Range)
		var sum domain.Money
		for step, err := range f.steps(ctx, log) {
			if err != nil {
				yield(Part{}, err)
				return
			}
			postings := f.postings(step)
			if len(postings) == 0 {
				continue
			}
			step.Moves = balances.post(postings)
			part := Part{Step: step, Amount: f.amount(postings), Receipt: receiptOf(step.Fact)}
			sum += part.Amount
			part.Sum = sum
			if part.After, err = closings.after(ctx, postings[0].Creditor, step.Fact.OccurredAt(), step.Event.Position); err != nil {
				yield(Part{}, err)
				return
			}
			if !yield(part, nil) {
				return
			}
		}
	}
}

// postings are those of an event that the figure is made of; none where the range
// leaves it out.
func (f *Figure) postings(s Step) []domain.Posting {
	if f.To != 0 && s.Event.Position > f.To || !f.holds(s) {
		return nil
	}
	return f.touching(s)
}

// touching is postings whatever the range.
func (f *Figure) touching(s Step) (own []domain.Posting) {
	if f.Parent.UUID != uuid.Nil && parent(s.Fact) != f.Parent {
		return nil
	}
	for _, p := range domain.Postings(s.Fact) {
		if f.takes(p) {
			own = append(own, p)
		}
	}
	return own
}

// takes reports whether a posting is of the books and the accounts that the figure is made of.
func (f *Figure) takes(p domain.Posting) bool {
	if f.Creditor != "" && f.Creditor != p.Creditor {
		return false
	}
	if f.Account == "" {
		return strings.HasPrefix(string(p.Account), receivables)
	}
	return counted(p.Account, f.Account)
}

// amount adds postings up, as the figure counts them.
func (f *Figure) amount(postings []domain.Posting) (sum domain.Money) {
	for _, p := range postings {
		sum += balance(p)
	}
	if f.Parent.UUID != uuid.Nil {
		return -sum
	}
	return sum
}

// steps yields the events that can be of the figure, and others.
func (f *Figure) steps(ctx context.Context, log eventstore.Reader) iter.Seq2[Step, error] {
	if f.Bulletin != "" {
		return decoded(ctx, log.Read(ctx, f.Bulletin, 0))
	}
	return func(yield func(Step, error) bool) {
		err := inBatches(ctx,
			func(ctx context.Context) iter.Seq2[eventstore.Recorded, error] {
				return Range{To: f.To}.upTo(log.ReadAll(ctx, 0))
			},
			func() func([]eventstore.Recorded, *picked) {
				p := picker{f: f, needle: f.needle(), books: wire.NewBooks(), reg: wire.New(nil)}
				return func(events []eventstore.Recorded, out *picked) { out.err = p.all(ctx, events, out) }
			},
			func(_ []eventstore.Recorded, found *picked) error {
				for _, step := range found.steps {
					if !yield(step, nil) {
						return errLeft
					}
				}
				return found.err
			})
		if err != nil && !errors.Is(err, errLeft) {
			yield(Step{}, err)
		}
	}
}

func decoded(ctx context.Context, events iter.Seq2[eventstore.Recorded, error]) iter.Seq2[Step, error] {
	reg := wire.New(nil)
	return func(yield func(Step, error) bool) {
		for rec, err := range events {
			var s Step
			if err == nil {
				s, err = decode(ctx, reg, rec)
			}
			if !yield(s, err) || err != nil {
				return
			}
		}
	}
}

// needle is what stands in the text of every event of the figure; nothing where
// there is no such text.
func (f *Figure) needle() []byte {
	if f.Parent.UUID != uuid.Nil {
		return []byte(f.Parent.String())
	}
	_, id, _ := strings.Cut(string(f.Account), ":")
	if _, err := uuid.Parse(id); err != nil {
		return nil
	}
	return []byte(id)
}

// picked are the events of a batch that can be of a figure, up to the first error.
type picked struct {
	steps []Step
	err   error
}

// picker looks, on one core, for the events of a figure, and decodes no others.
type picker struct {
	f      *Figure
	needle []byte
	books  *wire.Books
	reg    *wire.Registry
}

func (p *picker) all(ctx context.Context, events []eventstore.Recorded, out *picked) error {
	out.steps = out.steps[:0]
	for i := range events {
		rec := &events[i]
		concerned, err := p.concerned(ctx, rec)
		if err != nil {
			return err
		}
		if !concerned {
			continue
		}
		step, err := decode(ctx, p.reg, *rec)
		if err != nil {
			return err
		}
		out.steps = append(out.steps, step)
	}
	return nil
}

func (p *picker) concerned(ctx context.Context, rec *eventstore.Recorded) (bool, error) {
	if !wire.Moves(rec.Type) {
		return false, nil
	}
	if p.needle != nil {
		return bytes.Contains(rec.Data, p.needle), nil
	}
	_, postings, err := p.books.Read(ctx, *rec)
	for _, posting := range postings {
		if counted(posting.Account, p.f.Account) {
			return true, err
		}
	}
	return false, err
}

// receiptOf is the receipt that brought what an event moves.
func receiptOf(fact domain.Event) domain.ReceiptID {
	switch e := fact.(type) {
	case domain.PaymentConfirmed:
		return e.Receipt
	case domain.PaymentDuplicated:
		return e.Receipt
	case domain.ReceiptUnmatched:
		return e.Receipt
	case domain.ReceiptApplied:
		return e.Receipt
	case domain.ReceiptReassigned:
		return e.Receipt
	case domain.RefundDue:
		return e.Receipt
	case domain.ReceiptDisowned:
		return e.Receipt
	case domain.PaymentRefunded:
		return e.Receipt
	case domain.PaymentSettled:
		return e.Receipt
	case domain.SettlementReversed:
		return e.Receipt
	case domain.PaymentRevoked:
		return e.Receipt
	}
	return ""
}
