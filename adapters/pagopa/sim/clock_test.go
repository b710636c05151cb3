package sim_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/adapters/pagopa/sim"
)

// advance puts the clock forward by the API.
func (p *platform) advance(by string) {
	p.t.Helper()
	if a := p.do(p.request(http.MethodPost, "/api/clock", "application/json", `{"advance":"`+by+`"}`)); a.status != http.StatusOK {
		p.t.Fatalf("status %d: %s", a.status, a.body)
	}
}

func TestAReceiptLateByDaysArrivesWhenTheClockIsPutForward(t *testing.T) {
	b := newBody(t)
	p := newPlatform(t, b)
	p.set(`{"next":{"receiptDelay":"72h"}}`)
	p.paid(post)
	p.advance("71h59m59s")
	if got := p.receipts()[0].State; got != string(sim.Waiting) {
		t.Fatalf("too early: %s", got)
	}
	p.advance("1s")
	if r := b.next(); r.PaymentDateTime != "2020-02-12T10:31:07" {
		t.Errorf("paid at %s", r.PaymentDateTime)
	}
	p.settled()
	p.see("/stato", "15/02/2020 10:31:07")
}

func TestTheClockGoesForwardOnly(t *testing.T) {
	p := newPlatform(t, newBody(t))
	for _, req := range []string{`{}`, `{"advance":"0s"}`, `{"advance":"-1s"}`, `{"advance":"9000h"}`, `{"to":"2020-02-12T09:31:07Z"}`,
		`{"advance":"x"}`, `{"leap":"ieri"}`, `{"leap":"flusso"}`, `{"back":"1h"}`, `[]`} {
		if a := p.do(p.request(http.MethodPost, "/api/clock", "application/json", req)); a.status != http.StatusBadRequest {
			t.Errorf("%s: status %d", req, a.status)
		}
	}
	if got := p.sim.Now(); !got.Equal(clock()) {
		t.Errorf("it is %v", got)
	}
	if err := p.sim.Advance(sim.MaxAdvance + 1); err == nil {
		t.Error("further than allowed")
	}
}

func TestTheClocksPageLeapsToWhatIsNext(t *testing.T) {
	b := newBody(t)
	p := newPlatform(t, b)
	for _, c := range []struct{ leap, want string }{
		{"ora", "12/02/2020 11:31:07"}, {"chiusura", "12/02/2020 13:00:00"}, {"giorno", "13/02/2020 13:00:00"},
	} {
		p.send("/orologio", form("a", c.leap), "/orologio")
		p.see("/orologio", c.want)
	}
	if a := p.see("/orologio"); strings.Contains(a.body, "Prossimo accredito") {
		t.Error("nothing was paid, and a credit is offered")
	}
	p.paid(post) // Thursday at 13:00: Friday's, so the money comes on Monday
	b.next()
	p.send("/orologio", form("a", "accredito"), "/orologio")
	p.see("/orologio", "17/02/2020 08:00:00")
	p.send("/orologio", form("a", "flusso"), "/orologio")
	p.see("/orologio", "18/02/2020 02:30:00")
	p.send("/orologio", form("secondi", "90"), "/orologio")
	p.see("/orologio", "18/02/2020 02:31:30")
	for _, f := range []string{"", "0", "-1", "x", "99999999"} {
		a := p.post("/orologio", form("secondi", f))
		if a.status != http.StatusUnprocessableEntity {
			t.Errorf("%q: status %d", f, a.status)
		}
		a.says(t, "L'orologio va solo avanti")
	}
}

func TestTheClockGoesOnFromWhereItWasPut(t *testing.T) {
	now := clock()
	p := newPlatform(t, newBody(t), func(c *sim.Config) { c.Clock = func() time.Time { return now } })
	p.advance("1h")
	now = now.Add(time.Minute)
	if got := p.sim.Now().Sub(clock()); got != 61*time.Minute {
		t.Errorf("%v later", got)
	}
}
