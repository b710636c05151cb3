package wire

import (
	"math"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
)

// inOnePass is a plain event of which logs hold so many that going through its members
// in the order in which Encode writes them pays: what differs in the least is left to
// the decoder of JSON, which takes several times as long.
func inOnePass[E domain.Event](name string, read func(*cursor) E) entry {
	en := plain[E](name)
	inFull := en.decode
	en.decode = func(data []byte, open func(uuid.UUID, any) error) (domain.Event, error) {
		c := cursor{rest: data}
		if e := read(&c); c.whole() {
			return e, nil
		}
		return inFull(data, open)
	}
	return en
}

// own takes a text as a string of its own.
func own[S ~string](c *cursor, name string) S { return S(c.text(name)) }

func (c *cursor) bulletinIssued() (e domain.BulletinIssued) {
	e.Creditor = own[domain.FiscalCode](c, `{"creditor":"`)
	e.Notice = own[domain.NoticeNumber](c, `,"notice":"`)
	e.Parent.UUID = c.id(`,"parent":"`)
	e.Category = own[domain.CategoryCode](c, `,"category":"`)
	e.Lines = c.lines()
	e.Amount = c.money(`,"amount":"`)
	e.Period.From = own[domain.Date](c, `,"period":{"from":"`)
	e.Period.To = own[domain.Date](c, `,"to":"`)
	e.Due = own[domain.Date](c, `},"due":"`)
	e.Causale = own[string](c, `,"causale":"`)
	e.At = c.moment(`,"at":"`)
	if c.has(`,"instalments":[`) {
		e.Instalments = items(c, `{"notice":"`, func(begin string) (i domain.Instalment) {
			i.Notice = own[domain.NoticeNumber](c, begin)
			i.Amount = c.money(`,"amount":"`)
			i.Due = own[domain.Date](c, `,"due":"`)
			return i
		})
	}
	return e
}

func (c *cursor) bulletinSent() (e domain.BulletinSent) {
	e.Creditor = own[domain.FiscalCode](c, `{"creditor":"`)
	e.Notice = own[domain.NoticeNumber](c, `,"notice":"`)
	e.Parent.UUID = c.id(`,"parent":"`)
	e.At = c.moment(`,"at":"`)
	return e
}

func (c *cursor) paymentConfirmed() (e domain.PaymentConfirmed) {
	e.Creditor = own[domain.FiscalCode](c, `{"creditor":"`)
	e.Notice = own[domain.NoticeNumber](c, `,"notice":"`)
	e.Parent.UUID = c.id(`,"parent":"`)
	e.Receipt = own[domain.ReceiptID](c, `,"receipt":"`)
	e.Amount = c.money(`,"amount":"`)
	e.Lines = c.lines()
	e.PSP = c.wholePSP()
	e.StandIn = c.has(`,"standIn":true`)
	e.At = c.moment(`,"at":"`)
	if c.has(`,"bulletin":"`) {
		e.Bulletin = own[domain.NoticeNumber](c, "")
	}
	if c.has(`,"left":["`) {
		e.Left = append(e.Left, own[domain.NoticeNumber](c, ""))
		for !c.failed && !c.has("]") {
			e.Left = append(e.Left, own[domain.NoticeNumber](c, `,"`))
		}
	}
	return e
}

func (c *cursor) paymentReported() (e domain.PaymentReported) {
	e.Creditor = own[domain.FiscalCode](c, `{"creditor":"`)
	e.Notice = own[domain.NoticeNumber](c, `,"notice":"`)
	e.Receipt = own[domain.ReceiptID](c, `,"receipt":"`)
	e.Flow = own[string](c, `,"flow":"`)
	e.Version = own[string](c, `,"version":"`)
	e.Created = c.moment(`,"created":"`)
	e.Amount = c.money(`,"amount":"`)
	e.Outcome = domain.FlowOutcome(c.number(`,"outcome":`))
	e.PSP = c.wholePSP()
	e.Awaited = c.has(`,"awaited":true`)
	e.At = c.moment(`,"at":"`)
	e.Transfers = c.transfers()
	return e
}

func (c *cursor) paymentSettled() (e domain.PaymentSettled) {
	e.Creditor = own[domain.FiscalCode](c, `{"creditor":"`)
	e.Notice = own[domain.NoticeNumber](c, `,"notice":"`)
	e.Receipt = own[domain.ReceiptID](c, `,"receipt":"`)
	e.Flow = own[string](c, `,"flow":"`)
	e.Amount = c.money(`,"amount":"`)
	e.Movement = own[string](c, `,"movement":"`)
	e.Booked = own[domain.Date](c, `,"booked":"`)
	e.At = c.moment(`,"at":"`)
	e.Transfers = c.transfers()
	return e
}

func (c *cursor) flowLinesFiled() (e domain.FlowLinesFiled) {
	e.Creditor = own[domain.FiscalCode](c, `{"creditor":"`)
	e.Flow = own[string](c, `,"flow":"`)
	e.Part = c.number(`,"part":`)
	c.expect(`,"lines":[`)
	e.Lines = items(c, `{"iuv":"`, func(begin string) (l domain.FlowLine) {
		l.IUV = own[domain.IUV](c, begin)
		l.Receipt = own[domain.ReceiptID](c, `,"iur":"`)
		l.Index = c.number(`,"index":`)
		l.Amount = c.money(`,"amount":"`)
		l.Outcome = domain.FlowOutcome(c.number(`,"outcome":`))
		l.Date = own[domain.Date](c, `,"date":"`)
		return l
	})
	e.At = c.moment(`,"at":"`)
	return e
}

func (c *cursor) lines() []domain.Line {
	c.expect(`,"lines":[`)
	return items(c, `{"consumer":"`, func(begin string) (l domain.Line) {
		l.Consumer.UUID = c.id(begin)
		l.Service = own[domain.ServiceCode](c, `,"service":"`)
		l.Amount = c.money(`,"amount":"`)
		return l
	})
}

// items takes objects, each from the literal that it begins with, to the end of their
// array.
func items[T any](c *cursor, begin string, item func(begin string) T) []T {
	all := make([]T, 0, min(1+len(c.rest)/128, 256))
	for at := begin; !c.failed && !c.has("]"); at = "," + begin {
		all = append(all, item(at))
		c.expect("}")
	}
	return all
}

// number takes a whole number as it is written plainly: not negative, and of few digits.
func (c *cursor) number(name string) int {
	if c.expect(name); c.has("0") {
		return 0
	}
	n, digits := 0, c.rest
	c.count()
	for _, d := range digits[:len(digits)-len(c.rest)] {
		n = 10*n + int(d-'0')
	}
	return n
}

// transfers takes which transfers of a receipt are meant, where that is said.
func (c *cursor) transfers() domain.TransferSet {
	if !c.has(`,"transfers":`) {
		return 0
	}
	n := c.number("")
	if n > math.MaxUint16 {
		c.failed = true // the decoder says what is wrong
	}
	return domain.TransferSet(n)
}

func (c *cursor) wholePSP() (p domain.PSP) {
	p.ID = own[string](c, `,"psp":{"id":"`)
	p.Name = own[string](c, `,"name":"`)
	if c.has(`,"method":"`) {
		p.Method = own[string](c, "")
	}
	c.expect("}")
	return p
}
