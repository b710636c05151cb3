package vault

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

func TestPasswordRules(t *testing.T) {
	about := []string{"mario.rossi", "Mario.Rossi@esempio.example", "RSSMRA80A01F205X", "", "ab"}
	for _, c := range []struct {
		name, password string
		want           error
	}{
		{"the least there is", "gatto-n7", nil},
		{"letters with accents count once", "perché-è7", nil},
		{"sixty-four characters", strings.Repeat("à", 62) + "7!", nil},
		{"sixty-four characters typed with combining accents", strings.Repeat("a\u0300", 62) + "7!", nil},
		{"an emoji is a symbol", "gattonero7😺", nil},
		{"short", "gatto-7", ErrPasswordShort},
		{"eight characters only before normalisation", "gattoa\u03007", ErrPasswordShort},
		{"long", strings.Repeat("a", 63) + "7!", ErrPasswordLong},
		{"no letter", "1234-5678", ErrPasswordLetter},
		{"no digit", "gatto-nero", ErrPasswordDigit},
		{"no symbol", "gattonero7", ErrPasswordSymbol},
		{"a space", "gatto nero-7", ErrPasswordSpace},
		{"a space that does not break", "gatto\u00a0nero-7", ErrPasswordSpace},
		{"a tab", "gatto\tnero-7", ErrPasswordSpace},
		{"a control character", "gatto\x00nero-7", ErrPasswordCharacter},
		{"not UTF-8", "gatto\xffnero-7", ErrPasswordCharacter},
		{"the username", "xxMARIO.rossi7", ErrPasswordAbout},
		{"the e-mail", "7mario.rossi@esempio.example", ErrPasswordAbout},
		{"the codice fiscale", "rssmra80a01f205x!", ErrPasswordAbout},
		{"a word about the owner too short to look for", "abete-nero7", nil},
		{"one of the commonest", "Password1!", ErrPasswordCommon},
		{"one of the commonest, Italian", "Juventus1897!", ErrPasswordCommon},
		{"one of the commonest and more", "Password1!gatto", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := CheckPassword(c.password, about...); !errors.Is(err, c.want) {
				t.Errorf("%q: %v, want %v", c.password, err, c.want)
			}
		})
	}
}

func TestTheEMailBeforeItsSignIsLookedForToo(t *testing.T) {
	if err := CheckPassword("famigliaverdi7!", "famigliaverdi@esempio.example"); !errors.Is(err, ErrPasswordAbout) {
		t.Errorf("error %v, want %v", err, ErrPasswordAbout)
	}
}

func TestEachCommonPasswordWouldPassTheOtherRules(t *testing.T) {
	lines := strings.Fields(commonList)
	if len(lines) < 300 || len(commonPasswords()) != len(lines) {
		t.Fatalf("%d lines, %d passwords", len(lines), len(commonPasswords()))
	}
	for _, word := range lines {
		if err := checkCharacters(word); err != nil {
			t.Errorf("%q would be refused anyway: %v", word, err)
		}
		if strings.ToLower(norm.NFC.String(word)) != word {
			t.Errorf("%q is not in the form in which it is looked for", word)
		}
	}
}
