package wire

import (
	"time"

	"github.com/saldo-ledger/saldo/domain"
)

// What flows and the bank say of a payment.

func (b *Books) settled(c *cursor) time.Time {
	var e domain.PaymentSettled
	e.Creditor = b.creditor(c)
	c.text(`,"notice":"`)
	c.text(`,"receipt":"`)
	c.text(`,"flow":"`)
	e.Amount = c.money(`,"amount":"`)
	c.text(`,"movement":"`)
	c.text(`,"booked":"`)
	e.At = c.moment(`,"at":"`)
	if c.has(`,"transfers":`) {
		c.count()
	}
	b.post(e)
	return e.At
}

func (b *Books) unsettled(c *cursor) time.Time {
	var e domain.SettlementReversed
	e.Creditor = b.creditor(c)
	c.text(`,"notice":"`)
	c.text(`,"receipt":"`)
	c.text(`,"flow":"`)
	e.Amount = c.money(`,"amount":"`)
	c.text(`,"reason":"`)
	e.At = c.moment(`,"at":"`)
	b.post(e)
	return e.At
}

func (b *Books) difference(c *cursor) time.Time {
	var e domain.DifferenceBooked
	e.Creditor = b.creditor(c)
	c.text(`,"subject":"`)
	e.Amount = c.money(`,"amount":"`)
	e.At = c.moment(`,"at":"`)
	b.post(e)
	return e.At
}

func (b *Books) revoked(c *cursor) time.Time {
	var e domain.PaymentRevoked
	e.Creditor = b.creditor(c)
	c.text(`,"notice":"`)
	e.Parent.UUID = c.id(`,"parent":"`)
	c.text(`,"receipt":"`)
	e.Amount = c.money(`,"amount":"`)
	e.Lines = b.readLines(c)
	c.text(`,"reason":"`)
	e.At = c.moment(`,"at":"`)
	c.bulletin()
	b.post(e)
	return e.At
}
