package fdr

import (
	"bytes"

	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
)

// Nearly all of a flow is payments, and nearly all of them are written plainly: tags
// without prefix or attribute, in between blanks, in them printable ASCII and no
// entity. Those are read without the decoder, by the same rules and in a tenth of the
// time. Whatever else stands there, right or wrong, is left to the decoder, which has
// not moved.

// allowPlain looks, once the decoder has read a payment after begin, whether it was one
// of unprefixed tags: then such tags are of the flow's namespace here.
func (w *walker) allowPlain(begin []byte) {
	if w.err == nil && !w.doc.recoded && !w.plain {
		c := plainText{rest: begin}
		w.plain = c.tag("<" + paymentTag + ">")
	}
}

// plainAhead reports whether the next payment may be a plain one.
func (w *walker) plainAhead() bool {
	c := plainText{rest: w.doc.rest}
	return w.plain && w.err == nil && w.next == nil && c.tag("<"+paymentTag+">")
}

// plainPayment takes the next payment, if it is a plain one and keeps to the rules.
func (w *walker) plainPayment() (p Payment, ok bool) {
	if !w.plainAhead() {
		return p, false
	}
	c := plainText{rest: w.doc.rest}
	c.tag("<" + paymentTag + ">")
	p.IUV = domain.IUV(c.element(iuvTag, reference))
	p.IUR = c.element(iurTag, reference)
	if c.ahead("<" + indexTag + ">") {
		p.Index = int(count(c.element(indexTag, index)))
	}
	p.Amount = money(c.element(amountTag, amount))
	p.Outcome = Outcome(count(c.element(outcomeTag, outcome)))
	p.Date = soap.Date(c.element(dateTag, w.date()))
	if !c.tag("</" + paymentTag + ">") {
		return Payment{}, false
	}
	taken := w.doc.rest[:len(w.doc.rest)-len(c.rest)]
	w.lines += bytes.Count(taken, []byte("\n"))
	w.doc.rest, w.day = c.rest, string(p.Date)
	return p, true
}

// date is the rule of dates, which most payments of a flow pass with the same.
func (w *walker) date() rule {
	return rule{date.want, date.collapse, func(s string) bool { return w.day != "" && s == w.day || date.ok(s) }}
}

// plainText is gone through tag by tag. After a failure it stands still.
type plainText struct {
	rest   []byte
	failed bool
}

// ahead goes over blanks, and reports whether a tag follows.
func (c *plainText) ahead(tag string) bool {
	for !c.failed && len(c.rest) > 0 && (c.rest[0] == ' ' || c.rest[0] == '\t' || c.rest[0] == '\r' || c.rest[0] == '\n') {
		c.rest = c.rest[1:]
	}
	return !c.failed && len(c.rest) >= len(tag) && string(c.rest[:len(tag)]) == tag
}

// tag takes a tag, and reports whether it was there.
func (c *plainText) tag(tag string) bool {
	if !c.ahead(tag) {
		c.failed = true
		return false
	}
	c.rest = c.rest[len(tag):]
	return true
}

// element takes an element with its text, which keeps to the rule.
func (c *plainText) element(name string, u rule) string {
	if !c.tag("<" + name + ">") {
		return ""
	}
	end := 0
	for end < len(c.rest) && c.rest[end] >= ' ' && c.rest[end] <= '~' && c.rest[end] != '<' && c.rest[end] != '>' && c.rest[end] != '&' {
		end++
	}
	text, ok := u.check(string(c.rest[:end]))
	c.failed, c.rest = !ok, c.rest[end:]
	const close = "</"
	if c.failed || len(c.rest) < len(close)+len(name)+1 || string(c.rest[:len(close)]) != close {
		c.failed = true
		return ""
	}
	c.rest = c.rest[len(close):]
	if string(c.rest[:len(name)]) != name || c.rest[len(name)] != '>' {
		c.failed = true
		return ""
	}
	c.rest = c.rest[len(name)+1:]
	return text
}
