package portal

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/saldo-ledger/saldo/adapters/portal/portaltest"
)

// line says what one route answers to whom: a status, or where it leads with 303.
// "login" leads to Accesso and back.
type line struct {
	methods, template, query    string
	nobody, owner, other, staff string
}

const (
	shows = "GET,HEAD"
	does  = "POST"
)

// walk is every route of the portal, asked for what the guide's family owns.
var walk = []line{
	{shows, "/assets/", "", "200", "200", "200", "200"},
	{shows, "/", "", "/accesso", "/consumatori", "/consumatori", "404"},
	{shows, "/accesso", "", "200", "/consumatori", "/consumatori", "404"},
	{does, "/accesso", "", "/consumatori", "/consumatori", "/consumatori", "/consumatori"},
	{"GET", "/accesso/{porta}", "", "https://identita.example.it/entra?porta=spid", "https://identita.example.it/entra?porta=spid", "https://identita.example.it/entra?porta=spid", "https://identita.example.it/entra?porta=spid"},
	{"GET", "/accesso/ritorno", "?code=si", "/accesso?esito=scaduto", "/accesso?esito=scaduto", "/accesso?esito=scaduto", "/accesso?esito=scaduto"},
	{shows, "/esci", "", "/accesso", "200", "200", "200"},
	{does, "/esci", "", "/accesso?uscito=1", "/accesso?uscito=1", "/accesso?uscito=1", "/accesso?uscito=1"},
	{does, "/sessione", "", "login", "204", "204", "204"},

	{shows, "/accesso/aiuto", "", "200", "200", "200", "200"},
	{shows, "/domande-frequenti", "", "200", "200", "200", "200"},
	{shows, "/preferiti", "", "200", "200", "200", "200"},
	{shows, "/privacy", "", "200", "200", "200", "200"},
	{shows, "/note-legali", "", "200", "200", "200", "200"},
	{shows, "/registrazione/fatta", "", "200", "200", "200", "200"},
	{shows, "/recupero/inviata", "", "200", "200", "200", "200"},
	{shows, "/stato", "", "200", "200", "200", "200"},

	{shows, "/registrazione", "", "200", "/consumatori", "/consumatori", "404"},
	{does, "/registrazione", "", "/registrazione/fatta", "/registrazione/fatta", "/registrazione/fatta", "/registrazione/fatta"},
	{does, "/registrazione/verifica", "", "200", "200", "200", "200"},
	{shows, "/recupero", "", "200", "200", "200", "200"},
	{does, "/recupero", "", "200", "200", "200", "200"},
	{does, "/recupero/domanda", "", "/recupero/inviata", "/recupero/inviata", "/recupero/inviata", "/recupero/inviata"},
	{shows, "/recupero/password", "?codice=" + oneTimeCode, "200", "200", "200", "200"},
	{does, "/recupero/password", "", "/accesso", "/accesso", "/accesso", "/accesso"},
	{shows, "/conferma-email", "?codice=" + oneTimeCode, "200", "200", "200", "200"},
	{does, "/conferma-email", "", "/accesso", "/profilo", "/profilo", "/profilo"},

	{shows, "/consumatori", "", "login", "200", "200", "404"},
	{shows, "/consumatori/{consumer}/movimenti", "", "login", "200", "404", "404"},
	{shows, "/consumatori/abbinamento", "", "login", "200", "200", "404"},
	{does, "/consumatori/abbinamento", "", "login", "/consumatori", "422", "404"},
	{does, "/consumatori/abbinamento/identita", "", "login", "/consumatori/abbinamento", "/consumatori/abbinamento", "404"},
	{shows, "/consumatori/abbinamento/richiesta", "", "login", "200", "200", "404"},
	{does, "/consumatori/abbinamento/richiesta", "", "login", "/consumatori/abbinamento", "/consumatori/abbinamento", "404"},
	{shows, "/spiega/{figure}", "?posizione=41&consumatore={consumer}", "login", "200", "404", "404"},
	{shows, "/documenti", "", "login", "200", "200", "404"},
	{shows, "/documenti/pagamenti", "?anno=2019-2020&pagina=1", "login", "200", "200", "404"},
	{shows, "/documenti/pagamenti/{notice}/{entry}", "", "login", "200", "404", "404"},
	{shows, "/documenti/pagamenti/{notice}/{entry}.pdf", "", "login", "200", "404", "404"},
	{shows, "/documenti/spese/{year}", "", "login", "200", "200", "404"},
	{shows, "/documenti/spese/{year}.pdf", "", "login", "200", "200", "404"},
	{shows, "/profilo", "", "login", "200", "200", "404"},
	{does, "/profilo", "", "login", "/profilo", "/profilo", "404"},
	{does, "/profilo/conferma", "", "login", "/profilo", "/profilo", "404"},
	{shows, "/profilo/password", "", "login", "200", "200", "200"},
	{does, "/profilo/password", "", "login", "/profilo/password", "/profilo/password", "/profilo/password"},

	{shows, "/novita", "", "login", "200", "200", "404"},
	{shows, "/novita/{news}", "", "login", "200", "200", "404"},
	{shows, "/richieste", "", "login", "200", "200", "404"},
	{does, "/richieste", "", "login", "/richieste/{new}", "/richieste/{new}", "404"},
	{shows, "/richieste/{inquiry}", "", "login", "200", "404", "404"},
	{does, "/richieste/{inquiry}", "", "login", "/richieste/{inquiry}", "404", "404"},
	{does, "/richieste/{inquiry}/chiudi", "", "login", "/richieste/{inquiry}", "404", "404"},

	{shows, "/paga", "?categoria=" + refezione, "login", "200", "200", "404"},
	{shows, "/paga/novita", "", "login", "/paga", "/paga", "404"},
	{does, "/paga/totali", "", "login", "200", "200", "404"},
	{does, "/paga/riepilogo", "", "login", "/paga/riepilogo?pagamento={new}", "422", "404"},
	{shows, "/paga/riepilogo", "?pagamento={payment}", "login", "200", "404", "404"},
	{does, "/paga/avvio", "", "login", checkoutOrigin + "/carts/7", "404", "404"},
	{shows, "/paga/ritorno/{payment}/{how}", "", "login", "/paga/esito/{payment}", "404", "404"},
	{does, "/paga/ritorno/{payment}/{how}", "", "login", "/paga/esito/{payment}", "404", "404"},
	{shows, "/paga/esito/{payment}", "", "login", "/paga/riepilogo?pagamento={payment}", "404", "404"},
	{shows, "/paga/esito/{payment}/novita", "", "login", "/paga/esito/{payment}", "404", "404"},
	{shows, "/paga/avvisi", "?pagamento={payment}", "login", "200", "404", "404"},
	{shows, "/paga/avvisi.zip", "?pagamento={payment}", "login", "200", "404", "404"},
	{shows, "/paga/avvisi/{notice}", "", "login", "200", "404", "404"},
	{shows, "/paga/avvisi/{notice}.pdf", "", "login", "200", "404", "404"},
	{does, "/paga/avvisi/{notice}/email", "", "login", "/paga/avvisi/{notice}", "404", "404"},
}

// private are the lines whose answer hangs on whose the data is.
func private() (lines []line) {
	for _, l := range walk {
		if l.owner != l.other {
			lines = append(lines, l)
		}
	}
	return lines
}

// names are what a request names: the guide's family's, or nobody's.
type names struct{ payment, consumer, notice, paid, inquiry string }

var unheardOf = names{"44444444-4444-4444-8444-444444444444", "44444444-4444-4444-8444-444444444444", string(notice(901)), string(notice(901)), "44444444-4444-4444-8444-444444444444"}

func (n *town) names() names {
	return names{n.cart.String(), utenteTest.String(), string(postScuola), string(notice(41)), richiesta.String()}
}

func (l line) fill(text string, of names) string {
	if strings.HasPrefix(text, historyPath) { // it is of what was paid
		text = strings.ReplaceAll(text, "{notice}", of.paid)
	}
	return strings.NewReplacer("{payment}", of.payment, "{consumer}", of.consumer, "{notice}", of.notice,
		"{entry}", fmt.Sprint(entry(notice(41))), "{figure}", "saldo-bollettini", "{year}", "2020",
		"{inquiry}", of.inquiry, "{news}", notizia.String(), "{porta}", "spid", "{how}", "annullato").Replace(text)
}

// put sends a line's request as who, and its form where it has one.
func (n *town) put(who, method string, l line, of names, headers ...string) portaltest.Answer {
	path := l.fill(l.template+l.query, of)
	if l.template == "/assets/" {
		path = stylesheetLink.FindString(n.ask(nobody, http.MethodGet, "/accesso", nil).Body)
	}
	var form url.Values
	if method == http.MethodPost {
		form = n.form(who, l.template, of)
	}
	return n.ask(who, method, path, form, headers...)
}

var stylesheetLink = regexp.MustCompile(`/assets/[0-9a-f]+/ente\.css`)

// form is what a browser would send along a line, rightly filled in.
func (n *town) form(who, template string, of names) url.Values {
	const key = "66666666-6666-4666-8666-666666666666"
	person := n.registry.person
	if who == other {
		person.GivenName, person.FamilyName, person.Email = "Caia", "Mevia", "caia@posta.example"
	}
	return map[string]url.Values{
		"/accesso": {"username": {username}, "password": {password}},
		"/registrazione": {
			"chiave": {key}, "cf": {"RSSMRA85T10A562S"}, "nome": {"Mario"}, "cognome": {"Rossi"}, "email": {"mario@example.it"},
			"ripetiemail": {"mario@example.it"}, "username": {"mario.rossi"}, "password": {"Frase-lunga-7"}, "ripeti": {"Frase-lunga-7"},
			"domanda": {secretQuestions[1]}, "risposta": {"Liszt"}, "informativa": {"si"},
		},
		"/registrazione/verifica":  {"chiave": {key}, "username": {"mario.rossi"}},
		"/recupero":                {"per": {"username"}, "valore": {username}},
		"/recupero/domanda":        {"per": {"username"}, "valore": {username}, "risposta": {"Liszt"}, "chiave": {key}},
		"/recupero/password":       {"codice": {oneTimeCode}, "nuova": {"Nuova-1234"}, "ripeti": {"Nuova-1234"}},
		"/conferma-email":          {"codice": {oneTimeCode}},
		"/profilo":                 {"chiave": {key}, "nome": {person.GivenName}, "cognome": {person.FamilyName}, "email": {person.Email}},
		"/consumatori/abbinamento": {"codice": {activationCode}},
		"/consumatori/abbinamento/richiesta": {
			"chiave": {key}, "nome": {"Nina"}, "cognome": {"Prova"}, "cf": {"SMPNNI14D45F205P"}, "scuola": {"EL. RODARI"},
		},
		"/profilo/conferma":             {"chiave": {key}},
		"/profilo/password":             newPassword(password, "Nuova-1234", "Nuova-1234"),
		"/richieste":                    {"chiave": {key}, "oggetto": {"Rimborso"}, "testo": {"Come chiedo il rimborso?"}},
		"/richieste/{inquiry}":          {"chiave": {key}, "testo": {"Grazie."}},
		"/richieste/{inquiry}/chiudi":   {"chiave": {key}},
		"/paga/totali":                  {"modulo": {key}, "categoria": {refezione}, "bollettino": {of.notice + ".5733"}},
		"/paga/riepilogo":               {"modulo": {key}, "categoria": {refezione}, "bollettino": {of.notice + ".5733"}, "azione": {"online"}},
		"/paga/avvio":                   {"chiave": {key}, "pagamento": {of.payment}},
		"/paga/avvisi/{notice}/email":   {"chiave": {key}, "email": {"tiziosempronio@live.it"}},
		"/paga/ritorno/{payment}/{how}": {},
	}[template]
}
