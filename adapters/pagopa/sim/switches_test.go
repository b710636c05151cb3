package sim_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/adapters/pagopa/sim"
	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
)

// set puts the switches by the API.
func (p *platform) set(positions string) {
	p.t.Helper()
	if a := p.do(p.request(http.MethodPut, "/api/switches", "application/json", positions)); a.status != http.StatusOK {
		p.t.Fatalf("status %d: %s", a.status, a.body)
	}
}

// leadsTo expects the outcome's way back.
func (p *platform) leadsTo(path, where string) {
	p.t.Helper()
	if a := p.get(path + "/esito"); !strings.Contains(a.body, `href="`+portal+where+`"`) {
		p.t.Errorf("the outcome does not lead to %s: %s", where, a.text())
	}
}

func TestARefusedPaymentHasNoReceiptAndTheNextOneIsGood(t *testing.T) {
	b := newBody(t)
	p := newPlatform(t, b)
	p.set(`{"next":{"refuse":true}}`)
	path := p.paid(post)
	p.see(path+"/esito", "Pagamento rifiutato", "Non ti è stato addebitato nulla")
	p.leadsTo(path, "errore")
	if got := p.receipts(); len(got) != 0 {
		t.Errorf("receipts %v", got)
	}
	p.leadsTo(p.paid(post), "ok")
	b.next()
}

func TestSwitchesForAllStayOn(t *testing.T) {
	p := newPlatform(t, newBody(t))
	p.set(`{"always":{"refuse":true}}`)
	for range 2 {
		p.leadsTo(p.paid(post), "errore")
	}
}

func TestACardThatIsAlwaysDeclinedIsRefused(t *testing.T) {
	p := newPlatform(t, newBody(t))
	path := p.agreed(post)
	p.send(path+"/carta", card("numero", "4000000000000002"), path+"/riepilogo")
	p.send(path+"/riepilogo", nil, path+"/esito")
	p.see(path+"/esito", "Pagamento rifiutato")
}

func TestAnAbandonedPaymentLeadsToTheWaitingAddress(t *testing.T) {
	b := newBody(t)
	p := newPlatform(t, b)
	p.set(`{"next":{"abandon":true}}`)
	path := p.paid(post)
	p.see(path+"/esito", "Stiamo verificando il pagamento", "Non pagare di nuovo")
	p.leadsTo(path, "attesa")
	if got := p.receipts(); len(got) != 0 {
		t.Errorf("receipts %v", got)
	}

	p.set(`{"next":{"abandon":true,"receiptDelay":"1ms"}}`)
	p.leadsTo(p.paid(post), "attesa")
	b.next() // late, but it comes
}

func TestAVersion1CartWithoutOutcomeEndsAsAnError(t *testing.T) {
	p := newPlatform(t, newBody(t))
	p.set(`{"always":{"abandon":true}}`)
	path := strings.TrimPrefix(p.cart("v1", cartJSON(post)).location, p.url)
	p.see(path)
	p.send(path+"/email", form("email", "a@example.it", "conferma", "a@example.it"), path+"/privacy")
	p.send(path+"/privacy", form("accetto", "si"), path+"/metodo")
	p.send(path+"/conto", form("banca", scrigno), path+"/riepilogo")
	p.send(path+"/riepilogo", nil, path+"/esito")
	p.leadsTo(path, "errore")
}

func TestAReceiptSentTwiceIsTheSameReceipt(t *testing.T) {
	b := newBody(t)
	p := newPlatform(t, b)
	p.set(`{"next":{"receiptTwice":true}}`)
	p.paid(post)
	same(t, b.next(), b.next())
}

func TestAnotherReceiptIsASecondPaymentOfTheNotice(t *testing.T) {
	b := newBody(t)
	p := newPlatform(t, b)
	p.set(`{"next":{"otherReceipt":true}}`)
	p.paid(post)
	first, second := b.next(), b.next()
	if first.ID == second.ID || first.Notice != second.Notice || first.Amount != second.Amount {
		t.Errorf("%+v and %+v", first, second)
	}
}

func TestAWrongAmountIsInTheReceiptAlone(t *testing.T) {
	b := newBody(t)
	p := newPlatform(t, b)
	p.set(`{"next":{"wrongAmount":true}}`)
	path := p.paid(post)
	p.see(path+"/esito", "57,33 €")
	if r := b.next(); r.Amount != 5833 || r.Transfers[0].Amount != 5833 {
		t.Errorf("receipt of %v, transfer of %v", r.Amount, r.Transfers[0].Amount)
	}
}

func TestAStationThatIsDownAnswersNothing(t *testing.T) {
	b := newBody(t)
	p := newPlatform(t, b)
	p.set(`{"always":{"stationDown":true}}`)
	a := p.get(p.window(post))
	if a.status != http.StatusBadGateway {
		t.Errorf("status %d", a.status)
	}
	a.says(t, "non è raggiungibile", "PPT_STAZIONE_INT_PA_IRRAGGIUNGIBILE", "Riprova")
	if got := b.requests(); len(got) != 0 {
		t.Errorf("the station was asked %d times", len(got))
	}
}

func TestOfOnePaymentItIsTheReceiptThatAStationDownMissesFirst(t *testing.T) {
	b := newBody(t)
	p := newPlatform(t, b)
	p.set(`{"next":{"stationDown":true}}`)
	p.leadsTo(p.paid(post), "ok")
	b.next()
	all := p.settled()
	if len(all[0].Attempts) != 2 || all[0].Attempts[0].Problem == "" || all[0].Attempts[1].Problem != "" {
		t.Errorf("attempts %v", all[0].Attempts)
	}
}

func TestADelayedReceiptWaits(t *testing.T) {
	b := newBody(t)
	p := newPlatform(t, b)
	p.set(`{"next":{"receiptDelay":"24h"}}`)
	p.leadsTo(p.paid(post), "ok")
	all := p.receipts()
	if len(all) != 1 || all[0].State != string(sim.Waiting) || len(all[0].Attempts) != 0 {
		t.Fatalf("receipts %+v", all)
	}
	p.see("/stato", "In attesa", "13/02/2020 10:31")
	p.send("/stato/1/invia", nil, "/stato")
	b.next()
}

func TestAReceiptThatIsRefusedIsNotSentAgain(t *testing.T) {
	b := newBody(t)
	b.set(func(b *body) { b.reject = true })
	p := newPlatform(t, b)
	p.paid(post)
	b.next()
	all := p.settled()
	if all[0].State != string(sim.Refused) || !strings.Contains(all[0].Attempts[0].Problem, string(soap.FaultReceiptDuplicate)) {
		t.Errorf("receipt %+v", all[0])
	}
	p.see("/stato", "Consegnata, risposta KO")
}

func TestAReceiptThatIsNotDeliveredIsSentAgainAndParkedInTheEnd(t *testing.T) {
	b := newBody(t)
	p := newPlatform(t, b) // two pauses: three attempts
	b.set(func(b *body) { b.down = 2 })
	p.paid(post)
	b.next()
	b.set(func(b *body) { b.down = 3 })
	p.paid(mensa)
	all := p.settled()
	if all[0].State != string(sim.Parked) || len(all[0].Attempts) != 3 {
		t.Errorf("receipt %+v", all[0])
	}
	if all[1].State != string(sim.Delivered) || len(all[1].Attempts) != 3 {
		t.Errorf("receipt %+v", all[1])
	}
	p.see("/stato", "Consegnate 1, in attesa 0, sospese 1")
	p.send("/stato/2/invia", nil, "/stato")
	if r := b.next(); r.Notice != mensa {
		t.Errorf("receipt of %s", r.Notice)
	}
}

func TestTheSwitchesPageSetsWhatTheAPIShows(t *testing.T) {
	p := newPlatform(t, newBody(t))
	p.send("/interruttori", form("sempre-importo", "si", "sempre-ritardo", "0", "prossimo-doppia", "si", "prossimo-ritardo", "90"), "/interruttori")
	got := p.get("/api/switches").body
	for _, want := range []string{`"wrongAmount": true`, `"receiptTwice": true`, `"receiptDelay": "1m30s"`} {
		if strings.Count(got, want) != 1 {
			t.Errorf("not once %s in %s", want, got)
		}
	}
	page := p.see("/interruttori", "Per tutti i pagamenti", "Solo per il prossimo pagamento").body
	if n := strings.Count(page, `checked="checked"`); n != 2 {
		t.Errorf("%d boxes are ticked", n)
	}
	a := p.post("/interruttori", form("sempre-ritardo", "presto", "prossimo-ritardo", "0"))
	if a.status != http.StatusUnprocessableEntity {
		t.Errorf("status %d", a.status)
	}
	a.says(t, "Inserisci i secondi di ritardo")
}

func TestSwitchesThatDoNotExistAreRefused(t *testing.T) {
	p := newPlatform(t, newBody(t))
	for _, positions := range []string{`{"always":{"refuseAll":true}}`, `{"next":{"receiptDelay":"-1s"}}`, `{"next":{"receiptDelay":"1000h"}}`, `[]`} {
		if a := p.do(p.request(http.MethodPut, "/api/switches", "application/json", positions)); a.status != http.StatusBadRequest {
			t.Errorf("%s: status %d", positions, a.status)
		}
	}
}

// settled waits until no receipt is waiting or under way.
func (p *platform) settled() []receiptState {
	p.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		all, open := p.receipts(), false
		for _, r := range all {
			open = open || r.State == string(sim.Waiting) || r.State == string(sim.Sending)
		}
		if !open {
			return all
		}
		time.Sleep(5 * time.Millisecond) // over a real socket there is nothing to wait on
	}
	p.t.Fatalf("receipts still on their way: %+v", p.receipts())
	return nil
}
