package projections_test

import (
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/projections"
)

func TestPeople(t *testing.T) {
	tizio := domain.Person{FiscalCode: "SMPTZI80A01F205Q", GivenName: "TIZIO", FamilyName: "SEMPRONIO", Email: "t@example.com", Username: "sempronio80"}
	moved := tizio
	moved.Email = "tizio@example.com"
	enrolled := domain.ConsumerEnrolled{Consumer: child, Creditor: body, Child: domain.Child{GivenName: "UTENTE", FamilyName: "TEST"}, School: "MAT. BORSELLINO", At: noon}
	erased := enrolled
	erased.Child = domain.Child{}
	expect(t, []expectation{
		{"a profile that changed replaces the one before", []domain.Event{
			domain.ParentRegistered{Parent: parent, Person: tizio, At: noon}, domain.ProfileChanged{Parent: parent, Person: moved, At: noon},
		}, projections.Parents, []string{
			"id=" + parentHex + " fiscal_code=SMPTZI80A01F205Q given_name=TIZIO family_name=SEMPRONIO email=tizio@example.com username=sempronio80",
		}},
		{"of a parent erased only the id is left", []domain.Event{domain.ParentRegistered{Parent: parent, At: noon}},
			projections.Parents, []string{"id=" + parentHex}},
		{"a parent erased later is forgotten", []domain.Event{
			domain.ParentRegistered{Parent: parent, Person: tizio, At: noon}, domain.ProfileChanged{Parent: parent, Person: moved, At: noon},
			domain.ParentErased{Parent: parent, At: noon},
		}, projections.Parents, []string{"id=" + parentHex}},
		{"a child has a name, a school and a diet", []domain.Event{enrolled, domain.DietChanged{Consumer: child, Diet: "NORMALE", At: noon}},
			projections.Consumers, []string{"id=" + childHex + " creditor=" + string(body) + " name=UTENTE TEST school=MAT. BORSELLINO diet=NORMALE"}},
		{"a child erased has no name", []domain.Event{erased},
			projections.Consumers, []string{"id=" + childHex + " creditor=" + string(body) + " school=MAT. BORSELLINO"}},
		{"a parent answers for a child", []domain.Event{domain.ParentLinked{Consumer: child, Parent: parent, At: noon}},
			projections.ConsumerParents, []string{"parent=" + parentHex + " consumer=" + childHex + " linked=1 since=1580472000000000"}},
		{"services are in the order they began", []domain.Event{
			domain.ServiceActivated{Consumer: child, Service: "MENSA", At: noon}, domain.ServiceActivated{Consumer: child, Service: "AUTOBUS", At: noon},
		}, projections.ConsumerServices, []string{
			"consumer=" + childHex + " service=AUTOBUS since=2", "consumer=" + childHex + " service=MENSA since=1",
		}},
		{"a changed password shows nowhere", []domain.Event{domain.CredentialChanged{Parent: parent, At: noon}}, projections.Parents, nil},
	})
}

func TestCreditors(t *testing.T) {
	profile := domain.CreditorProfile{
		FiscalCode: body, Name: "Comune di Prova", Office: "Ufficio scuola", Broker: "B", Station: "S", Segregation: 1, CBILL: "ABCDE", IBAN: "IT60",
	}
	registered := domain.CreditorRegistered{At: noon, Profile: profile}
	profile.Office = ""
	profile.Postal = domain.PostalAccount{Number: "1", Holder: "Tesoreria", Authorisation: "AUT.", IBAN: "IT61"}
	expect(t, []expectation{
		{"a creditor has a profile", []domain.Event{registered}, projections.Creditors, []string{
			"fiscal_code=" + string(body) + " name=Comune di Prova office=Ufficio scuola broker=B station=S segregation=1 cbill=ABCDE iban=IT60",
		}},
		{"a creditor's row follows a change", []domain.Event{registered, domain.CreditorChanged{Creditor: body, Profile: profile, At: noon}}, projections.Creditors, []string{
			"fiscal_code=" + string(body) + " name=Comune di Prova broker=B station=S segregation=1 cbill=ABCDE iban=IT60" +
				" postal_number=1 postal_holder=Tesoreria postal_authorisation=AUT. postal_iban=IT61",
		}},
		{"a category can be renamed", []domain.Event{
			domain.CategoryDefined{Creditor: body, Category: "REFEZIONE", Name: "Mensa", At: noon},
			domain.CategoryDefined{Creditor: body, Category: "REFEZIONE", Name: "pagoPA - AUT. REFEZIONE", At: noon},
		}, projections.Categories, []string{"creditor=" + string(body) + " code=REFEZIONE name=pagoPA - AUT. REFEZIONE"}},
		{"a service has a name and a taxonomy", []domain.Event{
			domain.ServiceDefined{Creditor: body, Code: "MENSA", Service: domain.Service{Name: "SERVIZIO MENSA", Taxonomy: "9/0107101TS/"}, At: noon},
		}, projections.Services, []string{"creditor=" + string(body) + " code=MENSA name=SERVIZIO MENSA taxonomy=9/0107101TS/"}},
	})
}

func TestBulletins(t *testing.T) {
	raised := "creditor=" + string(body) + " notice=301000000000000185 parent=" + parentHex + " category=REFEZIONE amount=5733" +
		" period_from=2020-01-01 period_to=2020-01-31 due=2020-02-20 causale=Servizi vari "
	sent := domain.BulletinSent{Creditor: body, Notice: january, Parent: parent, At: noon}
	activated := domain.PaymentActivated{Creditor: body, Notice: january, At: noon}
	lateEvening := issued
	lateEvening.At = time.Date(2020, 1, 30, 23, 30, 0, 0, time.UTC) // half past midnight in Italy
	line := "creditor=" + string(body) + " notice=301000000000000185 line=1 consumer=" + childHex + " service=POST amount=5733 issued_on=2020-01-31"
	expect(t, []expectation{
		{"a bulletin is raised", []domain.Event{issued}, projections.Bulletins, []string{raised + "status=1 issued_at=1580472000000000 issued_position=1"}},
		{"it is sent", []domain.Event{issued, sent}, projections.Bulletins, []string{
			raised + "status=2 issued_at=1580472000000000 sent_at=1580472000000000 issued_position=1",
		}},
		{"a PSP asks to pay it", []domain.Event{issued, sent, activated}, projections.Bulletins, []string{
			raised + "status=2 issued_at=1580472000000000 sent_at=1580472000000000 activated_at=1580472000000000 issued_position=1",
		}},
		{"it is paid", []domain.Event{issued, confirmed}, projections.Bulletins, []string{
			raised + "status=3 issued_at=1580472000000000 paid_at=1580472000000000 receipt=r1 psp=ABCDITMM psp_name=Banca di Prova method=creditCard issued_position=1 paid_position=2",
		}},
		{"it is cancelled", []domain.Event{issued, cancelled}, projections.Bulletins, []string{
			raised + "status=4 issued_at=1580472000000000 cancelled_at=1580472000000000 cancel_reason=Errore issued_position=1 cancelled_position=2",
		}},
		{"a receipt that fits nothing makes no bulletin", []domain.Event{
			domain.ReceiptUnmatched{Creditor: body, Notice: february, Receipt: "r1", Amount: 1, Reason: domain.UnknownNotice, At: noon},
		}, projections.Bulletins, nil},
		{"a line says when its bulletin was issued", []domain.Event{issued}, projections.BulletinLines, []string{line}},
		{"days are Italian days", []domain.Event{lateEvening}, projections.BulletinLines, []string{line}},
	})
}

func TestPayments(t *testing.T) {
	selected := domain.BulletinsSelected{
		Payment: cart, Creditor: body, Parent: parent, Category: "REFEZIONE", Total: 5733, Saldo: -5733, SaldoFinale: 0, At: noon,
		Lines: []domain.SelectedBulletin{{Notice: february, Amount: 1000}, {Notice: january, Amount: 4733}},
	}
	started := domain.CheckoutStarted{Payment: cart, Parent: parent, Cart: "c", Redirect: "https://checkout.example/", At: noon}
	completed := domain.PaymentCompleted{Payment: cart, Parent: parent, Total: 5733, At: noon}
	back := func(how domain.CheckoutOutcome) domain.Event {
		return domain.CheckoutReturned{Payment: cart, Parent: parent, Outcome: how, At: noon}
	}
	const time = "1580472000000000"
	row := func(stage string, times ...string) []string {
		s := "id=" + cartHex + " creditor=" + string(body) + " parent=" + parentHex + " category=REFEZIONE total=5733 saldo=-5733" + stage + " selected_at=" + time
		for _, t := range times {
			s += " " + t + "=" + time
		}
		return []string{s + " selected_position=1"}
	}
	expect(t, []expectation{
		{"bulletins are ticked", []domain.Event{selected}, projections.Payments, row("")},
		{"notices are asked for", []domain.Event{selected, domain.NoticesRequested{Payment: cart, Parent: parent, At: noon}},
			projections.Payments, row(" stage=1", "noticed_at")},
		{"the checkout begins", []domain.Event{selected, started}, projections.Payments, row(" stage=2", "started_at")},
		{"the payer comes back, outcome unknown", []domain.Event{selected, started, back(domain.ReturnedOK)},
			projections.Payments, row(" stage=2", "started_at", "returned_at")},
		{"the payer gives up", []domain.Event{selected, started, back(domain.ReturnedCancelled)},
			projections.Payments, row(" stage=3", "started_at", "returned_at")},
		{"the checkout fails", []domain.Event{selected, started, back(domain.ReturnedError)},
			projections.Payments, row(" stage=4", "started_at", "returned_at")},
		{"the payer waits", []domain.Event{selected, started, back(domain.ReturnedWaiting)},
			projections.Payments, row(" stage=2", "started_at", "returned_at")},
		{"a payer who comes back late takes nothing from a receipt", []domain.Event{selected, started, completed, back(domain.ReturnedCancelled)},
			projections.Payments, row(" stage=3", "started_at", "returned_at", "completed_at")},
		{"the cart holds its bulletins as they were ticked", []domain.Event{selected}, projections.PaymentLines, []string{
			"payment=" + cartHex + " line=1 creditor=" + string(body) + " notice=301000000000000286 amount=1000",
			"payment=" + cartHex + " line=2 creditor=" + string(body) + " notice=301000000000000185 amount=4733",
		}},
	})
}
