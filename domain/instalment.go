package domain

import (
	"cmp"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"
)

// Instalment is a rata: a part of a bulletin that can be paid by itself, with a notice
// number of its own. All instalments together are another way to pay the bulletin:
// once one of them is paid the bulletin is not to be paid at once any more, and the
// reverse.
type Instalment struct {
	Notice NoticeNumber `json:"notice"`
	Amount Money        `json:"amount"`
	Due    Date         `json:"due"`
}

// MaxInstalments bounds the instalments of one bulletin: where they are printed their
// numbers have two digits.
const MaxInstalments = 99

// NumberInstalment ties a notice number to the bulletin that it will be an instalment
// of. It goes before the bulletin is issued, so that each of an issued bulletin's
// numbers leads to it.
type NumberInstalment struct {
	Creditor FiscalCode
	Notice   NoticeNumber
	Bulletin NoticeNumber
	At       time.Time
}

// InstalmentNumbered says whose instalment a notice number is. It is on the stream of
// that number; all that happens to the instalment is on the bulletin's.
type InstalmentNumbered struct {
	Creditor FiscalCode   `json:"creditor"`
	Notice   NoticeNumber `json:"notice"`
	Bulletin NoticeNumber `json:"bulletin"`
	At       time.Time    `json:"at"`
}

// InstalmentPaid is an instalment whose money came.
type InstalmentPaid struct {
	Notice  NoticeNumber
	Receipt ReceiptID
	At      time.Time
}

// Refusals about instalments.
var (
	ErrBadInstalments = &Refusal{Invalid, "instalments", "instalments are none, or 2 to 99 of positive amounts that together are the bulletin's, each due on a day and none before the one that goes before it"}
	ErrInInstalments  = &Refusal{Conflict, "notice", "an instalment of the bulletin is paid"}
	ErrAnInstalment   = &Refusal{Conflict, "notice", "the notice number is an instalment's: this is done to its bulletin"}
)

// Demand is what is asked for under one notice number: a bulletin, or an instalment of
// one.
type Demand struct {
	Notice  NoticeNumber
	Amount  Money // of a bulletin in instalments, what is left of it
	Lines   []Line
	Due     Date
	Causale string
	Status  BulletinStatus
	PaidBy  ReceiptID
	PaidAt  time.Time
	// Rata is which instalment it is, from 1, and Rate of how many; 0 for a bulletin.
	Rata, Rate int
}

// Payable reports whether a receipt for this notice number is awaited.
func (d Demand) Payable() bool { return d.Status == BulletinSentOut }

// Demand returns what is asked for under a notice number of the bulletin's. Any number
// that is no instalment's is taken for the bulletin's own.
func (b Bulletin) Demand(n NoticeNumber) Demand {
	if i := b.Issued.instalment(n); i >= 0 {
		return b.ofInstalment(i)
	}
	d := Demand{
		Notice: b.Issued.Notice, Amount: b.Issued.Amount, Lines: b.Issued.Lines, Due: b.Issued.Due, Causale: b.Issued.Causale,
		Status: b.Status, PaidBy: b.PaidBy, PaidAt: b.PaidAt,
	}
	if b.Status == BulletinInInstalments || len(b.Instalments) > 0 {
		d.Status, d.Lines = BulletinInInstalments, b.linesLeft()
		d.Amount = total(d.Lines)
	}
	return d
}

func (b Bulletin) ofInstalment(i int) Demand {
	part := b.Issued.Instalments[i]
	d := Demand{
		Notice: part.Notice, Amount: part.Amount, Lines: b.Issued.Part(i), Due: part.Due, Causale: b.Issued.CausaleOf(i),
		Status: b.Status, Rata: i + 1, Rate: len(b.Issued.Instalments),
	}
	if paid := b.instalmentPaid(part.Notice); paid != nil {
		d.Status, d.PaidBy, d.PaidAt = BulletinPaid, paid.Receipt, paid.At
		return d
	}
	switch b.Status {
	case BulletinInInstalments:
		d.Status = BulletinSentOut
	case BulletinPaid:
		d.Status = BulletinAlternative
	}
	return d
}

func (b Bulletin) instalmentPaid(n NoticeNumber) *InstalmentPaid {
	if i := slices.IndexFunc(b.Instalments, func(p InstalmentPaid) bool { return p.Notice == n }); i >= 0 {
		return &b.Instalments[i]
	}
	return nil
}

// InstalmentsLeft are the numbers of the instalments that are not paid.
func (b Bulletin) InstalmentsLeft() []NoticeNumber { return b.leftBut("") }

// leftBut are those that are not paid once this one is.
func (b Bulletin) leftBut(n NoticeNumber) []NoticeNumber {
	var left []NoticeNumber
	for _, part := range b.Issued.Instalments {
		if part.Notice != n && b.instalmentPaid(part.Notice) == nil {
			left = append(left, part.Notice)
		}
	}
	return left
}

func (b Bulletin) linesLeft() []Line {
	var lines []Line
	for i, part := range b.Issued.Instalments {
		if b.instalmentPaid(part.Notice) == nil {
			lines = append(lines, b.Issued.Part(i)...)
		}
	}
	return lines
}

// closed returns b after a receipt paid it at once, or the instalment of a notice
// number.
func (b Bulletin) closed(n, bulletin NoticeNumber, receipt ReceiptID, at time.Time) Bulletin {
	if bulletin != "" {
		b.Instalments = append(slices.Clip(b.Instalments), InstalmentPaid{n, receipt, at})
	}
	if bulletin != "" && len(b.InstalmentsLeft()) > 0 {
		b.Status = BulletinInInstalments
		return b
	}
	b.Status, b.PaidBy, b.PaidAt = BulletinPaid, receipt, at
	return b
}

// reopened returns b after a payment of it was given back. In instalments it stays.
func (b Bulletin) reopened(e PaymentRevoked) Bulletin {
	b.Status, b.PaidBy, b.PaidAt = BulletinSentOut, "", time.Time{}
	if e.Bulletin != "" {
		b.Status = BulletinInInstalments
		b.Instalments = slices.DeleteFunc(slices.Clone(b.Instalments), func(p InstalmentPaid) bool { return p.Notice == e.Notice })
	}
	return b
}

// paid reports whether a receipt paid what is asked for under a notice number.
func (b Bulletin) paid(n NoticeNumber, receipt ReceiptID) bool {
	return receipt != "" && b.Demand(n).PaidBy == receipt
}

// instalment is where the instalment of a notice number is; -1 for none.
func (e BulletinIssued) instalment(n NoticeNumber) int {
	return slices.IndexFunc(e.Instalments, func(part Instalment) bool { return part.Notice == n })
}

// owner is the bulletin's number where n is an instalment's; none where it is not.
func (e BulletinIssued) owner(n NoticeNumber) NoticeNumber {
	if e.instalment(n) < 0 {
		return ""
	}
	return e.Notice
}

// Part returns what the i-th instalment pays: instalments pay the lines in their
// order, each from where the one before it ends, so that all of them together pay
// every line to the cent, in whatever order they are paid.
func (e BulletinIssued) Part(i int) []Line {
	var from Money
	for _, part := range e.Instalments[:i] {
		from += part.Amount
	}
	to := from + e.Instalments[i].Amount
	var lines []Line
	var begin Money
	for _, l := range e.Lines {
		end := begin + l.Amount
		if amount := min(end, to) - max(begin, from); amount > 0 {
			lines = append(lines, Line{l.Consumer, l.Service, amount})
		}
		begin = end
	}
	return lines
}

// CausaleOf is what the payer of the i-th instalment reads.
func (e BulletinIssued) CausaleOf(i int) string {
	which := fmt.Sprintf(" - rata %d di %d", i+1, len(e.Instalments))
	text := e.Causale
	for utf8.RuneCountInString(text) > maxCausale-len(which) {
		_, size := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-size]
	}
	return text + which
}

// checkInstalments verifies everything but the numbers, which the ledger may still
// have to give out.
func (c IssueBulletin) checkInstalments() error {
	n := len(c.Instalments)
	if n == 0 {
		return nil
	}
	if n < 2 || n > MaxInstalments {
		return fmt.Errorf("%d instalments: %w", n, ErrBadInstalments)
	}
	var sum Money
	for i, part := range c.Instalments {
		switch {
		case part.Amount <= 0 || part.Amount > MaxAmount:
			return fmt.Errorf("instalment of %s: %w", part.Amount, ErrBadInstalments)
		case !part.Due.Valid() || i > 0 && part.Due < c.Instalments[i-1].Due:
			return fmt.Errorf("instalment %d, due %q: %w", i+1, clip(string(part.Due)), ErrBadInstalments)
		}
		sum += part.Amount
	}
	if whole := total(c.Lines); sum != whole {
		return fmt.Errorf("instalments of %s for a bulletin of %s: %w", sum, whole, ErrBadInstalments)
	}
	return nil
}

// checkNumbers accepts a bulletin's number and its instalments', each used once.
func (c IssueBulletin) checkNumbers() error {
	seen := []NoticeNumber{c.Notice}
	if err := checkIssuable(c.Notice); err != nil {
		return err
	}
	for _, part := range c.Instalments {
		if err := checkIssuable(part.Notice); err != nil {
			return err
		}
		if slices.Contains(seen, part.Notice) {
			return fmt.Errorf("instalment %s: %w", part.Notice, ErrNoticeInUse)
		}
		seen = append(seen, part.Notice)
	}
	return nil
}

// number makes the stream of a notice number that nobody uses an instalment's.
func (b Bulletin) number(c NumberInstalment) ([]BulletinEvent, error) {
	if err := cmp.Or(checkIssuable(c.Notice), checkIssuable(c.Bulletin)); err != nil {
		return nil, err
	}
	switch {
	case b.PartOf == c.Bulletin:
		return nil, nil
	case b.PartOf != "" || b.Status != BulletinUnknown || c.Notice == c.Bulletin:
		return nil, fmt.Errorf("notice %s: %w", c.Notice, ErrNoticeInUse)
	}
	return []BulletinEvent{InstalmentNumbered(c)}, nil
}

// checkOwn refuses what is done to a whole bulletin and names an instalment.
func (b Bulletin) checkOwn(n NoticeNumber) error {
	if b.Issued.owner(n) != "" {
		return fmt.Errorf("notice %s: %w", n, ErrAnInstalment)
	}
	return nil
}

func (NumberInstalment) bulletinCommand() {}

// OccurredAt is when the number was given.
func (e InstalmentNumbered) OccurredAt() time.Time { return e.At }

func (InstalmentNumbered) event()         {}
func (InstalmentNumbered) bulletinEvent() {}
