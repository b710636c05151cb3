package noticepdf

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
)

var (
	cbillCode  = regexp.MustCompile(`^[A-Z0-9]{5}$`)
	debtorCode = regexp.MustCompile(`^[A-Z0-9]{1,16}$`)
)

// Validate reports every rule of the model that n breaks, joined into one error:
// each is a *domain.Refusal of kind Invalid that names the field and the rule.
func (n Notice) Validate() error {
	n = n.plain()
	var f faults
	n.Creditor.check(&f)
	n.Debtor.check(&f)
	_, err := domain.ParseNoticeNumber(string(n.Number))
	f.require(err == nil, "number", "18 digits")
	f.require(n.Amount > 0 && n.Amount <= domain.MaxAmount, "amount", "above zero, at most "+domain.MaxAmount.String())
	f.require(n.Due == "" || n.Due.Valid(), "due", "a day written yyyy-mm-dd, or none")
	f.text("object", n.Object, 1, MaxObject)
	first, _ := utf8.DecodeRuneInString(n.Object)
	f.require(!unicode.IsLower(first), "object", "an initial capital")
	return errors.Join(f...)
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
