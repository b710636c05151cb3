// Package papers prints what a body hands out, as PDFs on A4 sheets: pagoPA's payment
// notice (avviso analogico) by model 3.5.1, for one payment (rata unica), for
// instalments, or for the choice between them, with the section of the post
// (bollettino postale PA) if the creditor has an account there; the receipt of a
// payment (quietanza); and the yearly statement of what was paid, for the tax return.
//
// A paper is a function of its data alone: the same Notice, Quittance or Expenses
// gives the same bytes, whenever and however often it is written by one build of the
// program. The PDFs are not tagged; their accessible copies are the portal's pages.
package papers

import (
	"slices"

	"github.com/saldo-ledger/saldo/domain"
)

// Notice is what a payment notice says. Its texts are printed as they are, but
// for white space, which is collapsed, and for characters that the typeface
// lacks, which lose their accents.
type Notice struct {
	Creditor Creditor
	Debtor   Debtor
	// Number is the codice avviso of the whole debt (rata unica). A debt that can be
	// paid in instalments only has neither Number, Amount nor Due.
	Number domain.NoticeNumber
	// Amount is what is owed: above zero, at most domain.MaxAmount, or MaxPostalAmount
	// if the creditor has a postal account.
	Amount domain.Money
	// Due is the last day to pay. No day at all means that there is no deadline,
	// and the notice then speaks of none.
	Due domain.Date
	// Instalments are another way to pay the same debt: none, or two and more, in
	// the order in which they fall due.
	Instalments []Instalment
	// Object says what is being paid for, with an initial capital. It must hold no
	// personal data.
	Object string
}

// Instalment is a rata: a part of the debt with a codice avviso of its own.
type Instalment struct {
	Number domain.NoticeNumber
	Amount domain.Money
	Due    domain.Date // as in Notice
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
	// Postal is the account with the post that payments may go to, which gives each
	// of them a bollettino postale; nil if there is none.
	Postal *PostalAccount
}

// PostalAccount is a conto corrente postale whose bollettini (type 896) the post
// lets the creditor print.
type PostalAccount struct {
	Number string // at most 12 digits, as many as the Data Matrix has room for
	Holder string
	// Authorisation is the post's leave to print:
	// "AUT. DB/xxxx/xxx xxxxx DEL xx/xx/xxxx".
	Authorisation string
}

// Debtor is the destinatario: who owes.
type Debtor struct {
	FiscalCode domain.FiscalCode // empty only if it is not known
	Name       string
	Address    string // on one line; may be empty
}

// FileName is the name of the notice's file, by the number of the whole debt, or
// else of the first instalment.
func (n Notice) FileName() string { return "avviso-" + string(n.number()) + ".pdf" }

func (n Notice) number() domain.NoticeNumber {
	if !n.hasSingle() && len(n.Instalments) > 0 {
		return n.Instalments[0].Number
	}
	return n.Number
}

// hasSingle reports whether the debt can be paid as a whole. A notice of nothing
// counts as one, so that Validate says what it lacks.
func (n Notice) hasSingle() bool {
	return n.single() != Instalment{} || len(n.Instalments) == 0
}

// single is the payment of the whole debt.
func (n Notice) single() Instalment { return Instalment{n.Number, n.Amount, n.Due} }

// whole is the amount and the deadline to print on top. The instalments have
// deadlines of their own, so that their sum has none.
func (n Notice) whole() (domain.Money, domain.Date) {
	if n.hasSingle() {
		return n.Amount, n.Due
	}
	var sum domain.Money
	for _, i := range n.Instalments {
		sum += i.Amount
	}
	return sum, ""
}

// hasDeadline reports whether any payment of the notice has one.
func (n Notice) hasDeadline() bool {
	return n.Due != "" || slices.ContainsFunc(n.Instalments, func(i Instalment) bool { return i.Due != "" })
}

// plain returns n with its texts as they will be printed.
func (n Notice) plain() Notice {
	if n.Creditor.Postal != nil {
		account := *n.Creditor.Postal
		account.Holder, account.Authorisation = plain(account.Holder), plain(account.Authorisation)
		n.Creditor.Postal = &account
	}
	for _, text := range []*string{
		&n.Creditor.Name, &n.Creditor.Office, &n.Creditor.Contacts,
		&n.Debtor.Name, &n.Debtor.Address, &n.Object,
	} {
		*text = plain(*text)
	}
	return n
}
