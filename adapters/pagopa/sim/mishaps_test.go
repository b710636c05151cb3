package sim_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/adapters/pagopa/sim"
	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
)

func TestAnAnswerThatIsTooLateDidItsWork(t *testing.T) {
	b := newBody(t)
	p := newPlatform(t, b)
	p.set(`{"next":{"timeout":true}}`)
	p.paid(post)
	same(t, b.next(), b.next()) // the first was received, and came again all the same
	all := p.settled()
	if len(all[0].Attempts) != 2 || !strings.Contains(all[0].Attempts[0].Problem, "too late") || all[0].State != string(sim.Delivered) {
		t.Errorf("%+v", all[0])
	}
}

func TestABodyThatIsAlwaysLateCannotBePaid(t *testing.T) {
	b := newBody(t)
	p := newPlatform(t, b)
	p.set(`{"always":{"timeout":true}}`)
	a := p.get(p.window(post))
	if a.status != http.StatusBadGateway || len(b.requests()) != 1 {
		t.Errorf("status %d, %d requests", a.status, len(b.requests()))
	}
	a.says(t, "PPT_STAZIONE_INT_PA_TIMEOUT", "non ha risposto in tempo")
}

// The body of these tests fails on a document that it cannot read, so this one
// looks at the bytes.
func TestABrokenDocumentIsSentFirstAndAGoodOneAfterIt(t *testing.T) {
	b := newBody(t)
	b.broken = 1
	p := newPlatform(t, b)
	p.set(`{"next":{"corruptXML":true}}`)
	p.paid(post)
	if r := b.next(); r.Notice != post {
		t.Errorf("receipt of %s", r.Notice)
	}
	if all := p.settled(); len(all[0].Attempts) != 2 || all[0].Attempts[0].Problem == "" {
		t.Errorf("%+v", all[0])
	}
	b.set(func(b *body) {
		if b.broken != 0 {
			t.Error("no broken document came")
		}
	})
}

func TestAKOIsSentAgainWhereTheSwitchSaysSo(t *testing.T) {
	b := newBody(t)
	b.set(func(b *body) { b.reject = true })
	p := newPlatform(t, b)
	p.set(`{"next":{"retryKO":true}}`)
	p.paid(post)
	for range 3 { // two pauses
		b.next()
	}
	if all := p.settled(); all[0].State != string(sim.Parked) || len(all[0].Attempts) != 3 {
		t.Errorf("%+v", all[0])
	}
}

func TestALostReceiptIsSentWhenSomebodyAsks(t *testing.T) {
	b := newBody(t)
	p := newPlatform(t, b)
	p.set(`{"next":{"receiptLost":true}}`)
	p.leadsTo(p.paid(post), "ok")
	if all := p.settled(); all[0].State != string(sim.Parked) || len(all[0].Attempts) != 0 {
		t.Fatalf("%+v", all[0])
	}
	p.send("/stato/1/invia", nil, "/stato")
	b.next()
}

func TestSwitchesOfANoticeAreForItsNextPaymentAlone(t *testing.T) {
	b := newBody(t)
	p := newPlatform(t, b)
	put := p.do(p.request(http.MethodPut, "/api/switches/"+string(mensa), "application/json", `{"wrongAmount":true}`))
	if put.status != http.StatusOK {
		t.Fatalf("status %d: %s", put.status, put.body)
	}
	p.paid(post)
	if r := b.next(); r.Amount != 5733 {
		t.Errorf("another notice: %v", r.Amount)
	}
	p.paid(post, mensa)
	amounts := map[string]string{}
	for range 2 {
		r := b.next()
		amounts[string(r.Notice)] = r.Amount.String()
	}
	if amounts[string(post)] != "57.33" || amounts[string(mensa)] != "40.13" {
		t.Errorf("%v", amounts)
	}
	p.paid(mensa)
	if r := b.next(); r.Amount != 3913 {
		t.Errorf("the payment after: %v", r.Amount)
	}
}

func TestSwitchesOfANoticeAreSetOnThePageAndTakenAway(t *testing.T) {
	p := newPlatform(t, newBody(t))
	set := form("avviso", "3010 0000 0000 0042 85", "avviso-rifiuta", "si", "avviso-ritardo", "60", "avviso-esito", "9")
	p.send("/interruttori/avviso", set, "/interruttori")
	p.see("/interruttori", string(post), "Pagamento rifiutato; Ricevuta in ritardo di 60 secondi; Esito 9 nel flusso")
	p.send("/interruttori", form("sempre-ritardo", "0", "prossimo-ritardo", "0", "occupato", "0"), "/interruttori")
	if got := p.get("/api/switches").body; !strings.Contains(got, string(post)) {
		t.Errorf("the other form forgets the notice: %s", got)
	}
	p.leadsTo(p.paid(post), "errore")
	p.send("/interruttori/avviso", set, "/interruttori")
	p.send("/interruttori/avviso", form("avviso", string(post), "avviso-ritardo", "0"), "/interruttori")
	if got := p.get("/api/switches").body; strings.Contains(got, string(post)) {
		t.Errorf("the notice still has switches: %s", got)
	}
	a := p.post("/interruttori/avviso", form("avviso", "301", "avviso-ritardo", "x"))
	if a.status != http.StatusUnprocessableEntity {
		t.Errorf("status %d", a.status)
	}
	a.says(t, "sono 18 cifre", "secondi di ritardo")
}

func TestSwitchesThatCannotBeAreRefused(t *testing.T) {
	p := newPlatform(t, newBody(t))
	for path, positions := range map[string]string{
		"/api/switches":                    `{"busy":-1}`,
		"/api/switches?1":                  `{"notices":{"301":{}}}`,
		"/api/switches?2":                  `{"next":{"lineOutcome":7}}`,
		"/api/switches?3":                  `{"flows":{"wrongEverything":true}}`,
		"/api/switches/301":                `{}`,
		"/api/switches/301000000000004285": `{"lineOutcome":"9"}`,
	} {
		if a := p.do(p.request(http.MethodPut, path, "application/json", positions)); a.status != http.StatusBadRequest {
			t.Errorf("%s %s: status %d", path, positions, a.status)
		}
	}
}

func TestAPaymentWithoutReceiptHasNoneUnlessItIsLate(t *testing.T) {
	b := newBody(t)
	p := newPlatform(t, b)
	p.set(`{"next":{"lineOutcome":9}}`)
	p.leadsTo(p.paid(post), "ok")
	if got := p.receipts(); len(got) != 0 {
		t.Errorf("receipts %v", got)
	}
	p.set(`{"next":{"lineOutcome":9,"receiptDelay":"1ms"}}`)
	p.paid(post)
	if r := b.next(); r.Outcome != soap.OK {
		t.Errorf("%+v", r)
	}
	p.set(`{"next":{"lineOutcome":4}}`)
	p.paid(mensa)
	if r := b.next(); r.StandIn == nil || !*r.StandIn {
		t.Errorf("stand-in is not said: %+v", r)
	}
}
