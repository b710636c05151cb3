// Package pagopa answers pagoPA's Node: POST /pagopa/paForNode, the SOAP service
// through which PSPs learn what is owed on a notice and through which receipts
// arrive. It translates and decides nothing; bulletins, receipts and what cannot
// be read are behind its ports. ParseReceipt reads a stored receipt again.
package pagopa

import (
	"context"
	"time"

	"github.com/saldo-ledger/saldo/domain"
)

// Bulletins is where the handler learns what is owed.
type Bulletins interface {
	// Payable returns the debt behind a notice as it stands now. It changes
	// nothing. A notice the creditor never issued is a domain.Refusal of kind
	// NotFound.
	Payable(ctx context.Context, creditor domain.FiscalCode, notice domain.NoticeNumber) (DebtPosition, error)
}

// Activations is told that a PSP asked to pay a notice.
type Activations interface {
	// Activated notes the asking, with the checkout cart's id (empty when the
	// payment did not start there) and the amount answered to the PSP. It may come
	// many times for a notice and locks nothing. The PSP's answer does not depend
	// on it.
	Activated(ctx context.Context, creditor domain.FiscalCode, notice domain.NoticeNumber, paymentNote string, amount domain.Money) error
}

// Receipts takes receipts over from the Node.
type Receipts interface {
	// Receive files a receipt sent to creditor, as the bytes of the request, and
	// returns nil only when it is durable. The same receipt may come again, also
	// through another station; that is no error. After any error the Node is led
	// to send the receipt again.
	Receive(ctx context.Context, creditor domain.FiscalCode, raw []byte) error
}

// Malformed keeps, for a person to look at, the receipts that go no further.
type Malformed interface {
	// Keep files the bytes of the request and why it was turned away, and returns
	// nil only when they are durable.
	Keep(ctx context.Context, raw []byte, why error) error
}

// Status is how a debt stands towards someone who wants to pay it.
type Status int

// The statuses. The zero value is StatusUnknown.
const (
	StatusUnknown   Status = iota // not issued, or not to be paid under this notice
	StatusOpen                    // payable
	StatusPaid                    // paid, in whatever way
	StatusCancelled               // cancelled or replaced
	StatusExpired                 // too late, and the creditor refuses late payments
)

// DebtPosition is the debt behind a notice. Only Status counts unless it is
// StatusOpen.
type DebtPosition struct {
	Status      Status
	Amount      domain.Money // the sum of the transfers
	DueDate     time.Time    // the day, in its own location; mandatory
	Description string       // causale, no personal data in it; cut at 140 characters
	CompanyName string       // of the creditor; cut at 140 characters
	OfficeName  string       // optional; cut at 140 characters
	Debtor      Debtor
	Transfers   []Transfer // one to five
	// PostalIBAN is the creditor's account with the post, where its Terms name none;
	// optional.
	PostalIBAN string
}

// Debtor is who owes. Everything is optional, of somebody who was erased; texts too
// long for the schema are cut.
type Debtor struct {
	Code       domain.FiscalCode // ANONIMO is answered when empty
	FullName   string            // likewise
	Street     string
	Civic      string
	PostalCode string
	City       string
	Province   string
	Country    string // two capitals
	Email      string
}

// Transfer is the part of a payment that goes to one account of one body.
type Transfer struct {
	ID          int // 1-5
	Amount      domain.Money
	Creditor    domain.FiscalCode
	CompanyName string // of that body; optional
	IBAN        string // in a debt, one registered with pagoPA; in a receipt empty for a revenue stamp
	Remittance  string // remittanceInformation, no personal data in it; cut at 140 characters
	Category    string // code of pagoPA's taxonomy
}
