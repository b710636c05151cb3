// Package noticepdf prints pagoPA's payment notice (avviso analogico) as a PDF,
// by model 3.5.1: one A4 sheet for one payment (rata unica), without the postal
// section.
//
// A notice is a function of its data alone: the same Notice gives the same
// bytes, whenever and however often it is written by one build of the program.
// The PDF is not tagged; the accessible copy of a notice is the portal's page.
package noticepdf

import (
	"github.com/saldo-ledger/saldo/domain"
)

// Notice is what a payment notice says. Its texts are printed as they are, but
// for white space, which is collapsed, and for characters that the typeface
// lacks, which lose their accents.
type Notice struct {
	Creditor Creditor
	Debtor   Debtor
	// Number is the codice avviso.
	Number domain.NoticeNumber
	// Amount is what is owed: above zero, at most domain.MaxAmount.
	Amount domain.Money
	// Due is the last day to pay. No day at all means that there is no deadline,
	// and the notice then speaks of none.
	Due domain.Date
	// Object says what is being paid for, with an initial capital. It must hold no
	// personal data.
	Object string
}

// Creditor is the ente creditore: who is to be paid.
type Creditor struct {
	FiscalCode domain.FiscalCode // 11 digits
	Name       string
	Office     string // the part of the body that collects; may be empty
	Contacts   string // where payers can ask; may be empty
	CBILL      string // codice interbancario (SIA), 5 characters; empty if the body has none
	// Logo is a PNG of at most MaxLogoSide pixels a side, shown in a square of
	// 30 mm; at 300 dpi that is 354 pixels. It may be empty.
	Logo []byte
	// PaidOnSite says that the notice can be paid on the creditor's own site.
	PaidOnSite bool
}

// Debtor is the destinatario: who owes.
type Debtor struct {
	FiscalCode domain.FiscalCode // empty only if it is not known
	Name       string
	Address    string // on one line; may be empty
}

// plain returns n with its texts as they will be printed.
func (n Notice) plain() Notice {
	for _, text := range []*string{
		&n.Creditor.Name, &n.Creditor.Office, &n.Creditor.Contacts,
		&n.Debtor.Name, &n.Debtor.Address, &n.Object,
	} {
		*text = plain(*text)
	}
	return n
}
