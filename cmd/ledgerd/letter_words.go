package main

import (
	"strings"
	"time"

	"github.com/saldo-ledger/saldo/adapters/mail"
	"github.com/saldo-ledger/saldo/domain"
)

// What the letters say. None has a password in it, and none asks for one.

func hello(p domain.Person) string { return "Ciao " + p.GivenName + "," }

// onPortal is an address in the portal.
func onPortal(portal, path string) string { return strings.TrimRight(portal, "/") + path }

// moment is a point in time as people in Italy read it.
func moment(t time.Time) string { return inItaly(t).Format("02/01/2006 alle 15:04") }

// welcomeWords remind of the username.
func welcomeWords(p domain.Person, portal string) mail.Words {
	return mail.Words{
		Subject: "Il tuo nome utente", Greeting: hello(p),
		Said:  []string{"il tuo accesso al portale dei servizi scolastici è attivo."},
		Facts: []mail.Fact{{Label: "Il tuo nome utente", Value: p.Username}},
		Link:  mail.Link{Label: "Entra nel portale", URL: onPortal(portal, "/accesso")},
		Then:  []string{"Conserva questo messaggio come promemoria. Non contiene la password: nessuno te la chiederà, né per e-mail né per telefono."},
	}
}

// confirmAddressWords ask to confirm the address that they are sent to.
func confirmAddressWords(p domain.Person, link string, until time.Time) mail.Words {
	return mail.Words{
		Subject: "Conferma il tuo indirizzo e-mail", Greeting: hello(p),
		Said:  []string{"hai indicato questo indirizzo e-mail nel portale dei servizi scolastici."},
		Facts: []mail.Fact{{Label: "Il tuo nome utente", Value: p.Username}, {Label: "Da confermare entro il", Value: moment(until)}},
		Link:  mail.Link{Label: "Conferma l'indirizzo", URL: link},
		Then:  []string{"Se non lo hai fatto tu, ignora questo messaggio: l'indirizzo non sarà usato."},
	}
}

// accountExistsWords answer somebody who registers again. The page that they saw
// did not tell.
func accountExistsWords(p domain.Person, portal string) mail.Words {
	return mail.Words{
		Subject: "Hai già un account", Greeting: hello(p),
		Said: []string{
			"qualcuno ha chiesto una nuova registrazione al portale dei servizi scolastici con i tuoi dati, ma hai già un account. Non è stato creato nulla.",
		},
		Facts: []mail.Fact{{Label: "Il tuo nome utente", Value: p.Username}},
		Link:  mail.Link{Label: "Scegli una nuova password", URL: onPortal(portal, "/recupero")},
		Then:  []string{"Se ricordi la password, entra come sempre. Se non hai chiesto nulla, ignora questo messaggio."},
	}
}

// recoveryWords bring the one-time code with which a new password is chosen.
func recoveryWords(p domain.Person, code, link string, until time.Time) mail.Words {
	return mail.Words{
		Subject: "Il codice per scegliere una nuova password", Greeting: hello(p),
		Said: []string{
			"hai chiesto una nuova password per il portale dei servizi scolastici. Questo codice vale una volta sola, fino al " + moment(until) + ":",
		},
		Code: code,
		Link: mail.Link{Label: "Scegli una nuova password", URL: link},
		Then: []string{
			"La password di prima resta valida finché non ne scegli una nuova.",
			"Se non lo hai chiesto tu, ignora questo messaggio e non dare il codice a nessuno: l'ufficio non te lo chiederà mai.",
		},
	}
}

// passwordChangedWords warn of a change that its owner may not have made.
func passwordChangedWords(p domain.Person, at time.Time, portal string) mail.Words {
	return mail.Words{
		Subject: "La tua password è stata cambiata", Greeting: hello(p),
		Said: []string{
			"la password del tuo account nel portale dei servizi scolastici è stata cambiata. Gli altri accessi aperti sono stati chiusi.",
		},
		Facts: []mail.Fact{{Label: "Il tuo nome utente", Value: p.Username}, {Label: "Cambiata il", Value: moment(at)}},
		Link:  mail.Link{Label: "Non l'hai cambiata tu? Scegli subito una nuova password", URL: onPortal(portal, "/recupero")},
		Then:  []string{"Se l'hai cambiata tu, non devi fare nulla."},
	}
}

// paidWords say that a payment is registered.
func paidWords(body string, p domain.Person, e domain.PaymentConfirmed, portal string) mail.Words {
	return mail.Words{
		Subject: "Pagamento registrato", Greeting: hello(p),
		Said: []string{body + " ha registrato il tuo pagamento di " + euro(e.Amount) + "."},
		Facts: []mail.Fact{
			{Label: "Importo", Value: euro(e.Amount)},
			{Label: "Codice avviso", Value: e.Notice.Groups()},
			{Label: "Pagato il", Value: inItaly(e.At).Format("02/01/2006")},
			{Label: "Presso", Value: e.PSP.Name},
			{Label: "Numero della ricevuta", Value: string(e.Receipt)},
		},
		Link: mail.Link{Label: "Guarda i tuoi bollettini", URL: onPortal(portal, "/consumatori")},
		Then: []string{"Non devi fare nulla. Conserva questo messaggio con la ricevuta di chi ha incassato il pagamento."},
	}
}

// noticeWords go with a notice. Whoever gets it may be somebody else than the
// parent: it greets nobody by name.
func noticeWords(body string, creditor domain.FiscalCode, b domain.Demand, portal string) mail.Words {
	return mail.Words{
		Subject: "Avviso di pagamento " + b.Notice.Groups(), Greeting: "Buongiorno,",
		Said: []string{"in allegato trovi un avviso di pagamento."},
		Facts: []mail.Fact{
			{Label: "Ente creditore", Value: body},
			{Label: "Importo", Value: euro(b.Amount)},
			{Label: "Da pagare entro il", Value: b.Due.Time().Format("02/01/2006")},
			{Label: "Codice avviso", Value: b.Notice.Groups()},
			{Label: "Codice fiscale dell'ente", Value: string(creditor)},
		},
		Link: mail.Link{Label: "Paga sul portale", URL: onPortal(portal, "/paga")},
		Then: []string{"Puoi pagarlo anche in banca, in posta, in tabaccheria o con la tua app: bastano il QR dell'avviso, oppure il codice avviso e il codice fiscale dell'ente."},
	}
}
