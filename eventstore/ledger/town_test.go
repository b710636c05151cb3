package ledger_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/embedded"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// The invented town of these tests.
const (
	comune    domain.FiscalCode   = "12345678903"
	refezione domain.CategoryCode = "REFEZIONE"
	trasporto domain.CategoryCode = "TRASPORTO"
	mensa     domain.ServiceCode  = "MENSA"
	postScu   domain.ServiceCode  = "POST-SCUOLA"
	nowhere   domain.FiscalCode   = "00000000000"
	unissued  domain.NoticeNumber = "301999999999999982"
)

var (
	tizio = domain.ParentID{UUID: named("tizio")}
	caia  = domain.ParentID{UUID: named("caia")}
	anna  = domain.ConsumerID{UUID: named("anna")}
	bruno = domain.ConsumerID{UUID: named("bruno")}

	at    = time.Date(2020, 2, 3, 9, 0, 0, 0, time.UTC)
	later = at.Add(9 * 24 * time.Hour)
)

// named makes an id of a word.
func named(word string) uuid.UUID { return uuid.NewSHA1(uuid.NameSpaceURL, []byte(word)) }

// by is the envelope of the command so called.
func by(word string) eventstore.Envelope {
	return eventstore.Envelope{Command: named(word), Actor: "office"}
}

// town is a ledger on a log in memory.
type town struct {
	*testing.T
	*ledger.Ledger
	log   *embedded.Log
	vault *vault
}

// newTown is a town with a creditor, its services, two parents and a child each.
func newTown(t *testing.T) *town {
	x := emptyTown(t)
	must(x.Creditor(t.Context(), by("comune"), domain.RegisterCreditor{At: at, Profile: domain.CreditorProfile{
		FiscalCode: comune, Name: "Comune di Esempio", Broker: "00000000111", Station: "00000000111_01",
		Segregation: 1, CBILL: "ABC12", IBAN: "IT60X0542811101000000123456",
	}}))(t)
	for _, c := range []domain.CategoryCode{refezione, trasporto} {
		must(x.Creditor(t.Context(), by(string(c)), domain.DefineCategory{Creditor: comune, Category: c, Name: "Servizi", At: at}))(t)
	}
	for _, s := range []domain.ServiceCode{mensa, postScu} {
		must(x.Creditor(t.Context(), by(string(s)), domain.DefineService{
			Creditor: comune, Code: s, Service: domain.Service{Name: "Servizio", Taxonomy: "9/0107101TS/"}, At: at,
		}))(t)
	}
	for i, p := range []domain.ParentID{tizio, caia} {
		must(x.RegisterParent(t.Context(), by(p.String()), domain.RegisterParent{Parent: p, Person: person(t, i), At: at}))(t)
	}
	for c, p := range map[domain.ConsumerID]domain.ParentID{anna: tizio, bruno: caia} {
		must(x.Consumer(t.Context(), by(c.String()), domain.EnrolConsumer{
			Consumer: c, Creditor: comune, Child: domain.Child{GivenName: "Bimbo", FamilyName: "Esempio"}, School: "Primaria", At: at,
		}))(t)
		must(x.Consumer(t.Context(), by(c.String()+p.String()), domain.LinkParent{Consumer: c, Parent: p, At: at}))(t)
	}
	return x
}

func emptyTown(t *testing.T) *town {
	log, err := embedded.Open("log", embedded.Options{FS: vfs.NewMem()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := log.Close(); err != nil {
			t.Error(err)
		}
	})
	v := &vault{erased: make(map[uuid.UUID]bool)}
	return &town{t, ledger.New(log, v, clock), log, v}
}

// office is another process on the town's log.
func (x *town) office() *ledger.Ledger { return ledger.New(x.log, x.vault, clock) }

var ticks atomic.Int64

// clock never says the same time twice.
func clock() time.Time { return at.Add(time.Duration(ticks.Add(1)) * time.Millisecond) }

// must fails the test unless a command was carried out.
func must(out ledger.Outcome, err error) func(*testing.T) ledger.Outcome {
	return func(t *testing.T) ledger.Outcome {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}

// person is the i-th of the town's adults.
func person(t *testing.T, i int) domain.Person {
	t.Helper()
	p := domain.Person{
		GivenName: "Tizio", FamilyName: "Esempio", Email: fmt.Sprintf("parent%d@example.org", i), Username: fmt.Sprintf("parent.%d", i),
	}
	for check := 'A'; check <= 'Z'; check++ { // one of these is the check character
		if code, err := domain.ParsePersonCode(fmt.Sprintf("SMPTZI80A01H%03d%c", i, check)); err == nil {
			p.FiscalCode = code
			return p
		}
	}
	t.Fatal("no check character fits")
	return p
}

// bulletin is what tizio owes for anna.
func bulletin(amount domain.Money) domain.IssueBulletin {
	return domain.IssueBulletin{
		Creditor: comune, Parent: tizio, Category: refezione, At: at, Due: "2020-02-20", Causale: "Servizi vari",
		Lines: []domain.Line{{Consumer: anna, Service: mensa, Amount: amount}}, Period: domain.Period{From: "2020-01-01", To: "2020-01-31"},
	}
}

// caias is what caia owes for bruno.
func caias(amount domain.Money) domain.IssueBulletin {
	c := bulletin(amount)
	c.Parent, c.Lines = caia, []domain.Line{{Consumer: bruno, Service: mensa, Amount: amount}}
	return c
}

// sent issues a bulletin and sends it.
func (x *town) sent(word string, c domain.IssueBulletin) domain.NoticeNumber {
	x.Helper()
	issued, err := x.IssueBulletin(x.Context(), by(word), c)
	if err != nil {
		x.Fatal(err)
	}
	must(x.Bulletin(x.Context(), by(word+" sent"), domain.SendBulletin{Creditor: comune, Notice: issued.Notice, At: at}))(x.T)
	return issued.Notice
}

// ricevuta is a receipt for a notice.
func ricevuta(id domain.ReceiptID, notice domain.NoticeNumber, amount domain.Money) ledger.Receipt {
	return ledger.Receipt{
		Creditor: comune, ID: id, Notice: notice, Amount: amount, PSP: domain.PSP{ID: "ABI03069", Name: "Banca"},
		PaidAt: later, Channel: domain.ChannelPaForNode, Raw: fmt.Appendf(nil, "<receipt>%s %s</receipt>", id, notice),
	}
}

// entry is an event and what it says.
type entry struct {
	eventstore.Recorded
	fact domain.Event
}

// entries reads the log, or a stream of it, with the vault's keys.
func (x *town) entries(stream eventstore.Stream) []entry {
	x.Helper()
	reg := wire.New(x.vault)
	events := x.log.ReadAll(context.Background(), 0)
	if stream != "" {
		events = x.log.Read(context.Background(), stream, 0)
	}
	var all []entry
	for rec, err := range events {
		if err != nil {
			x.Fatal(err)
		}
		fact, err := reg.Decode(context.Background(), rec)
		if err != nil {
			x.Fatal(err)
		}
		all = append(all, entry{rec, fact})
	}
	return all
}

// facts are what a stream says.
func (x *town) facts(stream eventstore.Stream) []domain.Event {
	x.Helper()
	var all []domain.Event
	for _, e := range x.entries(stream) {
		all = append(all, e.fact)
	}
	return all
}

// count counts the events of one type in the whole log.
func count[E domain.Event](x *town) (n int) {
	x.Helper()
	for _, e := range x.entries("") {
		if _, ok := e.fact.(E); ok {
			n++
		}
	}
	return n
}

// end is where the log ends: what adds nothing leaves it there.
func (x *town) end() eventstore.Position {
	x.Helper()
	end, err := x.log.End(context.Background())
	if err != nil {
		x.Fatal(err)
	}
	return end
}

// chained checks the chain of every stream.
func (x *town) chained() {
	x.Helper()
	heads := make(map[eventstore.Stream]eventstore.Hash)
	for _, e := range x.entries("") {
		var err error
		if heads[e.Stream], err = eventstore.VerifyLink(heads[e.Stream], e.Recorded); err != nil {
			x.Errorf("the chain is broken: %v", err)
		}
	}
}

// crowd runs n at once and waits for them.
func crowd(n int, run func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { run(i) })
	}
	all.Wait()
}
