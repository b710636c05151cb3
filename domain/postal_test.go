package domain_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/domain"
)

func TestPostalAccountCheck(t *testing.T) {
	type change = func(*domain.PostalAccount)
	good := map[string]change{
		"as it is":                func(*domain.PostalAccount) {},
		"none":                    func(a *domain.PostalAccount) { *a = domain.PostalAccount{} },
		"zeros before the number": func(a *domain.PostalAccount) { a.Number = "000012345678" },
		"a holder of one letter":  func(a *domain.PostalAccount) { a.Holder = "È" },
		"a holder of 50 letters":  func(a *domain.PostalAccount) { a.Holder = strings.Repeat("è", 50) },
		"a holder with all signs": func(a *domain.PostalAccount) { a.Holder = "1° Circolo (Sant'Àgata/L’Olmo) & C., S.-Pöl" },
		"a leave of few letters":  func(a *domain.PostalAccount) { a.Authorisation = "AUT. DB/A/1 1 DEL 29/02/2024" },
		"a leave of many letters": func(a *domain.PostalAccount) { a.Authorisation = "AUT. DB/ABCD1234/ABCD1234 12345678 DEL 31/12/2025" },
	}
	for name, change := range good {
		if err := but(account, change).Check(); err != nil {
			t.Errorf("%s: refused: %v", name, err)
		}
	}
	for name, c := range map[string]struct {
		change change
		want   *domain.Refusal
	}{
		"no number":                      {func(a *domain.PostalAccount) { a.Number = "" }, domain.ErrBadPostalNumber},
		"a number of 13 digits":          {func(a *domain.PostalAccount) { a.Number = "0000012345678" }, domain.ErrBadPostalNumber},
		"a letter in the number":         {func(a *domain.PostalAccount) { a.Number = "1234567A" }, domain.ErrBadPostalNumber},
		"a line's end after the number":  {func(a *domain.PostalAccount) { a.Number += "\n" }, domain.ErrBadPostalNumber},
		"no holder":                      {func(a *domain.PostalAccount) { a.Holder = "" }, domain.ErrBadPostalHolder},
		"a holder of blanks":             {func(a *domain.PostalAccount) { a.Holder = "  " }, domain.ErrBadPostalHolder},
		"a holder of 51 letters":         {func(a *domain.PostalAccount) { a.Holder = long(51) }, domain.ErrBadPostalHolder},
		"a holder nobody can print":      {func(a *domain.PostalAccount) { a.Holder = "Comune 王" }, domain.ErrBadPostalHolder},
		"no leave":                       {func(a *domain.PostalAccount) { a.Authorisation = "" }, domain.ErrBadPostalAuthorisation},
		"a leave in small letters":       {func(a *domain.PostalAccount) { a.Authorisation = "aut. db/a/1 1 del 01/02/2026" }, domain.ErrBadPostalAuthorisation},
		"a leave of no day there is":     {func(a *domain.PostalAccount) { a.Authorisation = "AUT. DB/A/1 1 DEL 30/02/2026" }, domain.ErrBadPostalAuthorisation},
		"a leave of a part too long":     {func(a *domain.PostalAccount) { a.Authorisation = "AUT. DB/A/1 123456789 DEL 01/02/2026" }, domain.ErrBadPostalAuthorisation},
		"no IBAN":                        {func(a *domain.PostalAccount) { a.IBAN = "" }, domain.ErrBadPostalIBAN},
		"a wrong check digit":            {func(a *domain.PostalAccount) { a.IBAN = "IT31O0760103200000012345678" }, domain.ErrBadPostalIBAN},
		"an IBAN of a bank":              {func(a *domain.PostalAccount) { a.Number, a.IBAN = "123456", profile.IBAN }, domain.ErrBadPostalIBAN},
		"an IBAN of another account":     {func(a *domain.PostalAccount) { a.IBAN = "IT97V0760103200000087654321" }, domain.ErrBadPostalIBAN},
		"nothing but the IBAN":           {func(a *domain.PostalAccount) { *a = domain.PostalAccount{IBAN: a.IBAN} }, domain.ErrBadPostalNumber},
		"a number and nothing beside it": {func(a *domain.PostalAccount) { *a = domain.PostalAccount{Number: a.Number} }, domain.ErrBadPostalHolder},
	} {
		wantRefusal(t, name, but(account, c.change).Check(), c.want)
	}
}

// Logs were written before there were postal accounts: a body without one is
// written as it was.
func TestAProfileWithoutAPostalAccountSaysNothingOfIt(t *testing.T) {
	for want, p := range map[bool]domain.CreditorProfile{false: profile, true: withAccount(profile)} {
		text, err := json.Marshal(p)
		if err != nil || strings.Contains(string(text), "postal") != want {
			t.Errorf("%s, %v", text, err)
		}
	}
}
