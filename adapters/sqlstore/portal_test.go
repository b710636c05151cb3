package sqlstore

import (
	"errors"
	"testing"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/projections"
	"github.com/saldo-ledger/saldo/projections/projectionstest"
)

func TestTheGuidesElencoConsumatori(t *testing.T) {
	portal := parentsOf(viewsOf(t, guide()...))
	got, err := portal.Overview(t.Context(), tizio)
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, projections.Overview{Position: 160, SaldoBollettini: -5733, Consumers: []projections.Consumer{{
		ID: utente, Name: "UTENTE TEST", School: "MAT. BORSELLINO", SaldoBollettini: -5733,
		LastBulletin: &projections.DatedAmount{Amount: 3913, On: "2020-02-03"},
		Services:     []string{"SERVIZIO MENSA", "POST-SCUOLA"}, Diet: "NORMALE",
	}}})
}

func TestTheGuidesPaga(t *testing.T) {
	portal := parentsOf(viewsOf(t, guide()...))
	got, err := portal.OpenBulletins(t.Context(), tizio, "REFEZIONE")
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, projections.Dues{Position: 160, Saldo: -5733, Bulletins: []projections.Bulletin{{
		Notice: january, Services: []string{"POST-SCUOLA"}, Period: domain.Period{From: "2020-01-01", To: "2020-01-31"},
		Due: "2020-02-20", Consumers: []projections.Pupil{{School: "MAT. BORSELLINO", Name: "UTENTE TEST"}},
		Amount: 5733, Causale: "Servizi del 2020-01-31",
	}}})
}

func TestTheGuidesMovements(t *testing.T) {
	credit := uuid.MustParse("00000000-0000-4000-8000-0000000000f0")
	wallet := "wallet-" + utente.String() + "-2019-2020"
	portal := parentsOf(viewsOf(t, append(guide(),
		fact(wallet, domain.MealCharged{Creditor: comune, Consumer: utente, Year: "2019-2020", Service: "MENSA", Day: "2020-02-04", Amount: 450, At: on("2020-02-05")}),
		fact(wallet, domain.WalletCredited{Creditor: comune, Consumer: utente, Year: "2019-2020", Credit: credit, Amount: 2000, At: on("2020-02-03")}),
	)...))
	got, err := portal.Movements(t.Context(), tizio, utente)
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, projections.Movements{
		Position: 180, ID: utente, Consumer: "UTENTE TEST", School: "MAT. BORSELLINO",
		Bulletins: []projections.Movement{
			{Position: 120, Fact: projections.FactIssued, On: "2020-01-31", Causale: "Servizi del 2020-01-31", Debit: 5733, Balance: -5733, Notice: january, Readable: true},
			{Position: 140, Fact: projections.FactIssued, On: "2020-02-03", Causale: "Servizi del 2020-02-03", Debit: 3913, Balance: -9646, Notice: february, Readable: true},
			{Position: 160, Fact: projections.FactPaid, On: "2020-02-10", Causale: "Pagamento", Credit: 3913, Balance: -5733, Document: "ricevuta-2020-02-10", Notice: february, Readable: true},
		},
		Wallet: []projections.Movement{
			{Position: 180, Fact: projections.FactToppedUp, On: "2020-02-03", Causale: "Ricarica", Credit: 2000, Balance: 2000, Document: credit.String()},
			{Position: 170, Fact: projections.FactCharged, On: "2020-02-04", Causale: "SERVIZIO MENSA", Debit: 450, Balance: 1550},
		},
	})
	overview, err := portal.Overview(t.Context(), tizio)
	if err != nil {
		t.Fatal(err)
	}
	if c := overview.Consumers[0]; c.Saldo != 1550 || *c.LastTopUp != (projections.DatedAmount{Amount: 2000, On: "2020-02-03"}) {
		t.Errorf("saldo %s, last top-up %+v", c.Saldo, c.LastTopUp)
	}
}

func TestAFamilysBulletinIsOwedOnceAndSharedByItsChildren(t *testing.T) {
	sister := "consumer-" + sorella.String()
	both := bill(unsent, "2020-02-01", tizio,
		domain.Line{Consumer: utente, Service: "POST", Amount: 1000}, domain.Line{Consumer: sorella, Service: "POST", Amount: 2000},
		domain.Line{Consumer: utente, Service: "MENSA", Amount: 500})
	facts := append(family(),
		fact(sister, domain.ConsumerEnrolled{Consumer: sorella, Creditor: comune, Child: domain.Child{GivenName: "ALTRA", FamilyName: "TEST"}, School: "PRIM. FALCONE", At: on("2019-09-02")}),
		fact(sister, domain.ParentLinked{Consumer: sorella, Parent: tizio, At: on("2019-09-02")}),
		both, sent(unsent, tizio))
	portal := parentsOf(viewsOf(t, facts...))

	overview, err := portal.Overview(t.Context(), tizio)
	if err != nil {
		t.Fatal(err)
	}
	if overview.SaldoBollettini != -3500 || len(overview.Consumers) != 2 {
		t.Fatalf("the family owes %s for %d children", overview.SaldoBollettini, len(overview.Consumers))
	}
	first, second := overview.Consumers[0], overview.Consumers[1]
	if first.Name != "ALTRA TEST" || first.SaldoBollettini != -2000 || first.LastBulletin.Amount != 2000 {
		t.Errorf("%+v, last bulletin %+v", first, first.LastBulletin)
	}
	if second.Name != "UTENTE TEST" || second.SaldoBollettini != -1500 || second.LastBulletin.Amount != 1500 {
		t.Errorf("%+v, last bulletin %+v", second, second.LastBulletin)
	}

	dues, err := portal.OpenBulletins(t.Context(), tizio, "REFEZIONE")
	if err != nil || len(dues.Bulletins) != 1 {
		t.Fatalf("%d bulletins, %v", len(dues.Bulletins), err)
	}
	same(t, dues.Bulletins[0].Services, []string{"POST-SCUOLA", "SERVIZIO MENSA"})
	same(t, dues.Bulletins[0].Consumers, []projections.Pupil{{School: "MAT. BORSELLINO", Name: "UTENTE TEST"}, {School: "PRIM. FALCONE", Name: "ALTRA TEST"}})

	movements, err := portal.Movements(t.Context(), tizio, utente)
	if err != nil {
		t.Fatal(err)
	}
	same(t, movements.Bulletins, []projections.Movement{{Position: 140, Fact: projections.FactIssued, On: "2020-02-01", Causale: "Servizi del 2020-02-01", Debit: 1500, Balance: -1500, Notice: unsent, Readable: true}})
}

func TestTheLastBulletinIsTheLatestIssuedWhateverCameFirst(t *testing.T) {
	raised := func(notice domain.NoticeNumber, day string, amount domain.Money) projectionstest.Fact {
		return bill(notice, day, tizio, domain.Line{Consumer: utente, Service: "MENSA", Amount: amount})
	}
	for name, c := range map[string]struct {
		bills []projectionstest.Fact
		last  projections.DatedAmount
	}{
		"of the latest day": {
			[]projectionstest.Fact{raised(january, "2020-02-03", 1), raised(february, "2020-02-01", 2), raised(unsent, "2020-02-02", 3)},
			projections.DatedAmount{Amount: 1, On: "2020-02-03"}},
		"of one day, the greatest notice number": {
			[]projectionstest.Fact{raised(january, "2020-02-03", 1), raised(unsent, "2020-02-03", 3), raised(february, "2020-02-03", 2)},
			projections.DatedAmount{Amount: 3, On: "2020-02-03"}},
	} {
		t.Run(name, func(t *testing.T) {
			overview, err := parentsOf(viewsOf(t, append(family(), c.bills...)...)).Overview(t.Context(), tizio)
			if err != nil {
				t.Fatal(err)
			}
			if last := *overview.Consumers[0].LastBulletin; last != c.last {
				t.Errorf("%+v, want %+v", last, c.last)
			}
		})
	}
}

func TestTheLastTopUpIsOfTheLatestDayAndThenTheLastToCome(t *testing.T) {
	wallet := "wallet-" + utente.String() + "-2019-2020"
	topUp := func(day string, amount domain.Money) projectionstest.Fact {
		return fact(wallet, domain.WalletCredited{Creditor: comune, Consumer: utente, Year: "2019-2020", Amount: amount, At: on(day)})
	}
	portal := parentsOf(viewsOf(t, append(family(), topUp("2020-02-03", 100), topUp("2020-02-03", 200), topUp("2020-02-01", 300))...))
	overview, err := portal.Overview(t.Context(), tizio)
	if err != nil {
		t.Fatal(err)
	}
	if last := *overview.Consumers[0].LastTopUp; last != (projections.DatedAmount{Amount: 200, On: "2020-02-03"}) {
		t.Errorf("%+v", last)
	}
}

func TestServicesAreShownInTheOrderTheyBegan(t *testing.T) {
	child := "consumer-" + sorella.String()
	portal := parentsOf(viewsOf(t, append(family(),
		fact(child, domain.ConsumerEnrolled{Consumer: sorella, Creditor: comune, Child: domain.Child{GivenName: "ALTRA", FamilyName: "TEST"}, School: "PRIM. FALCONE", At: noon}),
		fact(child, domain.ParentLinked{Consumer: sorella, Parent: tizio, At: noon}),
		fact(child, domain.ServiceActivated{Consumer: sorella, Service: "POST", At: noon}),
		fact(child, domain.ServiceActivated{Consumer: sorella, Service: "MENSA", At: noon}),
		fact(child, domain.ServiceActivated{Consumer: sorella, Service: "AUTOBUS", At: noon}),
	)...))
	overview, err := portal.Overview(t.Context(), tizio)
	if err != nil {
		t.Fatal(err)
	}
	// A service that nobody defined has its code for a name.
	same(t, overview.Consumers[0].Services, []string{"POST-SCUOLA", "SERVIZIO MENSA", "AUTOBUS"})
	same(t, overview.Consumers[1].Services, []string{"SERVIZIO MENSA", "POST-SCUOLA"})
}

func TestWhatIsNotPayableIsNotOffered(t *testing.T) {
	line := domain.Line{Consumer: utente, Service: "MENSA", Amount: 100}
	taken := bill(void, "2020-02-01", tizio, line)
	cancel := domain.BulletinCancelled{Creditor: comune, Notice: void, Parent: tizio, Amount: 100, Lines: []domain.Line{line}, Reason: "Errore", At: on("2020-02-02")}
	portal := parentsOf(viewsOf(t, append(guide(), bill(unsent, "2020-02-01", tizio, line), taken, sent(void, tizio), fact(string(taken.Stream), cancel))...))

	dues, err := portal.OpenBulletins(t.Context(), tizio, "REFEZIONE")
	if err != nil || len(dues.Bulletins) != 1 || dues.Bulletins[0].Notice != january {
		t.Errorf("offered: %+v, %v", dues.Bulletins, err)
	}
	if dues.Saldo != -5833 {
		t.Errorf("saldo %s: what was issued is owed before it is sent, what was cancelled is not", dues.Saldo)
	}
	for _, notice := range []domain.NoticeNumber{unsent, void} {
		if _, err := portal.Notice(t.Context(), tizio, notice); !errors.Is(err, projections.ErrNotFound) {
			t.Errorf("notice %s: %v", notice, err)
		}
	}
	movements, err := portal.Movements(t.Context(), tizio, utente)
	if err != nil {
		t.Fatal(err)
	}
	want := projections.Movement{Position: 200, Fact: projections.FactCancelled, On: "2020-02-02", Causale: "Annullamento", Credit: 100, Balance: -5833, Notice: void}
	if got := movements.Bulletins[3]; got != want {
		t.Errorf("a cancelled bulletin is given back: %+v, want %+v", got, want)
	}
}

func TestWithoutACategoryThereIsTheSaldoAlone(t *testing.T) {
	portal := parentsOf(viewsOf(t, guide()...))
	for _, category := range []domain.CategoryCode{"", "NIDI", "NOBODYS"} {
		dues, err := portal.OpenBulletins(t.Context(), tizio, category)
		if err != nil || dues.Saldo != -5733 || len(dues.Bulletins) > 0 {
			t.Errorf("category %q: %+v, %v", category, dues, err)
		}
	}
}

func TestBulletinsAreOfferedEarliestDueFirst(t *testing.T) {
	due := func(notice domain.NoticeNumber, day domain.Date) projectionstest.Fact {
		f := bill(notice, "2020-01-31", tizio, domain.Line{Consumer: utente, Service: "MENSA", Amount: 1})
		e := f.Event.(domain.BulletinIssued)
		e.Due = day
		f.Event = e
		return f
	}
	portal := parentsOf(viewsOf(t, append(family(),
		due(january, "2020-03-20"), due(february, "2020-02-20"), due(unsent, "2020-02-20"),
		sent(january, tizio), sent(february, tizio), sent(unsent, tizio))...))
	dues, err := portal.OpenBulletins(t.Context(), tizio, "REFEZIONE")
	if err != nil {
		t.Fatal(err)
	}
	var order []domain.NoticeNumber
	for _, b := range dues.Bulletins {
		order = append(order, b.Notice)
	}
	same(t, order, []domain.NoticeNumber{february, unsent, january})
}

func TestCategoriesAreInTheOrderOfTheirNames(t *testing.T) {
	got, err := parentsOf(viewsOf(t, family()...)).Categories(t.Context(), tizio)
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, []projections.Category{{Code: "NIDI", Name: "pagoPA - ASILI NIDO"}, {Code: "REFEZIONE", Name: "pagoPA - AUT. REFEZIONE"}})
}

func TestANoticeIsForThePersonWhoPays(t *testing.T) {
	portal := parentsOf(viewsOf(t, guide()...))
	open, err := portal.Notice(t.Context(), tizio, january)
	if err != nil {
		t.Fatal(err)
	}
	same(t, open, projections.Notice{Position: 160, Number: january, Amount: 5733, Due: "2020-02-20", Causale: "Servizi del 2020-01-31", Email: "tiziosempronio@example.com"})
	closed, err := portal.Notice(t.Context(), tizio, february)
	if err != nil {
		t.Fatal(err)
	}
	same(t, closed.Receipt, &projections.Receipt{ID: "ricevuta-2020-02-10", At: on("2020-02-10"), Entry: 160})
}

func TestOthersThingsAreNotFound(t *testing.T) {
	cart := domain.PaymentID{UUID: uuid.MustParse("00000000-0000-4000-8000-0000000000f1")}
	s := viewsOf(t, append(guide(), ticked(cart, tizio, january))...)
	for who, ask := range map[string]struct {
		portal *Portal
		parent domain.ParentID
	}{
		"another parent":              {parentsOf(s), caio},
		"another creditor's":          {s.Portal("10987654321", clock), tizio},
		"a parent of another's whole": {s.Portal("10987654321", clock), caio},
	} {
		answers := map[string]error{}
		_, answers["movements"] = ask.portal.Movements(t.Context(), ask.parent, utente)
		_, answers["payment"] = ask.portal.Payment(t.Context(), ask.parent, cart)
		_, answers["notice"] = ask.portal.Notice(t.Context(), ask.parent, january)
		for what, err := range answers {
			if !errors.Is(err, projections.ErrNotFound) {
				t.Errorf("%s: %s: %v", who, what, err)
			}
		}
		overview, err := ask.portal.Overview(t.Context(), ask.parent)
		if err != nil || overview.SaldoBollettini != 0 || len(overview.Consumers) > 0 {
			t.Errorf("%s: %+v, %v", who, overview, err)
		}
		dues, err := ask.portal.OpenBulletins(t.Context(), ask.parent, "REFEZIONE")
		if err != nil || dues.Saldo != 0 || len(dues.Bulletins) > 0 {
			t.Errorf("%s: %+v, %v", who, dues, err)
		}
	}
}

func TestASecondParentOfTheChildIsNotToldTheFirstsDebts(t *testing.T) {
	portal := parentsOf(viewsOf(t, append(guide(), fact("consumer-"+utente.String(), domain.ParentLinked{Consumer: utente, Parent: caio, At: noon}))...))
	overview, err := portal.Overview(t.Context(), caio)
	if err != nil {
		t.Fatal(err)
	}
	if c := overview.Consumers[0]; c.ID != utente || c.SaldoBollettini != 0 || c.LastBulletin != nil {
		t.Errorf("%+v", c)
	}
	movements, err := portal.Movements(t.Context(), caio, utente)
	if err != nil || len(movements.Bulletins) > 0 {
		t.Errorf("%+v, %v", movements, err)
	}
}

func TestTheErasedAreShownAsCancelled(t *testing.T) {
	log := projectionstest.NewLog(guide()...)
	log.Keys.Erase(tizio.UUID)
	log.Keys.Erase(utente.UUID)
	s := opened(t, viewsFile(t))
	catchUp(t, log, s)
	portal := parentsOf(s)
	overview, err := portal.Overview(t.Context(), tizio)
	if err != nil || overview.Consumers[0].Name != "cancellato" || overview.Consumers[0].Diet != "" || overview.SaldoBollettini != -5733 {
		t.Errorf("%+v, %v", overview, err)
	}
	dues, err := portal.OpenBulletins(t.Context(), tizio, "REFEZIONE")
	if err != nil || dues.Bulletins[0].Consumers[0].Name != "cancellato" {
		t.Errorf("%+v, %v", dues, err)
	}
	movements, err := portal.Movements(t.Context(), tizio, utente)
	if err != nil || movements.Consumer != "cancellato" {
		t.Errorf("%+v, %v", movements, err)
	}
	notice, err := portal.Notice(t.Context(), tizio, january)
	if err != nil || notice.Email != "" {
		t.Errorf("%+v, %v", notice, err)
	}
	bulletin, _, err := s.Bulletin(t.Context(), comune, january)
	if err != nil || bulletin.ParentName != "cancellato" || bulletin.Pupils[0].Name != "cancellato" {
		t.Errorf("%+v, %v", bulletin, err)
	}
	parent, _, err := s.Parent(t.Context(), tizio)
	if err != nil || parent != (domain.Parent{ID: tizio}) {
		t.Errorf("%+v, %v", parent, err)
	}
}
