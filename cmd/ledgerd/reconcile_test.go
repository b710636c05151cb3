package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/adapters/pagopa/fdr"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

// tell gives the simulated platform an order.
func (d *demo) tell(t *testing.T, path, body string) {
	t.Helper()
	res, err := http.Post(d.platform+path, "application/json", bytes.NewBufferString(body))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", path, res.Status)
	}
}

// A parent pays; the platform's flow and the treasurer's giornale are fetched and
// reconciled by themselves: the money goes from transit to the bank.
func TestThePaymentsOfTheDemonstrationReconcileThemselves(t *testing.T) {
	d := startDemo(t)
	v := newVisitor(t)
	v.enter(d)
	before := d.accounts(t)
	v.cart(d)
	v.press("Paga tramite pagoPA")
	v.payWithCard()
	var paid domain.Money
	eventually(t, "the payment to be in transit", func() bool {
		paid = d.accounts(t).balance(domain.AccountTransit) - before.balance(domain.AccountTransit)
		return paid > 0
	})
	d.tell(t, "/api/clock", `{"advance":"240h"}`)
	eventually(t, "the money to be at the bank", func() bool {
		now := d.accounts(t)
		return now.balance(domain.AccountBank)-before.balance(domain.AccountBank) == paid &&
			now.balance(domain.AccountTransit) == before.balance(domain.AccountTransit)
	})
	d.balanced(t)
	d.sound(t)

	officer := newVisitor(t)
	officer.enterAs(d, "ragioneria", demoStaffPassword)
	officer.is(http.StatusOK, "Riconciliazione", "Flussi di pagoPA (REST)", "Tesoreria simulata", "riuscita")
	officer.visit(d.portal + "/riconciliazione?" + url.Values{
		"dal": {time.Now().Format(time.DateOnly)}, "al": {time.Now().AddDate(0, 0, 20).Format(time.DateOnly)}, // by the platform's clock
	}.Encode())
	officer.is(http.StatusOK, "Quadrato", "niente da lavorare", "0,00 €")
	settled := facts[domain.PaymentSettled](t, d)[0]
	officer.visit(d.portal + "/riconciliazione/cerca?" + url.Values{"testo": {string(settled.Notice)}}.Encode())
	officer.is(http.StatusOK, "Dov'è il mio pagamento?", string(settled.Receipt), settled.Flow, "In banca")
	officer.visit(d.portal + "/riconciliazione/movimento?" + url.Values{"id": {settled.Movement}}.Encode())
	officer.is(http.StatusOK, "Chi ha pagato questo accredito?", settled.Flow, string(settled.Notice.IUV()))
	officer.follow("Il suo flusso")
	officer.fill("motivo", "Controllato con la tesoreria")
	officer.press("Aggiungi la nota")
	officer.is(http.StatusOK, "Nota aggiunta", "Controllato con la tesoreria")
	officer.fill("motivo", "Abbinato per errore")
	officer.tick("movimento", settled.Movement)
	officer.press("Annulla l'abbinamento")
	officer.is(http.StatusOK, "Abbinamento annullato", "0,00 €")
	eventually(t, "the money to be in transit again", func() bool {
		return d.accounts(t).balance(domain.AccountTransit)-before.balance(domain.AccountTransit) == paid
	})
	d.balanced(t)
	a, err := office{d.portal, demoDeskToken}.get(t.Context(), town+"/reconciliation", 0)
	if err != nil || a.status != http.StatusOK {
		t.Errorf("the same by API: %d %s: %v", a.status, a.body, err)
	}
}

// shelf is a platform with flows, or none that answers.
type flowShelf struct {
	list []fdr.Listed
	fail error
	asks int
}

func (s *flowShelf) List(context.Context, domain.FiscalCode, time.Time) ([]fdr.Listed, error) {
	s.asks++
	return s.list, s.fail
}

func (s *flowShelf) Fetch(_ context.Context, _ domain.FiscalCode, f fdr.Listed) ([]byte, error) {
	if f.ID == "lost" {
		return nil, errors.New("not there")
	}
	return []byte(f.ID), nil
}

// collecting returns a collector of a shelf and a folder, and what it took in.
func collecting(t *testing.T, shelf *flowShelf) (*collector, *[]string) {
	var took []string
	return &collector{
		sources: []flowSource{{domain.ChannelSOAP, demoCreditor, shelf}}, body: demoCreditor, folder: t.TempDir(), now: time.Now,
		last: make(map[string]collected), have: make(map[fdr.Listed]bool), size: make(map[string]int64),
		failed: func(source string, err error) { slog.New(slog.DiscardHandler).Error(source, "error", err) },
		take: func(_ context.Context, _ string, d ledger.Document) ([]ledger.Imported, error) {
			took = append(took, d.Channel+" "+string(d.Raw))
			got := ledger.Imported{}
			if string(d.Raw) == "bad" {
				got.Quarantined = "riga 1"
			}
			return []ledger.Imported{got}, nil
		},
	}, &took
}

func TestCollectingSaysWhenItRanAndHowItWent(t *testing.T) {
	shelf := &flowShelf{list: []fdr.Listed{{ID: "a"}, {ID: "lost"}, {ID: "b"}}}
	c, took := collecting(t, shelf)
	c.collect(t.Context())
	c.collect(t.Context())
	if len(*took) != 2 || shelf.asks != 2 {
		t.Errorf("took %v", *took)
	}
	last := c.Last()["soap "+string(demoCreditor)]
	if last.At.IsZero() || last.Error == "" || last.Took != 0 {
		t.Errorf("a flow that cannot be fetched keeps no other back, and is not hidden: %+v", last)
	}
	shelf.list, shelf.fail = nil, errors.New("the platform is away")
	c.collect(t.Context())
	if last := c.Last()["soap "+string(demoCreditor)]; last.Error != "the platform is away" {
		t.Errorf("%+v", last)
	}
}

func TestFilesOfTheFolderAreTakenOnceTheyAreWhole(t *testing.T) {
	c, took := collecting(t, &flowShelf{})
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(c.folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("good.xml", "go")
	write("bad.xml", "bad")
	write(".hidden", "x")
	c.collect(t.Context())
	write("good.xml", "good")
	c.collect(t.Context())
	if last := c.Last()["folder"]; last.Took != 0 || last.Refused != 1 {
		t.Errorf("what is put away counts as read: %+v", last)
	}
	if len(*took) != 1 || (*took)[0] != "folder bad" {
		t.Errorf("took %v: one still grew", *took)
	}
	c.collect(t.Context())
	if last := c.Last()["folder"]; last.Took != 1 || last.Refused != 0 {
		t.Errorf("of the last round: %+v", last)
	}
	for _, moved := range []string{"importati/good.xml", "scartati/bad.xml", ".hidden"} {
		if _, err := os.Stat(filepath.Join(c.folder, moved)); err != nil {
			t.Error(err)
		}
	}
	c.folder = filepath.Join(c.folder, "nowhere")
	c.collect(t.Context())
	if last := c.Last()["folder"]; last.Error == "" || last.Took != 0 {
		t.Error("a folder that is not there is not told of")
	}
}

func TestHowCollectingWentIsKnownToTheNextProcess(t *testing.T) {
	shelf := &flowShelf{list: []fdr.Listed{{ID: "a"}}, fail: errors.New("the platform is away")}
	c, _ := collecting(t, shelf)
	record := filepath.Join(t.TempDir(), "collector.json")
	if err := c.restore(record); err != nil {
		t.Fatal(err)
	}
	c.collect(t.Context())
	next, _ := collecting(t, shelf)
	if err := next.restore(record); err != nil {
		t.Fatal(err)
	}
	key := "soap " + string(demoCreditor)
	before, after := c.Last()[key], next.Last()[key]
	if !after.At.Equal(before.At) || after.Took != 1 || after.Error != "the platform is away" {
		t.Errorf("%+v, want %+v", after, before)
	}
	if failing := next.failing(); len(failing) != 1 || !strings.Contains(failing[0], key) || !strings.Contains(failing[0], "the platform is away") {
		t.Errorf("failing: %q", failing)
	}
	shelf.fail = nil
	next.collect(t.Context())
	if failing := next.failing(); len(failing) != 0 {
		t.Errorf("failing still: %q", failing)
	}
	if err := os.WriteFile(record, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := next.restore(record); err == nil {
		t.Error("a record that is no JSON was taken for one")
	}
	if own := c.of(demoCreditor); len(own) != 2 || own[0].key != key || own[1].key != domain.ChannelFolder || len(c.of("12345678903")) != 0 {
		t.Errorf("a source is not that of its body alone: %+v", own)
	}
	next.sources = nil
	if failing := next.failing(); len(failing) != 0 {
		t.Errorf("a source that is asked no more fails: %q", failing)
	}
}
