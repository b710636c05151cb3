package papers

import (
	"errors"
	"fmt"
	"regexp"
	"unicode"
	"unicode/utf8"

	"github.com/saldo-ledger/saldo/domain"
)

// Limits of the model, in characters.
const (
	MaxCreditorName = 100
	MaxOffice       = 50
	MaxContacts     = 100
	MaxDebtorName   = 70
	MaxAddress      = 140
	MaxObject       = 90
	MaxHolder       = 50 // of a postal account
)

// MaxInstalments bounds the instalments of one notice: their numbers have two
// digits.
const MaxInstalments = 99

var (
	cbillCode  = regexp.MustCompile(`^[A-Z0-9]{5}$`)
	debtorCode = regexp.MustCompile(`^[A-Z0-9]{1,16}$`)

	postalNumber  = regexp.MustCompile(`^[0-9]{1,12}$`)
	authorisation = regexp.MustCompile(`^AUT\. DB/[A-Z0-9]{1,8}/[A-Z0-9]{1,8} [0-9]{1,8} DEL [0-9]{2}/[0-9]{2}/[0-9]{4}$`)
)

// Validate reports every rule of the model that n breaks, joined into one error:
// each is a *domain.Refusal of kind Invalid that names the field and the rule.
func (n Notice) Validate() error {
	n = n.plain()
	var f faults
	n.Creditor.check(&f)
	n.Debtor.check(&f)
	n.checkPayments(&f)
	f.text("object", n.Object, 1, MaxObject)
	first, _ := utf8.DecodeRuneInString(n.Object)
	f.require(!unicode.IsLower(first), "object", "an initial capital")
	return errors.Join(f...)
}

// checkPayments checks the single payment, unless the debt is to be paid in
// instalments alone, and the instalments.
func (n Notice) checkPayments(f *faults) {
	most := domain.MaxAmount
	if n.Creditor.Postal != nil {
		most = MaxPostalAmount
	}
	numbers := map[domain.NoticeNumber]bool{}
	if n.hasSingle() {
		n.single().check(f, "", most)
		numbers[n.Number] = true
	}
	count := len(n.Instalments)
	f.require(count == 0 || count >= 2 && count <= MaxInstalments, "instalments", fmt.Sprintf("none, or 2 to %d", MaxInstalments))
	for i, p := range n.Instalments {
		path := fmt.Sprintf("instalments[%d].", i)
		p.check(f, path, most)
		f.require(p.Number == "" || !numbers[p.Number], path+"number", "a number of its own")
		numbers[p.Number] = true
	}
	if sum, _ := n.whole(); len(*f) == 0 {
		f.require(sum <= domain.MaxAmount, "instalments", "together at most "+domain.MaxAmount.String())
	}
}

// check checks a payment whose fields are found under path.
func (p Instalment) check(f *faults, path string, most domain.Money) {
	_, err := domain.ParseNoticeNumber(string(p.Number))
	f.require(err == nil, path+"number", "18 digits")
	f.require(p.Amount > 0 && p.Amount <= most, path+"amount", "above zero, at most "+most.String())
	f.require(p.Due == "" || p.Due.Valid(), path+"due", "a day written yyyy-mm-dd, or none")
}

func (c Creditor) check(f *faults) {
	_, err := domain.ParseBodyCode(string(c.FiscalCode))
	f.require(err == nil, "creditor.fiscalCode", "11 digits")
	f.text("creditor.name", c.Name, 1, MaxCreditorName)
	f.text("creditor.office", c.Office, 0, MaxOffice)
	f.text("creditor.contacts", c.Contacts, 0, MaxContacts)
	f.require(c.CBILL == "" || cbillCode.MatchString(c.CBILL), "creditor.cbill", "5 capital letters or digits, or none")
	_, err = decodeLogo(c.Logo)
	f.require(err == nil, "creditor.logo", fmt.Sprintf("a PNG of at most %d pixels a side, or none", MaxLogoSide))
	if c.Postal != nil {
		c.Postal.check(f)
	}
}

func (a PostalAccount) check(f *faults) {
	f.require(postalNumber.MatchString(a.Number), "creditor.postal.number", "1 to 12 digits")
	f.text("creditor.postal.holder", a.Holder, 1, MaxHolder)
	f.require(authorisation.MatchString(a.Authorisation), "creditor.postal.authorisation", "AUT. DB/xxxx/xxx xxxxx DEL dd/mm/yyyy")
}

func (d Debtor) check(f *faults) {
	f.require(d.FiscalCode == "" || debtorCode.MatchString(string(d.FiscalCode)), "debtor.fiscalCode", "at most 16 capital letters or digits")
	f.text("debtor.name", d.Name, 1, MaxDebtorName)
	f.text("debtor.address", d.Address, 0, MaxAddress)
}

// faults are the rules broken so far.
type faults []error

// require adds a fault of a field unless ok.
func (f *faults) require(ok bool, field, rule string) {
	if !ok {
		*f = append(*f, &domain.Refusal{Kind: domain.Invalid, Field: field, Rule: rule})
	}
}

// text requires a text of so many characters, all of which can be printed.
func (f *faults) text(field, text string, least, most int) {
	length := utf8.RuneCountInString(text)
	f.require(length >= least && length <= most, field, fmt.Sprintf("%d to %d characters", least, most))
	for _, r := range text {
		if !unicode.Is(repertoire(), r) {
			f.require(false, field, fmt.Sprintf("only characters of the notice's typeface, which has no %q", r))
			return
		}
	}
}
