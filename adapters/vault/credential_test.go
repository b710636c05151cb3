package vault_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/vault"
	"github.com/saldo-ledger/saldo/domain"
)

const (
	password = "Gatto-nero7"
	home     = "192.0.2.7:51234"
)

// withAnna is a vault in which anna is a parent with that password.
func withAnna(t *testing.T, opts ...vault.Option) *fixture {
	t.Helper()
	f := open(t, opts...)
	mustBe(t, f.SetPassword(t.Context(), "Anna.Verdi", anna, []domain.Role{domain.RoleParent}, password), nil)
	return f
}

// mustWait fails unless err says to wait that long.
func mustWait(t *testing.T, err error, want time.Duration) {
	t.Helper()
	tooMany, ok := errors.AsType[*vault.TooManyAttempts](err)
	if !ok || tooMany.Wait != want {
		t.Fatalf("error %v, want a wait of %s", err, want)
	}
}

func TestTheRightPasswordGivesTheAccount(t *testing.T) {
	f := open(t)
	roles := []domain.Role{domain.RoleOffice, domain.RoleParent, domain.RoleOffice}
	mustBe(t, f.SetPassword(t.Context(), "Anna.Verdi", anna, roles, password), nil)
	account, err := f.Authenticate(t.Context(), "aNNa.vERDi", password, home)
	mustBe(t, err, nil)
	if account.Subject != anna || account.Name != "anna.verdi" ||
		!slices.Equal(account.Roles, []domain.Role{domain.RoleParent, domain.RoleOffice}) {
		t.Errorf("account %+v", account)
	}
	if !account.Has(domain.RoleOffice) || account.Has(domain.RoleAuditor) {
		t.Errorf("roles %v", account.Roles)
	}
}

func TestAWrongPasswordAndAnUnknownNameGetTheSameAnswer(t *testing.T) {
	f := withAnna(t)
	_, wrong := f.Authenticate(t.Context(), "anna.verdi", "Gatto-nero8", home)
	_, unknown := f.Authenticate(t.Context(), "nobody", password, home)
	_, empty := f.Authenticate(t.Context(), "", "", home)
	for _, err := range []error{wrong, unknown, empty} {
		if err != vault.ErrWrongCredentials {
			t.Errorf("error %v, want %v itself", err, vault.ErrWrongCredentials)
		}
	}
}

// An unknown name must cost a hash: the cost here is high enough to dwarf all
// else, and the bound low enough for a busy machine.
func TestAnUnknownNameTakesAsLongAsAKnownOne(t *testing.T) {
	f := withAnna(t, vault.WithHashing(vault.Argon2id{Memory: 8 * 1024, Passes: 8, Threads: 1}))
	took := func(name string) time.Duration {
		start := time.Now()
		_, err := f.Authenticate(t.Context(), name, "Gatto-nero8", home)
		mustBe(t, err, vault.ErrWrongCredentials)
		return time.Since(start)
	}
	known := min(took("anna.verdi"), took("anna.verdi"), took("anna.verdi"))
	unknown := min(took("nobody"), took("nobody"), took("nobody"))
	if unknown < known/4 || known < unknown/4 {
		t.Errorf("a known name takes %s, an unknown one %s", known, unknown)
	}
}

func TestPasswordsAreStoredHashed(t *testing.T) {
	f := withAnna(t)
	var hash string
	mustBe(t, f.raw(t).QueryRow(`SELECT hash FROM credential`).Scan(&hash), nil)
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=64,t=1,p=1$") || strings.Contains(hash, password) {
		t.Errorf("stored %s", hash)
	}
}

func TestRefusalsOfSetPassword(t *testing.T) {
	f := withAnna(t)
	genitore := []domain.Role{domain.RoleParent}
	for _, c := range []struct {
		name     string
		username string
		subject  uuid.UUID
		roles    []domain.Role
		password string
		want     error
	}{
		{"no username", "", bruno, genitore, password, vault.ErrBadUsername},
		{"no role", "bruno", bruno, nil, password, vault.ErrBadRoles},
		{"a role nobody has", "bruno", bruno, []domain.Role{"sindaco"}, password, vault.ErrBadRoles},
		{"a password against the rules", "bruno", bruno, genitore, "gatto", vault.ErrPasswordShort},
		{"a password with the username in it", "bruno", bruno, genitore, "bruno-nero7", vault.ErrPasswordAbout},
		{"the username of another", "ANNA.verdi", bruno, genitore, password, vault.ErrUsernameTaken},
		{"a second username", "anna2", anna, genitore, password, vault.ErrUsernameFixed},
	} {
		t.Run(c.name, func(t *testing.T) {
			mustBe(t, f.SetPassword(t.Context(), c.username, c.subject, c.roles, c.password), c.want)
		})
	}
	if account, err := f.Authenticate(t.Context(), "anna.verdi", password, home); err != nil || account.Subject != anna {
		t.Errorf("the account changed: %+v %v", account, err)
	}
}

func TestAChangedPasswordReplacesTheOldOne(t *testing.T) {
	f := withAnna(t)
	mustBe(t, f.SetPassword(t.Context(), "anna.verdi", anna, []domain.Role{domain.RoleParent}, "Cane-bianco8"), nil)
	_, err := f.Authenticate(t.Context(), "anna.verdi", password, home)
	mustBe(t, err, vault.ErrWrongCredentials)
	_, err = f.Authenticate(t.Context(), "anna.verdi", "Cane-bianco8", home)
	mustBe(t, err, nil)
}

func TestWhoeverChangesAPasswordMustKnowIt(t *testing.T) {
	f := open(t)
	roles := []domain.Role{domain.RoleParent, domain.RoleOffice}
	mustBe(t, f.SetPassword(t.Context(), "anna.verdi", anna, roles, password), nil)
	change := func(current, next string) error {
		return f.ChangePassword(t.Context(), "Anna.Verdi", current, next)
	}
	mustBe(t, change(password, "gatto"), vault.ErrPasswordShort)
	mustBe(t, change(password, "Cane-bianco8"), nil)
	account, err := f.Authenticate(t.Context(), "anna.verdi", "Cane-bianco8", home)
	mustBe(t, err, nil)
	if account.Subject != anna || !slices.Equal(account.Roles, roles) {
		t.Errorf("account %+v", account)
	}
	for range 5 {
		mustBe(t, change(password, "Lupo-grigio9"), vault.ErrWrongCredentials)
	}
	mustWait(t, change("Cane-bianco8", "Lupo-grigio9"), 15*time.Minute)
}

func TestFailuresWithoutAnAddressDoNotCountTogether(t *testing.T) {
	f := withAnna(t)
	for i := range 30 {
		_, err := f.Authenticate(t.Context(), fmt.Sprintf("nobody%d", i), password, "")
		mustBe(t, err, vault.ErrWrongCredentials)
	}
	_, err := f.Authenticate(t.Context(), "anna.verdi", password, "")
	mustBe(t, err, nil)
}

func TestARemovedAccountCannotLogIn(t *testing.T) {
	f := withAnna(t)
	token, err := f.StartSession(t.Context(), vault.Account{Subject: anna, Roles: []domain.Role{domain.RoleParent}})
	mustBe(t, err, nil)
	mustBe(t, f.RemoveAccount(t.Context(), anna), nil)
	mustBe(t, f.RemoveAccount(t.Context(), anna), nil)
	_, err = f.Authenticate(t.Context(), "anna.verdi", password, home)
	mustBe(t, err, vault.ErrWrongCredentials)
	_, err = f.Session(t.Context(), token)
	mustBe(t, err, vault.ErrNoSession)
	mustBe(t, f.SetPassword(t.Context(), "anna.verdi", bruno, []domain.Role{domain.RoleParent}, password), nil)
}

func TestFiveFailuresMakeAnAccountWait(t *testing.T) {
	f := withAnna(t)
	for i := range 5 {
		_, err := f.Authenticate(t.Context(), "anna.verdi", "Gatto-nero8", fmt.Sprintf("192.0.2.%d", i))
		mustBe(t, err, vault.ErrWrongCredentials)
		f.Advance(time.Minute)
	}
	_, err := f.Authenticate(t.Context(), "Anna.Verdi", password, "192.0.2.99")
	mustWait(t, err, 10*time.Minute)

	// Attempts while waiting do not make the wait longer.
	f.Advance(9 * time.Minute)
	_, err = f.another(t).Authenticate(t.Context(), "anna.verdi", password, home)
	mustWait(t, err, time.Minute)

	f.Advance(time.Minute)
	_, err = f.Authenticate(t.Context(), "anna.verdi", password, home)
	mustBe(t, err, nil)
}

func TestAnUnknownNameWaitsAsAKnownOneDoes(t *testing.T) {
	f := open(t)
	for range 5 {
		_, err := f.Authenticate(t.Context(), "nobody", password, home)
		mustBe(t, err, vault.ErrWrongCredentials)
	}
	_, err := f.Authenticate(t.Context(), "nobody", password, home)
	mustWait(t, err, 15*time.Minute)
}

func TestThirtyFailuresMakeAnAddressWait(t *testing.T) {
	f := withAnna(t)
	for i := range 30 {
		_, err := f.Authenticate(t.Context(), fmt.Sprintf("nobody%d", i), password, fmt.Sprintf("192.0.2.7:%d", 50000+i))
		mustBe(t, err, vault.ErrWrongCredentials)
	}
	_, err := f.Authenticate(t.Context(), "anna.verdi", password, home)
	mustWait(t, err, 15*time.Minute)
	_, err = f.Authenticate(t.Context(), "anna.verdi", password, "192.0.2.8")
	mustBe(t, err, nil)
}

func TestARightPasswordClearsTheAccountButNotTheAddress(t *testing.T) {
	f := withAnna(t)
	login := func(name, password string) error {
		_, err := f.Authenticate(t.Context(), name, password, home)
		return err
	}
	for round := range 5 {
		for range 4 {
			mustBe(t, login("anna.verdi", "Gatto-nero8"), vault.ErrWrongCredentials)
		}
		mustBe(t, login("anna.verdi", password), nil)
		mustBe(t, login(fmt.Sprintf("nobody%d", round), password), vault.ErrWrongCredentials)
	}
	// 5 failures of unknown names and 20 of anna's are the address's: 5 are left.
	for i := range 5 {
		mustBe(t, login(fmt.Sprintf("other%d", i), password), vault.ErrWrongCredentials)
	}
	mustWait(t, login("anna.verdi", password), 15*time.Minute)
}

func TestANewPasswordClearsTheAccount(t *testing.T) {
	f := withAnna(t)
	for range 5 {
		_, err := f.Authenticate(t.Context(), "anna.verdi", "Gatto-nero8", home)
		mustBe(t, err, vault.ErrWrongCredentials)
	}
	mustBe(t, f.SetPassword(t.Context(), "anna.verdi", anna, []domain.Role{domain.RoleParent}, "Cane-bianco8"), nil)
	_, err := f.Authenticate(t.Context(), "anna.verdi", "Cane-bianco8", home)
	mustBe(t, err, nil)
}

func TestLoginsAtTheSameTimeCannotPassTheLimit(t *testing.T) {
	f := withAnna(t, vault.WithHashers(16))
	var looked atomic.Int32
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			if _, err := f.Authenticate(t.Context(), "anna.verdi", "Gatto-nero8", home); errors.Is(err, vault.ErrWrongCredentials) {
				looked.Add(1)
			}
		})
	}
	all.Wait()
	if looked.Load() != 5 {
		t.Errorf("%d passwords were looked at, want 5", looked.Load())
	}
}

func TestRightLoginsAtTheSameTimeAllSucceed(t *testing.T) {
	f := withAnna(t, vault.WithHashers(2))
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() {
			if _, err := f.Authenticate(t.Context(), "anna.verdi", password, home); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}

func TestFailedLoginsKeepNoNameNoAddressAndNothingOld(t *testing.T) {
	f := open(t)
	for range 3 {
		_, err := f.Authenticate(t.Context(), "a-password-typed-as-name", password, home)
		mustBe(t, err, vault.ErrWrongCredentials)
	}
	db := f.raw(t)
	var readable, rows int
	mustBe(t, db.QueryRow(`SELECT COUNT(*) FROM login_attempt WHERE bucket LIKE '%typed%' OR bucket LIKE '%192%2.7%'`).Scan(&readable), nil)
	f.Advance(15 * time.Minute)
	_, err := f.Authenticate(t.Context(), "nobody", password, home)
	mustBe(t, err, vault.ErrWrongCredentials)
	mustBe(t, db.QueryRow(`SELECT COUNT(*) FROM login_attempt`).Scan(&rows), nil)
	if readable != 0 || rows != 2 {
		t.Errorf("%d readable rows; %d rows, want the 2 of the last login", readable, rows)
	}
}

func TestAHashOfAnotherCostIsRemadeAtTheNextLogin(t *testing.T) {
	f := withAnna(t)
	stored := func() (hash string) {
		t.Helper()
		mustBe(t, f.raw(t).QueryRow(`SELECT hash FROM credential`).Scan(&hash), nil)
		return hash
	}
	dearer := f.another(t, vault.WithHashing(vault.Argon2id{Memory: 128, Passes: 2, Threads: 1}))
	_, err := dearer.Authenticate(t.Context(), "anna.verdi", "Gatto-nero8", home)
	mustBe(t, err, vault.ErrWrongCredentials)
	if !strings.HasPrefix(stored(), "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Errorf("a wrong password remade the hash: %s", stored())
	}
	for range 2 {
		_, err = dearer.Authenticate(t.Context(), "anna.verdi", password, home)
		mustBe(t, err, nil)
		if !strings.HasPrefix(stored(), "$argon2id$v=19$m=128,t=2,p=1$") {
			t.Errorf("stored %s", stored())
		}
	}
}

func TestALoginGivesUpWaitingWhenItsCallerDoes(t *testing.T) {
	f := withAnna(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := f.Authenticate(ctx, "anna.verdi", password, home)
	mustBe(t, err, context.Canceled)
}

func TestADamagedCredentialIsAnErrorAndNotAWrongPassword(t *testing.T) {
	f := withAnna(t)
	f.exec(t, `UPDATE credential SET hash = 'x'`)
	if _, err := f.Authenticate(t.Context(), "anna.verdi", password, home); err == nil || errors.Is(err, vault.ErrWrongCredentials) {
		t.Errorf("error %v", err)
	}
}
