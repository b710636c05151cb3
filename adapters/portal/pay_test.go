package portal

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/domain"
)

func TestPagaBeforeACategoryHasTotalsAlone(t *testing.T) {
	enter(t).Get("/paga").
		Is(http.StatusOK, "Home / Paga con portale di pagamento", "Portale di pagamento", "Scegli il servizio per cui effettuare la ricarica.",
			"Categoria di pagamento", "pagoPA - AUT. REFEZIONE",
			"Per procedere con il pagamento scegliere la categoria di pagamento e selezionare almeno un bollettino.",
			"Totale 0,00 € Saldo bollettini -57,33 € Saldo bollettini finale -57,33 €").
		Lacks("Paga online", "Causale", "Sel.")
}

func TestPagaShowsTheGuidesBulletin(t *testing.T) {
	enter(t).Get("/paga?categoria="+refezione).
		Is(http.StatusOK, "Servizio Periodo Scadenza Consumatori Stato Importo € Causale Sel.",
			"POST-SCUOLA 01/01/2020 - 31/01/2020 20/02/2020 MAT. BORSELLINO, UTENTE TEST Inviato 57,33 € "+causale,
			"Seleziona il bollettino POST-SCUOLA gennaio 2020, 57,33 €",
			"Totale 0,00 € Saldo bollettini -57,33 € Saldo bollettini finale -57,33 €",
			"Aggiorna totali Paga online Paga presso PSP").
		Has(`<time datetime="2020-02-20">20/02/2020</time>`, `<output id="totale" aria-live="polite">`, "<noscript><button",
			`<option value="AUT-REFEZIONE" selected>`).
		Lacks("Scaduto", "9.999,00")
}

func TestAnUnknownCategoryIsNoCategory(t *testing.T) {
	enter(t).Get("/paga?categoria=%3Cb%3E").Is(http.StatusOK, "Saldo bollettini -57,33 €").Lacks("Paga online", "selected")
}

func TestTheTickMovesTheTotals(t *testing.T) {
	const after = "Totale 57,33 € Saldo bollettini -57,33 € Saldo bollettini finale 0,00 €"
	b := enter(t)
	form := b.payForm("", postScuola)
	page := b.Post("/paga/totali", form).Is(http.StatusOK, after, "Paga online").Has("checked")
	fragment := b.Script().Post("/paga/totali", form).Is(http.StatusOK, after).Lacks("Paga online")
	if !strings.HasPrefix(strings.TrimSpace(fragment.Body), `<div id="totali"`) {
		t.Errorf("the fragment is not the totals alone:\n%s", fragment.Body)
	}
	if !strings.Contains(page.Body, strings.TrimSpace(fragment.Body)) {
		t.Error("the page and the fragment differ")
	}
	if len(b.world.sent) != 0 {
		t.Errorf("adding up sent commands: %q", b.world.sent)
	}
}

// TestOnlyOwnOpenBulletinsCount posts what the form did not offer.
func TestOnlyOwnOpenBulletinsCount(t *testing.T) {
	for name, value := range map[string]string{
		"another parent's": string(notice(900)) + ".999900",
		"unknown":          string(notice(7)) + ".100",
		"paid":             string(notice(41)) + ".3913",
		"no notice":        "1.100",
		"no amount":        string(postScuola),
		"not a number":     string(postScuola) + ".x",
	} {
		t.Run(name, func(t *testing.T) {
			b := enter(t)
			form := b.payForm("online")
			form.Add("bollettino", value)
			b.Script().Post("/paga/totali", form).Is(http.StatusOK, "Totale 0,00 €", "Saldo bollettini finale -57,33 €")
			b.Post("/paga/riepilogo", form).Is(http.StatusUnprocessableEntity).Lacks("9.999,00")
			if len(b.world.sent) != 0 {
				t.Errorf("commands went through: %q", b.world.sent)
			}
		})
	}
}

func TestTheLedgersAmountCounts(t *testing.T) {
	b := enter(t)
	form := b.payForm("online")
	form.Add("bollettino", string(postScuola)+".1") // the parent saw one cent, or says so
	b.Script().Post("/paga/totali", form).Is(http.StatusOK, "Totale 57,33 €")
	b.Post("/paga/riepilogo", form).Is(http.StatusUnprocessableEntity,
		"L'importo del bollettino POST-SCUOLA gennaio 2020 è cambiato: era 0,01 €, ora è 57,33 €. Controlla e conferma di nuovo")
}

func TestNothingTickedIsRefusedByBothButtons(t *testing.T) {
	for _, action := range []string{"online", "psp"} {
		b := enter(t)
		b.Post("/paga/riepilogo", b.payForm(action)).
			Is(http.StatusUnprocessableEntity, "Seleziona almeno un bollettino").
			Has(`id="errori" role="alert" tabindex="-1" autofocus`, `href="#bollettini"`, `aria-describedby="bollettini-errore"`)
	}
}

func TestSixBulletinsDoNotFitInOneCheckout(t *testing.T) {
	b := enter(t)
	six := b.family()
	b.Script().Post("/paga/totali", b.payForm("", six...)).Is(http.StatusOK, "al massimo 5 bollettini per volta", "Totale 107,33 €")
	b.Post("/paga/riepilogo", b.payForm("online", six...)).Is(http.StatusUnprocessableEntity, "al massimo 5 bollettini per volta")
	b.Script().Post("/paga/totali", b.payForm("", six[:5]...)).Is(http.StatusOK, "Totale 97,33 €").Lacks("al massimo")
	if len(b.world.sent) != 0 {
		t.Errorf("commands went through: %q", b.world.sent)
	}
	b.cart(six[:5]...)
	to := b.Post("/paga/riepilogo", b.payForm("psp", six...)).Header.Get("Location")
	b.Get(to).Is(http.StatusOK, "6 avvisi")
}

func TestAnOverdueBulletinIsStillPayable(t *testing.T) {
	b := enter(t)
	b.world.now = time.Date(2020, 2, 20, 22, 59, 0, 0, time.UTC) // 23:59 in Rome: the last minute
	b.world.sessions = map[string]time.Time{}
	b.Post("/accesso", url.Values{"username": {username}, "password": {password}})
	b.Get("/paga?categoria=" + refezione).Is(http.StatusOK).Lacks("Scaduto")
	b.world.now = b.world.now.Add(time.Minute)
	b.Get("/paga?categoria="+refezione).Is(http.StatusOK, "Inviato Scaduto").Has(`name="bollettino"`)
}

func TestABulletinBeingPaidCannotBeTicked(t *testing.T) {
	b := enter(t)
	form := b.payForm("online", postScuola)
	id := b.cart(postScuola)
	b.Get("/consumatori")
	b.world.find(postScuola).Pending = &Pending{Since: b.world.now}
	b.Get("/paga?categoria="+refezione).
		Is(http.StatusOK, "In pagamento dal 10/02/2020 10:31", "Se non concludi, tornerà selezionabile").
		Has(`datetime="2020-02-10T10:31:07&#43;01:00"`).Lacks("Seleziona il bollettino")
	b.Script().Post("/paga/totali", form).Is(http.StatusOK, "Totale 0,00 €")
	b.Post("/paga/riepilogo", form).Is(http.StatusUnprocessableEntity, "Il bollettino POST-SCUOLA gennaio 2020 è già in pagamento")
	for known := range b.world.payments {
		b.world.find(postScuola).Pending.Payment = known
	}
	b.Get("/paga?categoria="+refezione).Is(http.StatusOK, "Riprendi o rinuncia").Has(`href="/paga/esito/` + id + `"`)
}

func TestTheSameFormTwiceIsOnePayment(t *testing.T) {
	b := enter(t)
	other := b.world.raise(43, tizio, 2000)
	form := b.payForm("online", postScuola)
	first := b.Post("/paga/riepilogo", form).Header.Get("Location")
	b.Post("/paga/riepilogo", form).LeadsTo(first)
	if len(b.world.payments) != 1 {
		t.Errorf("%d payments", len(b.world.payments))
	}
	form.Add("bollettino", tick{other, 2000}.String()) // back, one more tick, and on again
	if second := b.Post("/paga/riepilogo", form).Header.Get("Location"); second == first || len(b.world.payments) != 2 {
		t.Errorf("another selection is the same payment %s", second)
	}
}

var wayBack = regexp.MustCompile(`href="([^"]*)">Torna indietro`)

func TestGoingBackKeepsTheTicks(t *testing.T) {
	b := enter(t)
	review := b.Get("/paga/riepilogo?pagamento=" + b.cart(postScuola))
	back := wayBack.FindStringSubmatch(review.Body)
	if back == nil {
		t.Fatal("no way back")
	}
	b.Get(strings.ReplaceAll(back[1], "&amp;", "&")).Is(http.StatusOK, "Saldo bollettini finale 0,00 €").Has(" checked>")
}

func TestTotalsAddUpWhateverIsTicked(t *testing.T) {
	dues := Dues{Saldo: -61_00}
	var all []domain.NoticeNumber
	for i := range uint64(6) {
		b := Bulletin{Notice: notice(i), Amount: domain.Money(1+i) * 100}
		if i == 5 {
			b.Pending = &Pending{}
		}
		dues.Bulletins, all = append(dues.Bulletins, b), append(all, b.Notice)
	}
	for ticked := range 1 << len(all) {
		var c cart
		var want domain.Money
		for i, n := range all {
			if ticked>>i&1 == 1 {
				c.Ticks = append(c.Ticks, tick{Notice: n})
				if i < 5 {
					want += dues.Bulletins[i].Amount
				}
			}
		}
		slices.Reverse(c.Ticks) // their order does not matter
		got := c.totals(dues)
		if got.Totale != want || got.Saldo != dues.Saldo || got.SaldoFinale != dues.Saldo+want {
			t.Fatalf("ticked %06b: %+v, want a total of %d", ticked, got, want)
		}
	}
}
