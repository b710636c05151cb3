package projections

import (
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// Figure names an amount that a parent is shown, as it stood at one position of the
// log. What it names is the parent's own, or ErrNotFound.
type Figure struct {
	Kind FigureKind
	At   eventstore.Position
	// Consumer is of the figures of one child.
	Consumer domain.ConsumerID
	// Notices are of the figures of bulletins.
	Notices []domain.NoticeNumber
	// Payment is of the figures of a cart.
	Payment domain.PaymentID
	// Line is of the figures of one line of a bulletin, from 1; 0 takes all lines.
	Line int
	// Entry is the event of a figure that one event makes: a top-up, a meal, an
	// amount paid.
	Entry eventstore.Position
	// Until ends a running balance after so many movements; 0 takes them all.
	Until int
	// Year and Service are of the figures of what was paid in a year. Without a
	// service they are of all, without a consumer of all children.
	Year    int
	Service domain.ServiceCode
}

// FigureKind is what an amount says.
type FigureKind int

// The figures that parents are shown.
const (
	FamilySaldo    FigureKind = iota + 1 // saldo bollettini of all the parent's bulletins
	ConsumerDebt                         // saldo bollettini of one child
	WalletBalance                        // the child's prepaid saldo
	LastTopUp                            // the child's ultima ricarica
	LastBulletin                         // the child's share of its last bulletin
	BulletinAmount                       // one bulletin
	SelectionTotal                       // the sum of some bulletins
	FamilyAfter                          // saldo bollettini finale: FamilySaldo and the sum of some bulletins
	CartTotal                            // of a cart
	CartSaldo                            // the saldo that a cart was shown with
	CartAfter                            // the saldo finale of a cart
	EntryAmount                          // one movement of a child
	AmountPaid                           // one receipt
	YearPaid                             // of a year, what counts for the tax return
	YearCash                             // of a year, what was paid in cash
	CreditDue                            // what is to be given back
)

// Explanation is the events that make a figure: their effects sum up to it.
type Explanation struct {
	Figure Figure
	// About names what the figure is of: a child, a service; may be empty.
	About     string
	Movements []Movement
	// Recorded is when the last event up to the figure's position that touches it was
	// recorded; zero when there is none.
	Recorded time.Time
}

// Sum is the figure.
func (e Explanation) Sum() domain.Money {
	if n := len(e.Movements); n > 0 {
		return e.Movements[n-1].Balance
	}
	return 0
}

// Effect is what a movement adds to the figure.
func (m Movement) Effect() domain.Money { return m.Credit - m.Debit }

// Fact is what happened, of the facts that move figures.
type Fact int

// What moves figures.
const (
	FactIssued     Fact = iota + 1 // a bulletin was raised
	FactPaid                       // a receipt paid it
	FactApplied                    // an officer paid it with a receipt that waited
	FactCancelled                  // it was taken back
	FactToppedUp                   // a wallet was topped up
	FactCharged                    // a day was charged
	FactSelected                   // the parent ticked it, and has not paid it
	FactDuplicated                 // it was paid a second time
	FactHeld                       // a receipt came that fits nothing yet
	FactMoved                      // the receipt was applied to another notice
	FactRefundDue                  // the receipt is to be given back
	FactDisowned                   // the receipt is not this creditor's
	FactRefunded                   // the bank gave it back
	FactNoted                      // the amount was written into a cart
	FactRevoked                    // the payment was revoked: what it paid is owed again
)
