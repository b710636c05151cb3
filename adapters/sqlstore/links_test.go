package sqlstore

import (
	"errors"
	"reflect"
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/projections"
	"github.com/saldo-ledger/saldo/projections/projectionstest"
)

const adult domain.AdultID = "4f5e"

var (
	codeID = uuid.MustParse("00000000-0000-4000-8000-0000000000cc")
	asking = domain.LinkRequestID{UUID: uuid.MustParse("00000000-0000-4000-8000-0000000000aa")}
)

func linking(e domain.ConsumerEvent) projectionstest.Fact {
	return fact("consumer-"+utente.String(), e)
}

func ofRequest(e domain.LinkRequestEvent) projectionstest.Fact {
	return fact("linking-"+asking.String(), e)
}

func askedFor() projectionstest.Fact {
	return ofRequest(domain.LinkRequested{Request: asking, Creditor: comune, Parent: tizio, At: on("2020-02-01"), Sought: domain.SoughtChild{
		GivenName: "UTENTE", FamilyName: "TEST", FiscalCode: "SMPTZI80A01F205Q", School: "MAT. BORSELLINO",
	}})
}

// What was billed to somebody stays theirs to pay when the child is taken away.
func TestAChildThatWasTakenAwayIsSeenNoMoreAndItsBulletinsAre(t *testing.T) {
	s := viewsOf(t, append(guide(), linking(domain.ParentUnlinked{Consumer: utente, Parent: tizio, Reason: "Errore", At: on("2020-02-10")}))...)
	portal := parentsOf(s)
	o, err := portal.Overview(t.Context(), tizio)
	if err != nil || len(o.Consumers) != 0 || o.SaldoBollettini != -57_33 {
		t.Errorf("%+v, %v", o, err)
	}
	if _, err := portal.Movements(t.Context(), tizio, utente); !errors.Is(err, projections.ErrNotFound) {
		t.Errorf("its movements are shown: %v", err)
	}
	d, err := portal.OpenBulletins(t.Context(), tizio, "REFEZIONE")
	if err != nil || len(d.Bulletins) != 1 || d.Saldo != -57_33 {
		t.Errorf("%+v, %v", d, err)
	}
}

func TestTheOfficeSeesWhoAnswersForAChild(t *testing.T) {
	s := viewsOf(t, append(guide(),
		linking(domain.AdultDeclared{Consumer: utente, Adult: adult, At: on("2020-02-01")}),
		linking(domain.ActivationCodeIssued{Consumer: utente, Code: codeID, Until: on("2020-05-01"), At: on("2020-02-01")}))...)
	got, _, err := s.Enrolled(t.Context(), utente)
	want := projections.Enrolled{
		ID: utente, Creditor: comune, Name: got.Name, School: "MAT. BORSELLINO",
		Parents:    []projections.LinkedParent{{ID: tizio, Name: got.Parents[0].Name, Since: got.Parents[0].Since, Saldo: -57_33}},
		Adults:     []projections.DeclaredAdult{{ID: adult, Since: on("2020-02-01")}},
		Activation: &projections.Activation{ID: codeID, IssuedAt: on("2020-02-01"), Until: on("2020-05-01")},
	}
	if err != nil || !reflect.DeepEqual(got, want) || got.Name == "" || got.Parents[0].Name == "" || got.Parents[0].Since.IsZero() {
		t.Errorf("%+v, %v\nwant %+v", got, err, want)
	}
	for adult, want := range map[domain.AdultID]int{adult: 1, "00": 0} {
		if ids, err := s.DeclaredFor(t.Context(), comune, adult); err != nil || len(ids) != want {
			t.Errorf("%s is declared for %v, %v", adult, ids, err)
		}
	}
	if _, _, err := s.Enrolled(t.Context(), domain.ConsumerID{UUID: uuid.New()}); !errors.Is(err, projections.ErrNotFound) {
		t.Errorf("a child nobody enrolled: %v", err)
	}
}

func TestRequestsWaitUntilTheyAreAnswered(t *testing.T) {
	count := func(s *Store) (open, decided, own int) {
		t.Helper()
		a, _, err1 := s.LinkRequests(t.Context(), comune, false)
		b, _, err2 := s.LinkRequests(t.Context(), comune, true)
		c, err3 := parentsOf(s).LinkRequests(t.Context(), tizio)
		n, err4 := s.Office(comune).CountLinkRequests(t.Context())
		if err := errors.Join(err1, err2, err3, err4); err != nil {
			t.Fatal(err)
		}
		if int(n) != len(a) {
			t.Errorf("%d wait, and %d are counted", len(a), n)
		}
		return len(a), len(b), len(c)
	}
	waiting := slices.Clip(append(guide(), askedFor()))
	granted := ofRequest(domain.LinkApproved{Request: asking, Parent: tizio, Consumer: utente, At: on("2020-02-02")})
	gone := fact("parent-"+tizio.String(), domain.ParentErased{Parent: tizio, At: on("2020-02-03")})
	for what, c := range map[string]struct {
		facts              []projectionstest.Fact
		open, decided, own int
	}{
		"asked":               {waiting, 1, 0, 1},
		"granted":             {append(waiting, granted), 0, 1, 1},
		"by somebody erased":  {append(waiting, gone), 0, 0, 0},
		"granted, and erased": {append(waiting, granted, gone), 0, 0, 0},
	} {
		if open, decided, own := count(viewsOf(t, c.facts...)); open != c.open || decided != c.decided || own != c.own {
			t.Errorf("%s: %d wait, %d are answered, the parent sees %d", what, open, decided, own)
		}
	}
	s := viewsOf(t, append(waiting, granted)...)
	all, _, err := s.LinkRequests(t.Context(), comune, true)
	want := projections.LinkRequest{ID: asking, Parent: tizio, State: domain.LinkGranted, AskedAt: on("2020-02-01"), DecidedAt: on("2020-02-02"), Consumer: utente}
	if err != nil || all[0] != want {
		t.Errorf("%+v, %v", all, err)
	}
}
