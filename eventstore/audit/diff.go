package audit

import (
	"context"
	"errors"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// Question asks why a figure changed: the balance of an account as of an effective
// date, as the ledger knew it on two recorded dates.
type Question struct {
	// Account is one account, or all of a kind as Grouped names them: "receivable:*".
	Account  domain.Account
	Creditor domain.FiscalCode // whose books; empty for everybody's
	// AsOf leaves out what took place after this moment (effective date); the zero
	// time leaves out nothing.
	AsOf time.Time
	// From and Until are the recorded dates: what the ledger came to know after the
	// first and not after the second is why the figure changed.
	From, Until time.Time
	// To is the last position looked at; 0 is the end of the log. A running log
	// needs one, for Figures and Changes to speak of the same events.
	To eventstore.Position
}

func (q *Question) concerns(p domain.Posting) bool {
	return counted(p.Account, q.Account) && (q.Creditor == "" || q.Creditor == p.Creditor)
}

// Figures are the two balances that a Question compares, in the books of one
// creditor.
type Figures struct {
	Creditor    domain.FiscalCode
	From, Until domain.Money
}

// FiguresOf returns the balances that q compares, by creditor: of those in whose
// books anything ever touched the account. It adds up postings as BalancesOf does,
// and so tells whether Changes are complete.
func FiguresOf(ctx context.Context, log eventstore.Reader, q Question) ([]Figures, error) {
	known := func(by time.Time) column {
		return column{Range: Range{To: q.To, AsOf: q.AsOf, RecordedBy: by}, amount: balance, about: &q}
	}
	sums, err := sumsOf(ctx, log, known(q.From), known(q.Until))
	if err != nil {
		return nil, err
	}
	of := make(map[domain.FiscalCode]Figures)
	for book, from := range sums[0] { // both columns have the same accounts
		f := of[book.Creditor]
		of[book.Creditor] = Figures{book.Creditor, f.From + from, f.Until + sums[1][book]}
	}
	return slices.SortedFunc(maps.Values(of), func(a, b Figures) int { return strings.Compare(string(a.Creditor), string(b.Creditor)) }), nil
}

// Class says why an event made a figure change between two recorded dates.
type Class string

// A correction is an event by which a person took back, settled or moved what was
// in the books: a bulletin cancelled, money in suspense applied, moved to another
// notice, disowned or made a credit, a credit given back; and what a moved receipt
// does where it arrives, although it keeps the date on which the payer paid.
// Everything else is a fact, in time or late. That holds for a second payment of
// a bulletin and for one that fits nothing too: money came, and nothing was
// corrected yet.
const (
	InTime     Class = "in time"    // took place after the first date
	Late       Class = "late"       // took place by the first date, and was not known then
	Correction Class = "correction" // whenever it took place
)

// Classes are all classes, in the order in which they are told.
var Classes = []Class{InTime, Late, Correction}

// Change is an event that makes a figure differ, and by how much.
type Change struct {
	Position  eventstore.Position
	Stream    eventstore.Stream
	Revision  eventstore.Revision
	Type      string
	Creditor  domain.FiscalCode
	Effective time.Time
	Recorded  time.Time
	Class     Class
	Amount    domain.Money // debits less credits; never 0
	// After is the period after whose closing it was recorded, although it took place
	// before the period's end; empty where there is none.
	After domain.ClosingPeriod
}

// errLeft ends the pass of somebody who wants no more.
var errLeft = errors.New("audit: left")

// Changes yields, in log order, the events that make the two figures of q differ:
// their amounts add up to the change. It works on all cores, and keeps only the ids
// of the receipts' moves.
func Changes(ctx context.Context, log eventstore.Reader, q Question) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		moves := make(moves)
		closings := newClosed(log, Range{To: q.To, RecordedBy: q.Until})
		err := inBatches(ctx,
			func(ctx context.Context) iter.Seq2[eventstore.Recorded, error] {
				return Range{To: q.To}.upTo(log.ReadAll(ctx, 0))
			},
			func() func([]eventstore.Recorded, *sifted) {
				s := sieve{q: &q, books: wire.NewBooks(), reg: wire.New(nil)}
				return func(events []eventstore.Recorded, out *sifted) { out.err = s.all(ctx, events, out) }
			},
			func(_ []eventstore.Recorded, found *sifted) error {
				for _, c := range found.candidates {
					if moves.class(&c); c.Amount == 0 {
						continue
					}
					var err error
					if c.After, err = closings.after(ctx, c.Creditor, c.Effective, c.Position); err != nil {
						return err
					}
					if !yield(c.Change, nil) {
						return errLeft
					}
				}
				return found.err
			})
		if err != nil && !errors.Is(err, errLeft) {
			yield(Change{}, err)
		}
	}
}

// candidate is a change, or a receipt's move that must be remembered; or both.
type candidate struct {
	Change
	move  uuid.UUID // the move's own id; nil for another event
	cause uuid.UUID
}

// sifted are the candidates of a batch, up to the first error.
type sifted struct {
	candidates []candidate
	err        error
}

// moves are the ids of the events that moved a receipt to another notice.
type moves map[uuid.UUID]bool

// class remembers a move, and makes what one caused a correction. A move comes
// before what it causes.
func (m moves) class(c *candidate) {
	if c.move != uuid.Nil {
		m[c.move] = true
	}
	if m[c.cause] {
		c.Class = Correction
	}
}

// sieve looks, on one core, for the events that a question is about.
type sieve struct {
	q     *Question
	books *wire.Books
	reg   *wire.Registry
}

func (s *sieve) all(ctx context.Context, events []eventstore.Recorded, out *sifted) error {
	out.candidates = out.candidates[:0]
	for i := range events {
		if err := s.event(ctx, &events[i], out); err != nil {
			return err
		}
	}
	return nil
}

func (s *sieve) event(ctx context.Context, rec *eventstore.Recorded, out *sifted) error {
	if !wire.Moves(rec.Type) {
		return nil
	}
	at, postings, err := s.books.Read(ctx, *rec)
	if err != nil {
		return err
	}
	c := candidate{Change: Change{
		Position: rec.Position, Stream: rec.Stream, Revision: rec.Revision, Type: rec.Type, Effective: at,
	}}
	for _, p := range postings {
		if s.q.concerns(p) {
			c.Creditor, c.Amount = p.Creditor, c.Amount+balance(p) // an event is in the books of one creditor
		}
	}
	if !s.q.AsOf.IsZero() && at.After(s.q.AsOf) {
		c.Amount = 0
	}
	if isMove(rec.Type) {
		c.move = rec.ID
	}
	if c.Amount == 0 && c.move == uuid.Nil {
		return nil
	}
	if err := s.judge(ctx, rec, &c); err != nil {
		return err
	}
	out.candidates = append(out.candidates, c)
	return nil
}

// judge gives a candidate its class, and no amount if it was recorded at another
// time than is asked about.
func (s *sieve) judge(ctx context.Context, rec *eventstore.Recorded, c *candidate) error {
	step, err := decode(ctx, s.reg, *rec)
	if err != nil {
		return err
	}
	c.Recorded, c.cause = step.Metadata.Recorded, step.Metadata.Causation
	switch {
	case corrects(step.Fact):
		c.Class = Correction
	case c.Effective.After(s.q.From):
		c.Class = InTime
	default:
		c.Class = Late
	}
	if !c.Recorded.After(s.q.From) || c.Recorded.After(s.q.Until) {
		c.Amount = 0
	}
	return nil
}

// isMove tells a ReceiptReassigned, in whatever form it was stored, without reading
// it.
func isMove(name string) bool { return strings.HasPrefix(name, "receipt-reassigned.") }

// corrects says whether a fact takes back, settles or moves what was in the books.
func corrects(fact domain.Event) bool {
	switch fact.(type) {
	case domain.BulletinCancelled, domain.ReceiptApplied, domain.ReceiptReassigned, domain.ReceiptDisowned,
		domain.RefundDue, domain.PaymentRefunded:
		return true
	}
	return false
}
