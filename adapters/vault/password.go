package vault

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/saldo-ledger/saldo/domain"
)

// Bounds of a password's length, in characters of its NFC form.
const (
	MinPassword = 8
	MaxPassword = 64
)

// The rules of passwords, as CheckPassword refuses by them.
var (
	ErrPasswordShort     = passwordRule("a password has at least 8 characters")
	ErrPasswordLong      = passwordRule("a password has at most 64 characters")
	ErrPasswordSpace     = passwordRule("a password has no spaces")
	ErrPasswordCharacter = passwordRule("a password has no control characters")
	ErrPasswordLetter    = passwordRule("a password has at least one letter")
	ErrPasswordDigit     = passwordRule("a password has at least one digit")
	ErrPasswordSymbol    = passwordRule("a password has at least one symbol")
	ErrPasswordAbout     = passwordRule("a password does not contain the username, e-mail or codice fiscale of its owner")
	ErrPasswordCommon    = passwordRule("a password is not one of the commonest")
)

func passwordRule(rule string) *domain.Refusal {
	return &domain.Refusal{Kind: domain.Invalid, Field: "password", Rule: rule}
}

// minAbout is the length from which a word about the owner is looked for: a
// shorter one would be found in most passwords.
const minAbout = 4

// CheckPassword returns the first rule that password breaks, or nil. The words
// about its owner (username, e-mail, codice fiscale) must not be contained in it,
// nor the e-mail's part before the @; case does not count, and words of fewer
// than four characters are not looked for.
//
// The list of common passwords has about a thousand of those that the other rules
// let through: of the commonest of all, hardly any has a letter, a digit and a symbol.
func CheckPassword(password string, about ...string) error {
	password = norm.NFC.String(password)
	if err := checkCharacters(password); err != nil {
		return err
	}
	folded := strings.ToLower(password)
	for _, word := range about {
		word = strings.ToLower(norm.NFC.String(word))
		local, _, _ := strings.Cut(word, "@")
		if containsWord(folded, word) || containsWord(folded, local) {
			return ErrPasswordAbout
		}
	}
	if commonPasswords()[folded] {
		return ErrPasswordCommon
	}
	return nil
}

// checkCharacters applies the rules that look at one character at a time, in the
// order in which a person would put them right.
func checkCharacters(password string) error {
	n := utf8.RuneCountInString(password)
	switch {
	case !utf8.ValidString(password) || strings.ContainsFunc(password, isHidden):
		return ErrPasswordCharacter
	case strings.ContainsFunc(password, unicode.IsSpace):
		return ErrPasswordSpace
	case n < MinPassword:
		return ErrPasswordShort
	case n > MaxPassword:
		return ErrPasswordLong
	case !strings.ContainsFunc(password, unicode.IsLetter):
		return ErrPasswordLetter
	case !strings.ContainsFunc(password, unicode.IsDigit):
		return ErrPasswordDigit
	case !strings.ContainsFunc(password, isSymbol):
		return ErrPasswordSymbol
	}
	return nil
}

// isHidden finds control characters that are not spaces, such as a tab is.
func isHidden(r rune) bool { return unicode.IsControl(r) && !unicode.IsSpace(r) }

func isSymbol(r rune) bool { return unicode.IsPunct(r) || unicode.IsSymbol(r) }

func containsWord(folded, word string) bool {
	return utf8.RuneCountInString(word) >= minAbout && strings.Contains(folded, word)
}

//go:embed common.txt
var commonList string

// commonPasswords returns the common passwords in lower case.
var commonPasswords = sync.OnceValue(func() map[string]bool {
	common := make(map[string]bool)
	for word := range strings.Lines(commonList) {
		common[strings.TrimSpace(word)] = true
	}
	return common
})
