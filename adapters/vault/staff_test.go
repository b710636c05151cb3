package vault_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/vault"
	"github.com/saldo-ledger/saldo/domain"
)

func TestAccountsOfStaffAreListedWithoutParents(t *testing.T) {
	f := open(t)
	ctx := t.Context()
	mustBe(t, f.SetPassword(ctx, "anna.verdi", anna, []domain.Role{domain.RoleParent}, password), nil)
	mustBe(t, f.AddStaff(ctx, "Ufficio.1", []domain.Role{domain.RoleOffice, domain.RoleReconciler}, "", password), nil)
	mustBe(t, f.AddStaff(ctx, "ufficio.1", []domain.Role{domain.RoleOffice}, "", password), vault.ErrUsernameTaken)
	mustBe(t, f.AddStaff(ctx, "finta", []domain.Role{domain.RoleParent}, "", password), vault.ErrStaffRoles)
	mustBe(t, f.AddStaff(ctx, "senza", nil, "", password), vault.ErrBadRoles)
	mustBe(t, f.AddStaff(ctx, "debole", []domain.Role{domain.RoleOffice}, "", "abc"), vault.ErrPasswordShort)
	all, err := f.Staff(ctx)
	mustBe(t, err, nil)
	if len(all) != 1 || all[0].Name != "ufficio.1" || !slices.Equal(all[0].Roles, []domain.Role{domain.RoleReconciler, domain.RoleOffice}) ||
		!all[0].Disabled.IsZero() || all[0].Changed.IsZero() {
		t.Errorf("staff: %+v", all)
	}
}

func TestADisabledAccountIsAsIfItDidNotExist(t *testing.T) {
	f := open(t)
	ctx := t.Context()
	mustBe(t, f.SetPassword(ctx, "anna.verdi", anna, []domain.Role{domain.RoleParent}, password), nil)
	mustBe(t, f.AddStaff(ctx, "ufficio.1", []domain.Role{domain.RoleOffice}, "01428570319", password), nil)
	account, err := f.Authenticate(ctx, "ufficio.1", password, "")
	mustBe(t, err, nil)
	if account.Body != "01428570319" {
		t.Errorf("%+v", account)
	}
	token, err := f.StartSession(ctx, account)
	mustBe(t, err, nil)

	mustBe(t, f.DisableStaff(ctx, "UFFICIO.1"), nil)
	_, err = f.Session(ctx, token)
	mustBe(t, err, vault.ErrNoSession)
	_, err = f.Authenticate(ctx, "ufficio.1", password, "")
	mustBe(t, err, vault.ErrWrongCredentials)
	all, err := f.Staff(ctx)
	mustBe(t, err, nil)
	if len(all) != 1 || all[0].Disabled.IsZero() {
		t.Errorf("staff: %+v", all)
	}

	mustBe(t, f.ResetStaffPassword(ctx, "ufficio.1", "Cane-bianco8"), nil)
	account, err = f.Authenticate(ctx, "ufficio.1", "Cane-bianco8", "")
	mustBe(t, err, nil)
	token, err = f.StartSession(ctx, account)
	mustBe(t, err, nil)
	if s, err := f.Session(ctx, token); err != nil || s.Body != "01428570319" {
		t.Errorf("where the session is good: %+v, %v", s, err)
	}
	for _, err := range []error{
		f.DisableStaff(ctx, "nessuno"), f.DisableStaff(ctx, "anna.verdi"), f.ResetStaffPassword(ctx, "anna.verdi", "Cane-bianco8"),
	} {
		mustBe(t, err, vault.ErrNoAccount)
	}
}

func TestWhatStaffLookedAtIsKeptAndFound(t *testing.T) {
	f := open(t)
	ctx := t.Context()
	look := func(username string, of uuid.UUID) {
		t.Helper()
		mustBe(t, f.NoteView(ctx, vault.StaffView{
			Username: username, Roles: []domain.Role{domain.RoleOffice}, Page: "/ufficio/adulti/" + of.String(), Addr: "192.0.2.7",
		}, of), nil)
	}
	look("prima", anna)
	f.Advance(vault.ViewsKept / 2)
	half := f.Now()
	look("prima", bruno)
	look("seconda", anna)
	for _, c := range []struct {
		name string
		q    vault.ViewQuery
		want []string
	}{
		{"all, newest first", vault.ViewQuery{}, []string{"seconda", "prima", "prima"}},
		{"of whom", vault.ViewQuery{Subject: anna}, []string{"seconda", "prima"}},
		{"by whom", vault.ViewQuery{Username: "Prima"}, []string{"prima", "prima"}},
		{"since", vault.ViewQuery{From: half}, []string{"seconda", "prima"}},
		{"until", vault.ViewQuery{To: half}, []string{"prima"}},
	} {
		found, more, err := f.StaffViews(ctx, c.q, 0, 10)
		mustBe(t, err, nil)
		var who []string
		for _, v := range found {
			who = append(who, v.Username)
		}
		if more || !slices.Equal(who, c.want) {
			t.Errorf("%s: %v, more %t", c.name, who, more)
		}
	}
	first, more, err := f.StaffViews(ctx, vault.ViewQuery{}, 0, 2)
	mustBe(t, err, nil)
	if !more || len(first) != 2 || first[0].Addr != "192.0.2.7" || first[0].Roles[0] != domain.RoleOffice || first[0].Subject != anna {
		t.Errorf("the first page: %+v, more %t", first, more)
	}
	rest, more, err := f.StaffViews(ctx, vault.ViewQuery{}, first[1].ID, 2)
	mustBe(t, err, nil)
	if more || len(rest) != 1 {
		t.Errorf("the second page: %+v, more %t", rest, more)
	}
	f.Advance(vault.ViewsKept/2 + time.Second)
	look("terza", bruno)
	if kept, _, err := f.StaffViews(ctx, vault.ViewQuery{}, 0, 10); err != nil || len(kept) != 3 {
		t.Errorf("after two years %d looks are kept: %v", len(kept), err)
	}
}
