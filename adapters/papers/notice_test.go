package papers

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/domain"
)

// aNotice is a valid notice of an invented town.
func aNotice() Notice {
	return Notice{
		Creditor: Creditor{
			FiscalCode: "12345678903",
			Name:       "Comune di Rocca Serena",
			Office:     "Ufficio Servizi Scolastici",
			Contacts:   "scuola@comune.roccaserena.example · tel. 0100 000000",
			CBILL:      "A0EDT",
			PaidOnSite: true,
		},
		Debtor: Debtor{
			FiscalCode: "RSSMRA80A41H501X",
			Name:       "Maria D’Àvila",
			Address:    "Via dell’Olmo 12, 00000 Rocca Serena RS",
		},
		Number: "301000000000004285",
		Amount: 123450,
		Due:    "2026-06-30",
		Object: "Mensa scolastica, marzo 2026",
	}
}

// withPostal gives the creditor of a notice a postal account.
func withPostal(n Notice) Notice {
	n.Creditor.Postal = &PostalAccount{
		Number: "12345678", Holder: "Comune di Rocca Serena, servizio tesoreria", Authorisation: "AUT. DB/XXXX/XXX 00000 DEL 01/02/2026",
	}
	return n
}

// inInstalments adds so many instalments to a notice, each of another amount.
func inInstalments(n Notice, count int) Notice {
	for i := range count {
		number, err := domain.NewNoticeNumber(1, uint64(100+i))
		if err != nil {
			panic(err)
		}
		due := domain.Date(fmt.Sprintf("2026-%02d-28", 1+i%12))
		n.Instalments = append(n.Instalments, Instalment{number, domain.Money(1000 + i), due})
	}
	return n
}

// instalmentsAlone takes the single payment out of a notice.
func instalmentsAlone(n Notice) Notice {
	n.Number, n.Amount, n.Due = "", 0, ""
	return n
}

// aFullNotice has every text at its limit, in the widest letter there is or in
// words.
func aFullNotice(text string) Notice {
	n := aNotice()
	cut := func(most int) string { return string([]rune(strings.Repeat(text, most))[:most]) }
	n.Creditor.Name, n.Creditor.Office, n.Creditor.Contacts = cut(MaxCreditorName), cut(MaxOffice), cut(MaxContacts)
	n.Debtor.Name, n.Debtor.Address, n.Object = cut(MaxDebtorName), cut(MaxAddress), cut(MaxObject)
	n.Amount = domain.MaxAmount
	return n
}

// aBareNotice has only what a notice cannot do without.
func aBareNotice() Notice {
	n := aNotice()
	return Notice{
		Creditor: Creditor{FiscalCode: n.Creditor.FiscalCode, Name: n.Creditor.Name},
		Debtor:   Debtor{Name: n.Debtor.Name},
		Number:   n.Number,
		Amount:   1,
		Object:   n.Object,
	}
}

func TestNoticesWithinTheLimitsAreValid(t *testing.T) {
	for name, n := range map[string]Notice{
		"usual": aNotice(), "full": aFullNotice("È"), "bare": aBareNotice(),
		"postal": withPostal(aNotice()), "two instalments": inInstalments(aNotice(), 2),
		"instalments alone": instalmentsAlone(inInstalments(aNotice(), MaxInstalments)),
	} {
		if err := n.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestABrokenRuleIsRefusedByItsField(t *testing.T) {
	tests := []struct {
		field string
		spoil func(*Notice)
	}{
		{"creditor.fiscalCode", func(n *Notice) { n.Creditor.FiscalCode = "1234567890" }},
		{"creditor.fiscalCode", func(n *Notice) { n.Creditor.FiscalCode = "RSSMRA80A41H501X" }},
		{"creditor.name", func(n *Notice) { n.Creditor.Name = "" }},
		{"creditor.name", func(n *Notice) { n.Creditor.Name = strings.Repeat("a", 101) }},
		{"creditor.office", func(n *Notice) { n.Creditor.Office = strings.Repeat("à", 51) }},
		{"creditor.contacts", func(n *Notice) { n.Creditor.Contacts = strings.Repeat("a", 101) }},
		{"creditor.cbill", func(n *Notice) { n.Creditor.CBILL = "a0edt" }},
		{"creditor.cbill", func(n *Notice) { n.Creditor.CBILL = "A0ED" }},
		{"creditor.logo", func(n *Notice) { n.Creditor.Logo = []byte("GIF89a") }},
		{"creditor.logo", func(n *Notice) { n.Creditor.Logo = aLogo(MaxLogoSide+1, 1) }},
		{"creditor.logo", func(n *Notice) { n.Creditor.Logo = aLogo(40, 40)[:60] }},
		{"debtor.fiscalCode", func(n *Notice) { n.Debtor.FiscalCode = "RSSMRA80A41H501XX" }},
		{"debtor.fiscalCode", func(n *Notice) { n.Debtor.FiscalCode = "rssmra80a41h501x" }},
		{"debtor.name", func(n *Notice) { n.Debtor.Name = " \t\n" }},
		{"debtor.name", func(n *Notice) { n.Debtor.Name = strings.Repeat("a", 71) }},
		{"debtor.name", func(n *Notice) { n.Debtor.Name = "王芳" }},
		{"debtor.name", func(n *Notice) { n.Debtor.Name = "Maria \xff" }},
		{"debtor.address", func(n *Notice) { n.Debtor.Address = strings.Repeat("a", 141) }},
		{"debtor.address", func(n *Notice) { n.Debtor.Address = "Via \U0001F3EB" }},
		{"number", func(n *Notice) { n.Number = "30100000000000428" }},
		{"number", func(n *Notice) { n.Number = "" }},
		{"amount", func(n *Notice) { n.Amount = 0 }},
		{"amount", func(n *Notice) { n.Amount = -1 }},
		{"amount", func(n *Notice) { n.Amount = domain.MaxAmount + 1 }},
		{"due", func(n *Notice) { n.Due = "2026-02-29" }},
		{"object", func(n *Notice) { n.Object = "" }},
		{"object", func(n *Notice) { n.Object = strings.Repeat("A", 91) }},
		{"object", func(n *Notice) { n.Object = "mensa scolastica" }},
		{"creditor.postal.number", func(n *Notice) { n.Creditor.Postal.Number = "1234567890123" }},
		{"creditor.postal.number", func(n *Notice) { n.Creditor.Postal.Number = "12 34" }},
		{"creditor.postal.holder", func(n *Notice) { n.Creditor.Postal.Holder = "" }},
		{"creditor.postal.holder", func(n *Notice) { n.Creditor.Postal.Holder = strings.Repeat("a", 51) }},
		{"creditor.postal.authorisation", func(n *Notice) { n.Creditor.Postal.Authorisation = "" }},
		{"creditor.postal.authorisation", func(n *Notice) { n.Creditor.Postal.Authorisation = "AUT. DB/XXXX/XXX 00000" }},
		{"amount", func(n *Notice) { n.Amount = MaxPostalAmount + 1 }},
		{"instalments", func(n *Notice) { n.Instalments = n.Instalments[:1] }},
		{"instalments", func(n *Notice) { *n = inInstalments(instalmentsAlone(aNotice()), MaxInstalments+1) }},
		{"instalments", func(n *Notice) {
			*n = instalmentsAlone(*n)
			n.Creditor.Postal, n.Instalments[0].Amount = nil, domain.MaxAmount
		}},
		{"instalments[1].number", func(n *Notice) { n.Instalments[1].Number = "" }},
		{"instalments[1].number", func(n *Notice) { n.Instalments[1].Number = n.Instalments[0].Number }},
		{"instalments[0].number", func(n *Notice) { n.Instalments[0].Number = n.Number }},
		{"instalments[0].amount", func(n *Notice) { n.Instalments[0].Amount = 0 }},
		{"instalments[0].amount", func(n *Notice) { n.Instalments[0].Amount = MaxPostalAmount + 1 }},
		{"instalments[0].due", func(n *Notice) { n.Instalments[0].Due = "31/12/2026" }},
	}
	for _, tt := range tests {
		n := inInstalments(withPostal(aNotice()), 2)
		tt.spoil(&n)
		err := n.Validate()
		refusal, ok := errors.AsType[*domain.Refusal](err)
		if !ok || refusal.Kind != domain.Invalid || refusal.Field != tt.field || refusal.Rule == "" {
			t.Errorf("got %v, want a rule about %s", err, tt.field)
		}
		if strings.Contains(fmt.Sprint(err), "\n") {
			t.Errorf("more than one rule about one fault: %v", err)
		}
	}
}

func TestLimitsCountThePrintedCharacters(t *testing.T) {
	n := aNotice()
	n.Debtor.Name = strings.Repeat("e\u0300", MaxDebtorName) + " \n"
	if err := n.Validate(); err != nil {
		t.Error(err)
	}
}

func ExampleNotice_Validate() {
	n := Notice{
		Creditor: Creditor{FiscalCode: "12345678903", Name: "Comune di Rocca Serena", CBILL: "SIA"},
		Debtor:   Debtor{Name: "Maria D’Àvila"},
		Number:   "301000000000004285",
		Amount:   8450,
		Object:   "mensa scolastica",
	}
	fmt.Println(n.Validate())
	// Output:
	// creditor.cbill: 5 capital letters or digits, or none
	// object: an initial capital
}
