package ledger_test

import (
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/domain"
)

func TestAParentIsFoundByWhatNobodyElseHas(t *testing.T) {
	x := emptyTown(t)
	cmd := adult(t, 1)
	must(x.RegisterParent(t.Context(), by("it"), cmd))(t)
	for kind, value := range map[domain.ClaimKind]string{
		domain.ClaimUsername:   strings.ToUpper(cmd.Person.Username),
		domain.ClaimEmail:      strings.ToUpper(cmd.Person.Email),
		domain.ClaimFiscalCode: string(cmd.Person.FiscalCode),
	} {
		found, ok, err := x.ParentWith(t.Context(), kind, value)
		if err != nil || !ok || found != cmd.Parent {
			t.Errorf("by %s: %s, %t, %v; want %s", kind, found, ok, err, cmd.Parent)
		}
	}
	for name, value := range map[string]string{"somebody else's": string(person(t, 2).FiscalCode), "nothing": ""} {
		if found, ok, err := x.ParentWith(t.Context(), domain.ClaimFiscalCode, value); err != nil || ok || found != (domain.ParentID{}) {
			t.Errorf("by %s: %s, %t, %v; want nobody", name, found, ok, err)
		}
	}
}

func TestAnErasedParentIsFoundNoMore(t *testing.T) {
	x := emptyTown(t)
	cmd := adult(t, 1)
	must(x.RegisterParent(t.Context(), by("it"), cmd))(t)
	erase := domain.EraseParent{Parent: cmd.Parent, At: later}

	x.vault.away = 1 // the fact is filed and what follows is cut short
	if _, err := x.EraseParent(t.Context(), by("erase"), erase); err == nil {
		t.Fatal("the vault was not away")
	}
	for range 2 {
		if found, ok, err := x.ParentWith(t.Context(), domain.ClaimFiscalCode, string(cmd.Person.FiscalCode)); err != nil || ok {
			t.Errorf("%s, %t, %v; want nobody", found, ok, err)
		}
		must(x.EraseParent(t.Context(), by("erase"), erase))(t)
	}
}

func TestAValueWithoutARegistrationIsNobodys(t *testing.T) {
	x := emptyTown(t)
	first, second := adult(t, 1), adult(t, 2)
	must(x.RegisterParent(t.Context(), by("first"), first))(t)
	second.Person.Email = first.Person.Email
	if _, err := x.RegisterParent(t.Context(), by("second"), second); err == nil {
		t.Fatal("an e-mail was registered twice")
	}
	if found, ok, err := x.ParentWith(t.Context(), domain.ClaimFiscalCode, string(second.Person.FiscalCode)); err != nil || ok {
		t.Errorf("%s, %t, %v; want nobody", found, ok, err)
	}
}
