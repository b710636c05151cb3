package vault_test

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/adapters/vault"
	"github.com/saldo-ledger/saldo/domain"
)

var officeRoles = []domain.Role{domain.RoleOffice}

const imported = "3f1d8c6b5a4e49d2b7c8e9f0a1b2c3d4"

func TestAnAPITokenStandsForAProgram(t *testing.T) {
	f := open(t)
	token, err := f.CreateAPIToken(t.Context(), "gestionale", officeRoles, "97654321006")
	mustBe(t, err, nil)
	if !strings.HasPrefix(token, "saldo_") || len(token) != len("saldo_")+43 {
		t.Errorf("token %q", token)
	}
	account, err := f.another(t).APIToken(t.Context(), token)
	mustBe(t, err, nil)
	if account.Name != "gestionale" || !slices.Equal(account.Roles, officeRoles) || account.Body != "97654321006" || account.Subject.Version() != 4 {
		t.Errorf("account %+v", account)
	}
	again, err := f.APIToken(t.Context(), token)
	mustBe(t, err, nil)
	if again.Subject != account.Subject {
		t.Error("the subject changed")
	}
	for _, suffix := range []string{"", "-wal"} {
		stored, err := os.ReadFile(f.path + suffix)
		mustBe(t, err, nil)
		if bytes.Contains(stored, []byte(token)) {
			t.Errorf("the token is in the vault's %q file", suffix)
		}
	}
}

func TestRefusalsOfAPITokens(t *testing.T) {
	f := open(t)
	ctx := t.Context()
	_, err := f.APIToken(ctx, "saldo_unknown")
	mustBe(t, err, vault.ErrNoAPIToken)
	_, err = f.CreateAPIToken(ctx, "", officeRoles, "")
	mustBe(t, err, vault.ErrTokenName)
	_, err = f.CreateAPIToken(ctx, "gestionale", nil, "")
	mustBe(t, err, vault.ErrBadRoles)
	mustBe(t, f.ImportAPIToken(ctx, "gestionale", officeRoles, imported[:31]), vault.ErrTokenShort)
	mustBe(t, f.ImportAPIToken(ctx, "gestionale", officeRoles, imported), nil)
	_, err = f.CreateAPIToken(ctx, "gestionale", officeRoles, "")
	mustBe(t, err, vault.ErrTokenNameTaken)
	mustBe(t, f.ImportAPIToken(ctx, "altro", officeRoles, imported), vault.ErrTokenTaken)
}

func TestATokenGivenByConfigurationReplacesTheOneBefore(t *testing.T) {
	f := open(t)
	ctx := t.Context()
	mustBe(t, f.ImportAPIToken(ctx, "gestionale", officeRoles, imported), nil)
	mustBe(t, f.ImportAPIToken(ctx, "gestionale", officeRoles, imported), nil)
	first, err := f.APIToken(ctx, imported)
	mustBe(t, err, nil)

	next := strings.ToUpper(imported)
	mustBe(t, f.ImportAPIToken(ctx, "gestionale", []domain.Role{domain.RoleAuditor}, next), nil)
	_, err = f.APIToken(ctx, imported)
	mustBe(t, err, vault.ErrNoAPIToken)
	second, err := f.APIToken(ctx, next)
	mustBe(t, err, nil)
	if second.Subject != first.Subject || !second.Has(domain.RoleAuditor) || second.Has(domain.RoleOffice) {
		t.Errorf("first %+v, then %+v", first, second)
	}
}

func TestARevokedTokenIsOverAtOnceHereAndWithinAMinuteElsewhere(t *testing.T) {
	f := open(t)
	ctx := t.Context()
	mustBe(t, f.ImportAPIToken(ctx, "gestionale", officeRoles, imported), nil)
	elsewhere := f.another(t)
	for _, v := range []*vault.Vault{f.Vault, elsewhere} {
		_, err := v.APIToken(ctx, imported)
		mustBe(t, err, nil)
	}
	mustBe(t, f.RevokeAPIToken(ctx, "gestionale"), nil)
	mustBe(t, f.RevokeAPIToken(ctx, "gestionale"), nil)
	_, err := f.APIToken(ctx, imported)
	mustBe(t, err, vault.ErrNoAPIToken)
	f.Advance(time.Minute)
	_, err = elsewhere.APIToken(ctx, imported)
	mustBe(t, err, vault.ErrNoAPIToken)
}

func TestATokenInUseIsNotReadFromTheFileEachTime(t *testing.T) {
	f := open(t)
	mustBe(t, f.ImportAPIToken(t.Context(), "gestionale", officeRoles, imported), nil)
	_, err := f.APIToken(t.Context(), imported)
	mustBe(t, err, nil)
	f.exec(t, `DELETE FROM api_token`)
	_, err = f.APIToken(t.Context(), imported)
	mustBe(t, err, nil)
}
