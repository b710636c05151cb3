package audit_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
	"github.com/saldo-ledger/saldo/eventstore/embedded"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

// The invented towns of these tests. They share a segregation code, so that their
// first bulletins have one notice number.
const (
	comune  domain.FiscalCode   = "12345678903"
	borgo   domain.FiscalCode   = "98765432109"
	scuola  domain.CategoryCode = "REFEZIONE"
	mensa   domain.ServiceCode  = "MENSA"
	postScu domain.ServiceCode  = "POST-SCUOLA"
)

var (
	tizio = domain.ParentID{UUID: named("tizio")}
	caia  = domain.ParentID{UUID: named("caia")}
	anna  = domain.ConsumerID{UUID: named("anna")}
	bruno = domain.ConsumerID{UUID: named("bruno")}
	cart  = domain.PaymentID{UUID: named("cart")}
)

func named(word string) uuid.UUID { return uuid.NewSHA1(uuid.NameSpaceURL, []byte(word)) }

func by(word string) eventstore.Envelope {
	return eventstore.Envelope{Command: named(word), Actor: "office"}
}

// day is nine o'clock of a day of February 2020.
func day(n int) time.Time { return time.Date(2020, 2, n, 9, 0, 0, 0, time.UTC) }

// history is a ledger with what happened in it.
type history struct {
	testing.TB
	*ledger.Ledger
	log *embedded.Log
	now time.Time // the recorded date
}

// begin is a history in which two towns, two parents and their children exist.
func begin(t testing.TB) *history {
	log, err := embedded.Open("log", embedded.Options{FS: vfs.NewMem()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := log.Close(); err != nil {
			t.Error(err)
		}
	})
	h := &history{TB: t, log: log, now: day(1)}
	h.Ledger = ledger.New(log, vault{}, func() time.Time { return h.now })
	for _, town := range []domain.FiscalCode{comune, borgo} {
		h.found(town)
	}
	h.family(0, tizio, anna, comune)
	h.family(1, caia, bruno, borgo)
	return h
}

func (h *history) found(town domain.FiscalCode) {
	h.Helper()
	for i, cmd := range []domain.CreditorCommand{
		domain.RegisterCreditor{At: day(1), Profile: domain.CreditorProfile{
			FiscalCode: town, Name: "Comune", Broker: "b", Station: "s", Segregation: 1, CBILL: "ABC12", IBAN: "IT60X0542811101000000123456",
		}},
		domain.DefineCategory{Creditor: town, Category: scuola, Name: "Refezione", At: day(1)},
		domain.DefineService{Creditor: town, Code: mensa, Service: domain.Service{Name: "Mensa", Taxonomy: "9/0107101TS/"}, At: day(1)},
		domain.DefineService{Creditor: town, Code: postScu, Service: domain.Service{Name: "Post", Taxonomy: "9/0107101TS/"}, At: day(1)},
	} {
		h.must(h.Creditor(h.Context(), by(fmt.Sprint(town, i)), cmd))
	}
}

func (h *history) family(i int, parent domain.ParentID, child domain.ConsumerID, town domain.FiscalCode) {
	h.Helper()
	p := domain.Person{GivenName: "Tizio", FamilyName: "Esempio", Email: fmt.Sprintf("p%d@example.org", i), Username: fmt.Sprintf("parent.%d", i)}
	for check := 'A'; check <= 'Z'; check++ { // one of these is the check character
		if code, err := domain.ParsePersonCode(fmt.Sprintf("SMPTZI80A01H%03d%c", i, check)); err == nil {
			p.FiscalCode = code
		}
	}
	h.must(h.RegisterParent(h.Context(), by(parent.String()), domain.RegisterParent{Parent: parent, Person: p, At: day(1)}))
	h.must(h.Consumer(h.Context(), by(child.String()), domain.EnrolConsumer{
		Consumer: child, Creditor: town, Child: domain.Child{GivenName: "Bimbo", FamilyName: "Esempio"}, School: "Primaria", At: day(1),
	}))
	h.must(h.Consumer(h.Context(), by(child.String()+"link"), domain.LinkParent{Consumer: child, Parent: parent, At: day(1)}))
}

func (h *history) must(_ ledger.Outcome, err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

// owe issues a bulletin for tizio or caia on a day, and sends it.
func (h *history) owe(word string, town domain.FiscalCode, on int, lines ...domain.Line) domain.NoticeNumber {
	h.Helper()
	parent := tizio
	if lines[0].Consumer == bruno {
		parent = caia
	}
	issued, err := h.IssueBulletin(h.Context(), by(word), domain.IssueBulletin{
		Creditor: town, Parent: parent, Category: scuola, Lines: lines, Period: domain.Period{From: "2020-01-01", To: "2020-01-31"},
		Due: "2020-02-20", Causale: "Servizi vari", At: day(on),
	})
	if err != nil {
		h.Fatal(err)
	}
	h.must(h.Bulletin(h.Context(), by(word+" sent"), domain.SendBulletin{Creditor: town, Notice: issued.Notice, At: day(on)}))
	return issued.Notice
}

// paid brings a receipt for what was paid on a day.
func (h *history) paid(id domain.ReceiptID, town domain.FiscalCode, notice domain.NoticeNumber, amount domain.Money, on int) {
	h.Helper()
	h.must(h.Receive(h.Context(), ledger.Receipt{
		Creditor: town, ID: id, Notice: notice, Amount: amount, PSP: domain.PSP{ID: "ABI", Name: "Banca"},
		PaidAt: day(on), Channel: domain.ChannelPaForNode, Raw: []byte("<receipt>" + string(id)),
	}))
}

// ticked puts bulletins of a town into the cart.
func (h *history) ticked(town domain.FiscalCode, on int, notices ...domain.NoticeNumber) {
	h.Helper()
	h.must(h.Select(h.Context(), by("select"), ledger.Selection{
		Payment: cart, Creditor: town, Parent: tizio, Category: scuola, Notices: notices, Saldo: -5733, At: day(on),
	}))
}

func line(child domain.ConsumerID, service domain.ServiceCode, amount domain.Money) domain.Line {
	return domain.Line{Consumer: child, Service: service, Amount: amount}
}

// shelf returns a copy of the log that can be altered.
func (h *history) shelf() shelf {
	h.Helper()
	var s shelf
	for rec, err := range h.log.ReadAll(context.Background(), 0) {
		if err != nil {
			h.Fatal(err)
		}
		s = append(s, rec)
	}
	return s
}

// steps replays a range of a log.
func steps(t *testing.T, log eventstore.Reader, r audit.Range) []audit.Step {
	t.Helper()
	var all []audit.Step
	for step, err := range audit.Replay(t.Context(), log, r) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, step)
	}
	return all
}

// balances folds a range of a log.
func balances(t *testing.T, log eventstore.Reader, r audit.Range) audit.Balances {
	t.Helper()
	b, err := audit.BalancesOf(t.Context(), log, r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
