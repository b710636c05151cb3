package domain

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Held is the money of one receipt that did not simply pay its bulletin, and what
// became of it. It is kept on the stream of the notice that the receipt names, so
// that each amount is resolved once. A receipt that was moved away and came back has
// an entry for each stay.
type Held struct {
	Receipt  ReceiptID
	Amount   Money // of a receipt that was more than its bulletin, the surplus
	Standing Standing
	Reason   Unmatched
	Issuer   FiscalCode // of another body's notice; empty when the notice is ours
	PSP      PSP
	StandIn  bool
	PaidAt   time.Time
	Parent   ParentID     // whose credit it is; nobody for an unidentified payer
	To       NoticeNumber // where it was moved
	Moves    int          // how often it had been moved when it came here
	Order    string       // the bank order that gave it back
}

// Standing is where the money of a receipt is.
type Standing int

// Money in suspense can be applied, refunded or disowned; money to be refunded
// waits for the bank. The others are ends.
const (
	InSuspense  Standing = iota // fits nothing yet
	ToRefund                    // a credit of the payer's
	GivenBack                   // refunded
	AppliedHere                 // closed the bulletin of its notice, to the cent
	MovedOn                     // applied to another notice
	NotOurs                     // disowned
)

// ApplyReceipt uses money in suspense for a bulletin of ours: for that of the
// receipt's own notice, which it closes, or for another, where it is then treated
// as a receipt that has just come.
type ApplyReceipt struct {
	Creditor FiscalCode
	Notice   NoticeNumber // where the money is
	Receipt  ReceiptID
	To       NoticeNumber
	// WriteOff is what the creditor gives up (abbuono) where the receipt is less than
	// the bulletin: the whole difference, said in so many cents.
	WriteOff Money
	Reason   string
	At       time.Time
}

// RefundReceipt makes money in suspense a credit of the payer's.
type RefundReceipt struct {
	Creditor FiscalCode
	Notice   NoticeNumber
	Receipt  ReceiptID
	Reason   string
	At       time.Time
}

// DisownReceipt says that money in suspense is not this creditor's.
type DisownReceipt struct {
	Creditor FiscalCode
	Notice   NoticeNumber
	Receipt  ReceiptID
	Reason   string
	At       time.Time
}

// RecordRefund says that the bank gave a credit back: what was paid twice, too
// much, or for nothing.
type RecordRefund struct {
	Creditor FiscalCode
	Notice   NoticeNumber
	Receipt  ReceiptID
	Order    string // the reference of the bank order
	At       time.Time
}

// ReceiptApplied says that money in suspense closed the bulletin of its notice.
// Surplus became a credit of the parent's; WrittenOff was given up, line by line.
type ReceiptApplied struct {
	Creditor   FiscalCode   `json:"creditor"`
	Notice     NoticeNumber `json:"notice"`
	Parent     ParentID     `json:"parent"`
	Receipt    ReceiptID    `json:"receipt"`
	Amount     Money        `json:"amount"` // of the receipt
	Lines      []Line       `json:"lines"`
	Surplus    Money        `json:"surplus,omitzero"`
	WrittenOff []Line       `json:"writtenOff,omitempty"`
	PSP        PSP          `json:"psp"`
	StandIn    bool         `json:"standIn,omitzero"`
	PaidAt     time.Time    `json:"paidAt"`
	Reason     string       `json:"reason"`
	At         time.Time    `json:"at"`
	// Bulletin is what Notice is an instalment of; empty where it is the bulletin's own.
	Bulletin NoticeNumber `json:"bulletin,omitzero"`
	// Left are the instalments that are to be paid still, each by itself.
	Left []NoticeNumber `json:"left,omitempty"`
}

// ReceiptReassigned says that money in suspense was applied to another notice. It
// leaves these books; that it arrives there follows from this.
type ReceiptReassigned struct {
	Creditor FiscalCode   `json:"creditor"`
	Notice   NoticeNumber `json:"notice"`
	Receipt  ReceiptID    `json:"receipt"`
	Amount   Money        `json:"amount"`
	To       NoticeNumber `json:"to"`
	Move     int          `json:"move"` // the receipt's moves, from 1
	PSP      PSP          `json:"psp"`
	StandIn  bool         `json:"standIn,omitzero"`
	PaidAt   time.Time    `json:"paidAt"`
	Reason   string       `json:"reason"`
	At       time.Time    `json:"at"`
}

// RefundDue says that money in suspense is to be given back. Without a parent the
// payer is not known to the ledger.
type RefundDue struct {
	Creditor FiscalCode   `json:"creditor"`
	Notice   NoticeNumber `json:"notice"`
	Parent   ParentID     `json:"parent,omitzero"`
	Receipt  ReceiptID    `json:"receipt"`
	Amount   Money        `json:"amount"`
	Reason   string       `json:"reason"`
	At       time.Time    `json:"at"`
}

// ReceiptDisowned says that money in suspense is somebody else's.
type ReceiptDisowned struct {
	Creditor FiscalCode   `json:"creditor"`
	Notice   NoticeNumber `json:"notice"`
	Receipt  ReceiptID    `json:"receipt"`
	Amount   Money        `json:"amount"`
	Reason   string       `json:"reason"`
	At       time.Time    `json:"at"`
}

// PaymentRefunded says that a credit was given back.
type PaymentRefunded struct {
	Creditor FiscalCode   `json:"creditor"`
	Notice   NoticeNumber `json:"notice"`
	Parent   ParentID     `json:"parent,omitzero"`
	Receipt  ReceiptID    `json:"receipt"`
	Amount   Money        `json:"amount"`
	Order    string       `json:"order"`
	At       time.Time    `json:"at"`
}

// Refusals about receipts that wait for a person.
var (
	ErrUnknownReceipt  = &Refusal{NotFound, "receipt", "no such receipt"}
	ErrNothingHeld     = &Refusal{Conflict, "receipt", "the receipt paid its bulletin, and nothing of it is left"}
	ErrReceiptResolved = &Refusal{Conflict, "receipt", "the receipt's money is not in suspense any more"}
	ErrReceiptMoved    = &Refusal{Conflict, "receipt", "the receipt was applied to another notice"}
	ErrNoMoney         = &Refusal{Conflict, "receipt", "the receipt brought no money for this creditor: it can only be disowned"}
	ErrBadWriteOff     = &Refusal{Conflict, "writeOff", "what is written off is exactly what the receipt is less than its bulletin"}
	ErrNotToRefund     = &Refusal{Conflict, "receipt", "a refund is recorded of a receipt that was marked for it, once"}
	ErrBadOrder        = &Refusal{Invalid, "order", "the reference of a bank order is 1 to 140 characters"}
)

func (b Bulletin) apply(c ApplyReceipt) ([]BulletinEvent, error) {
	h, err := b.resolvable(c.Receipt, c.Reason)
	own := c.To == c.Notice && h.Issuer == ""
	switch {
	case own && b.paid(c.Notice, c.Receipt) && c.Receipt != "" && !errors.Is(err, ErrBadReason):
		return nil, nil // whether at once or by a person's word, it paid
	case err != nil:
		return nil, err
	case h.Standing == MovedOn && h.To == c.To:
		return nil, nil
	case h.Standing != InSuspense:
		return nil, h.resolved()
	case h.Amount == 0:
		return nil, fmt.Errorf("receipt %q: %w", clip(string(c.Receipt)), ErrNoMoney)
	case own:
		return b.close(c, h)
	}
	if _, err := ParseNoticeNumber(string(c.To)); err != nil {
		return nil, err
	}
	return []BulletinEvent{ReceiptReassigned{
		Creditor: c.Creditor, Notice: c.Notice, Receipt: c.Receipt, Amount: h.Amount, To: c.To, Move: h.Moves + 1,
		PSP: h.PSP, StandIn: h.StandIn, PaidAt: h.PaidAt, Reason: c.Reason, At: c.At,
	}}, nil
}

// close pays the bulletin, or an instalment of it, with money that is more or less than
// it.
func (b Bulletin) close(c ApplyReceipt, h Held) ([]BulletinEvent, error) {
	d := b.Demand(c.Notice)
	if err := b.checkOpen(d); err != nil {
		return nil, err
	}
	short := d.Amount - h.Amount
	if c.WriteOff != max(short, 0) {
		return nil, fmt.Errorf("a receipt of %s for a bulletin of %s, a difference of %s, with %s to write off: %w",
			h.Amount, d.Amount, max(short, -short), c.WriteOff, ErrBadWriteOff)
	}
	applied := ReceiptApplied{
		Creditor: c.Creditor, Notice: c.Notice, Parent: b.Issued.Parent, Receipt: c.Receipt, Amount: h.Amount,
		Lines: d.Lines, Surplus: max(-short, 0), WrittenOff: share(d.Lines, c.WriteOff),
		PSP: h.PSP, StandIn: h.StandIn, PaidAt: h.PaidAt, Reason: c.Reason, At: c.At, Bulletin: b.Issued.owner(c.Notice),
	}
	if applied.Bulletin != "" {
		applied.Left = b.leftBut(c.Notice)
	}
	return []BulletinEvent{applied}, nil
}

// checkOpen refuses a demand that nothing can be applied to.
func (b Bulletin) checkOpen(d Demand) error {
	switch {
	case b.Status == BulletinUnknown:
		return fmt.Errorf("notice %s: %w", d.Notice, ErrUnknownBulletin)
	case b.Status == BulletinPaid || d.Status == BulletinPaid:
		return fmt.Errorf("notice %s: %w", d.Notice, ErrAlreadyPaid)
	case b.Status == BulletinVoid:
		return fmt.Errorf("notice %s, taken back because %q: %w", d.Notice, b.Cancelled, ErrCancelled)
	case d.Status == BulletinInInstalments: // its money goes to one of those that are left
		return fmt.Errorf("notice %s: %w", d.Notice, ErrInInstalments)
	}
	return nil
}

// share divides an amount over lines in proportion to theirs, to the cent. Lines
// that get nothing are left out.
func share(lines []Line, amount Money) []Line {
	if amount == 0 {
		return nil
	}
	weights := make([]Money, len(lines))
	for i, l := range lines {
		weights[i] = l.Amount
	}
	var shares []Line
	for i, part := range amount.Apportion(weights) {
		if part > 0 {
			shares = append(shares, Line{lines[i].Consumer, lines[i].Service, part})
		}
	}
	return shares
}

func (b Bulletin) refund(c RefundReceipt) ([]BulletinEvent, error) {
	h, err := b.resolvable(c.Receipt, c.Reason)
	switch {
	case err != nil:
		return nil, err
	case h.Standing == ToRefund || h.Standing == GivenBack:
		return nil, nil // a payment that came twice is a credit from the beginning
	case h.Standing != InSuspense:
		return nil, h.resolved()
	case h.Amount == 0:
		return nil, fmt.Errorf("receipt %q: %w", clip(string(c.Receipt)), ErrNoMoney)
	}
	return []BulletinEvent{RefundDue{c.Creditor, c.Notice, b.Issued.Parent, c.Receipt, h.Amount, c.Reason, c.At}}, nil
}

func (b Bulletin) disown(c DisownReceipt) ([]BulletinEvent, error) {
	h, err := b.resolvable(c.Receipt, c.Reason)
	switch {
	case err != nil:
		return nil, err
	case h.Standing == NotOurs:
		return nil, nil
	case h.Standing != InSuspense:
		return nil, h.resolved()
	}
	return []BulletinEvent{ReceiptDisowned{c.Creditor, c.Notice, c.Receipt, h.Amount, c.Reason, c.At}}, nil
}

func (b Bulletin) recordRefund(c RecordRefund) ([]BulletinEvent, error) {
	if !within(c.Order, 1, 140) {
		return nil, fmt.Errorf("order %q: %w", clip(c.Order), ErrBadOrder)
	}
	h, err := b.held(c.Receipt)
	switch {
	case err != nil:
		return nil, err
	case h.Standing == GivenBack && h.Order == c.Order:
		return nil, nil
	case h.Standing == GivenBack:
		return nil, fmt.Errorf("receipt %q, refunded by order %q: %w", clip(string(c.Receipt)), h.Order, ErrNotToRefund)
	case h.Standing == MovedOn:
		return nil, h.resolved()
	case h.Standing != ToRefund:
		return nil, fmt.Errorf("receipt %q: %w", clip(string(c.Receipt)), ErrNotToRefund)
	}
	return []BulletinEvent{PaymentRefunded{c.Creditor, c.Notice, h.Parent, c.Receipt, h.Amount, c.Order, c.At}}, nil
}

// resolvable returns what is held of a receipt, for a command that gives a reason.
func (b Bulletin) resolvable(r ReceiptID, reason string) (Held, error) {
	if !within(reason, 1, 200) {
		return Held{}, fmt.Errorf("reason %q: %w", clip(reason), ErrBadReason)
	}
	return b.held(r)
}

// held returns what is held of a receipt that is here for the first time, or came
// back.
func (b Bulletin) held(r ReceiptID) (Held, error) {
	if i := b.lastStay(r); i >= 0 {
		return b.Held[i], nil
	}
	if b.here(r) {
		return Held{}, fmt.Errorf("receipt %q: %w", clip(string(r)), ErrNothingHeld)
	}
	return Held{}, fmt.Errorf("receipt %q: %w", clip(string(r)), ErrUnknownReceipt)
}

// resolved says what became of money that is in suspense no more.
func (h Held) resolved() error {
	id := clip(string(h.Receipt))
	switch h.Standing {
	case MovedOn:
		return fmt.Errorf("receipt %q, applied to notice %s: %w", id, h.To, ErrReceiptMoved)
	case ToRefund:
		return fmt.Errorf("receipt %q, to be refunded: %w", id, ErrReceiptResolved)
	case GivenBack:
		return fmt.Errorf("receipt %q, refunded by order %q: %w", id, h.Order, ErrReceiptResolved)
	case NotOurs:
		return fmt.Errorf("receipt %q, disowned: %w", id, ErrReceiptResolved)
	}
	return fmt.Errorf("receipt %q, applied to its bulletin: %w", id, ErrReceiptResolved)
}

// lastStay is where the latest stay of a receipt is in Held; -1 for none.
func (b Bulletin) lastStay(r ReceiptID) int {
	for i := len(b.Held) - 1; i >= 0; i-- {
		if b.Held[i].Receipt == r {
			return i
		}
	}
	return -1
}

// took returns b after a receipt came, with what is held of it.
func (b Bulletin) took(n NoticeNumber, h Held) Bulletin {
	if h.Moves > 0 {
		n = "" // its money came for another notice
	}
	if !b.here(h.Receipt) {
		b.Takings = append(slices.Clip(b.Takings), Taking{n, h.Receipt, h.Amount})
	}
	b.Held = append(slices.Clip(b.Held), h)
	return b
}

// paidWith returns b after a receipt came that paid it. One that was here before and
// was moved away has its earlier stays told from this one.
func (b Bulletin) paidWith(e PaymentConfirmed) Bulletin {
	b = b.closed(e.Notice, e.Bulletin, e.Receipt, e.At)
	if i := b.lastStay(e.Receipt); i >= 0 {
		return b.took(e.Notice, Held{Receipt: e.Receipt, Standing: AppliedHere, PSP: e.PSP, PaidAt: e.At, Parent: e.Parent, Moves: b.Held[i].Moves + 1})
	}
	b.Takings = append(slices.Clip(b.Takings), Taking{e.Notice, e.Receipt, e.Amount})
	return b
}

// here reports whether a receipt came, whatever became of it.
func (b Bulletin) here(r ReceiptID) bool {
	return slices.ContainsFunc(b.Takings, func(t Taking) bool { return t.Receipt == r })
}

// became returns b with what is held of a receipt changed.
func (b Bulletin) became(r ReceiptID, change func(*Held)) Bulletin {
	b.Held = slices.Clone(b.Held)
	if i := b.lastStay(r); i >= 0 {
		change(&b.Held[i])
	}
	return b
}

// resolve is Evolve for what a person decided about a receipt.
func (b Bulletin) resolve(e BulletinEvent) Bulletin {
	switch e := e.(type) {
	case ReceiptApplied:
		b = b.closed(e.Notice, e.Bulletin, e.Receipt, e.PaidAt)
		return b.became(e.Receipt, func(h *Held) {
			h.Standing, h.Amount, h.Parent = AppliedHere, e.Surplus, e.Parent
			if e.Surplus > 0 {
				h.Standing = ToRefund
			}
		})
	case ReceiptReassigned:
		return b.became(e.Receipt, func(h *Held) { h.Standing, h.To = MovedOn, e.To })
	case RefundDue:
		return b.became(e.Receipt, func(h *Held) { h.Standing, h.Parent = ToRefund, e.Parent })
	case ReceiptDisowned:
		return b.became(e.Receipt, func(h *Held) { h.Standing = NotOurs })
	case PaymentRefunded:
		return b.became(e.Receipt, func(h *Held) { h.Standing, h.Order = GivenBack, e.Order })
	}
	panic(fmt.Sprintf("domain: unhandled event %T", e))
}

func (ApplyReceipt) bulletinCommand()  {}
func (RefundReceipt) bulletinCommand() {}
func (DisownReceipt) bulletinCommand() {}
func (RecordRefund) bulletinCommand()  {}

// OccurredAt is when a person decided it.
func (e ReceiptApplied) OccurredAt() time.Time { return e.At }

// OccurredAt is when a person decided it.
func (e ReceiptReassigned) OccurredAt() time.Time { return e.At }

// OccurredAt is when a person decided it.
func (e RefundDue) OccurredAt() time.Time { return e.At }

// OccurredAt is when a person decided it.
func (e ReceiptDisowned) OccurredAt() time.Time { return e.At }

// OccurredAt is when the bank gave the money back.
func (e PaymentRefunded) OccurredAt() time.Time { return e.At }

func (ReceiptApplied) event()            {}
func (ReceiptReassigned) event()         {}
func (RefundDue) event()                 {}
func (ReceiptDisowned) event()           {}
func (PaymentRefunded) event()           {}
func (ReceiptApplied) bulletinEvent()    {}
func (ReceiptReassigned) bulletinEvent() {}
func (RefundDue) bulletinEvent()         {}
func (ReceiptDisowned) bulletinEvent()   {}
func (PaymentRefunded) bulletinEvent()   {}
