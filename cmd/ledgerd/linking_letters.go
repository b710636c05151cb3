package main

import (
	"context"

	"github.com/saldo-ledger/saldo/adapters/mail"
	"github.com/saldo-ledger/saldo/domain"
)

// linkOccasion is what is to be told of a fact about a link; no words for a fact that
// nobody is told of by mail.
func (s *service) linkOccasion(ctx context.Context, e domain.Event) (occasion, error) {
	switch e := e.(type) {
	case domain.ParentLinked:
		if e.Ground == domain.LinkedByOffice { // who enrols thousands of families tells them in its own way
			return occasion{}, nil
		}
		child, err := s.ledger.KnownConsumer(ctx, e.Consumer)
		return occasion{child.Creditor, e.Parent, func(b *body, p domain.Person) mail.Words { return linkedWords(p, child.Child, e.Ground, b.URL) }}, err
	case domain.ParentUnlinked:
		child, err := s.ledger.KnownConsumer(ctx, e.Consumer)
		return occasion{child.Creditor, e.Parent, func(b *body, p domain.Person) mail.Words { return unlinkedWords(p, child.Child, e.Reason, b.URL) }}, err
	case domain.LinkRequested:
		return occasion{e.Creditor, e.Parent, func(b *body, p domain.Person) mail.Words { return askedWords(p, e.Sought, b.URL) }}, nil
	case domain.LinkRefused:
		request, err := s.ledger.KnownLinkRequest(ctx, e.Request)
		return occasion{request.Creditor, e.Parent, func(b *body, p domain.Person) mail.Words { return linkRefusedWords(p, request.Sought, e.Reason, b.URL) }}, err
	}
	return occasion{}, nil
}

// linkGrounds say in a letter why somebody sees a child now.
var linkGrounds = map[domain.LinkGround]string{
	domain.LinkedByIdentity: "il tuo codice fiscale, verificato con SPID o CIE, è tra quelli indicati all'iscrizione",
	domain.LinkedByCode:     "hai inserito il codice di attivazione",
	domain.LinkedByRequest:  "l'ufficio ha accolto la tua richiesta",
}

// linkedWords say that a child can be seen in the portal.
func linkedWords(p domain.Person, child domain.Child, ground domain.LinkGround, portal string) mail.Words {
	return mail.Words{
		Subject: "Abbinamento riuscito", Greeting: hello(p),
		Said: []string{"da oggi nel portale dei servizi scolastici trovi " + child.FullName() + ", con servizi, saldo e bollettini."},
		Facts: []mail.Fact{
			{Label: "Bambino", Value: child.FullName()}, {Label: "Il tuo nome utente", Value: p.Username}, {Label: "Perché", Value: linkGrounds[ground]},
		},
		Link: mail.Link{Label: "Guarda l'elenco consumatori", URL: onPortal(portal, "/consumatori")},
		Then: []string{"Se non conosci questo bambino, o non hai chiesto tu l'abbinamento, scrivi subito all'ufficio."},
	}
}

// askedWords say that a request has come.
func askedWords(p domain.Person, sought domain.SoughtChild, portal string) mail.Words {
	return mail.Words{
		Subject: "Richiesta di abbinamento ricevuta", Greeting: hello(p),
		Said:  []string{"abbiamo ricevuto la tua richiesta di abbinamento. L'ufficio la controlla e ti risponde per e-mail."},
		Facts: []mail.Fact{{Label: "Bambino", Value: sought.FullName()}, {Label: "Scuola", Value: sought.School}},
		Link:  mail.Link{Label: "Segui la richiesta", URL: onPortal(portal, "/consumatori/abbinamento")},
		Then:  []string{"Se non l'hai inviata tu, scrivi subito all'ufficio."},
	}
}

// linkRefusedWords say that a request was refused, and why.
func linkRefusedWords(p domain.Person, sought domain.SoughtChild, reason, portal string) mail.Words {
	return mail.Words{
		Subject: "Richiesta di abbinamento non accolta", Greeting: hello(p),
		Said:  []string{"l'ufficio non ha potuto accogliere la tua richiesta di abbinamento."},
		Facts: []mail.Fact{{Label: "Bambino", Value: sought.FullName()}, {Label: "Scuola", Value: sought.School}, {Label: "Motivo", Value: reason}},
		Link:  mail.Link{Label: "Invia una nuova richiesta", URL: onPortal(portal, "/consumatori/abbinamento")},
		Then:  []string{"Se pensi che sia un errore, correggi i dati e invia una nuova richiesta, oppure contatta l'ufficio."},
	}
}

// unlinkedWords say that a child can be seen no more. What was billed stays billed.
func unlinkedWords(p domain.Person, child domain.Child, reason, portal string) mail.Words {
	return mail.Words{
		Subject: "Abbinamento tolto", Greeting: hello(p),
		Said:  []string{"l'ufficio ha tolto l'abbinamento tra il tuo account e " + child.FullName() + ": nel portale non trovi più servizi, saldo e movimenti."},
		Facts: []mail.Fact{{Label: "Bambino", Value: child.FullName()}, {Label: "Motivo", Value: reason}},
		Link:  mail.Link{Label: "Guarda i bollettini a tuo nome", URL: onPortal(portal, "/paga")},
		Then:  []string{"I bollettini già emessi a tuo nome restano da pagare. Se pensi che sia un errore, contatta l'ufficio."},
	}
}
