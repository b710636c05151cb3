package sim_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/adapters/pagopa/sim"
	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
)

const band = "Simulatore - nessun addebito reale"

func TestAPayerGoesFromTheCartToTheReceipt(t *testing.T) {
	b := newBody(t)
	p := newPlatform(t, b)
	window := p.window(post)
	path := strings.TrimPrefix(window, p.url)

	p.see(window, band, "Riferimento pagamento", string(post), "57,33 €", "Chiudi", "Informativa sulla privacy",
		"Benvenuto nel sistema di pagamento della Pubblica Amministrazione italiana: pagoPA", "Entra con SPID", "Entra con la tua email")
	p.see(path+"/spid", "Tizio Sempronio")
	p.send(path+"/spid", form("identita", "SMPTZI80A01F205Q"), path+"/privacy")
	p.see(path+"/privacy", "pagoPA - Informativa sulla privacy", "INFORMATIVA SUL TRATTAMENTO DEI DATI PERSONALI",
		"ai sensi degli artt. 13-14 del Regolamento (UE) 2016/679", "accetto la privacy policy", "Continua")
	p.send(path+"/privacy", form("accetto", "si"), path+"/metodo")
	p.see(path+"/metodo", "Come vuoi pagare?", "Carta di credito/debito", "Conto corrente", "Altri metodi di pagamento")
	p.see(path+"/carta", "pagoPA accetta queste carte di credito/debito", "nome e cognome", "numero della carta di credito",
		"scadenza (mm/aa)", "codice di verifica")
	p.send(path+"/carta", card(), path+"/riepilogo")
	p.see(path+"/riepilogo", "Visa che termina con 4242", "57,33 €", "1,50 €", "58,83 €", "Paga ora")
	p.send(path+"/riepilogo", nil, path+"/esito")
	done := p.see(path+"/esito", "Pagamento riuscito", "58,83 €", "Torna al sito di Comune di Prova")
	if !strings.Contains(done.body, `href="`+portal+`ok"`) {
		t.Error("the outcome does not lead back to returnOkUrl")
	}

	got := b.next()
	if !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(got.ID) {
		t.Errorf("receipt id %q", got.ID)
	}
	fee := domain.Money(150)
	standIn := false
	want := soap.Receipt{
		ID: got.ID, Notice: post, Creditor: creditor, Outcome: soap.OK, IUV: post.IUV(), Amount: 5733,
		Description: "Post-scuola gennaio 2020", CompanyName: "Comune di Prova", OfficeName: "Ufficio scuola",
		Debtor: soap.Subject{Kind: "F", Code: "SMPTZI80A01F205Q", FullName: "Tizio Sempronio"},
		Transfers: []soap.Transfer{{ID: 1, Amount: 5733, Creditor: creditor, CompanyName: "Comune di Prova",
			IBAN: "IT60X0542811101000000123456", Remittance: "/RFB/" + string(post.IUV()), Category: "9/0107105SP/"}},
		PSP: "PRVAIT2MXXX", PSPFiscalCode: "99999000013", PSPCompanyName: "PSP di Prova S.p.A.", Channel: "99999000013_01",
		ChannelDescription: "WISP", PaymentMethod: "creditCard", PaymentNote: "CART-2020-000042",
		Payer: &soap.Subject{Kind: "F", Code: "SMPTZI80A01F205Q", FullName: "Tizio Sempronio", Email: "tizio.sempronio@example.it"},
		Fee:   &fee, PaymentDateTime: "2020-02-12T10:31:07", ApplicationDate: "2020-02-12", TransferDate: "2020-02-13", StandIn: &standIn,
	}
	same(t, got, want)
}

func TestTheNodeAsksBeforeItTakesMoney(t *testing.T) {
	b := newBody(t)
	p := newPlatform(t, b)
	p.paid(post)
	b.next()
	asked := b.requests()
	if len(asked) != 3 {
		t.Fatalf("%d requests, want verify, getPayment, sendRT", len(asked))
	}
	for _, req := range asked {
		if got, want := req.To(), (soap.Addressee{PA: string(creditor), Broker: string(creditor), Station: station}); got != want {
			t.Errorf("%T addressed to %v", req, got)
		}
	}
	activation, ok := asked[1].(*soap.GetPaymentV2Request)
	if !ok || activation.Amount == nil || *activation.Amount != 5733 || activation.PaymentNote != "CART-2020-000042" {
		t.Errorf("activation %+v", asked[1])
	}
}

func TestEachNoticeOfACartHasItsReceiptAndTheFeeIsChargedOnce(t *testing.T) {
	b := newBody(t)
	p := newPlatform(t, b)
	path := p.paid(post, mensa)
	p.see(path+"/esito", string(post), "57,33 €", string(mensa), "39,13 €", "96,46 €", "97,36 €")
	fees := domain.Money(0)
	notices := map[domain.NoticeNumber]domain.Money{}
	for range 2 {
		r := b.next()
		notices[r.Notice] = r.Amount
		fees += *r.Fee
	}
	if notices[post] != 5733 || notices[mensa] != 3913 || fees != 90 {
		t.Errorf("receipts %v with fees of %v", notices, fees)
	}
}

func TestPayingTwiceInOneCartPaysOnce(t *testing.T) {
	b := newBody(t)
	p := newPlatform(t, b)
	path := p.paid(post)
	p.send(path+"/riepilogo", nil, path+"/esito")
	b.next()
	if got := len(p.receipts()); got != 1 {
		t.Errorf("%d receipts", got)
	}
}

func TestEachScreenSaysWhatIsMissing(t *testing.T) {
	b := newBody(t)
	p := newPlatform(t, b)
	window := p.window(post)
	p.see(window)
	path := strings.TrimPrefix(window, p.url)
	refused := func(screen string, f map[string][]string, words ...string) {
		t.Helper()
		a := p.post(path+screen, f)
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `role="alert"`) {
			t.Errorf("%s: status %d", screen, a.status)
		}
		a.says(t, words...)
	}
	refused("/email", form("email", "tizio", "conferma", "tizio"), "Inserisci un indirizzo e-mail")
	refused("/email", form("email", "a@example.it", "conferma", "b@example.it"), "non coincidono")
	p.send(path+"/email", form("email", "a@example.it", "conferma", "A@example.it"), path+"/privacy")
	refused("/privacy", nil, "spunta la casella")
	p.send(path+"/privacy", form("accetto", "si"), path+"/metodo")
	refused("/carta", card("nome", "T1zio"), "nome e cognome non validi, non ci devono essere caratteri speciali")
	refused("/carta", card("scadenza", "01/20"), "scaduta")
	refused("/carta", form(), "nome e cognome non validi", "numero della carta", "scadenza", "3 cifre")
	for _, screen := range []string{"/conto", "/altri"} {
		if a := p.post(path+screen, form("banca", "NESSUNA", "metodo", "NESSUNO")); a.status != http.StatusBadRequest {
			t.Errorf("%s: status %d for a choice that was not offered", screen, a.status)
		}
	}
}

func TestNoScreenCanBeSkipped(t *testing.T) {
	p := newPlatform(t, newBody(t))
	window := p.window(post)
	path := strings.TrimPrefix(window, p.url)
	for _, screen := range []string{"/spid", "/email", "/privacy", "/metodo", "/carta", "/conto", "/altri", "/riepilogo", "/esito"} {
		if a := p.get(path + screen); a.status != http.StatusSeeOther || a.location != path {
			t.Errorf("%s before the welcome: status %d, location %q", screen, a.status, a.location)
		}
	}
	p.send(path+"/riepilogo", nil, path)
	path = p.agreed(post)
	p.send(path+"/riepilogo", nil, path+"/metodo")
}

func TestClosingAsksAndLeadsToTheCancelAddress(t *testing.T) {
	p := newPlatform(t, newBody(t))
	path := p.agreed(post)
	a := p.see(path+"/chiudi", "Vuoi annullare il pagamento?")
	if policy := a.header.Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self' https://portale.example") {
		t.Errorf("the form may not lead to the body's site: %s", policy)
	}
	p.send(path+"/chiudi", nil, portal+"annullato")
	p.see(path+"/esito", "Pagamento annullato")
	p.send(path+"/riepilogo", nil, path+"/esito")
	if got := p.receipts(); len(got) != 0 {
		t.Errorf("receipts of a cancelled payment: %v", got)
	}
}

func TestThePayerIsToldWhyANoticeCannotBePaid(t *testing.T) {
	b := newBody(t)
	p := newPlatform(t, b)
	for code, words := range map[soap.FaultCode]string{
		soap.FaultPaid:      "già pagato",
		soap.FaultCancelled: "annullato",
		soap.FaultExpired:   "scaduto",
	} {
		b.set(func(b *body) { b.refuse = "" })
		path := p.agreed(post)
		b.set(func(b *body) { b.refuse = code })
		for name, a := range map[string]answer{
			"verify":     p.get(p.window(post)),
			"getPayment": p.post(path+"/carta", card()),
		} {
			if a.status != http.StatusConflict {
				t.Errorf("%s after %s: status %d", name, code, a.status)
			}
			a.says(t, words, string(code), "PPT_ERRORE_EMESSO_DA_PAA", "Torna al sito")
		}
	}
}

func TestAnAmountThatChangesIsShownBeforeItIsPaid(t *testing.T) {
	b := newBody(t)
	p := newPlatform(t, b)
	path := p.agreed(post)
	b.set(func(b *body) { b.debts[post] = 6000 })
	p.send(path+"/conto", form("banca", scrigno), path+"/riepilogo")
	p.see(path+"/riepilogo", "ha aggiornato l'importo", "60,00 €", "60,90 €")
	p.send(path+"/riepilogo", nil, path+"/esito")
	if got := b.next().Amount; got != 6000 {
		t.Errorf("receipt of %v", got)
	}
}

func TestACartLeftAloneExpires(t *testing.T) {
	now := clock()
	p := newPlatform(t, newBody(t), func(c *sim.Config) { c.Clock = func() time.Time { return now } })
	path := p.agreed(post)
	now = now.Add(31 * time.Minute)
	a := p.get(path + "/metodo")
	if a.status != http.StatusGone {
		t.Errorf("status %d", a.status)
	}
	a.says(t, "Sessione di pagamento scaduta")
	if !strings.Contains(a.body, portal+"errore") {
		t.Error("the page does not lead to returnErrorUrl")
	}
	if strings.Count(a.body, portal+"errore") != 2 || strings.Contains(a.body, "/chiudi") {
		t.Error("close does not lead there too")
	}
	if got := p.get("/c/AAAAAAAAAAAAAAAAAAAAAAAAAA").status; got != http.StatusNotFound {
		t.Errorf("a cart nobody made: status %d", got)
	}
}

func TestBanksAreFoundWithoutAccentsAndSorted(t *testing.T) {
	p := newPlatform(t, newBody(t))
	path := p.agreed(post)
	p.see(path+"/conto", "Paga con il tuo conto corrente", "cerca la tua banca", "Ordina per", "Tipo", "13 banche trovate, pagina 1 di 2", "Altre banche")
	first := p.get(path + "/conto").body
	second := p.get(path + "/conto?pagina=2").body
	if strings.Count(first, `name="banca"`) != 8 || strings.Count(second, `name="banca"`) != 5 || strings.Contains(first, "SCRIGNO") {
		t.Error("the banks are not on two pages")
	}
	p.see(path+"/conto?pagina=99", "pagina 2 di 2", "Banche precedenti")
	if a := p.get(path + "/conto?tipo=decrescente&ordina=commissione"); !strings.Contains(a.body, `href="?ordina=commissione&amp;pagina=2&amp;tipo=decrescente"`) {
		t.Error("the second page forgets the order")
	}
	p.see(path+"/conto?cerca=scrigno", "SCRIGNO Internet Banking Commissione max 0,90 € Pagamento diretto/Bonifico SCT")
	p.see(path+"/conto?cerca=CITTA", "1 banca trovata", "Banca Città Serena")
	p.see(path+"/conto?cerca=zzz", "Nessuna banca trovata")
	byFee := p.see(path + "/conto?ordina=commissione&tipo=decrescente").text()
	if dear, cheap := strings.Index(byFee, "Monteverdino"), strings.Index(byFee, "SCRIGNO"); dear < 0 || cheap < 0 || dear > cheap {
		t.Errorf("not by falling fee: %s", byFee)
	}
}

func TestOtherMethodsArePaidToo(t *testing.T) {
	b := newBody(t)
	p := newPlatform(t, b)
	path := p.agreed(post)
	p.see(path+"/altri", "Tascapp")
	p.send(path+"/altri", form("metodo", "TSCPIT2MXXX"), path+"/riepilogo")
	p.send(path+"/riepilogo", nil, path+"/esito")
	if r := b.next(); r.PSP != "TSCPIT2MXXX" || r.PaymentMethod != "other" || r.Payer != nil {
		t.Errorf("PSP %q, method %q, payer %v", r.PSP, r.PaymentMethod, r.Payer)
	}
}

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	p := newPlatform(t, newBody(t))
	req := p.request(http.MethodPost, "/interruttori", "application/x-www-form-urlencoded", "sempre-rifiuta=si")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	if a := p.do(req); a.status != http.StatusForbidden {
		t.Errorf("status %d", a.status)
	}
}
