package wire

import (
	"time"

	"github.com/saldo-ledger/saldo/domain"
)

// What a person decided about a receipt: few events, which move money all the same.

func (b *Books) applied(c *cursor) time.Time {
	var e domain.ReceiptApplied
	e.Creditor = b.creditor(c)
	c.text(`,"notice":"`)
	e.Parent.UUID = c.id(`,"parent":"`)
	c.text(`,"receipt":"`)
	e.Amount = c.money(`,"amount":"`)
	e.Lines = b.readLines(c)
	if c.has(`,"surplus":"`) {
		e.Surplus = c.money("")
	}
	if c.has(`,"writtenOff":[`) {
		e.WrittenOff = b.readItems(c)
	}
	c.paid()
	c.text(`,"reason":"`)
	e.At = c.moment(`,"at":"`)
	c.bulletin()
	c.notices(`,"left":[`)
	b.post(e)
	return e.At
}

func (b *Books) reassigned(c *cursor) time.Time {
	var e domain.ReceiptReassigned
	e.Creditor = b.creditor(c)
	c.text(`,"notice":"`)
	c.text(`,"receipt":"`)
	e.Amount = c.money(`,"amount":"`)
	c.text(`,"to":"`)
	c.expect(`,"move":`)
	c.count()
	c.paid()
	c.text(`,"reason":"`)
	e.At = c.moment(`,"at":"`)
	b.post(e)
	return e.At
}

func (b *Books) refundDue(c *cursor) time.Time {
	var e domain.RefundDue
	e.Creditor = b.creditor(c)
	c.text(`,"notice":"`)
	e.Parent = c.perhapsParent()
	c.text(`,"receipt":"`)
	e.Amount = c.money(`,"amount":"`)
	c.text(`,"reason":"`)
	e.At = c.moment(`,"at":"`)
	b.post(e)
	return e.At
}

func (b *Books) disowned(c *cursor) time.Time {
	var e domain.ReceiptDisowned
	e.Creditor = b.creditor(c)
	c.text(`,"notice":"`)
	c.text(`,"receipt":"`)
	e.Amount = c.money(`,"amount":"`)
	c.text(`,"reason":"`)
	e.At = c.moment(`,"at":"`)
	b.post(e)
	return e.At
}

func (b *Books) refunded(c *cursor) time.Time {
	var e domain.PaymentRefunded
	e.Creditor = b.creditor(c)
	c.text(`,"notice":"`)
	e.Parent = c.perhapsParent()
	c.text(`,"receipt":"`)
	e.Amount = c.money(`,"amount":"`)
	c.text(`,"order":"`)
	e.At = c.moment(`,"at":"`)
	b.post(e)
	return e.At
}

// paid takes who took the money, and when.
func (c *cursor) paid() {
	c.psp()
	c.standIn()
	c.moment(`,"paidAt":"`)
}

// perhapsParent takes whose credit it is, where that is known.
func (c *cursor) perhapsParent() (p domain.ParentID) {
	if c.has(`,"parent":"`) {
		p.UUID = c.id("")
	}
	return p
}
