package portal

import "github.com/saldo-ledger/saldo/projections"

// What the pages show is read from the projections as it is.
type (
	Overview    = projections.Overview
	Consumer    = projections.Consumer
	DatedAmount = projections.DatedAmount
	Movements   = projections.Movements
	Movement    = projections.Movement
	Category    = projections.Category
	Dues        = projections.Dues
	Bulletin    = projections.Bulletin
	Pupil       = projections.Pupil
	Pending     = projections.Pending
	Payment     = projections.Payment
	PaymentLine = projections.PaymentLine
	Receipt     = projections.Receipt
	Stage       = projections.Stage
	Notice      = projections.Notice
)

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
var ErrNotFound = projections.ErrNotFound
