package projections

import (
	"fmt"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// Paid is one amount that somebody paid of a parent's bulletins, as one receipt says,
// and what became of it.
type Paid struct {
	Position eventstore.Position // of the log, that is shown; 0 in a History, which has its own
	Bulletin                     // the one that the receipt names
	Entry    eventstore.Position // of the event that brought the receipt
	Receipt  domain.ReceiptID
	At       time.Time    // when the payer paid
	Recorded time.Time    // when the ledger recorded it
	Paid     domain.Money // what the receipt brought
	PSP      domain.PSP
	State    PaidState
	// Surplus is what the receipt was more than its bulletin: a credit.
	Surplus domain.Money
	// WrittenOff is what the receipt was less, and the creditor gave up.
	WrittenOff domain.Money
	// GivenBack is the day on which the bank gave a credit back; none for not yet.
	GivenBack domain.Date
	Lines     []PaidLine
}

// PaidLine is a line of a bulletin that was paid.
type PaidLine struct {
	Number   int
	Consumer domain.ConsumerID
	Pupil    Pupil
	Service  string // its name
	Amount   domain.Money
}

// PaidState is what became of an amount that was paid.
type PaidState int

// What becomes of an amount that was paid.
const (
	PaidHeld     PaidState = iota + 1 // it fits nothing, and a person looks at it
	PaidClosed                        // it closed its bulletin
	PaidCredit                        // it is to be given back: its bulletin was paid already, or it was not owed
	PaidBack                          // it was given back
	PaidDisowned                      // it is not this creditor's
	PaidRevoked                       // it was revoked: what it paid is owed again
)

// Closed reports whether the amount closed its bulletin.
func (p Paid) Closed() bool { return p.State == PaidClosed }

// History is what was paid of a parent's bulletins, the latest first.
type History struct {
	Position eventstore.Position // of the log, that is shown
	Paid     []Paid              // those asked for
	Total    int                 // how many there are in the school year asked for
	// SchoolYears are those in which something was paid, Years those of the calendar;
	// the latest first.
	SchoolYears []domain.SchoolYear
	Years       []int
	// Credit is what is to be given back, of all years.
	Credit domain.Money
}

// HistoryPart is a part of a History: of one school year, or of all without one, so
// many from the given one on.
type HistoryPart struct {
	Year        domain.SchoolYear
	From, Count int
}

// SchoolYearOf returns the school year of a day: it begins on 1 September.
func SchoolYearOf(day domain.Date) domain.SchoolYear {
	t := day.Time()
	first := t.Year()
	if t.Month() < time.September {
		first--
	}
	return domain.SchoolYear(fmt.Sprintf("%04d-%04d", first, first+1))
}

// Expenses is what was paid of a parent's bulletins in one calendar year, by child
// and by service, as the tax return wants it: by the day of payment, by means that
// leave a trace, without what is or was to be given back and what was written off.
type Expenses struct {
	Position eventstore.Position // of the log, that is shown
	Year     int
	Children []ChildExpenses
	Total    domain.Money
	// Cash is what was paid in cash at a PSP: it is not in the total.
	Cash domain.Money
	// Last is the last event that counts, in cash or not, and when it was recorded.
	Last         eventstore.Position
	LastRecorded time.Time
}

// ChildExpenses is what was paid for one child.
type ChildExpenses struct {
	ID       domain.ConsumerID
	Pupil    Pupil
	Services []ServiceExpenses
	Total    domain.Money
}

// ServiceExpenses is what was paid for one service of a child.
type ServiceExpenses struct {
	Code     domain.ServiceCode
	Name     string
	Total    domain.Money
	Payments []ExpensePayment
}

// ExpensePayment is a line of a bulletin in a year's expenses.
type ExpensePayment struct {
	On     domain.Date
	Notice domain.NoticeNumber
	Line   int // of the bulletin
	Entry  eventstore.Position
	Period domain.Period
	PSP    string
	Amount domain.Money
}

// Cash is how pagoPA names a payment that leaves no trace of its payer.
const Cash = "cash"
