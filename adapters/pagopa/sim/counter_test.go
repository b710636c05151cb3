package sim_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
)

// asked asks for a notice at the counter and returns where it is paid.
func (p *platform) asked(number, creditor, qr string) string {
	p.t.Helper()
	a := p.post("/psp", form("numero", number, "ente", creditor, "qr", qr))
	if a.status != http.StatusSeeOther || !strings.HasPrefix(a.location, "/psp/") {
		p.t.Fatalf("status %d, location %q: %s", a.status, a.location, a.text())
	}
	return a.location
}

func TestANoticeIsPaidAtTheCounterByItsNumber(t *testing.T) {
	b := newBody(t)
	p := newPlatform(t, b)
	p.see("/psp", band, "Codice avviso", "Codice fiscale dell'ente creditore", "Testo del QR")
	at := p.asked("3010 0000 0000 0042 85", string(creditor), "")
	p.see(at, band, string(post), "Comune di Prova", "Post-scuola gennaio 2020", "20/02/2020", "57,33 €", "58,83 €", "Paga")
	p.send(at, nil, at)
	p.see(at, "Pagamento riuscito", "Ricevuta")
	r := b.next()
	if r.Notice != post || r.PaymentMethod != "cash" || r.ChannelDescription != "Sportello" || r.PaymentNote != "" || r.Payer != nil {
		t.Errorf("receipt %+v", r)
	}
	p.send(at, nil, at) // pressed again
	if got := len(p.receipts()); got != 1 {
		t.Errorf("%d receipts", got)
	}
}

func TestANoticeIsPaidAtTheCounterByItsQRCode(t *testing.T) {
	b := newBody(t)
	p := newPlatform(t, b)
	for _, qr := range []string{post.QRCode(creditor, 5733), "PAGOPA|002|" + string(post) + "|" + string(creditor) + "|0000005733"} {
		at := p.asked("", "", qr)
		p.send(at, nil, at)
		if r := b.next(); r.Notice != post || r.Amount != 5733 {
			t.Errorf("receipt %+v", r)
		}
	}
}

func TestTheCounterSaysWhatIsWrong(t *testing.T) {
	p := newPlatform(t, newBody(t))
	for name, c := range map[string]struct{ number, creditor, qr, words string }{
		"nothing":               {"", "", "", "18 cifre"},
		"a short number":        {"3010", string(creditor), "", "18 cifre"},
		"a short code":          {string(post), "123", "", "11 cifre"},
		"a QR of something":     {"", "", "https://example.it", "non è di un avviso pagoPA"},
		"a QR of version 001":   {"", "", "PAGOPA|001|" + string(post) + "|" + string(creditor) + "|5733", "non è di un avviso pagoPA"},
		"a QR without cents":    {"", "", "PAGOPA|002|" + string(post) + "|" + string(creditor) + "|", "non è di un avviso pagoPA"},
		"a QR with a bad body":  {"", "", "PAGOPA|002|" + string(post) + "|1|5733", "non è di un avviso pagoPA"},
		"a notice nobody knows": {"301000000000009999", string(creditor), "", "PAA_PAGAMENTO_SCONOSCIUTO"},
		"a body nobody knows":   {string(post), "00000000000", "", "PPT_DOMINIO_SCONOSCIUTO"},
	} {
		t.Run(name, func(t *testing.T) {
			a := p.post("/psp", form("numero", c.number, "ente", c.creditor, "qr", c.qr))
			if a.status != http.StatusUnprocessableEntity {
				t.Errorf("status %d", a.status)
			}
			a.says(t, c.words)
		})
	}
}

func TestTheCounterAsksAgainWhenTheAmountChanged(t *testing.T) {
	b := newBody(t)
	p := newPlatform(t, b)
	at := p.asked(string(post), string(creditor), "")
	b.set(func(b *body) { b.debts[post] = 6000 })
	p.send(at, nil, at)
	p.see(at, "ha aggiornato l'importo", "60,00 €", "Paga")
	p.send(at, nil, at)
	if got := b.next().Amount; got != domain.Money(6000) {
		t.Errorf("receipt of %v", got)
	}
}

func TestANoticePaidMeanwhileIsNotTakenAtTheCounter(t *testing.T) {
	b := newBody(t)
	p := newPlatform(t, b)
	at := p.asked(string(post), string(creditor), "")
	b.set(func(b *body) { b.refuse = soap.FaultPaid })
	a := p.post(at, nil)
	if a.status != http.StatusConflict {
		t.Errorf("status %d", a.status)
	}
	a.says(t, "già pagato", "Torna allo sportello")
}

func TestAWindowIsNoCounterAndTheOtherWayRound(t *testing.T) {
	p := newPlatform(t, newBody(t))
	window := strings.TrimPrefix(p.window(post), p.url)
	counter := p.asked(string(post), string(creditor), "")
	for _, path := range []string{strings.Replace(window, "/c/", "/psp/", 1), strings.Replace(counter, "/psp/", "/c/", 1)} {
		if a := p.get(path); a.status != http.StatusNotFound {
			t.Errorf("%s: status %d", path, a.status)
		}
	}
}
