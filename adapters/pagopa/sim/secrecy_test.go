package sim_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
)

// A card's number and its verification code must be nowhere: not in what the
// simulator remembers, logs, shows or sends.
func TestNoCardNumberIsKeptLoggedOrSent(t *testing.T) {
	const number, grouped, code = "378282246310005", "3782 8224 6310 005", "7351"
	traces := regexp.MustCompile(number + "|" + grouped + `|\b` + code + `\b|3782 822463 10005`)
	b := newBody(t)
	p := newPlatform(t, b)
	path := p.agreed(post)
	seen := map[string]string{}

	typed := card("numero", grouped, "cvc", code)
	for name, wrong := range map[string]string{"nome": "T1zio", "scadenza": "01/20", "cvc": "73512"} {
		f := card("numero", number, "cvc", code)
		f.Set(name, wrong)
		a := p.post(path+"/carta", f)
		if a.status != http.StatusUnprocessableEntity {
			t.Fatalf("%s: status %d", name, a.status)
		}
		seen["page after a wrong "+name] = a.body
	}
	p.set(`{"next":{"receiptTwice":true}}`)
	p.send(path+"/carta", typed, path+"/riepilogo")
	seen["summary"] = p.see(path+"/riepilogo", "American Express che termina con 0005").body
	p.send(path+"/riepilogo", nil, path+"/esito")
	seen["outcome"] = p.get(path + "/esito").body
	seen["receipts"] = wire(t, b.next()) + wire(t, b.next())
	p.settled()
	seen["state"] = p.get("/stato").body
	seen["receipts API"] = p.get("/api/receipts").body
	p.seeReports(seen)
	seen["memory"] = p.sim.Dump()
	if !strings.Contains(seen["memory"], "American Express che termina con 0005") {
		t.Error("the dump does not hold the payment")
	}
	seen["log"] = p.log.String()

	// The card form itself lists the numbers that may be typed, grouped.
	list := regexp.MustCompile(`(?s)<details>.*?</details>`)
	for where, text := range seen {
		if found := traces.FindString(list.ReplaceAllString(text, "")); found != "" || text == "" {
			t.Errorf("%s holds %q of %d characters", where, found, len(text))
		}
	}
}

// seeReports opens all that comes of a payment after its receipt.
func (p *platform) seeReports(seen map[string]string) {
	p.t.Helper()
	iur := p.receipts()[0].ReceiptID
	seen["Biz Events"] = p.get(receiptsOf + iur).body
	p.send("/flussi/chiudi", nil, "/flussi")
	seen["flow"] = p.get("/flussi/1/1.xml").body
	if !strings.Contains(seen["flow"], iur) || !strings.Contains(seen["Biz Events"], iur) {
		p.t.Error("the payment is not reported")
	}
	flow := p.flows()[0]
	one := flowsOf + "/" + flow.ID + "/revisions/1/psps/PRVAIT2MXXX"
	for name, path := range map[string]string{
		"flows page": "/flussi", "flows API": "/api/flows", "list of flows": flowsOf, "flow by REST": one, "its payments": one + "/payments",
		"treasury page": "/tesoreria", "giornale di cassa": treasuryOf + flow.ValueDate + "/giornale-di-cassa.xml",
		"camt.053": treasuryOf + flow.ValueDate + "/camt.053.001.08.xml", "switches": "/interruttori", "clock": "/orologio", "home": "/",
	} {
		seen[name] = p.see(path).body
	}
	seen["flows by SOAP"] = p.ask(askFor(askList)).body + p.ask(askFor(askFlow, "identificativoFlusso", flow.ID)).body
}

func wire(t *testing.T, r soap.Receipt) string {
	t.Helper()
	return fmt.Sprintf("%+v", r)
}
