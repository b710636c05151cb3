package domain

import (
	"fmt"
	"slices"
	"time"
)

// Payment is one cart: bulletins a parent ticked, on their way to pagoPA, folded
// from its stream. It locks nothing: a bulletin stays payable until a receipt
// says it is paid, whatever carts hold it.
type Payment struct {
	Selected  BulletinsSelected // zero for a payment nobody began
	Cart      string            // the checkout cart's id, once started
	Redirect  string            // where the checkout sent the payer
	Notices   bool              // notices were asked for
	Returned  CheckoutOutcome
	Completed bool
}

// MaxCheckoutNotices is how many notices one checkout takes (SPEC §5).
const MaxCheckoutNotices = 5

// SelectedBulletin is a bulletin as the parent sees it when ticking.
type SelectedBulletin struct {
	Notice NoticeNumber `json:"notice"`
	Amount Money        `json:"amount"`
}

// Candidate is a bulletin offered for selection, as the ledger holds it.
type Candidate struct {
	Notice   NoticeNumber
	Bulletin NoticeNumber // the number of the whole, where Notice may be an instalment's
	Parent   ParentID
	Category CategoryCode
	Amount   Money
	Payable  bool
}

// CheckoutOutcome is how the browser came back. It is never proof of payment.
type CheckoutOutcome string

// How a browser comes back from the checkout.
const (
	ReturnedOK        CheckoutOutcome = "ok"
	ReturnedCancelled CheckoutOutcome = "cancelled"
	ReturnedError     CheckoutOutcome = "error"
	ReturnedWaiting   CheckoutOutcome = "waiting"
)

// PaymentCommand is the closed set of intents about a cart.
type PaymentCommand interface{ paymentCommand() }

// PaymentEvent closes the facts.
type PaymentEvent interface {
	Event
	paymentEvent()
}

// SelectForPayment puts bulletins into a cart.
type SelectForPayment struct {
	Payment  PaymentID
	Creditor FiscalCode
	Parent   ParentID
	Category CategoryCode
	// Bulletins are those that were ticked, each as the ledger holds it now.
	Bulletins []Candidate
	// Saldo is the parent's saldo bollettini shown with the selection.
	Saldo Money
	At    time.Time
}

// StartCheckout notes that the platform accepted the cart and where it sends the
// payer.
type StartCheckout struct {
	Payment  PaymentID
	Cart     string
	Redirect string
	At       time.Time
}

// RequestNotices chooses to pay at a PSP with the printed notices.
type RequestNotices struct {
	Payment PaymentID
	At      time.Time
}

// ReturnFromCheckout notes that the browser came back.
type ReturnFromCheckout struct {
	Payment PaymentID
	Outcome CheckoutOutcome
	At      time.Time
}

// CompletePayment closes a cart all of whose bulletins are paid. Paid names
// those that are; a cart with others stays open.
type CompletePayment struct {
	Payment PaymentID
	Paid    []NoticeNumber
	At      time.Time
}

// BulletinsSelected says what a parent ticked, and the three totals shown:
// saldo finale = saldo + total.
type BulletinsSelected struct {
	Payment     PaymentID          `json:"payment"`
	Creditor    FiscalCode         `json:"creditor"`
	Parent      ParentID           `json:"parent"`
	Category    CategoryCode       `json:"category"`
	Lines       []SelectedBulletin `json:"lines"`
	Total       Money              `json:"total"`
	Saldo       Money              `json:"saldo"`
	SaldoFinale Money              `json:"saldoFinale"`
	At          time.Time          `json:"at"`
}

// CheckoutStarted says that the platform took the cart.
type CheckoutStarted struct {
	Payment  PaymentID `json:"payment"`
	Parent   ParentID  `json:"parent"`
	Cart     string    `json:"cart"`
	Redirect string    `json:"redirect"`
	At       time.Time `json:"at"`
}

// NoticesRequested says that the parent will pay at a PSP.
type NoticesRequested struct {
	Payment PaymentID `json:"payment"`
	Parent  ParentID  `json:"parent"`
	At      time.Time `json:"at"`
}

// CheckoutReturned says that the browser came back, and how.
type CheckoutReturned struct {
	Payment PaymentID       `json:"payment"`
	Parent  ParentID        `json:"parent"`
	Outcome CheckoutOutcome `json:"outcome"`
	At      time.Time       `json:"at"`
}

// PaymentCompleted says that every bulletin of the cart is paid.
type PaymentCompleted struct {
	Payment PaymentID `json:"payment"`
	Parent  ParentID  `json:"parent"`
	Total   Money     `json:"total"`
	At      time.Time `json:"at"`
}

// Refusals about carts.
var (
	ErrNothingSelected  = &Refusal{Invalid, "notices", "no bulletins selected"}
	ErrSelectedTwice    = &Refusal{Invalid, "notices", "a bulletin is selected twice"}
	ErrNotPayable       = &Refusal{Conflict, "notices", "a selected bulletin is paid, cancelled or not sent yet"}
	ErrOtherCategory    = &Refusal{Invalid, "notices", "a selected bulletin is of another category"}
	ErrTooManyNotices   = &Refusal{Invalid, "notices", "a checkout takes at most 5 notices"}
	ErrBadCart          = &Refusal{Invalid, "cart", "a checkout cart is named by 1 to 210 characters"}
	ErrBadOutcome       = &Refusal{Invalid, "outcome", "a checkout ends ok, cancelled, error or waiting"}
	ErrPaymentExists    = &Refusal{Conflict, "payment", "the payment holds another selection"}
	ErrUnknownPayment   = &Refusal{NotFound, "payment", "no such payment"}
	ErrPaymentCompleted = &Refusal{Conflict, "payment", "the payment is completed"}
)

// Decide answers cmd with the facts that follow from it.
func (p Payment) Decide(cmd PaymentCommand) ([]PaymentEvent, error) {
	if c, ok := cmd.(SelectForPayment); ok {
		return p.choose(c)
	}
	if len(p.Selected.Lines) == 0 {
		return nil, ErrUnknownPayment
	}
	switch c := cmd.(type) {
	case StartCheckout:
		return p.start(c)
	case RequestNotices:
		if p.Notices {
			return nil, nil
		}
		return []PaymentEvent{NoticesRequested{c.Payment, p.Selected.Parent, c.At}}, nil
	case ReturnFromCheckout:
		return p.comeBack(c)
	case CompletePayment:
		return p.complete(c), nil
	}
	panic(fmt.Sprintf("domain: unhandled command %T", cmd))
}

func (p Payment) choose(c SelectForPayment) ([]PaymentEvent, error) {
	lines := make([]SelectedBulletin, len(c.Bulletins))
	for i, b := range c.Bulletins {
		lines[i] = SelectedBulletin{b.Notice, b.Amount}
	}
	switch {
	case len(lines) == 0:
		return nil, ErrNothingSelected
	case p.Selected.Parent == c.Parent && slices.Equal(p.Selected.Lines, lines):
		return nil, nil
	case len(p.Selected.Lines) > 0:
		return nil, fmt.Errorf("payment %s: %w", c.Payment, ErrPaymentExists)
	}
	sum, err := c.check()
	if err != nil {
		return nil, err
	}
	return []PaymentEvent{BulletinsSelected{c.Payment, c.Creditor, c.Parent, c.Category, lines, sum, c.Saldo, c.Saldo + sum, c.At}}, nil
}

// check returns the total of the bulletins, or the rule that one of them breaks.
func (c SelectForPayment) check() (Money, error) {
	var sum Money
	seen := make(map[NoticeNumber]bool, len(c.Bulletins))
	atOnce := make(map[NoticeNumber]bool) // or in instalments: of each bulletin one of them
	for _, b := range c.Bulletins {
		whole, known := atOnce[b.Bulletin]
		switch {
		case b.Parent != c.Parent: // as if it did not exist: others' debts are not told
			return 0, fmt.Errorf("notice %s: %w", b.Notice, ErrUnknownBulletin)
		case seen[b.Notice] || known && whole != (b.Notice == b.Bulletin):
			return 0, fmt.Errorf("notice %s: %w", b.Notice, ErrSelectedTwice)
		case b.Category != c.Category:
			return 0, fmt.Errorf("notice %s: %w", b.Notice, ErrOtherCategory)
		case !b.Payable:
			return 0, fmt.Errorf("notice %s: %w", b.Notice, ErrNotPayable)
		}
		seen[b.Notice], atOnce[b.Bulletin] = true, b.Notice == b.Bulletin
		sum += b.Amount
	}
	return sum, nil
}

func (p Payment) start(c StartCheckout) ([]PaymentEvent, error) {
	switch {
	case !within(c.Cart, 1, 210):
		return nil, fmt.Errorf("cart %q: %w", clip(c.Cart), ErrBadCart)
	case p.Cart == c.Cart:
		return nil, nil
	case p.Completed:
		return nil, fmt.Errorf("payment %s: %w", c.Payment, ErrPaymentCompleted)
	case len(p.Selected.Lines) > MaxCheckoutNotices:
		return nil, fmt.Errorf("%d notices: %w", len(p.Selected.Lines), ErrTooManyNotices)
	}
	return []PaymentEvent{CheckoutStarted{c.Payment, p.Selected.Parent, c.Cart, c.Redirect, c.At}}, nil
}

func (p Payment) comeBack(c ReturnFromCheckout) ([]PaymentEvent, error) {
	switch c.Outcome {
	case ReturnedOK, ReturnedCancelled, ReturnedError, ReturnedWaiting:
	default:
		return nil, fmt.Errorf("outcome %q: %w", clip(string(c.Outcome)), ErrBadOutcome)
	}
	if p.Returned == c.Outcome || p.Cart == "" {
		return nil, nil // a return address opened again, or by somebody who never left
	}
	return []PaymentEvent{CheckoutReturned{c.Payment, p.Selected.Parent, c.Outcome, c.At}}, nil
}

func (p Payment) complete(c CompletePayment) []PaymentEvent {
	for _, l := range p.Selected.Lines {
		if !slices.Contains(c.Paid, l.Notice) {
			return nil
		}
	}
	if p.Completed {
		return nil
	}
	return []PaymentEvent{PaymentCompleted{c.Payment, p.Selected.Parent, p.Selected.Total, c.At}}
}

// Evolve returns p as it stands after e.
func (p Payment) Evolve(e PaymentEvent) Payment {
	switch e := e.(type) {
	case BulletinsSelected:
		p.Selected = e
	case CheckoutStarted:
		p.Cart, p.Redirect, p.Returned = e.Cart, e.Redirect, ""
	case NoticesRequested:
		p.Notices = true
	case CheckoutReturned:
		p.Returned = e.Outcome
	case PaymentCompleted:
		p.Completed = true
	default:
		panic(fmt.Sprintf("domain: unhandled event %T", e))
	}
	return p
}

func (SelectForPayment) paymentCommand()   {}
func (StartCheckout) paymentCommand()      {}
func (RequestNotices) paymentCommand()     {}
func (ReturnFromCheckout) paymentCommand() {}
func (CompletePayment) paymentCommand()    {}

// OccurredAt is when the parent ticked.
func (e BulletinsSelected) OccurredAt() time.Time { return e.At }

// OccurredAt is when the platform took the cart.
func (e CheckoutStarted) OccurredAt() time.Time { return e.At }

// OccurredAt is when the parent chose.
func (e NoticesRequested) OccurredAt() time.Time { return e.At }

// OccurredAt is when the browser came back.
func (e CheckoutReturned) OccurredAt() time.Time { return e.At }

// OccurredAt is when the last bulletin was paid.
func (e PaymentCompleted) OccurredAt() time.Time { return e.At }

func (BulletinsSelected) event()        {}
func (CheckoutStarted) event()          {}
func (NoticesRequested) event()         {}
func (CheckoutReturned) event()         {}
func (PaymentCompleted) event()         {}
func (BulletinsSelected) paymentEvent() {}
func (CheckoutStarted) paymentEvent()   {}
func (NoticesRequested) paymentEvent()  {}
func (CheckoutReturned) paymentEvent()  {}
func (PaymentCompleted) paymentEvent()  {}
