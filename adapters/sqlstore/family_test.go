package sqlstore

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/projections"
	"github.com/saldo-ledger/saldo/projections/projectionstest"
)

// The guide's family and its two bulletins.
const (
	comune   domain.FiscalCode   = "12345678901"
	january  domain.NoticeNumber = "301000000000000185" // 57,33, open
	february domain.NoticeNumber = "301000000000000286" // 39,13, paid
	unsent   domain.NoticeNumber = "301000000000000387"
	void     domain.NoticeNumber = "301000000000000488"
)

var (
	tizio   = domain.ParentID{UUID: uuid.MustParse("00000000-0000-4000-8000-00000000000a")}
	caio    = domain.ParentID{UUID: uuid.MustParse("00000000-0000-4000-8000-00000000000b")}
	utente  = domain.ConsumerID{UUID: uuid.MustParse("00000000-0000-4000-8000-00000000000c")}
	sorella = domain.ConsumerID{UUID: uuid.MustParse("00000000-0000-4000-8000-00000000000d")}
	noon    = time.Date(2020, 2, 12, 11, 0, 0, 0, time.UTC)
)

func clock() time.Time { return noon }

// parentsOf returns what the parents of the Comune see.
func parentsOf(s *Store) *Portal { return s.Portal(comune, clock) }

func fact(stream string, e domain.Event) projectionstest.Fact {
	return projectionstest.Fact{Stream: eventstore.Stream(stream), Event: e}
}

func on(day string) time.Time {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		panic(err)
	}
	return t.Add(9 * time.Hour)
}

// family is the guide's: a creditor, a parent, a child with two services.
func family() []projectionstest.Fact {
	c, p, u := "creditor-"+string(comune), "parent-"+tizio.String(), "consumer-"+utente.String()
	service := func(name string) domain.Service { return domain.Service{Name: name, Taxonomy: "9/0107101TS/"} }
	return []projectionstest.Fact{
		fact(c, domain.CreditorRegistered{Profile: domain.CreditorProfile{FiscalCode: comune, Name: "Comune di Prova", CBILL: "ABCDE", Segregation: 1}, At: on("2019-09-01")}),
		fact(c, domain.CategoryDefined{Creditor: comune, Category: "REFEZIONE", Name: "pagoPA - AUT. REFEZIONE", At: on("2019-09-01")}),
		fact(c, domain.CategoryDefined{Creditor: comune, Category: "NIDI", Name: "pagoPA - ASILI NIDO", At: on("2019-09-01")}),
		fact(c, domain.ServiceDefined{Creditor: comune, Code: "MENSA", Service: service("SERVIZIO MENSA"), At: on("2019-09-01")}),
		fact(c, domain.ServiceDefined{Creditor: comune, Code: "POST", Service: service("POST-SCUOLA"), At: on("2019-09-01")}),
		fact(p, domain.ParentRegistered{Parent: tizio, At: on("2019-09-02"), Person: domain.Person{
			FiscalCode: "SMPTZI80A01F205Q", GivenName: "TIZIO", FamilyName: "SEMPRONIO", Email: "tiziosempronio@example.com", Username: "sempronio80",
		}}),
		fact(u, domain.ConsumerEnrolled{Consumer: utente, Creditor: comune, Child: domain.Child{GivenName: "UTENTE", FamilyName: "TEST"}, School: "MAT. BORSELLINO", At: on("2019-09-02")}),
		fact(u, domain.ParentLinked{Consumer: utente, Parent: tizio, At: on("2019-09-02")}),
		fact(u, domain.ServiceActivated{Consumer: utente, Service: "MENSA", At: on("2019-09-02")}),
		fact(u, domain.ServiceActivated{Consumer: utente, Service: "POST", At: on("2019-09-02")}),
		fact(u, domain.DietChanged{Consumer: utente, Diet: "NORMALE", At: on("2019-09-02")}),
	}
}

func bill(notice domain.NoticeNumber, day string, parent domain.ParentID, lines ...domain.Line) projectionstest.Fact {
	e := domain.BulletinIssued{
		Creditor: comune, Notice: notice, Parent: parent, Category: "REFEZIONE", Lines: lines, At: on(day),
		Period: domain.Period{From: "2020-01-01", To: "2020-01-31"}, Due: "2020-02-20", Causale: "Servizi del " + day,
	}
	for _, l := range lines {
		e.Amount += l.Amount
	}
	return fact("bulletin-"+string(notice), e)
}

func sent(notice domain.NoticeNumber, parent domain.ParentID) projectionstest.Fact {
	return fact("bulletin-"+string(notice), domain.BulletinSent{Creditor: comune, Notice: notice, Parent: parent, At: noon})
}

func paid(bill projectionstest.Fact, day string) projectionstest.Fact {
	b := bill.Event.(domain.BulletinIssued)
	return fact(string(bill.Stream), domain.PaymentConfirmed{
		Creditor: comune, Notice: b.Notice, Parent: b.Parent, Receipt: domain.ReceiptID("ricevuta-" + day), Amount: b.Amount, Lines: b.Lines,
		PSP: domain.PSP{ID: "ABCDITMM", Name: "Banca di Prova", Method: "creditCard"}, At: on(day),
	})
}

// guide is the story of the parents' guide.
func guide() []projectionstest.Fact {
	first := bill(january, "2020-01-31", tizio, domain.Line{Consumer: utente, Service: "POST", Amount: 5733})
	second := bill(february, "2020-02-03", tizio, domain.Line{Consumer: utente, Service: "MENSA", Amount: 3913})
	return append(family(), first, sent(january, tizio), second, sent(february, tizio), paid(second, "2020-02-10"))
}

func same(t *testing.T, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%s\nwant\n%s", printed(got), printed(want))
	}
}

// printed shows what pointers lead to.
func printed(v any) string {
	switch v := v.(type) {
	case projections.Overview:
		s := v.SaldoBollettini.String()
		for _, c := range v.Consumers {
			s += fmt.Sprintf("\n%+v %+v %+v", c, c.LastTopUp, c.LastBulletin)
		}
		return s
	case projections.Payment:
		s := fmt.Sprintf("%+v", v)
		for _, l := range v.Lines {
			s += fmt.Sprintf("\n%+v %+v", l, l.Receipt)
		}
		return s
	}
	return fmt.Sprintf("%+v", v)
}
