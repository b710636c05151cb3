package main

import (
	"context"
	"net/url"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/mail"
	"github.com/saldo-ledger/saldo/domain"
)

// withCode is an address in the portal that a code opens.
func withCode(portal, path, code string) string {
	return onPortal(portal, path) + "?" + url.Values{"codice": {code}}.Encode()
}

// writeTo writes to one person what one request asked for, once however often the
// request comes.
func (m members) writeTo(ctx context.Context, p domain.Parent, to, what string, words mail.Words, notAfter time.Time) error {
	return m.write(ctx, letter{Words: words, ID: letterID(p.ID, what), Person: p.ID.UUID, To: to, NotAfter: notAfter})
}

func letterID(id domain.ParentID, what string) string {
	return uuid.NewSHA1(id.UUID, []byte(what)).String()
}

// movingWords warn the present address of a new one.
func movingWords(p domain.Person, portal string) mail.Words {
	return mail.Words{
		Subject: "È stato chiesto un altro indirizzo e-mail", Greeting: hello(p),
		Said: []string{
			"per il tuo account nel portale dei servizi scolastici è stato chiesto un altro indirizzo e-mail. Questo resta valido finché quello nuovo non è confermato.",
		},
		Facts: []mail.Fact{{Label: "Il tuo nome utente", Value: p.Username}},
		Link:  mail.Link{Label: "Non l'hai chiesto tu? Scegli subito una nuova password", URL: onPortal(portal, "/recupero")},
		Then:  []string{"Se l'hai chiesto tu, non devi fare nulla."},
	}
}
