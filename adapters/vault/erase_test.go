package vault_test

import (
	"testing"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/vault"
	"github.com/saldo-ledger/saldo/domain"
)

func TestSomebodyErasedIsGoneFromTheVault(t *testing.T) {
	f := withAnna(t)
	account := vault.Account{Subject: anna, Name: "anna.verdi", Roles: []domain.Role{domain.RoleParent}}
	token, err := f.StartSession(t.Context(), account)
	mustBe(t, err, nil)
	sealed, others := seal(t, f.Vault, anna), seal(t, f.Vault, bruno)
	for range 2 { // repeated, it changes nothing
		mustBe(t, f.Erase(t.Context(), anna), nil)
	}
	for _, v := range []*vault.Vault{f.Vault, f.another(t)} {
		_, err = v.Authenticate(t.Context(), "anna.verdi", password, "")
		mustBe(t, err, vault.ErrWrongCredentials)
		_, err = v.Session(t.Context(), token)
		mustBe(t, err, vault.ErrNoSession)
		_, err = v.Open(t.Context(), anna, sealed, aad)
		mustBe(t, err, vault.ErrKeyDestroyed)
		mustOpen(t, v, bruno, others)
	}
}

// A login and a registration can be under way while a person is erased.
func TestSomebodyErasedGetsNeitherSessionNorPassword(t *testing.T) {
	f := withAnna(t)
	account, err := f.Authenticate(t.Context(), "anna.verdi", password, "")
	mustBe(t, err, nil)
	mustBe(t, f.Erase(t.Context(), anna), nil)
	_, err = f.StartSession(t.Context(), account)
	mustBe(t, err, vault.ErrKeyDestroyed)
	mustBe(t, f.SetPassword(t.Context(), "anna.verdi", anna, account.Roles, password), vault.ErrKeyDestroyed)
	mustBe(t, f.SetPassword(t.Context(), "anna.verdi", bruno, account.Roles, password), nil) // the name is free
}

func TestSomebodyUnknownToTheVaultCanBeErased(t *testing.T) {
	f := open(t)
	nobody := uuid.New()
	mustBe(t, f.Erase(t.Context(), nobody), nil)
	_, err := f.Seal(t.Context(), nobody, plain, aad)
	mustBe(t, err, vault.ErrKeyDestroyed)
}

func TestOfSomebodyErasedNoFileHoldsThePassword(t *testing.T) {
	f := withAnna(t)
	var hash string
	mustBe(t, f.raw(t).QueryRow(`SELECT hash FROM credential WHERE subject = $1`, anna.String()).Scan(&hash), nil)
	if !stored(t, f, []byte(hash)) {
		t.Fatal("the hash is not where it should be before the person is erased")
	}
	mustBe(t, f.Erase(t.Context(), anna), nil)
	if stored(t, f, []byte(hash)) {
		t.Error("the hash of the password is still in a file")
	}
}
