package sim_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/adapters/pagopa/sim"
	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
)

// everyState opens every page in every state that looks different, and returns
// what came back by a name for it.
func everyState(t *testing.T) (*platform, map[string]answer) {
	t.Helper()
	b, now := newBody(t), clock()
	p := newPlatform(t, b, func(c *sim.Config) { c.Clock = func() time.Time { return now }; c.Pauses = []time.Duration{time.Hour} })
	all := map[string]answer{
		"inizio": p.get("/"), "stato-vuoto": p.get("/stato"), "interruttori": p.get("/interruttori"), "sportello": p.get("/psp"),
		"non-trovata":         p.get("/niente"),
		"sportello-errori":    p.post("/psp", form("numero", "3010", "ente", "1")),
		"sportello-qr-errato": p.post("/psp", form("qr", "ciao")),
		"sportello-ignoto":    p.post("/psp", form("numero", "301000000000009999", "ente", string(creditor))),
		"orologio":            p.get("/orologio"), "orologio-errore": p.post("/orologio", form("secondi", "x")),
		"flussi-vuoto": p.get("/flussi"), "tesoreria-vuota": p.get("/tesoreria"),
		"interruttori-avviso":  p.post("/interruttori/avviso", form("avviso", "301", "avviso-ritardo", "x")),
		"interruttori-errori":  p.post("/interruttori", form("sempre-ritardo", "x", "prossimo-ritardo", "")),
		"benvenuto-due-avvisi": p.get(p.window(post, mensa)),
	}
	p.windowStates(all)
	p.outcomeStates(all)
	p.reportStates(all)
	b.set(func(b *body) { b.refuse = soap.FaultPaid })
	all["impossibile"] = p.get(p.window(post))
	b.set(func(b *body) { b.refuse = "" })
	p.set(`{"always":{"stationDown":true,"receiptDelay":"90s"},"next":{"refuse":true}}`)
	all["impossibile-ora"] = p.get(p.window(post))
	all["interruttori-accesi"] = p.get("/interruttori")
	path := p.window(post)
	now = now.Add(time.Hour)
	all["scaduto"] = p.get(path)
	return p, all
}

func (p *platform) windowStates(all map[string]answer) {
	p.t.Helper()
	path := strings.TrimPrefix(p.window(post), p.url)
	all["benvenuto"] = p.get(path)
	all["spid"] = p.get(path + "/spid")
	all["email"] = p.get(path + "/email")
	all["email-errori"] = p.post(path+"/email", form("email", "tizio", "conferma", "caio"))
	p.send(path+"/spid", form("identita", "SMPTZI80A01F205Q"), path+"/privacy")
	all["privacy"] = p.get(path + "/privacy")
	all["privacy-errore"] = p.post(path+"/privacy", nil)
	all["informativa"] = p.get(path + "/informativa")
	p.send(path+"/privacy", form("accetto", "si"), path+"/metodo")
	all["metodo"] = p.get(path + "/metodo")
	all["carta"] = p.get(path + "/carta")
	all["carta-errori"] = p.post(path+"/carta", card("nome", "T1zio", "numero", "1", "scadenza", "13/20", "cvc", "x"))
	all["conto"] = p.get(path + "/conto")
	all["conto-cercato"] = p.get(path + "/conto?cerca=virtu&ordina=commissione&tipo=decrescente")
	all["conto-seconda"] = p.get(path + "/conto?pagina=2")
	all["conto-niente"] = p.get(path + "/conto?cerca=zzz")
	all["altri"] = p.get(path + "/altri")
	p.send(path+"/carta", card(), path+"/riepilogo")
	all["riepilogo"] = p.get(path + "/riepilogo")
	all["chiudi"] = p.get(path + "/chiudi")
}

func (p *platform) outcomeStates(all map[string]answer) {
	p.t.Helper()
	all["esito-pagato"] = p.get(p.paid(post, mensa) + "/esito")
	p.set(`{"next":{"refuse":true}}`)
	all["esito-rifiutato"] = p.get(p.paid(post) + "/esito")
	p.set(`{"next":{"abandon":true}}`)
	all["esito-ignoto"] = p.get(p.paid(post) + "/esito")
	path := p.agreed(post)
	p.send(path+"/chiudi", nil, portal+"annullato")
	all["esito-annullato"] = p.get(path + "/esito")
	at := p.asked(string(post), string(creditor), "")
	all["avviso"] = p.get(at)
	p.set(`{"next":{"stationDown":true}}`)
	p.send(at, nil, at)
	all["avviso-pagato"] = p.get(at)
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); { // until each receipt was tried
		if a := p.get("/stato"); !strings.Contains(a.text(), "nessuno") && !strings.Contains(a.text(), "In invio") {
			all["stato"] = a
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	p.t.Fatal("a receipt was never tried")
}

// reportStates are the pages of the flows and of the treasury, after something
// was paid.
func (p *platform) reportStates(all map[string]answer) {
	p.t.Helper()
	all["flussi-aperti"] = p.get("/flussi")
	p.set(`{"flows":{"blanks":true},"nextFlow":{"noFlow":true,"reversed":true},"notices":{"301000000000004285":{"receiptLost":true}},"busy":2}`)
	all["interruttori-avvisi"] = p.get("/interruttori")
	p.send("/orologio", form("a", "accredito"), "/orologio")
	all["flussi-prima"] = p.get("/flussi")
	p.paid(mensa)
	p.send("/orologio", form("a", "flusso"), "/orologio")
	p.send("/flussi/2/correggi", nil, "/flussi")
	all["flussi"] = p.get("/flussi")
	all["tesoreria"] = p.get("/tesoreria")
	p.set(`{}`)
}

func TestNoPageFails(t *testing.T) {
	_, all := everyState(t)
	for name, a := range all {
		if a.status == http.StatusInternalServerError || a.status == http.StatusSeeOther {
			t.Errorf("%s: status %d", name, a.status)
		}
	}
}
