package projections

import (
	"errors"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// ErrNotFound answers for what does not exist and for what is another's.
var ErrNotFound = errors.New("projections: not found")

// Overview is the Elenco Consumatori.
type Overview struct {
	Position eventstore.Position // of the log, that is shown
	// SaldoBollettini is minus the sum of the parent's open bulletins, each once
	// even when it covers two children.
	SaldoBollettini domain.Money
	// Verifying is the sum of those open bulletins whose payment is being verified. It
	// is in the saldo.
	Verifying domain.Money
	// InVerification are the bulletins that Verifying sums up.
	InVerification []domain.NoticeNumber
	Consumers      []Consumer
}

// Consumer is one child of the Elenco Consumatori.
type Consumer struct {
	ID              domain.ConsumerID
	Name            string
	School          string
	Saldo           domain.Money // prepaid: top-ups less meals
	LastTopUp       *DatedAmount // nil when there was none
	SaldoBollettini domain.Money // minus the child's share of the open bulletins
	LastBulletin    *DatedAmount // the last one issued; nil when there was none
	Services        []string
	Diet            string
}

// DatedAmount is an amount and its day.
type DatedAmount struct {
	Amount domain.Money
	On     domain.Date
}

// Movements is what made a consumer's two figures, oldest first.
type Movements struct {
	Position  eventstore.Position // of the log, that is shown
	ID        domain.ConsumerID
	Consumer  string
	School    string
	Bulletins []Movement // of the saldo bollettini: issued against paid
	Wallet    []Movement // of the prepaid saldo: meals against top-ups
}

// Movement is one line of an account. One of Debit and Credit is zero.
type Movement struct {
	Position eventstore.Position // of the event
	Fact     Fact
	On       domain.Date
	Recorded time.Time // when the ledger recorded it
	Causale  string
	Debit    domain.Money
	Credit   domain.Money
	Balance  domain.Money        // after the movement
	Document string              // a receipt's id, a top-up's number; may be empty
	Notice   domain.NoticeNumber // when the document is a notice; may be empty
	Readable bool                // the parent can open the notice: it was sent and not taken back
}

// Category is a categoria di pagamento.
type Category struct {
	Code domain.CategoryCode
	Name string
}

// Dues is what a parent can pay, read at one moment: Saldo and Bulletins agree.
type Dues struct {
	Position  eventstore.Position // of the log, that is shown
	Saldo     domain.Money        // saldo bollettini of every category
	Verifying domain.Money        // of that, what is being verified, of every category
	// InVerification are the bulletins that Verifying sums up.
	InVerification []domain.NoticeNumber
	Bulletins      []Bulletin
}

// Bulletin is a line of the Paga page. Being overdue is not in it: it follows
// from Due and the day one looks.
type Bulletin struct {
	Notice    domain.NoticeNumber
	Services  []string
	Period    domain.Period
	Due       domain.Date
	Consumers []Pupil
	Amount    domain.Money
	Causale   string
	// Instalment says which instalment it is, or in how many it can be paid instead.
	Instalment
	// Pending is set while somebody is paying the bulletin: it cannot be ticked.
	Pending *Pending
	// Verifying is set while a payment that may have been made waits for its receipt.
	// The bulletin can be ticked all the same: only the receipt closes it.
	Verifying *Pending
}

// Instalment is what a bulletin has to do with instalments; zero for most.
type Instalment struct {
	// Rata is which instalment it is, from 1; 0 for a bulletin.
	Rata int
	// Whole is the bulletin that it is an instalment of; empty for a bulletin.
	Whole domain.NoticeNumber
	// Rate are the notice numbers of all instalments of the bulletin, in their order.
	Rate []domain.NoticeNumber
}

// Pupil is a child as bulletins name it: school first.
type Pupil struct {
	School string
	Name   string
}

// Pending says that a bulletin is being paid, and since when. Payment is the
// parent's own cart, to go back to; zero when the payment was begun elsewhere.
type Pending struct {
	Since   time.Time
	Payment domain.PaymentID
}

// Resumable reports whether the parent can go back to the payment.
func (p Pending) Resumable() bool { return p.Payment != domain.PaymentID{} }

// Payment is a cart and what became of it.
type Payment struct {
	Position    eventstore.Position // of the log, that is shown
	ID          domain.PaymentID
	Category    Category
	Lines       []PaymentLine
	Totale      domain.Money
	Saldo       domain.Money // saldo bollettini when the bulletins were ticked
	SaldoFinale domain.Money // Saldo + Totale
	Stage       Stage
	Since       time.Time // when the stage was reached
}

// PaymentLine is one bulletin of a cart. Receipt is nil until it is paid.
type PaymentLine struct {
	Bulletin
	Receipt *Receipt
}

// Receipt is the proof that a bulletin was paid.
type Receipt struct {
	ID    domain.ReceiptID
	At    time.Time           // when the payer paid
	Entry eventstore.Position // of the event that paid
}

// Stage is how far a cart came. Receipts decide: what a browser says about the
// checkout moves the cart to Cancelled or Failed, and a receipt still completes it.
type Stage int

// The stages of a cart.
const (
	Selected  Stage = iota // ticked; nothing chosen yet
	Noticed                // to be paid at a PSP
	Started                // at the checkout, or back from it; outcome unknown
	Cancelled              // the payer came back without paying
	Failed                 // the checkout reported an error
	Completed              // every bulletin is paid
)

// Notice is what is needed to pay a bulletin at a PSP.
type Notice struct {
	Position eventstore.Position // of the log, that is shown
	Number   domain.NoticeNumber
	Amount   domain.Money
	Due      domain.Date
	Causale  string
	Email    string   // of the parent's profile, where the notice would be sent
	Receipt  *Receipt // nil until it is paid
	// Instalment says which instalment it is, or in how many it can be paid instead.
	Instalment
}
