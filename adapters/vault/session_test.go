package vault_test

import (
	"bytes"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/vault"
	"github.com/saldo-ledger/saldo/domain"
)

func start(t *testing.T, f *fixture, subject uuid.UUID) (token string) {
	t.Helper()
	token, err := f.StartSession(t.Context(), vault.Account{Subject: subject, Name: "anna.verdi", Roles: []domain.Role{domain.RoleParent}})
	mustBe(t, err, nil)
	return token
}

// seen returns the error of using a session.
func seen(t *testing.T, v *vault.Vault, token string) error {
	t.Helper()
	_, err := v.Session(t.Context(), token)
	return err
}

func TestASessionSaysWhoseItIsAndWhenItEnds(t *testing.T) {
	f := open(t)
	began := f.Now()
	token := start(t, f, anna)
	f.Advance(10 * time.Minute)
	s, err := f.another(t).Session(t.Context(), token)
	mustBe(t, err, nil)
	if s.Subject != anna || s.Name != "anna.verdi" || !slices.Equal(s.Roles, []domain.Role{domain.RoleParent}) {
		t.Errorf("session of %+v", s.Account)
	}
	if !s.Created.Equal(began) || !s.LastSeen.Equal(f.Now()) || !s.Expires.Equal(f.Now().Add(15*time.Minute)) {
		t.Errorf("created %s, seen %s, expires %s", s.Created, s.LastSeen, s.Expires)
	}
}

func TestAnIdleSessionEnds(t *testing.T) {
	f := open(t)
	token := start(t, f, anna)
	f.Advance(15*time.Minute - time.Millisecond)
	mustBe(t, seen(t, f.Vault, token), nil)
	f.Advance(15 * time.Minute)
	mustBe(t, seen(t, f.Vault, token), vault.ErrNoSession)
	f.Advance(-time.Hour)
	mustBe(t, seen(t, f.Vault, token), nil) // the clock decides, nothing was deleted
}

func TestPeekingDoesNotProlongASession(t *testing.T) {
	f := open(t)
	token := start(t, f, anna)
	for range 2 {
		f.Advance(7 * time.Minute)
		s, err := f.Peek(t.Context(), token)
		mustBe(t, err, nil)
		if s.Subject != anna || !s.Expires.Equal(s.Created.Add(15*time.Minute)) {
			t.Errorf("%+v", s)
		}
	}
	f.Advance(time.Minute)
	_, err := f.Peek(t.Context(), token)
	mustBe(t, err, vault.ErrNoSession)
	mustBe(t, seen(t, f.Vault, token), vault.ErrNoSession)
}

func TestASessionInUseEndsAfterEightHours(t *testing.T) {
	f := open(t)
	token := start(t, f, anna)
	for range 47 {
		f.Advance(10 * time.Minute)
		mustBe(t, seen(t, f.Vault, token), nil)
	}
	s, err := f.Session(t.Context(), token)
	mustBe(t, err, nil)
	if !s.Expires.Equal(f.Now().Add(10 * time.Minute)) {
		t.Errorf("expires %s at %s, want ten minutes later", s.Expires, f.Now())
	}
	f.Advance(10 * time.Minute)
	mustBe(t, seen(t, f.Vault, token), vault.ErrNoSession)
}

func TestASessionInUseIsNotedOnceAMinute(t *testing.T) {
	f := open(t)
	token := start(t, f, anna)
	db := f.raw(t)
	stored := func() (ms int64) {
		t.Helper()
		mustBe(t, db.QueryRow(`SELECT seen_at FROM session`).Scan(&ms), nil)
		return ms
	}
	first := stored()
	f.Advance(59 * time.Second)
	mustBe(t, seen(t, f.Vault, token), nil)
	if stored() != first {
		t.Error("noted within the minute")
	}
	f.Advance(time.Second)
	mustBe(t, seen(t, f.Vault, token), nil)
	if stored() != first+60_000 {
		t.Errorf("noted %d ms after the start, want 60000", stored()-first)
	}
}

func TestLimitsOfSessionsAreOptions(t *testing.T) {
	f := open(t, vault.WithSessionLimits(2*time.Minute, 3*time.Minute))
	idle, used := start(t, f, anna), start(t, f, anna)
	f.Advance(90 * time.Second)
	mustBe(t, seen(t, f.Vault, used), nil)
	f.Advance(30 * time.Second)
	mustBe(t, seen(t, f.Vault, idle), vault.ErrNoSession)
	mustBe(t, seen(t, f.Vault, used), nil)
	f.Advance(time.Minute)
	mustBe(t, seen(t, f.Vault, used), vault.ErrNoSession)
}

func TestAnEndedSessionIsOver(t *testing.T) {
	f := open(t)
	one, two := start(t, f, anna), start(t, f, anna)
	mustBe(t, f.EndSession(t.Context(), one), nil)
	mustBe(t, f.EndSession(t.Context(), one), nil)
	mustBe(t, seen(t, f.Vault, one), vault.ErrNoSession)
	mustBe(t, seen(t, f.Vault, two), nil)
	mustBe(t, seen(t, f.Vault, ""), vault.ErrNoSession)
}

func TestEndingTheSessionsOfAPersonCanSpareOne(t *testing.T) {
	f := open(t)
	here, there, other := start(t, f, anna), start(t, f, anna), start(t, f, bruno)
	mustBe(t, f.EndSessionsOf(t.Context(), anna, here), nil)
	mustBe(t, seen(t, f.Vault, here), nil)
	mustBe(t, seen(t, f.Vault, there), vault.ErrNoSession)
	mustBe(t, seen(t, f.Vault, other), nil)
	mustBe(t, f.EndSessionsOf(t.Context(), anna, ""), nil)
	mustBe(t, seen(t, f.Vault, here), vault.ErrNoSession)
	mustBe(t, seen(t, f.Vault, other), nil)
}

func TestAChangeOfRolesEndsSessionsAndAChangeOfPasswordDoesNot(t *testing.T) {
	f := withAnna(t)
	token := start(t, f, anna)
	mustBe(t, f.SetPassword(t.Context(), "anna.verdi", anna, []domain.Role{domain.RoleParent}, "Cane-bianco8"), nil)
	mustBe(t, seen(t, f.Vault, token), nil)
	mustBe(t, f.SetPassword(t.Context(), "anna.verdi", anna, []domain.Role{domain.RoleAuditor}, "Cane-bianco8"), nil)
	mustBe(t, seen(t, f.Vault, token), vault.ErrNoSession)
}

func TestASessionNeedsARole(t *testing.T) {
	_, err := open(t).StartSession(t.Context(), vault.Account{Subject: anna})
	mustBe(t, err, vault.ErrBadRoles)
}

func TestTokensOfSessionsAreLongDifferentAndNotStored(t *testing.T) {
	f := open(t)
	one, two := start(t, f, anna), start(t, f, anna)
	if len(one) != 43 || one == two {
		t.Errorf("tokens %s and %s", one, two)
	}
	for _, suffix := range []string{"", "-wal"} {
		stored, err := os.ReadFile(f.path + suffix)
		mustBe(t, err, nil)
		if bytes.Contains(stored, []byte(one)) {
			t.Errorf("the token is in the vault's %q file", suffix)
		}
	}
}

func TestExpiredSessionsAreDeletedWhenAnotherBegins(t *testing.T) {
	f := open(t, vault.WithSessionLimits(2*time.Minute, 5*time.Minute))
	old := start(t, f, anna)
	f.Advance(90 * time.Second)
	mustBe(t, seen(t, f.Vault, old), nil)
	start(t, f, anna) // is never used
	for range 2 {
		f.Advance(90 * time.Second)
		mustBe(t, seen(t, f.Vault, old), nil)
	}
	f.Advance(30 * time.Second)
	start(t, f, bruno)
	var rows int
	mustBe(t, f.raw(t).QueryRow(`SELECT COUNT(*) FROM session`).Scan(&rows), nil)
	if rows != 1 {
		t.Errorf("%d sessions are stored, want 1", rows)
	}
}
