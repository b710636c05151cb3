package wire

import (
	"context"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// Books reads what events do to the books, much faster than decoding them: an
// event as Encode writes it is gone through once, and only what its postings are
// made of is kept. One Books is for one goroutine.
type Books struct {
	reg      *Registry
	cursor   cursor
	names    map[string]string // creditors and services seen, to share their strings
	lines    []domain.Line
	postings []domain.Posting
}

// NewBooks returns a reader without keys.
func NewBooks() *Books { return &Books{reg: New(nil), names: make(map[string]string)} }

// namesKept bounds the strings that a Books shares.
const namesKept = 4096

// Read returns when an event took place and its postings: what Decode and
// domain.Postings say, and an error when Decode has one. The postings are valid
// until the next Read; their strings stay.
func (b *Books) Read(ctx context.Context, rec eventstore.Recorded) (time.Time, []domain.Posting, error) {
	if read, ok := forms[rec.Type]; ok {
		b.cursor = cursor{rest: rec.Data}
		b.lines, b.postings = b.lines[:0], b.postings[:0]
		if at := read(b, &b.cursor); b.cursor.whole() {
			return at, b.postings, nil
		}
	}
	fact, err := b.reg.Decode(ctx, rec) // it is written in another way, or is rare
	if err != nil {
		return time.Time{}, nil, err
	}
	b.postings = domain.AppendPostings(b.postings[:0], fact)
	return fact.OccurredAt(), b.postings, nil
}

// Moves says whether events of a stored name can have postings. A name that is
// not known to have none can.
func Moves(name string) bool { return !still[name] }

// still lists stored names whose events never have postings. A name that is
// missing here costs time and nothing else.
var still = map[string]bool{
	"creditor-registered.v1": true, "creditor-changed.v1": true, "category-defined.v1": true, "service-defined.v1": true,
	"parent-registered.v1": true, "profile-changed.v1": true, "credential-changed.v1": true, "parent-erased.v1": true,
	"value-claimed.v1": true, "value-released.v1": true,
	"consumer-enrolled.v1": true, "parent-linked.v1": true, "service-activated.v1": true, "diet-changed.v1": true,
	"numbers-reserved.v1": true, "number-assigned.v1": true,
	"instalment-numbered.v1": true, "bulletin-sent.v1": true, "payment-activated.v1": true,
	"bulletins-selected.v1": true, "checkout-started.v1": true, "notices-requested.v1": true,
	"checkout-returned.v1": true, "payment-completed.v1": true,
	"payment-reported.v1": true, "transfer-noted.v1": true,
	"document-part.v1": true, "document-filed.v1": true, "document-accepted.v1": true, "document-quarantined.v1": true,
	"flow-lines-filed.v1": true, "flow-filed.v1": true, "movements-filed.v1": true, "statement-filed.v1": true,
	"flow-noted.v1": true, "movement-noted.v1": true, "match-proposed.v1": true, "match-confirmed.v1": true, "match-undone.v1": true,
	"difference-accepted.v1": true, "difference-reopened.v1": true, "case-note-added.v1": true,
	"remittance-settled.v1": true, "remittance-reopened.v1": true,
	"rule-set.v1": true, "rule-withdrawn.v1": true,
	"receipt-filed.v1": true, "unreadable-filed.v1": true, "receipt-expected.v1": true, "expectation-met.v1": true, "receipt-reported.v1": true,
	"inquiry-opened.v1": true, "inquiry-continued.v1": true, "inquiry-answered.v1": true, "inquiry-closed.v1": true,
	"news-published.v1": true, "news-corrected.v1": true, "news-withdrawn.v1": true,
	"period-closed.v1": true, "closings-listed.v1": true,
}

// forms has, for each stored name that moves money and for those that most of a log
// is made of, the members that Encode writes in their order. What differs in the
// least is left to Decode.
var forms = map[string]func(*Books, *cursor) time.Time{
	"bulletin-issued.v1":     (*Books).issued,
	"bulletin-cancelled.v1":  (*Books).cancelled,
	"payment-confirmed.v1":   (*Books).confirmed,
	"payment-duplicated.v1":  (*Books).duplicated,
	"receipt-unmatched.v1":   (*Books).unmatched,
	"receipt-applied.v1":     (*Books).applied,
	"receipt-reassigned.v1":  (*Books).reassigned,
	"refund-due.v1":          (*Books).refundDue,
	"receipt-disowned.v1":    (*Books).disowned,
	"payment-refunded.v1":    (*Books).refunded,
	"payment-settled.v1":     (*Books).settled,
	"settlement-reversed.v1": (*Books).unsettled,
	"payment-revoked.v1":     (*Books).revoked,
	"difference-booked.v1":   (*Books).difference,
	"wallet-credited.v1":     (*Books).credited,
	"meal-charged.v1":        (*Books).charged,

	"number-assigned.v1": (*Books).assigned,
	"bulletin-sent.v1":   (*Books).sent,
	"receipt-filed.v1":   (*Books).filed,
}

func (b *Books) post(e domain.Event) { b.postings = domain.AppendPostings(b.postings, e) }

// name returns a text as a string, the same for the same text.
func (b *Books) name(text []byte) string {
	if s, ok := b.names[string(text)]; ok {
		return s
	}
	if len(b.names) >= namesKept {
		clear(b.names)
	}
	s := string(text)
	b.names[s] = s
	return s
}

func (b *Books) creditor(c *cursor) domain.FiscalCode {
	return domain.FiscalCode(b.name(c.text(`{"creditor":"`)))
}

func (b *Books) issued(c *cursor) time.Time {
	var e domain.BulletinIssued
	e.Creditor = b.creditor(c)
	c.text(`,"notice":"`)
	c.id(`,"parent":"`)
	c.text(`,"category":"`)
	e.Lines = b.readLines(c)
	c.money(`,"amount":"`)
	c.text(`,"period":{"from":"`)
	c.text(`,"to":"`)
	c.text(`},"due":"`)
	c.text(`,"causale":"`)
	e.At = c.moment(`,"at":"`)
	c.instalments()
	b.post(e)
	return e.At
}

func (b *Books) cancelled(c *cursor) time.Time {
	var e domain.BulletinCancelled
	e.Creditor = b.creditor(c)
	c.text(`,"notice":"`)
	c.id(`,"parent":"`)
	c.money(`,"amount":"`)
	e.Lines = b.readLines(c)
	c.text(`,"reason":"`)
	e.At = c.moment(`,"at":"`)
	b.post(e)
	return e.At
}

func (b *Books) confirmed(c *cursor) time.Time {
	var e domain.PaymentConfirmed
	e.Creditor = b.creditor(c)
	c.text(`,"notice":"`)
	c.id(`,"parent":"`)
	c.text(`,"receipt":"`)
	e.Amount = c.money(`,"amount":"`)
	e.Lines = b.readLines(c)
	c.psp()
	c.standIn()
	e.At = c.moment(`,"at":"`)
	c.bulletin()
	c.notices(`,"left":[`)
	b.post(e)
	return e.At
}

func (b *Books) duplicated(c *cursor) time.Time {
	var e domain.PaymentDuplicated
	e.Creditor = b.creditor(c)
	c.text(`,"notice":"`)
	e.Parent.UUID = c.id(`,"parent":"`)
	c.text(`,"receipt":"`)
	e.Amount = c.money(`,"amount":"`)
	c.psp()
	c.standIn()
	e.At = c.moment(`,"at":"`)
	c.bulletin()
	b.post(e)
	return e.At
}

func (b *Books) unmatched(c *cursor) time.Time {
	var e domain.ReceiptUnmatched
	e.Creditor = b.creditor(c)
	c.text(`,"notice":"`)
	c.text(`,"receipt":"`)
	e.Amount = c.money(`,"amount":"`)
	c.text(`,"reason":"`)
	c.money(`,"expected":"`)
	if c.has(`,"issuer":"`) {
		c.text("")
	}
	if c.has(`,"move":`) {
		c.count()
	}
	c.psp()
	c.standIn()
	e.At = c.moment(`,"at":"`)
	c.bulletin()
	b.post(e)
	return e.At
}

func (b *Books) credited(c *cursor) time.Time {
	var e domain.WalletCredited
	e.Creditor = b.creditor(c)
	e.Consumer.UUID = c.id(`,"consumer":"`)
	c.text(`,"year":"`)
	c.id(`,"credit":"`)
	e.Amount = c.money(`,"amount":"`)
	e.At = c.moment(`,"at":"`)
	b.post(e)
	return e.At
}

func (b *Books) charged(c *cursor) time.Time {
	var e domain.MealCharged
	e.Creditor = b.creditor(c)
	e.Consumer.UUID = c.id(`,"consumer":"`)
	c.text(`,"year":"`)
	e.Service = domain.ServiceCode(b.name(c.text(`,"service":"`)))
	c.text(`,"day":"`)
	e.Amount = c.money(`,"amount":"`)
	e.At = c.moment(`,"at":"`)
	b.post(e)
	return e.At
}

func (b *Books) assigned(c *cursor) time.Time {
	c.text(`{"creditor":"`)
	c.text(`,"notice":"`)
	return c.moment(`,"at":"`)
}

func (b *Books) sent(c *cursor) time.Time {
	c.text(`{"creditor":"`)
	c.text(`,"notice":"`)
	c.id(`,"parent":"`)
	return c.moment(`,"at":"`)
}

// filed leaves the receipt sealed.
func (b *Books) filed(c *cursor) time.Time {
	c.text(`{"creditor":"`)
	c.text(`,"receipt":"`)
	c.text(`,"notice":"`)
	c.money(`,"amount":"`)
	if c.has(`,"issuer":"`) {
		c.text("")
	}
	c.text(`,"channel":"`)
	c.text(`,"sha256":"`)
	c.id(`,"subject":"`)
	at := c.moment(`,"at":"`)
	c.text(`,"personal":"`)
	return at
}

func (b *Books) readLines(c *cursor) []domain.Line {
	c.expect(`,"lines":[`)
	return b.readItems(c)
}

// readItems reads lines from the first on to the end of their array.
func (b *Books) readItems(c *cursor) []domain.Line {
	from := len(b.lines)
	for sep := `{"consumer":"`; !c.has("]"); sep = `,{"consumer":"` {
		var l domain.Line
		l.Consumer.UUID = c.id(sep)
		l.Service = domain.ServiceCode(b.name(c.text(`,"service":"`)))
		l.Amount = c.money(`,"amount":"`)
		c.expect("}")
		if c.failed {
			return nil
		}
		b.lines = append(b.lines, l)
	}
	return b.lines[from:]
}
