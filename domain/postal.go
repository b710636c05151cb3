package domain

import (
	"fmt"
	"regexp"
	"strings"
)

// PostalAccount is a creditor's conto corrente postale, whose bollettini (type 896)
// the post lets it print. The zero value is none.
type PostalAccount struct {
	Number string `json:"number"` // as many digits as the bollettino's Data Matrix has room for
	Holder string `json:"holder"` // as printed
	// Authorisation is the post's leave to print: "AUT. DB/xxxx/xxx xxxxx DEL dd/mm/yyyy".
	Authorisation string `json:"authorisation"`
	IBAN          string `json:"iban"` // the same account, registered with pagoPA
}

// Refusals about a postal account.
var (
	ErrBadPostalNumber        = &Refusal{Invalid, "postal/number", "a postal account has a number of 1 to 12 digits"}
	ErrBadPostalHolder        = &Refusal{Invalid, "postal/holder", "the holder of a postal account is 1 to 50 letters, digits, spaces and . , ' ’ & ( ) / ° - and begins with a letter or a digit"}
	ErrBadPostalAuthorisation = &Refusal{Invalid, "postal/authorisation", "the post's leave to print is written AUT. DB/xxxx/xxx xxxxx DEL dd/mm/yyyy, with at most 8 characters in each part"}
	ErrBadPostalIBAN          = &Refusal{Invalid, "postal/iban", "a postal account has a valid IBAN of the post (bank code 07601) that ends in the account's number"}
)

// postABI is the bank code of the post in an IBAN.
const postABI = "07601"

// What a notice can print: a holder in the letters of its typeface, a leave in the
// post's own form.
var (
	postalNumber        = regexp.MustCompile(`^[0-9]{1,12}$`)
	postalHolder        = regexp.MustCompile(`^[0-9A-Za-zÀ-ÖØ-öø-ÿ][0-9A-Za-zÀ-ÖØ-öø-ÿ .,'’&()/°-]{0,49}$`)
	postalAuthorisation = regexp.MustCompile(`^AUT\. DB/[A-Z0-9]{1,8}/[A-Z0-9]{1,8} [0-9]{1,8} DEL ([0-9]{2})/([0-9]{2})/([0-9]{4})$`)
)

// Check verifies every field of a, unless it is none.
func (a PostalAccount) Check() error {
	switch {
	case a == PostalAccount{}:
		return nil
	case !postalNumber.MatchString(a.Number):
		return fmt.Errorf("postal account %q: %w", clip(a.Number), ErrBadPostalNumber)
	case !postalHolder.MatchString(a.Holder):
		return fmt.Errorf("postal account %s: %w", a.Number, ErrBadPostalHolder)
	case !granted(a.Authorisation):
		return fmt.Errorf("postal account %s: %w", a.Number, ErrBadPostalAuthorisation)
	case !ValidIBAN(a.IBAN) || a.IBAN[5:10] != postABI || a.IBAN[15:] != strings.Repeat("0", 12-len(a.Number))+a.Number:
		return fmt.Errorf("postal account %s: %w", a.Number, ErrBadPostalIBAN)
	}
	return nil
}

// granted reports whether a leave to print has its form, and a day there is.
func granted(authorisation string) bool {
	day := postalAuthorisation.FindStringSubmatch(authorisation)
	return day != nil && Date(day[3]+"-"+day[2]+"-"+day[1]).Valid()
}
