package domain

import (
	"fmt"
	"strings"
	"unicode"
)

// Person is an adult's personal data. It is sealed with that person's key before
// it reaches the log; the zero Person is somebody whose key was destroyed, or a
// reader without the keys.
type Person struct {
	FiscalCode FiscalCode `json:"fiscalCode"`
	GivenName  string     `json:"givenName"`
	FamilyName string     `json:"familyName"`
	Email      string     `json:"email"`
	Mobile     string     `json:"mobile,omitempty"`
	Username   string     `json:"username"`
}

// Child is a consumer's personal data, sealed like a Person.
type Child struct {
	GivenName  string     `json:"givenName"`
	FamilyName string     `json:"familyName"`
	FiscalCode FiscalCode `json:"fiscalCode,omitempty"`
}

// Refusals of personal data.
var (
	ErrBadName     = &Refusal{Invalid, "name", "a name is 1 to 60 letters, spaces, apostrophes and hyphens"}
	ErrBadEmail    = &Refusal{Invalid, "email", "an e-mail is one address of at most 254 characters"}
	ErrBadMobile   = &Refusal{Invalid, "mobile", "a mobile number is 8 to 15 digits, with spaces and a leading +"}
	ErrBadUsername = &Refusal{Invalid, "username", "a username is 4 to 30 of A-Z a-z 0-9 . _ -"}
)

// Check verifies every field of p.
func (p Person) Check() error {
	if err := checkCode(p.FiscalCode); err != nil {
		return err
	}
	for _, name := range []string{p.GivenName, p.FamilyName} {
		if err := checkName(name); err != nil {
			return err
		}
	}
	if err := checkEmail(p.Email); err != nil {
		return err
	}
	if p.Mobile != "" && !validMobile(p.Mobile) {
		return fmt.Errorf("mobile %q: %w", clip(p.Mobile), ErrBadMobile)
	}
	if !validUsername(p.Username) {
		return fmt.Errorf("username %q: %w", clip(p.Username), ErrBadUsername)
	}
	return nil
}

// Check verifies every field of c; the fiscal code may be unknown.
func (c Child) Check() error {
	for _, name := range []string{c.GivenName, c.FamilyName} {
		if err := checkName(name); err != nil {
			return err
		}
	}
	if c.FiscalCode != "" {
		return checkCode(c.FiscalCode)
	}
	return nil
}

// FullName is given name and family name.
func (p Person) FullName() string { return strings.TrimSpace(p.GivenName + " " + p.FamilyName) }

// FullName is given name and family name.
func (c Child) FullName() string { return strings.TrimSpace(c.GivenName + " " + c.FamilyName) }

// FoldUsername returns the form in which usernames are compared.
func FoldUsername(s string) string { return strings.ToLower(s) }

// checkCode wants the code as ParsePersonCode gives it: one person has one
// spelling, or claims and comparisons would take them for two.
func checkCode(c FiscalCode) error {
	code, err := ParsePersonCode(string(c))
	if err == nil && code != c {
		err = fmt.Errorf("codice fiscale %q: %w", clip(string(c)), ErrBadPersonCode)
	}
	return err
}

func checkName(s string) error {
	ok := within(s, 1, 60) && s == strings.TrimSpace(s)
	for _, r := range s {
		ok = ok && (unicode.IsLetter(r) || unicode.IsMark(r) || strings.ContainsRune(" '’-", r))
	}
	if !ok {
		return fmt.Errorf("name %q: %w", clip(s), ErrBadName)
	}
	return nil
}

func checkEmail(s string) error {
	at := strings.LastIndexByte(s, '@')
	ok := len(s) <= 254 && at > 0 && strings.Contains(s[at:], ".") &&
		!strings.ContainsAny(s, " <>(),;:\\\"[]\r\n\t") && strings.Count(s, "@") == 1 &&
		!strings.HasSuffix(s, ".") && !strings.Contains(s, "..") && !strings.Contains(s, "@.")
	for _, r := range s {
		ok = ok && r > ' ' && r < 0x7f
	}
	if !ok {
		return fmt.Errorf("e-mail %q: %w", clip(s), ErrBadEmail)
	}
	return nil
}

func validMobile(s string) bool {
	digits := strings.ReplaceAll(strings.TrimPrefix(s, "+"), " ", "")
	return allDigits(digits) && len(digits) >= 8 && len(digits) <= 15
}

func validUsername(s string) bool {
	if len(s) < 4 || len(s) > 30 {
		return false
	}
	for _, r := range s {
		if r > 0x7f || (!unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("._-", r)) {
			return false
		}
	}
	return true
}
