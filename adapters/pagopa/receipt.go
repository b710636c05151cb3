package pagopa

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
)

// ErrNotReceipt is a stored request that is none of the paSendRT operations.
var ErrNotReceipt = errors.New("not a receipt")

// Receipt is a receipt as its readers want it: the ledger and the auditors.
type Receipt struct {
	ID       domain.ReceiptID  // the Node's, unique per creditor; also the payment token
	SentTo   domain.FiscalCode // idPA: the body this copy is for
	Station  string            // idStation it came through
	Creditor domain.FiscalCode // the body that issued the notice, perhaps not SentTo
	Notice   domain.NoticeNumber
	IUV      domain.IUV

	Amount      domain.Money // of the whole notice, other bodies' transfers too
	Description string
	CompanyName string
	OfficeName  string
	Transfers   []Transfer

	PSP            string
	PSPCompanyName string
	Channel        string
	PaymentMethod  string
	PaymentNote    string       // the checkout cart's id, empty if there was none
	Fee            domain.Money // charged to the payer, not part of Amount
	StandIn        bool         // paid while the Node could not reach the creditor

	// PaidAt is the moment of payment; if the receipt states none, the start of
	// ApplicationDate; else the zero time. A time of day without a zone is meant in
	// Italy, a date is midnight there. Absent dates are zero.
	PaidAt          time.Time
	ApplicationDate time.Time
	TransferDate    time.Time

	Debtor Party
	Payer  Party // zero if the receipt names none
}

// Party is a person or a body that a receipt names.
type Party struct {
	Kind     string // F, a person, or G, a body
	Code     string // fiscal code, or ANONIMO
	FullName string
}

// ParseReceipt reads the bytes of a paSendRT or paSendRTV2 request, as Receipts
// has taken them. It fails on what Handler would not have handed over.
func ParseReceipt(raw []byte) (Receipt, error) {
	op, req, err := soap.Decode(bytes.NewReader(raw))
	if err != nil {
		return Receipt{}, err
	}
	if !op.DeliversReceipt() {
		return Receipt{}, fmt.Errorf("%s: %w", op, ErrNotReceipt)
	}
	wire := delivered(req)
	if err := proof(wire); err != nil {
		return Receipt{}, err
	}
	r := plain(req.To(), wire)
	return r, r.dates(wire)
}

// dates fills the dates of r from the wire's.
func (r *Receipt) dates(wire soap.Receipt) error {
	var paid, application, transfer error
	r.PaidAt, paid = wire.PaymentDateTime.In(domain.Rome)
	r.ApplicationDate, application = wire.ApplicationDate.In(domain.Rome)
	r.TransferDate, transfer = wire.TransferDate.In(domain.Rome)
	if r.PaidAt.IsZero() {
		r.PaidAt = r.ApplicationDate
	}
	return errors.Join(paid, application, transfer)
}

// plain copies all but the dates.
func plain(to soap.Addressee, w soap.Receipt) Receipt {
	r := Receipt{
		ID:             domain.ReceiptID(w.ID),
		SentTo:         domain.FiscalCode(to.PA),
		Station:        to.Station,
		Creditor:       w.Creditor,
		Notice:         w.Notice,
		IUV:            w.IUV,
		Amount:         w.Amount,
		Description:    w.Description,
		CompanyName:    w.CompanyName,
		OfficeName:     w.OfficeName,
		PSP:            w.PSP,
		PSPCompanyName: w.PSPCompanyName,
		Channel:        w.Channel,
		PaymentMethod:  w.PaymentMethod,
		PaymentNote:    w.PaymentNote,
		Debtor:         party(&w.Debtor),
		Payer:          party(w.Payer),
	}
	if w.Fee != nil {
		r.Fee = *w.Fee
	}
	if w.StandIn != nil {
		r.StandIn = *w.StandIn
	}
	for _, t := range w.Transfers {
		r.Transfers = append(r.Transfers, Transfer{t.ID, t.Amount, t.Creditor, t.CompanyName, t.IBAN, t.Remittance, t.Category})
	}
	return r
}

func party(s *soap.Subject) Party {
	if s == nil {
		return Party{}
	}
	return Party{s.Kind, s.Code, s.FullName}
}
