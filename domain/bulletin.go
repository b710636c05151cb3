package domain

import (
	"fmt"
	"slices"
	"time"
)

// Bulletin is a bollettino: one debt raised against a parent, with its own
// notice number, folded from its stream. A stream that holds only receipts
// belongs to a notice nobody issued.
type Bulletin struct {
	Issued    BulletinIssued // what was raised; zero for a notice nobody issued
	Status    BulletinStatus
	Takings   []Taking  // of every receipt that named this notice, matched or not
	PaidBy    ReceiptID // the receipt that closed it
	PaidAt    time.Time
	Activated time.Time // when a PSP last asked to pay, as noted
	Cancelled string    // why it was taken back
	Held      []Held    // what came and did not simply pay the bulletin
	Reported  []Reported
	Settled   []Settled
	Revoked   []ReceiptID // payments that were given back
	Transfers []SingleTransfer
	// Instalments are those that were paid: see BulletinIssued.Instalments for all.
	Instalments []InstalmentPaid
	// PartOf is the bulletin that this notice number is an instalment of; all else is
	// then on that bulletin's stream.
	PartOf NoticeNumber
}

// BulletinStatus is where a bulletin stands. Being overdue is not a status: it
// follows from the due date and the day one looks, and stays payable.
type BulletinStatus int

// A bulletin is issued (a debt, not yet payable), sent (payable: "Inviato"), and
// then paid or cancelled. Unknown is a notice that nobody issued. One that is paid in
// part is in instalments: each that is left asks for itself. An instalment is an
// alternative where it is not the way in which its bulletin is, or was, paid.
const (
	BulletinUnknown BulletinStatus = iota
	BulletinIssuedOnly
	BulletinSentOut
	BulletinPaid
	BulletinVoid
	BulletinInInstalments
	BulletinAlternative
)

// Line is one service for one consumer on a bulletin. One bulletin can gather a
// family's services.
type Line struct {
	Consumer ConsumerID  `json:"consumer"`
	Service  ServiceCode `json:"service"`
	Amount   Money       `json:"amount"`
}

// activationPause is how often a PSP's asking to pay is noted at most.
const activationPause = 30 * time.Minute

// Decide answers cmd with the facts that follow from it.
func (b Bulletin) Decide(cmd BulletinCommand) ([]BulletinEvent, error) {
	switch c := cmd.(type) {
	case IssueBulletin:
		return b.issue(c)
	case SendBulletin:
		return b.send(c)
	case ActivatePayment:
		return b.activate(c), nil
	case ConfirmPayment:
		return b.paired(c.Creditor, c.Notice, b.confirm(c), c.At), nil
	case CancelBulletin:
		return b.cancel(c)
	case NumberInstalment:
		return b.number(c)
	case ApplyReceipt:
		return b.apply(c)
	case RefundReceipt:
		return b.refund(c)
	case DisownReceipt:
		return b.disown(c)
	case RecordRefund:
		return b.recordRefund(c)
	case ReportPayment:
		return b.paired(c.Creditor, c.Notice, b.report(c), c.At), nil
	case SettlePayment:
		return b.paired(c.Creditor, c.Notice, b.settle(c), c.At), nil
	case ReverseSettlement:
		return b.paired(c.Creditor, c.Notice, b.reverseSettlement(c), c.At), nil
	case NoteTransfer:
		return b.noteTransfer(c), nil
	case RevokePayment:
		return b.revoke(c)
	}
	panic(fmt.Sprintf("domain: unhandled command %T", cmd))
}

func (b Bulletin) issue(c IssueBulletin) ([]BulletinEvent, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	if err := c.checkNumbers(); err != nil {
		return nil, err
	}
	issued := BulletinIssued{
		Creditor: c.Creditor, Notice: c.Notice, Parent: c.Parent, Category: c.Category,
		Lines: c.Lines, Amount: total(c.Lines), Period: c.Period, Due: c.Due, Causale: c.Causale, At: c.At,
		Instalments: c.Instalments,
	}
	switch {
	case b.Status == BulletinUnknown && b.PartOf == "":
		return []BulletinEvent{issued}, nil
	case b.Issued.same(issued):
		return nil, nil
	}
	return nil, fmt.Errorf("notice %s: %w", c.Notice, ErrNoticeInUse)
}

// checkIssuable accepts the notice numbers that we may issue ourselves.
func checkIssuable(n NoticeNumber) error {
	if _, err := ParseNoticeNumber(string(n)); err != nil {
		return err
	}
	if n.AuxDigit() != '3' || !n.HasCheckDigits() {
		return fmt.Errorf("notice %s: %w", n, ErrNotIssuable)
	}
	return nil
}

// Check verifies every field but the notice number, which the ledger may still
// have to give out.
func (c IssueBulletin) Check() error {
	switch {
	case c.Parent == ParentID{}:
		return ErrUnknownParent
	case !validCode(string(c.Category)):
		return fmt.Errorf("category %q: %w", clip(string(c.Category)), ErrBadCategory)
	case !within(c.Causale, 1, maxCausale):
		return fmt.Errorf("causale %q: %w", clip(c.Causale), ErrBadCausale)
	case !c.Period.Valid():
		return fmt.Errorf("period %s - %s: %w", clip(string(c.Period.From)), clip(string(c.Period.To)), ErrBadPeriod)
	case !c.Due.Valid():
		return fmt.Errorf("due %q: %w", clip(string(c.Due)), ErrBadDue)
	}
	if err := checkLines(c.Lines); err != nil {
		return err
	}
	return c.checkInstalments()
}

func checkLines(lines []Line) error {
	if len(lines) == 0 || len(lines) > 100 {
		return fmt.Errorf("%d lines: %w", len(lines), ErrNoAmount)
	}
	var sum Money
	for _, l := range lines {
		if (l.Consumer == ConsumerID{}) || !validCode(string(l.Service)) {
			return fmt.Errorf("service %q: %w", clip(string(l.Service)), ErrBadLine)
		}
		if l.Amount <= 0 || l.Amount > MaxAmount {
			return fmt.Errorf("line of %s: %w", l.Amount, ErrNoAmount)
		}
		if sum += l.Amount; sum > MaxAmount {
			return fmt.Errorf("total of %s: %w", sum, ErrNoAmount)
		}
	}
	return nil
}

func total(lines []Line) Money {
	var sum Money
	for _, l := range lines {
		sum += l.Amount
	}
	return sum
}

// same reports whether two issues say the same, whenever they were said.
func (e BulletinIssued) same(o BulletinIssued) bool {
	return e.Parent == o.Parent && e.Category == o.Category && e.Period == o.Period && e.Due == o.Due &&
		e.Causale == o.Causale && slices.Equal(e.Lines, o.Lines) && slices.Equal(e.Instalments, o.Instalments)
}

func (b Bulletin) send(c SendBulletin) ([]BulletinEvent, error) {
	if err := b.checkOwn(c.Notice); err != nil {
		return nil, err
	}
	switch b.Status {
	case BulletinUnknown:
		return nil, fmt.Errorf("notice %s: %w", c.Notice, ErrUnknownBulletin)
	case BulletinVoid:
		return nil, fmt.Errorf("notice %s: %w", c.Notice, ErrCancelled)
	case BulletinIssuedOnly:
		return []BulletinEvent{BulletinSent{b.Issued.Creditor, b.Issued.Notice, b.Issued.Parent, c.At}}, nil
	}
	return nil, nil
}

// activate notes a PSP's interest in an open bulletin, seldom, and never says no:
// whoever asks gets the bulletin's state from a query.
func (b Bulletin) activate(c ActivatePayment) []BulletinEvent {
	if !b.Demand(c.Notice).Payable() || c.At.Sub(b.Activated) < activationPause {
		return nil
	}
	return []BulletinEvent{PaymentActivated(c)}
}

// confirm never refuses. A receipt says that money moved, so one that does not
// fit is recorded for a person to resolve instead of being turned away. What came for
// an instalment of a bulletin that was paid at once, or the reverse, came twice.
func (b Bulletin) confirm(c ConfirmPayment) []BulletinEvent {
	d := b.Demand(c.Notice)
	switch {
	case b.knows(c):
		return nil // delivered before
	case c.Issuer != "":
		return []BulletinEvent{b.unmatched(c, ForeignNotice)}
	case b.Status == BulletinPaid || d.Status == BulletinPaid:
		return []BulletinEvent{PaymentDuplicated{
			Creditor: c.Creditor, Notice: c.Notice, Parent: b.Issued.Parent, Receipt: c.Receipt, Amount: c.Amount,
			PSP: c.PSP, StandIn: c.StandIn, At: c.At, Bulletin: b.Issued.owner(c.Notice),
		}}
	case b.Status == BulletinUnknown:
		return []BulletinEvent{b.unmatched(c, UnknownNotice)}
	case b.Status == BulletinVoid:
		return []BulletinEvent{b.unmatched(c, CancelledBulletin)}
	case d.Status == BulletinInInstalments:
		return []BulletinEvent{b.unmatched(c, BegunInstalments)}
	case d.Amount != c.Amount:
		return []BulletinEvent{b.unmatched(c, WrongAmount)}
	}
	paid := PaymentConfirmed{
		Creditor: c.Creditor, Notice: c.Notice, Parent: b.Issued.Parent, Receipt: c.Receipt, Amount: c.Amount, Lines: d.Lines,
		PSP: c.PSP, StandIn: c.StandIn, At: c.At, Bulletin: b.Issued.owner(c.Notice),
	}
	if paid.Bulletin != "" {
		paid.Left = b.leftBut(c.Notice)
	}
	return []BulletinEvent{paid}
}

// knows reports whether a receipt came before. One that was moved away can come
// back, by a later move.
func (b Bulletin) knows(c ConfirmPayment) bool {
	if !b.here(c.Receipt) {
		return false
	}
	h, err := b.held(c.Receipt)
	return err != nil || h.Standing != MovedOn || c.Move <= h.Moves
}

func (b Bulletin) unmatched(c ConfirmPayment, why Unmatched) ReceiptUnmatched {
	return ReceiptUnmatched{
		Creditor: c.Creditor, Notice: c.Notice, Receipt: c.Receipt, Amount: c.Amount, Reason: why, Expected: b.Demand(c.Notice).Amount,
		Issuer: c.Issuer, Move: c.Move, PSP: c.PSP, StandIn: c.StandIn, At: c.At, Bulletin: b.Issued.owner(c.Notice),
	}
}

func (b Bulletin) cancel(c CancelBulletin) ([]BulletinEvent, error) {
	switch {
	case !within(c.Reason, 1, 200):
		return nil, fmt.Errorf("reason %q: %w", clip(c.Reason), ErrBadReason)
	case b.Status == BulletinUnknown:
		return nil, fmt.Errorf("notice %s: %w", c.Notice, ErrUnknownBulletin)
	case b.Status == BulletinPaid:
		return nil, fmt.Errorf("notice %s: %w", c.Notice, ErrAlreadyPaid)
	case b.Status == BulletinInInstalments:
		return nil, fmt.Errorf("notice %s: %w", c.Notice, ErrInInstalments)
	case b.Issued.owner(c.Notice) != "":
		return nil, b.checkOwn(c.Notice)
	case b.Status == BulletinVoid:
		return nil, nil
	}
	return []BulletinEvent{BulletinCancelled{b.Issued.Creditor, b.Issued.Notice, b.Issued.Parent, b.Issued.Amount, b.Issued.Lines, c.Reason, c.At}}, nil
}

// Evolve returns b as it stands after e.
func (b Bulletin) Evolve(e BulletinEvent) Bulletin {
	switch e := e.(type) {
	case BulletinIssued:
		b.Issued, b.Status = e, BulletinIssuedOnly
	case BulletinSent:
		b.Status = BulletinSentOut
	case PaymentActivated:
		b.Activated = e.At
	case PaymentConfirmed:
		b = b.paidWith(e)
	case PaymentDuplicated:
		b = b.took(e.Notice, Held{
			Receipt: e.Receipt, Amount: e.Amount, Standing: ToRefund, PSP: e.PSP, StandIn: e.StandIn, PaidAt: e.At, Parent: e.Parent,
		})
	case ReceiptUnmatched:
		b = b.took(e.Notice, Held{
			Receipt: e.Receipt, Amount: e.Amount, Reason: e.Reason, Issuer: e.Issuer, PSP: e.PSP, StandIn: e.StandIn, PaidAt: e.At, Moves: e.Move,
		})
	case BulletinCancelled:
		b.Status, b.Cancelled = BulletinVoid, e.Reason
	case InstalmentNumbered:
		b.PartOf = e.Bulletin
	default:
		if said, ok := b.evolveReport(e); ok {
			return said
		}
		return b.resolve(e)
	}
	return b
}

// Payable reports whether a receipt for the whole is awaited: the bulletin was sent,
// and is neither paid, in whole or in part, nor cancelled.
func (b Bulletin) Payable() bool { return b.Status == BulletinSentOut }
