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
// date, as the ledger knew it on two recorded dates; or as of two effective dates; or
// both.
type Question struct {
	// Account is one account, or all of a kind as Grouped names them: "receivable:*".
	Account  domain.Account
	Creditor domain.FiscalCode // whose books; empty for everybody's
	// AsOf leaves out what took place after this moment (effective date); the zero
	// time leaves out nothing.
	AsOf time.Time
	// AsOfUntil is the same of the second figure; the zero time is AsOf.
	AsOfUntil time.Time
	// From and Until are the recorded dates: what the ledger came to know after the
	// first and not after the second is why the figure changed. The zero time leaves out
	// nothing.
	From, Until time.Time
	// To is the last position looked at; 0 is the end of the log. A running log
	// needs one, for Figures and Changes to speak of the same events.
	To eventstore.Position
}

func (q *Question) concerns(p domain.Posting) bool {
	return counted(p.Account, q.Account) && (q.Creditor == "" || q.Creditor == p.Creditor)
}

// Ranges are what the two figures count.
func (q *Question) Ranges() (first, second Range) {
	first = Range{To: q.To, AsOf: q.AsOf, RecordedBy: q.From}
	second = Range{To: q.To, AsOf: q.AsOf, RecordedBy: q.Until}
	if !q.AsOfUntil.IsZero() {
		second.AsOf = q.AsOfUntil
	}
	return first, second
}

// since is the date after which a fact is not late: the first of all.
func (q *Question) since() (first time.Time) {
	for _, t := range []time.Time{q.AsOf, q.AsOfUntil, q.From, q.Until} {
		if !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first
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
	first, second := q.Ranges()
	sums, err := sumsOf(ctx, log, column{first, balance, &q}, column{second, balance, &q})
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

// Class says why an event made a figure change between two dates.
type Class string

// A correction is an event by which a person took back, settled or moved what was
// in the books: a bulletin cancelled, money in suspense applied, moved to another
// notice, disowned or made a credit, a credit given back; and what a moved receipt
// does where it arrives, although it keeps the date on which the payer paid.
// Everything else is a fact, in time or late. That holds for a second payment of
// a bulletin and for one that fits nothing too: money came, and nothing was
// corrected yet.
const (
	InTime     Class = "in time"    // took place after the first date that is asked about
	Late       Class = "late"       // took place by then, and was not known
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
// their amounts add up to the change. What only the first figure has counts with the
// opposite sign. It works on all cores, and keeps only the ids of the receipts' moves.
func Changes(ctx context.Context, log eventstore.Reader, q Question) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		closings := newClosed(log, Range{To: q.To, RecordedBy: q.Until})
		err := eachChange(ctx, log, q, func(c Change) error {
			var err error
			if c.After, err = closings.after(ctx, c.Creditor, c.Effective, c.Position); err != nil {
				return err
			}
			if !yield(c, nil) {
				return errLeft
			}
			return nil
		})
		if err != nil && !errors.Is(err, errLeft) {
			yield(Change{}, err)
		}
	}
}

// eachChange gives take the changes, without the closings that they come after.
func eachChange(ctx context.Context, log eventstore.Reader, q Question, take func(Change) error) error {
	moves := make(moves)
	return inBatches(ctx,
		func(ctx context.Context) iter.Seq2[eventstore.Recorded, error] {
			return Range{To: q.To}.upTo(log.ReadAll(ctx, 0))
		},
		func() func([]eventstore.Recorded, *sifted) {
			s := newSieve(&q)
			return func(events []eventstore.Recorded, out *sifted) { out.err = s.all(ctx, events, out) }
		},
		func(_ []eventstore.Recorded, found *sifted) error {
			for _, c := range found.candidates {
				if moves.class(&c); c.Amount == 0 {
					continue
				}
				if err := take(c.Change); err != nil {
					return err
				}
			}
			return found.err
		})
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
	q             *Question
	first, second Range
	since         time.Time
	books         *wire.Books
	reg           *wire.Registry
}

func newSieve(q *Question) *sieve {
	s := &sieve{q: q, since: q.since(), books: wire.NewBooks(), reg: wire.New(nil)}
	s.first, s.second = q.Ranges()
	return s
}

func (s *sieve) all(ctx context.Context, events []eventstore.Recorded, out *sifted) error {
	out.candidates = out.candidates[:0]
	for i := range events {
		c, err := s.event(ctx, &events[i])
		if err != nil {
			return err
		}
		if c.Amount != 0 || c.move != uuid.Nil {
			out.candidates = append(out.candidates, c)
		}
	}
	return nil
}

// event is a candidate of no amount and no move where an event is none.
func (s *sieve) event(ctx context.Context, rec *eventstore.Recorded) (candidate, error) {
	if !wire.Moves(rec.Type) {
		return candidate{}, nil
	}
	at, postings, err := s.books.Read(ctx, *rec)
	if err != nil {
		return candidate{}, err
	}
	c := candidate{Change: Change{
		Position: rec.Position, Stream: rec.Stream, Revision: rec.Revision, Type: rec.Type, Effective: at,
	}}
	var moved domain.Money
	for _, p := range postings {
		if s.q.concerns(p) {
			c.Creditor, moved = p.Creditor, moved+balance(p) // an event is in the books of one creditor
		}
	}
	if moved != 0 {
		if c.Amount, err = s.counted(at, rec, moved); err != nil {
			return candidate{}, err
		}
	}
	if isMove(rec.Type) {
		c.move = rec.ID
	}
	if c.Amount == 0 {
		return c, nil
	}
	return c, s.judge(ctx, rec, &c)
}

// counted is what an event adds to the second figure and not to the first.
func (s *sieve) counted(at time.Time, rec *eventstore.Recorded, moved domain.Money) (domain.Money, error) {
	first, err := s.first.holdsMoment(at, rec)
	if err != nil {
		return 0, err
	}
	second, err := s.second.holdsMoment(at, rec)
	switch {
	case err != nil || first == second:
		return 0, err
	case first:
		return -moved, nil
	}
	return moved, nil
}

// judge gives a candidate its class.
func (s *sieve) judge(ctx context.Context, rec *eventstore.Recorded, c *candidate) error {
	step, err := decode(ctx, s.reg, *rec)
	if err != nil {
		return err
	}
	c.Recorded, c.cause = step.Metadata.Recorded, step.Metadata.Causation
	switch {
	case corrects(step.Fact):
		c.Class = Correction
	case c.Effective.After(s.since):
		c.Class = InTime
	default:
		c.Class = Late
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
