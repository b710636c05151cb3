package reconciliation

import (
	"strings"
	"time"

	"github.com/saldo-ledger/saldo/domain"
)

// Facts are what is to be reconciled, in any order. They need not be all there is: a
// day's flows with their lines, the receipts of those lines and of the day, and the
// credits of both.
type Facts struct {
	Receipts []Receipt
	Flows    []Flow
	Credits  []Credit
	// Accepted are the cases that a person accepted as they stand.
	Accepted map[domain.Subject]bool
}

// Receipt is what the ledger knows of a payment.
type Receipt struct {
	ID     domain.ReceiptID
	Notice domain.NoticeNumber
	Issuer domain.FiscalCode // of another body's notice; empty when it is ours
	Amount domain.Money      // of the transfers to this creditor
	PSP    string
	PaidAt time.Time
	Filed  bool // the receipt itself is here; else a flow's line stands in for it
	Second bool // the notice had been paid already
}

// Flow is one version of a flow.
type Flow struct {
	domain.FlowVersion
	Key            string
	PSPName        string
	Regulation     string
	RegulationDate domain.Date
	DeclaredCount  int64
	DeclaredTotal  domain.Money
	Count          int
	Sum            domain.Money
	Distinct       domain.Money
	Revoked        domain.Money
	Lines          []Line
}

// Line is a line of a flow.
type Line struct {
	domain.FlowLine
	Number int  // in the flow, from 1
	Issued bool // the ledger raised a bulletin under this number
}

// Credit is a movement at the bank.
type Credit struct {
	domain.CaseMovement
	Flows  []string // the ids of flows that its text may mean
	IUV    domain.IUV
	PagoPA bool
	// Matched is the flow that it was matched with, by whatever means; empty for none.
	Matched string
	// Standing is how far the match has come.
	Standing domain.MatchStands
}

// Terms are what outcomes depend on beside the facts.
type Terms struct {
	Segregation int // of the creditor's own notices
	Now         time.Time
}

// own reports whether an IUV is of a notice that this ledger could have raised.
func (t Terms) own(iuv domain.IUV) bool {
	return len(iuv) == 17 && iuv[0] == '0'+byte(t.Segregation/10) && iuv[1] == '0'+byte(t.Segregation%10)
}

// How long things take (SANP): a flow is there by the end of D+2 and corrected until
// D+4; money is booked on D+1, and the treasurer tells a day later.
const (
	cutOff         = 13 // o'clock: what is paid later belongs to the next working day
	flowDays       = 2
	creditDays     = 2
	correctionDays = 4
	proposalDays   = 3 // between a flow's transfer and a credit that may be it
)

// WorkingDayOf returns the working day that a payment belongs to.
func WorkingDayOf(paid time.Time) domain.Date {
	local := paid.In(domain.Rome)
	if local.Hour() >= cutOff {
		local = local.AddDate(0, 0, 1)
	}
	return domain.DateOf(local).WorkingDay()
}

// endOf returns the end of the n-th working day after day, in Italy.
func endOf(day domain.Date, n int) time.Time {
	last := day.AddWorkingDays(n).Time()
	return time.Date(last.Year(), last.Month(), last.Day()+1, 0, 0, 0, 0, domain.Rome).UTC()
}

// Euro writes an amount as Italians read it: 1.234,56 €.
func Euro(m domain.Money) string {
	s := max(m, -m).String()
	whole, cents, _ := strings.Cut(s, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "." + whole[i:]
	}
	sign := ""
	if m < 0 {
		sign = "-"
	}
	return sign + whole + "," + cents + " €"
}
