package sqlstore

import (
	"errors"
	"testing"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/projections"
)

func TestTheOfficeFindsPeopleByWhatIsTyped(t *testing.T) {
	o := viewsOf(t, guide()...).Office(comune)
	for text, want := range map[string][2]int{
		"sempronio": {1, 0}, "tizio SEMPRONIO": {1, 0}, "Sempronio Tizio": {1, 0}, "utente": {0, 1}, "borsellino test": {0, 1},
		"nessuno": {0, 0}, "semp utente": {0, 0}, "%": {0, 0}, "_____": {0, 0}, `\`: {0, 0}, "": {0, 0}, "  ": {0, 0},
	} {
		f, err := o.Search(t.Context(), text, 0)
		if err != nil || len(f.Adults) != want[0] || len(f.Children) != want[1] || f.More {
			t.Errorf("%q: %d adults, %d children, more %t: %v; want %v", text, len(f.Adults), len(f.Children), f.More, err, want)
		}
	}
	if f, err := o.Search(t.Context(), "sempronio", 1); err != nil || len(f.Adults) != 0 {
		t.Errorf("the second page: %+v, %v", f, err)
	}
}

func TestTheOfficeSeesAFamilysBulletins(t *testing.T) {
	o := viewsOf(t, guide()...).Office(comune)
	child, err := o.Child(t.Context(), utente)
	if err != nil {
		t.Fatal(err)
	}
	if child.Name != "UTENTE TEST" || child.School != "MAT. BORSELLINO" || len(child.Adults) != 1 || child.Adults[0].ID != tizio || len(child.Services) == 0 {
		t.Errorf("the child: %+v", child)
	}
	adult, err := o.Adult(t.Context(), tizio)
	if err != nil {
		t.Fatal(err)
	}
	if len(adult.Overview.Consumers) != 1 || adult.Parent.Person.Username == "" {
		t.Errorf("the adult: %+v", adult)
	}
	for whose, list := range map[string][]projections.BulletinLine{"child": child.Bulletins, "adult": adult.Bulletins} {
		found := map[domain.NoticeNumber]domain.BulletinStatus{}
		for _, b := range list {
			found[b.Notice] = b.Status
		}
		if len(found) != len(list) || found[january] != domain.BulletinSentOut || found[february] != domain.BulletinPaid {
			t.Errorf("the %s's bulletins: %+v", whose, list)
		}
	}
}

func TestWhatIsNotTheOfficesIsNotFound(t *testing.T) {
	s := viewsOf(t, guide()...)
	nobody := uuid.MustParse("44444444-4444-4444-8444-444444444444")
	for name, ask := range map[string]func() error{
		"a child": func() error {
			_, err := s.Office(comune).Child(t.Context(), domain.ConsumerID{UUID: nobody})
			return err
		},
		"a child of another":      func() error { _, err := s.Office("80012345678").Child(t.Context(), utente); return err },
		"an adult":                func() error { _, err := s.Office(comune).Adult(t.Context(), domain.ParentID{UUID: nobody}); return err },
		"a bulletin of another's": func() error { _, err := s.Office("80012345678").Bulletin(t.Context(), january); return err },
	} {
		if err := ask(); !errors.Is(err, projections.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestBulletinsNotSentWait(t *testing.T) {
	line := domain.Line{Consumer: utente, Service: "MENSA", Amount: 100}
	o := viewsOf(t, append(family(), bill(void, "2020-02-01", tizio, line))...).Office(comune)
	n, err := o.CountUnsent(t.Context())
	found, more, listed := o.Unsent(t.Context(), 0)
	if err != nil || listed != nil || n != 1 || len(found) != 1 || more || found[0].Notice != void || found[0].Amount != 100 || found[0].Status != domain.BulletinIssuedOnly {
		t.Errorf("%d wait: %+v, more %t; %v, %v", n, found, more, err, listed)
	}
}
