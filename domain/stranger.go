package domain

import (
	"slices"
	"time"
)

// ReportReceipt keeps what a flow says of a payment whose notice is not ours, until the
// receipt says whose it is: nobody else can.
type ReportReceipt struct {
	Creditor  FiscalCode
	Receipt   ReceiptID
	IUV       IUV
	Flow      string // the id of the flow, whatever its version
	Version   string // the key of the version
	Created   time.Time
	Amount    Money // of all lines of the payment
	Transfers TransferSet
	Outcome   FlowOutcome
	PSP       PSP
	Paid      Date
	At        time.Time
}

// ReceiptReported says that a flow names a receipt which has not come, of a notice that
// is not ours. If it ever comes, it has a transfer to us; else the line is another
// system's.
type ReceiptReported struct {
	Creditor  FiscalCode  `json:"creditor"`
	Receipt   ReceiptID   `json:"receipt"`
	IUV       IUV         `json:"iuv"`
	Flow      string      `json:"flow"`
	Version   string      `json:"version"`
	Created   time.Time   `json:"created"`
	Amount    Money       `json:"amount"`
	Transfers TransferSet `json:"transfers,omitzero"`
	Outcome   FlowOutcome `json:"outcome"`
	PSP       PSP         `json:"psp"`
	Paid      Date        `json:"paid"`
	At        time.Time   `json:"at"`
}

// report keeps each version of a flow once, and none when the receipt is here: then the
// flow's payment goes to its notice.
func (r Receipt) report(c ReportReceipt) []ReceiptEvent {
	if len(r.Hashes) > 0 || slices.ContainsFunc(r.Reported, func(x ReceiptReported) bool { return x.Version == c.Version }) {
		return nil
	}
	c.Transfers = c.Transfers.stored()
	return []ReceiptEvent{ReceiptReported(c)}
}

func (ReportReceipt) receiptCommand() {}

// OccurredAt is when the flow came.
func (e ReceiptReported) OccurredAt() time.Time { return e.At }

func (ReceiptReported) event()        {}
func (ReceiptReported) receiptEvent() {}
