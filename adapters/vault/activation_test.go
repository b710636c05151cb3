package vault_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/vault"
)

const ninetyDays = 90 * 24 * time.Hour

var (
	nina  = uuid.NewSHA1(uuid.NameSpaceURL, []byte("nina"))
	where = "192.0.2.1"
)

// activation issues a code for nina.
func (f *fixture) activation(t *testing.T, request string) string {
	t.Helper()
	code, err := f.IssueCode(t.Context(), vault.ActivateChild, nina, request, "the id of "+request, ninetyDays)
	mustBe(t, err, nil)
	return code
}

func TestACodeOnPaperHasNoLookalikesAndNoWords(t *testing.T) {
	f := withAnna(t)
	seen := map[string]bool{}
	for i := range 200 {
		code := f.activation(t, fmt.Sprint(i))
		if len(code) != vault.CodeSize || strings.ContainsAny(code, "0O1IL2Z5S8BAEU") || seen[code] {
			t.Errorf("code %q", code)
		}
		seen[code] = true
		if want := code[:4] + "-" + code[4:8] + "-" + code[8:]; vault.InGroups(code) != want {
			t.Errorf("in groups %s", vault.InGroups(code))
		}
	}
}

func TestAnActivationCodeIsUsedOnce(t *testing.T) {
	f := withAnna(t)
	code := f.activation(t, "form 1")
	typed := strings.ToLower(code[:4] + "-" + code[4:8] + " " + code[8:])
	held, err := f.CodeBy(t.Context(), vault.ActivateChild, typed, anna, where)
	mustBe(t, err, nil)
	if held != (vault.HeldCode{Subject: nina, Note: "the id of form 1"}) {
		t.Errorf("held %+v", held)
	}
	mustBe(t, f.UseCode(t.Context(), vault.ActivateChild, typed, nina), nil)
	mustBe(t, f.UseCode(t.Context(), vault.ActivateChild, typed, nina), nil)
	_, err = f.CodeBy(t.Context(), vault.ActivateChild, code, anna, where)
	mustBe(t, err, vault.ErrNoCode)
}

func TestANewActivationCodeEndsTheOneBefore(t *testing.T) {
	f := withAnna(t)
	first, second := f.activation(t, "form 1"), f.activation(t, "form 2")
	mustBe(t, f.EndCodes(t.Context(), vault.ActivateChild, nina, second), nil)
	_, err := f.CodeBy(t.Context(), vault.ActivateChild, first, anna, where)
	mustBe(t, err, vault.ErrNoCode)
	_, err = f.CodeBy(t.Context(), vault.ActivateChild, second, anna, where)
	mustBe(t, err, nil)
	f.activation(t, "form 1") // the same request brings nothing back
	_, err = f.CodeBy(t.Context(), vault.ActivateChild, first, anna, where)
	mustBe(t, err, vault.ErrNoCode)
	mustBe(t, f.EndCodes(t.Context(), vault.ActivateChild, nina, ""), nil)
	_, err = f.CodeBy(t.Context(), vault.ActivateChild, second, anna, where)
	mustBe(t, err, vault.ErrNoCode)
}

// A code is guessed neither from one account at many addresses nor from one address
// with many accounts.
func TestActivationCodesCannotBeGuessed(t *testing.T) {
	f := withAnna(t)
	code := f.activation(t, "form 1")
	guess := func(account uuid.UUID, addr string) error {
		_, err := f.CodeBy(t.Context(), vault.ActivateChild, "CDFG-HJKM-NPQR", account, addr)
		return err
	}
	for i := range 5 {
		mustBe(t, guess(anna, fmt.Sprintf("198.51.100.%d", i)), vault.ErrNoCode)
	}
	if _, late := errors.AsType[*vault.TooManyAttempts](guess(anna, "198.51.100.99")); !late {
		t.Error("an account guesses on from another address")
	}
	for i := range 30 {
		mustBe(t, guess(uuid.NewSHA1(nina, []byte{byte(i)}), where), vault.ErrNoCode)
	}
	if _, late := errors.AsType[*vault.TooManyAttempts](guess(nina, where)); !late {
		t.Error("an address guesses on with another account")
	}
	f.Advance(16 * time.Minute)
	_, err := f.CodeBy(t.Context(), vault.ActivateChild, code, anna, where)
	mustBe(t, err, nil)
}
