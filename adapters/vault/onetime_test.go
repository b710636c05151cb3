package vault_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/adapters/vault"
	"github.com/saldo-ledger/saldo/domain"
)

const halfAnHour = 30 * time.Minute

var annaAccount = vault.Account{Subject: anna, Name: "anna.verdi", Roles: []domain.Role{domain.RoleParent}}

// code issues a code for anna.
func (f *fixture) code(t *testing.T, purpose vault.Purpose, request, note string) string {
	t.Helper()
	code, err := f.IssueCode(t.Context(), purpose, anna, request, note, halfAnHour)
	mustBe(t, err, nil)
	return code
}

func TestACodeStandsForItsPersonAndNote(t *testing.T) {
	f := withAnna(t)
	code := f.code(t, vault.ConfirmEmail, "form 1", "anna@example.it")
	if len(code) != vault.CodeSize {
		t.Errorf("a code of %d characters", len(code))
	}
	typed := strings.ToLower(code[:4] + " " + code[4:8] + "-" + code[8:])
	for _, v := range []*vault.Vault{f.Vault, f.another(t)} {
		held, err := v.Code(t.Context(), vault.ConfirmEmail, typed, "192.0.2.1")
		mustBe(t, err, nil)
		if held != (vault.HeldCode{Subject: anna, Note: "anna@example.it"}) {
			t.Errorf("held %+v", held)
		}
	}
	_, err := f.Code(t.Context(), vault.NewPassword, code, "192.0.2.1")
	mustBe(t, err, vault.ErrNoCode) // it opens nothing else
}

func TestTheVaultHoldsNeitherCodeNorNote(t *testing.T) {
	f := withAnna(t)
	code := f.code(t, vault.ConfirmEmail, "form 1", "anna@example.it")
	var hash string
	var note []byte
	mustBe(t, f.raw(t).QueryRow(`SELECT code_hash, note FROM one_time_code`).Scan(&hash, &note), nil)
	if strings.Contains(hash, code) || strings.Contains(string(note), "anna") {
		t.Errorf("stored: %q, %q", hash, note)
	}
}

func TestTheSameRequestMakesOneCodeAndAnotherMakesAnother(t *testing.T) {
	f := withAnna(t)
	first := f.code(t, vault.NewPassword, "form 1", "")
	if again := f.code(t, vault.NewPassword, "form 1", ""); again != first {
		t.Errorf("the same form makes %s and %s", first, again)
	}
	if other := f.code(t, vault.NewPassword, "form 2", ""); other == first {
		t.Error("another form makes the same code")
	}
}

func TestACodeExpires(t *testing.T) {
	f := withAnna(t)
	code := f.code(t, vault.NewPassword, "form 1", "")
	f.Advance(halfAnHour - time.Millisecond)
	_, err := f.Code(t.Context(), vault.NewPassword, code, "192.0.2.1")
	mustBe(t, err, nil)
	f.Advance(time.Millisecond)
	_, err = f.Code(t.Context(), vault.NewPassword, code, "192.0.2.1")
	mustBe(t, err, vault.ErrNoCode)
	mustBe(t, f.ResetPassword(t.Context(), code, annaAccount, "Nuova-frase-77"), vault.ErrNoCode)
}

func TestACodeSetsThePasswordOnceAndEndsEverySession(t *testing.T) {
	f := withAnna(t)
	token, err := f.StartSession(t.Context(), annaAccount)
	mustBe(t, err, nil)
	code, spare := f.code(t, vault.NewPassword, "form 1", ""), f.code(t, vault.NewPassword, "form 2", "")
	mustBe(t, f.ResetPassword(t.Context(), code, annaAccount, "Nuova-frase-77"), nil)

	_, err = f.Session(t.Context(), token)
	mustBe(t, err, vault.ErrNoSession)
	_, err = f.Authenticate(t.Context(), "anna.verdi", "Nuova-frase-77", "")
	mustBe(t, err, nil)
	_, err = f.Authenticate(t.Context(), "anna.verdi", password, "")
	mustBe(t, err, vault.ErrWrongCredentials)
	f.code(t, vault.NewPassword, "form 1", "") // the form sent again revives nothing
	for _, c := range []string{code, spare} {
		mustBe(t, f.ResetPassword(t.Context(), c, annaAccount, "Ancora-un-altra-9"), vault.ErrNoCode)
	}
}

func TestAPasswordThatWillNotDoLeavesTheCode(t *testing.T) {
	f := withAnna(t)
	code := f.code(t, vault.NewPassword, "form 1", "")
	mustBe(t, f.ResetPassword(t.Context(), code, annaAccount, "corta"), vault.ErrPasswordShort)
	mustBe(t, f.ResetPassword(t.Context(), code, vault.Account{Subject: bruno, Name: "bruno.neri", Roles: annaAccount.Roles}, "Nuova-frase-77"), vault.ErrNoCode)
	mustBe(t, f.ResetPassword(t.Context(), code, annaAccount, "Nuova-frase-77"), nil)
}

func TestACodeGivesAFirstPassword(t *testing.T) {
	f := open(t)
	code := f.code(t, vault.NewPassword, "form 1", "")
	mustBe(t, f.ResetPassword(t.Context(), code, annaAccount, "Nuova-frase-77"), nil)
	got, err := f.Authenticate(t.Context(), "Anna.Verdi", "Nuova-frase-77", "")
	mustBe(t, err, nil)
	if got.Subject != anna || !got.Has(domain.RoleParent) {
		t.Errorf("%+v", got)
	}
}

func TestOfManyWhoUseOneCodeAtOnceOneSucceeds(t *testing.T) {
	f := withAnna(t)
	code := f.code(t, vault.NewPassword, "form 1", "")
	results := make([]error, 8)
	var all sync.WaitGroup
	for i := range results {
		all.Go(func() { results[i] = f.ResetPassword(t.Context(), code, annaAccount, "Nuova-frase-77") })
	}
	all.Wait()
	won := 0
	for _, err := range results {
		if err == nil {
			won++
		} else if !errors.Is(err, vault.ErrNoCode) {
			t.Error(err)
		}
	}
	if won != 1 {
		t.Errorf("%d used one code", won)
	}
}

func TestGuessesOfCodesAreCountedByAddress(t *testing.T) {
	f := withAnna(t)
	code := f.code(t, vault.NewPassword, "form 1", "")
	for range 30 {
		_, err := f.Code(t.Context(), vault.NewPassword, code, "192.0.2.1") // right ones cost nothing
		mustBe(t, err, nil)
	}
	for range 30 {
		_, err := f.Code(t.Context(), vault.NewPassword, "AAAABBBBCCCC", "192.0.2.1")
		mustBe(t, err, vault.ErrNoCode)
	}
	_, err := f.Code(t.Context(), vault.NewPassword, code, "192.0.2.1:4711")
	var wait *vault.TooManyAttempts
	if !errors.As(err, &wait) || wait.Wait <= 0 {
		t.Errorf("error %v, want *TooManyAttempts", err)
	}
	_, err = f.Code(t.Context(), vault.NewPassword, code, "192.0.2.2")
	mustBe(t, err, nil)
}

func TestAnAddressIsConfirmedByItsCode(t *testing.T) {
	f := withAnna(t)
	code := f.code(t, vault.ConfirmEmail, "form 1", "Anna@example.it")
	held, err := f.Code(t.Context(), vault.ConfirmEmail, code, "")
	mustBe(t, err, nil)
	confirmed := func(email string, want bool) {
		t.Helper()
		if got, err := f.EmailConfirmed(t.Context(), anna, email); err != nil || got != want {
			t.Errorf("%s confirmed: %t, %v; want %t", email, got, err, want)
		}
	}
	confirmed("anna@example.it", false)
	mustBe(t, f.EmailWasConfirmed(t.Context(), code, held), nil)
	confirmed("anna@EXAMPLE.it", true)
	confirmed("other@example.it", false)
	mustBe(t, f.EmailWasConfirmed(t.Context(), code, held), vault.ErrNoCode)
}

func TestAnAnswerIsRightHoweverItIsTyped(t *testing.T) {
	f := withAnna(t)
	const question = "Qual è il tuo musicista preferito?"
	mustBe(t, f.SetAnswer(t.Context(), anna, question, "Fryderyk  Chopin "), nil)
	if got, err := f.Question(t.Context(), anna); err != nil || got != question {
		t.Errorf("question %q, %v", got, err)
	}
	mustBe(t, f.CheckAnswer(t.Context(), anna, "1", " fryderyk CHOPIN"), nil)
	mustBe(t, f.CheckAnswer(t.Context(), anna, "2", "Liszt"), vault.ErrWrongAnswer)
	mustBe(t, f.CheckAnswer(t.Context(), bruno, "1", "Liszt"), vault.ErrNoQuestion)
	_, err := f.Question(t.Context(), bruno)
	mustBe(t, err, vault.ErrNoQuestion)
	mustBe(t, f.SetAnswer(t.Context(), anna, question, "Liszt"), nil)
	mustBe(t, f.CheckAnswer(t.Context(), anna, "3", "Liszt"), nil)
}

func TestAQuestionTakesFiveAnswersAnHour(t *testing.T) {
	f := withAnna(t)
	mustBe(t, f.SetAnswer(t.Context(), anna, "?", "sì"), nil)
	for i := range 5 { // all from one form
		guess := string(rune('a' + i))
		mustBe(t, f.CheckAnswer(t.Context(), anna, "form", guess), vault.ErrWrongAnswer)
		mustBe(t, f.CheckAnswer(t.Context(), anna, "form", guess), vault.ErrWrongAnswer) // sent twice is once
	}
	mustBe(t, f.CheckAnswer(t.Context(), anna, "form", "sì"), vault.ErrSpent)
	f.Advance(time.Hour)
	mustBe(t, f.CheckAnswer(t.Context(), anna, "form", "sì"), nil)
}

func TestSomebodyErasedLeavesNoCodeAndNoAnswer(t *testing.T) {
	f := withAnna(t)
	code := f.code(t, vault.ConfirmEmail, "form 1", "anna@example.it")
	held, err := f.Code(t.Context(), vault.ConfirmEmail, code, "")
	mustBe(t, err, nil)
	mustBe(t, f.EmailWasConfirmed(t.Context(), code, held), nil)
	reset := f.code(t, vault.NewPassword, "form 2", "")
	mustBe(t, f.SetAnswer(t.Context(), anna, "?", "sì"), nil)

	mustBe(t, f.Erase(t.Context(), anna), nil)
	for _, table := range []string{"one_time_code", "secret_answer", "confirmed_email"} {
		var n int
		mustBe(t, f.raw(t).QueryRow(`SELECT COUNT(*) FROM `+table+` WHERE subject = $1`, anna.String()).Scan(&n), nil)
		if n > 0 {
			t.Errorf("%d rows in %s", n, table)
		}
	}
	_, err = f.Code(t.Context(), vault.NewPassword, reset, "")
	mustBe(t, err, vault.ErrNoCode)
	_, err = f.IssueCode(t.Context(), vault.NewPassword, anna, "form 3", "", halfAnHour)
	mustBe(t, err, vault.ErrKeyDestroyed)
	mustBe(t, f.SetAnswer(t.Context(), anna, "?", "sì"), vault.ErrKeyDestroyed)
}

func TestAUsernameIsSomebodysWhateverItsCase(t *testing.T) {
	f := withAnna(t)
	for name, want := range map[string]bool{"anna.verdi": true, "ANNA.verdi": true, "nobody": false} {
		if got, err := f.HasUsername(t.Context(), name); err != nil || got != want {
			t.Errorf("%s: %t, %v; want %t", name, got, err, want)
		}
	}
}
