package portal

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
)

func TestRiepilogoSaysWhatForWhomAndHowMuch(t *testing.T) {
	b := enter(t)
	b.Get("/paga/riepilogo?pagamento="+b.cart(postScuola)).
		Is(http.StatusOK, "pagoPA - AUT. REFEZIONE", "POST-SCUOLA 01/01/2020 - 31/01/2020 MAT. BORSELLINO, UTENTE TEST", postScuola.Groups(),
			"Totale 57,33 € Saldo bollettini -57,33 € Saldo bollettini finale 0,00 €",
			"Per pagare passerai al sito checkout.example.it", "Paga tramite pagoPA", "Torna indietro").
		Lacks("Hai già aperto questo pagamento")
	b.Get("/paga/riepilogo").LeadsTo("/paga")
}

func TestTheCheckoutOpensOnceForOneForm(t *testing.T) {
	b := enter(t)
	form := b.Get("/paga/riepilogo?pagamento=" + b.cart(postScuola)).Form()
	key := form.Get("chiave")
	if _, err := uuid.Parse(key); err != nil {
		t.Fatalf("the form has no key: %v", err)
	}
	b.Post("/paga/avvio", form).LeadsTo(checkoutOrigin + "/carts/7")
	b.Post("/paga/avvio", form).LeadsTo(checkoutOrigin + "/carts/7")
	started := slices.DeleteFunc(slices.Clone(b.world.sent), func(s string) bool { return !strings.HasPrefix(s, "StartCheckout") })
	if want := []string{"StartCheckout " + key, "StartCheckout " + key}; !slices.Equal(started, want) {
		t.Errorf("commands %q, want the same key twice", started)
	}
	b.Get("/paga/riepilogo?pagamento="+form.Get("pagamento")).
		Is(http.StatusOK, "Hai già aperto questo pagamento il 10/02/2020 10:31", "non pagare di nuovo")
}

func TestTheCheckoutLeadsNowhereElse(t *testing.T) {
	for _, redirect := range []string{"https://altrove.example/carts/7", "/carts/7", "https://checkout.example.it.altrove.example/", ""} {
		b := enter(t)
		b.world.redirect = redirect
		b.Post("/paga/avvio", b.Get("/paga/riepilogo?pagamento="+b.cart(postScuola)).Form()).Is(http.StatusInternalServerError)
	}
}

func TestACheckoutThatDoesNotOpenSaysWhy(t *testing.T) {
	for _, test := range []struct {
		err    error
		status int
		text   string
	}{
		{ErrCheckoutUnavailable, http.StatusServiceUnavailable, "non è stato addebitato nulla"},
		{&CheckoutRefused{"Gli avvisi non si possono pagare insieme"}, http.StatusUnprocessableEntity, "non si possono pagare insieme"},
		{domain.ErrTooManyNotices, http.StatusUnprocessableEntity, "al massimo 5 bollettini"},
		{domain.ErrPaymentCompleted, http.StatusUnprocessableEntity, "già concluso: non pagare di nuovo"},
	} {
		b := enter(t)
		b.world.fail["StartCheckout"] = test.err
		b.Post("/paga/avvio", b.Get("/paga/riepilogo?pagamento="+b.cart(postScuola)).Form()).
			Is(test.status, test.text, "Torna indietro").Has(`href="#pagamento"`, `id="pagamento"`)
	}
}

func TestTheReturnSaysOnlyWhatTheLedgerKnows(t *testing.T) {
	for how, want := range map[string]string{"ok": "In verifica", "annullato": "Pagamento annullato", "errore": "Pagamento non riuscito"} {
		b := enter(t)
		id := b.checkout(postScuola)
		for range 2 { // opened again, it says the same
			b.Get("/paga/ritorno/" + id + "/" + how).LeadsTo("/paga/esito/" + id)
		}
		b.Get("/paga/esito/"+id).Is(http.StatusOK, want, "57,33 €").Lacks("Hai pagato", "Ricevuta")
		b.world.pay(postScuola) // a receipt comes all the same
		b.Get("/paga/esito/"+id).Is(http.StatusOK, "Pagato", "Hai pagato 57,33 €", "10/02/2020 10:31", "RT-").
			Lacks(want, "Non hai concluso", "Riprova")
		b.Get("/paga/riepilogo?pagamento=" + id).LeadsTo("/paga/esito/" + id)
	}
}

func TestTheLedgersRefusalOfAReturnIsNoError(t *testing.T) {
	b := enter(t)
	id := b.checkout(postScuola)
	b.world.fail["Return"] = domain.ErrPaymentCompleted
	b.Get("/paga/ritorno/" + id + "/ok").LeadsTo("/paga/esito/" + id)
}

func TestTheParentCanGiveUp(t *testing.T) {
	b := enter(t)
	id := b.checkout(postScuola)
	b.Get("/paga/esito/"+id).Is(http.StatusOK, "Riprendi il pagamento", "Rinuncia").Has(`action="/paga/ritorno/` + id + `/annullato"`)
	b.Post("/paga/ritorno/"+id+"/annullato", url.Values{}).LeadsTo("/paga/esito/" + id)
	b.Get("/paga/esito/"+id).Is(http.StatusOK, "Pagamento annullato", "I bollettini restano da pagare")
}

func TestTheOutcomeAsksForNewsLessAndLess(t *testing.T) {
	for _, test := range []struct {
		stage  Stage
		waited time.Duration
		want   time.Duration
	}{
		{Started, 0, time.Second}, {Started, 29 * time.Second, time.Second}, {Started, 30 * time.Second, 5 * time.Second},
		{Started, 6 * time.Minute, 30 * time.Second}, {Started, 31 * time.Minute, 0},
		{Completed, 0, 0}, {Cancelled, 0, 0}, {Failed, 0, 0},
	} {
		if got := pace(test.stage, test.waited); got != test.want {
			t.Errorf("stage %d after %s: looks again after %s, want %s", test.stage, test.waited, got, test.want)
		}
	}
}

func TestTheOutcomeRefreshesItself(t *testing.T) {
	b := enter(t)
	id := b.checkout(postScuola)
	news := `hx-get="/paga/esito/` + id + `/novita?stato=2-1s" hx-trigger="every 500ms"`
	b.Get("/paga/esito/"+id).Has(news, `<noscript><meta http-equiv="refresh" content="5"></noscript>`)

	path := "/paga/esito/" + id + "/novita?stato=2-1s"
	b.Script().Get(path).Is(http.StatusNoContent)
	b.world.now = b.world.now.Add(time.Minute)
	b.Script().Get(path).Is(http.StatusOK, "più tempo del solito").Has("novita?stato=2-5s").Lacks("Esito del pagamento")
	b.world.pay(postScuola)
	a := b.Script().Get(path).Is(http.StatusOK, "Pagato", "Hai pagato 57,33 €")
	if strings.Contains(a.Body, "hx-get") {
		t.Error("a settled outcome still asks for news")
	}
	if a := b.Get("/paga/esito/" + id); strings.Contains(a.Body, "http-equiv") {
		t.Error("a settled outcome still refreshes")
	}
}

func TestACartWithoutACheckoutHasNoOutcome(t *testing.T) {
	b := enter(t)
	id := b.cart(postScuola)
	b.Get("/paga/esito/" + id).LeadsTo("/paga/riepilogo?pagamento=" + id)
	to := b.Post("/paga/riepilogo", b.payForm("psp", b.family()...)).Header.Get("Location")
	id = strings.TrimPrefix(to, "/paga/avvisi?pagamento=")
	b.Get("/paga/esito/" + id).LeadsTo(to)
}

func TestReturnPathsAreRoutes(t *testing.T) {
	b := enter(t)
	id := b.checkout(postScuola)
	for _, how := range []domain.CheckoutOutcome{domain.ReturnedOK, domain.ReturnedCancelled, domain.ReturnedError, domain.ReturnedWaiting} {
		b.Get(ReturnPath(domain.PaymentID{UUID: uuid.MustParse(id)}, how)).LeadsTo("/paga/esito/" + id)
	}
}
