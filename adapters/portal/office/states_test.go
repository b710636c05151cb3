package office

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/adapters/portal/portaltest"
	"github.com/saldo-ledger/saldo/domain"
)

// desk is somebody in front of the office's pages, in a browser without scripts.
type desk struct {
	*portaltest.Client
	world *world
	site  *frame.Site
}

func sit(t *testing.T, role domain.Role) *desk {
	t.Helper()
	w := newWorld()
	site := w.open(t, false)
	c := portaltest.Open(t, site)
	c.Header.Set("Cookie", "saldo="+url.QueryEscape(string(role)))
	return &desk{c, w, site}
}

var (
	childPage1    = "/ufficio/bambini/" + utente.String()
	adultPage     = "/ufficio/adulti/" + tizio.String()
	bulletinPage1 = "/ufficio/bollettini/" + string(notice(1))
)

// states are the office's pages in each of their states.
var states = map[string]func(d *desk) portaltest.Answer{
	"oggi":          func(d *desk) portaltest.Answer { return d.Get("/ufficio") },
	"oggi-niente":   func(d *desk) portaltest.Answer { d.world.quiet = true; return d.Get("/ufficio") },
	"cerca":         func(d *desk) portaltest.Answer { return d.Get("/ufficio/cerca") },
	"cerca-trovati": func(d *desk) portaltest.Answer { d.world.many = true; return d.Get("/ufficio/cerca?testo=sempronio") },
	"cerca-seconda": func(d *desk) portaltest.Answer { return d.Get("/ufficio/cerca?testo=sempronio&pagina=2") },
	"cerca-nessuno": func(d *desk) portaltest.Answer { return d.Get("/ufficio/cerca?testo=nessuno") },
	"cerca-errore":  func(d *desk) portaltest.Answer { return d.Get("/ufficio/cerca?testo=a") },
	"bambino":       func(d *desk) portaltest.Answer { return d.Get(childPage1) },
	"adulto":        func(d *desk) portaltest.Answer { return d.Get(adultPage) },
	"da-inviare":    func(d *desk) portaltest.Answer { d.world.many = true; return d.Get("/ufficio/bollettini") },
	"da-inviare-0":  func(d *desk) portaltest.Answer { d.world.quiet = true; return d.Get("/ufficio/bollettini") },
	"bollettino":    func(d *desk) portaltest.Answer { return d.Get(bulletinPage1) },
	"bollettino-2":  func(d *desk) portaltest.Answer { return d.Get("/ufficio/bollettini/" + string(notice(3))) },
	"bollettino-3":  func(d *desk) portaltest.Answer { return d.Get("/ufficio/bollettini/" + string(notice(4))) },
	"annulla":       func(d *desk) portaltest.Answer { return d.Get(bulletinPage1 + "/annulla") },
	"annulla-no":    func(d *desk) portaltest.Answer { return d.Get("/ufficio/bollettini/" + string(notice(3)) + "/annulla") },
	"annulla-errore": func(d *desk) portaltest.Answer {
		return d.Post(bulletinPage1+"/annulla", url.Values{"chiave": {key}, "motivo": {"x"}})
	},
	"nuovo":        func(d *desk) portaltest.Answer { return d.Get(childPage1 + "/bollettino") },
	"nuovo-errore": func(d *desk) portaltest.Answer { return d.Post(childPage1+"/bollettino", url.Values{"chiave": {key}}) },
	"controlla":    func(d *desk) portaltest.Answer { return d.Post(childPage1+"/bollettino", typed()) },
	"non-trovata":  func(d *desk) portaltest.Answer { return d.Get("/ufficio/bambini/" + tizio.String()) },
}

// watched are the pages of who watches the staff.
var watched = map[string]func(d *desk) portaltest.Answer{
	"accessi":         func(d *desk) portaltest.Answer { d.world.many = true; return d.Get("/ufficio/accessi") },
	"accessi-nessuno": func(d *desk) portaltest.Answer { return d.Get("/ufficio/accessi?utente=nessuno") },
	"accessi-errore":  func(d *desk) portaltest.Answer { return d.Get("/ufficio/accessi?persona=x&dal=ieri") },
}

// all returns every state's answer.
func all(t *testing.T) map[string]portaltest.Answer {
	t.Helper()
	answers := map[string]portaltest.Answer{}
	for name, state := range states {
		answers[name] = state(sit(t, domain.RoleOffice))
	}
	for name, state := range linkStates {
		answers[name] = state(sit(t, domain.RoleOffice))
	}
	for name, state := range watched {
		answers[name] = state(sit(t, domain.RoleAuditor))
	}
	return answers
}

func TestEveryPageOfTheOfficeKeepsTheRulesOfAll(t *testing.T) {
	for _, a := range all(t) {
		a.KeepsTheRules()
	}
}

func TestABulletinIsIssuedAfterASecondLook(t *testing.T) {
	d := sit(t, domain.RoleOffice)
	d.Get(childPage1).Is(http.StatusOK, "Nuovo bollettino", "SENZA GLUTINE").Has(`href="` + childPage1 + `/bollettino"`)
	form := d.Get(childPage1+"/bollettino").Is(http.StatusOK, "UTENTE TEST", "Sempronio Tizio").Form()
	for name, values := range typed("chiave", form.Get("chiave")) {
		form[name] = values
	}
	looked := d.Post(childPage1+"/bollettino", form).Is(http.StatusOK, "1.057,33 €", "pagoPA - AUT. REFEZIONE", "SERVIZIO MENSA", "Subito")
	if len(d.world.sent) > 0 {
		t.Fatalf("a look did %q", d.world.sent)
	}
	issue := looked.Form()
	d.Post(childPage1+"/bollettino/emetti", issue).LeadsTo("/ufficio/bollettini/" + string(notice(10)))
	d.Post(childPage1+"/bollettino/emetti", issue).LeadsTo("/ufficio/bollettini/" + string(notice(10))) // sent twice
	want := "Issue utente.ufficio " + tizio.String() + " REFEZIONE [{" + utente.String() + " MENSA 1057.33}] {2026-10-01 2026-10-31} 2026-11-20 Servizio mensa, ottobre true"
	if len(d.world.sent) != 1 || d.world.sent[0] != want {
		t.Errorf("did %q, want %q", d.world.sent, want)
	}
	form.Set("azione", "correggi")
	d.Post(childPage1+"/bollettino", form).Is(http.StatusOK, "Nuovo bollettino").Has(`value="1.057,33"`, `value="Servizio mensa, ottobre"`, "checked")
}

func TestWhatADraftLacksIsTold(t *testing.T) {
	d := sit(t, domain.RoleOffice)
	for name, c := range map[string]struct {
		change []string
		want   string
	}{
		"an adult of another child": {[]string{"adulto", utente.String()}, "Scegli chi paga"},
		"no category":               {[]string{"categoria", ""}, "Scegli la categoria"},
		"a service nobody has":      {[]string{"servizio", "PISCINA"}, "Scegli il servizio"},
		"an amount in words":        {[]string{"importo", "dieci"}, "Scrivi l'importo"},
		"nothing to pay":            {[]string{"importo", "0"}, "Scrivi l'importo"},
		"a debt of ours":            {[]string{"importo", "-5"}, "Scrivi l'importo"},
		"a day there is not":        {[]string{"dal", "31/02/2026"}, "Scrivi il primo giorno"},
		"a period backwards":        {[]string{"dal", "01/11/2026", "al", "31/10/2026"}, "Il periodo deve finire"},
		"no due date":               {[]string{"scadenza", ""}, "Scrivi fino a quando"},
		"no causale":                {[]string{"causale", "  "}, "Scrivi la causale"},
		"a long causale":            {[]string{"causale", strings.Repeat("x", 141)}, "Scrivi la causale"},
	} {
		for _, path := range []string{childPage1 + "/bollettino", childPage1 + "/bollettino/emetti"} {
			a := d.Post(path, typed(c.change...)).Is(http.StatusUnprocessableEntity, c.want).Has(`aria-invalid="true"`, `id="errori"`)
			if !strings.Contains(a.Body, `value="REFEZIONE" selected`) && name != "no category" {
				t.Errorf("%s: what was chosen is lost", name)
			}
		}
	}
	if len(d.world.sent) > 0 {
		t.Errorf("did %q", d.world.sent)
	}
}

func TestARefusalOfTheLedgerKeepsWhatWasTyped(t *testing.T) {
	d := sit(t, domain.RoleOffice)
	d.world.refusal = domain.ErrParentErased
	d.Post(childPage1+"/bollettino/emetti", typed()).Is(http.StatusUnprocessableEntity, "sono stati cancellati").Has(`value="1.057,33"`)
	d.world.refusal = domain.ErrAlreadyPaid
	d.Post(bulletinPage1+"/annulla", url.Values{"chiave": {key}, "motivo": {"Emesso due volte"}}).
		Is(http.StatusUnprocessableEntity, "è già stato pagato").Has(`value="Emesso due volte"`)
	d.Post(bulletinPage1+"/invia", url.Values{}).Is(http.StatusConflict, "è già stato pagato")
}

func TestABulletinIsSentAndTakenBack(t *testing.T) {
	d := sit(t, domain.RoleOffice)
	d.Post(bulletinPage1+"/invia", url.Values{}).LeadsTo(bulletinPage1)
	d.Get(bulletinPage1).Is(http.StatusOK, "Inviato", "Annulla il bollettino").Lacks("Invia al genitore")
	form := d.Get(bulletinPage1 + "/annulla").Form()
	form.Set("motivo", "Emesso due volte")
	d.Post(bulletinPage1+"/annulla", form).LeadsTo(bulletinPage1)
	d.Get(bulletinPage1).Is(http.StatusOK, "Annullato", "Emesso due volte").Lacks("Invia al genitore", "Annulla il bollettino")
	if len(d.world.sent) != 2 {
		t.Errorf("did %q", d.world.sent)
	}
}

func TestASearchFindsByWhateverIsTyped(t *testing.T) {
	d := sit(t, domain.RoleOffice)
	d.Get("/ufficio/cerca?testo=" + url.QueryEscape(notice(2).Groups())).LeadsTo("/ufficio/bollettini/" + string(notice(2)))
	d.world.many = true
	d.Get("/ufficio/cerca?testo=semp").Is(http.StatusOK, "Sempronio Tizio", "UTENTE TEST", "Successivi").Lacks("Precedenti").
		Has(`href="/ufficio/cerca?pagina=2&amp;testo=semp"`)
	d.Get("/ufficio/cerca?testo=semp&pagina=2").Is(http.StatusOK, "Precedenti").Lacks("Successivi")
	d.Get("/ufficio/cerca?testo=semp&pagina=x").Is(http.StatusOK, "Sempronio Tizio")
	d.Get("/ufficio/cerca?testo=").Is(http.StatusUnprocessableEntity, "almeno 3")
	d.Get("/ufficio/cerca?testo=nessuno").Is(http.StatusOK, "Nessuna persona trovata")
}

func TestEachRoleHasItsMenuAndItsHome(t *testing.T) {
	for role, c := range map[domain.Role]struct{ home, menu string }{
		domain.RoleOffice:        {"/ufficio", "Ufficio scuola Da fare oggi Cerca Bollettini da inviare Richieste di abbinamento Menu profilo Modifica password Esci"},
		domain.RoleAuditor:       {"/ufficio/accessi", "Controllo Accessi del personale Menu profilo Modifica password Esci"},
		domain.RoleAdministrator: {"/ufficio", "Richieste di abbinamento Controllo Accessi del personale Menu profilo Modifica password Esci"},
	} {
		d := sit(t, role)
		if role != domain.RoleAuditor { // whose home is among other pages
			d.Get("/").LeadsTo(c.home)
		}
		d.Get(c.home).Is(http.StatusOK, c.menu).Has(`href="` + c.home + `" aria-current="page"`)
	}
	sit(t, domain.RoleReconciler).Get("/").Is(http.StatusNotFound)
}
