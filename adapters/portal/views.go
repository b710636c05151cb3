package portal

import (
	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
	"github.com/saldo-ledger/saldo/projections"
)

// What the pages show is read from the projections as it is.
type (
	// Overview is the Elenco Consumatori.
	Overview = projections.Overview
	// Consumer is one child of the Elenco Consumatori.
	Consumer = projections.Consumer
	// DatedAmount is an amount and its day.
	DatedAmount = projections.DatedAmount
	// Movements is what made a child's two figures.
	Movements = projections.Movements
	// Movement is one line of an account.
	Movement = projections.Movement
	// Category is a categoria di pagamento.
	Category = projections.Category
	// Dues is what a parent can pay, read at one moment.
	Dues = projections.Dues
	// Bulletin is a line of the Paga page.
	Bulletin = projections.Bulletin
	// Pupil is a child as bulletins name it.
	Pupil = projections.Pupil
	// Pending says that a bulletin is being paid, and since when.
	Pending = projections.Pending
	// Payment is a cart and what became of it.
	Payment = projections.Payment
	// PaymentLine is one bulletin of a cart.
	PaymentLine = projections.PaymentLine
	// Receipt is the proof that a bulletin was paid.
	Receipt = projections.Receipt
	// Paid is one amount that was paid.
	Paid = projections.Paid
	// Stage is how far a cart came.
	Stage = projections.Stage
	// Notice is what is needed to pay a bulletin at a PSP.
	Notice = projections.Notice
	// BulletinName is a bulletin as a question names it.
	BulletinName = projections.BulletinName
	// News is a piece of news of the body.
	News = projections.News
	// Thread is a question to the office and all that was written since.
	Thread = ledger.Thread
)

// Inquiry is a question to the office as lists show it.
type Inquiry struct {
	projections.Inquiry
	Subject string
}

// The stages of a cart.
const (
	Selected  = projections.Selected
	Noticed   = projections.Noticed
	Started   = projections.Started
	Cancelled = projections.Cancelled
	Failed    = projections.Failed
	Completed = projections.Completed
)

// ErrNotFound answers for what does not exist and for what is another's.
var ErrNotFound = frame.ErrNotFound
