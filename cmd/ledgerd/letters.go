package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/saldo-ledger/saldo/adapters/mail"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

// How often a notice is sent by mail at most.
const (
	emailsADay = 5
	day        = 24 * time.Hour
)

// writeLetters is the reaction that tells people by mail what happened to them. A
// letter's id is the event's, so that one written twice arrives once. It goes to
// whom the ledger knows now and not to whom the event names: somebody erased
// meanwhile has no address, and gets none.
func (s *service) writeLetters(ctx context.Context, rec eventstore.Recorded, e domain.Event) error {
	switch e := e.(type) {
	case domain.ParentRegistered:
		p, err := s.ledger.KnownParent(ctx, e.Parent)
		if err != nil {
			return err
		}
		return s.send(ctx, rec, p.Person, "Il tuo nome utente", welcomeLetter(s.Body.Name, p.Person, s.URL))
	case domain.PaymentConfirmed:
		p, err := s.ledger.KnownParent(ctx, e.Parent)
		if err != nil {
			return err
		}
		return s.send(ctx, rec, p.Person, "Pagamento registrato", paidLetter(s.Body.Name, p.Person, e))
	}
	return ledger.ErrNoReaction
}

func (s *service) send(ctx context.Context, rec eventstore.Recorded, to domain.Person, subject, text string) error {
	if to.Email == "" {
		return nil
	}
	return s.mailbox.Send(ctx, mail.Message{ID: rec.ID.String(), To: to.Email, Subject: subject, Text: text})
}

func welcomeLetter(body string, p domain.Person, url string) string {
	return fmt.Sprintf(`Ciao %s,

il tuo accesso ai servizi scolastici di %s è attivo.
Il tuo nome utente è: %s

Per entrare: %s/accesso

Questo messaggio è un promemoria. Non contiene la password e nessuno te la chiederà.
`, p.GivenName, body, p.Username, strings.TrimRight(url, "/"))
}

func paidLetter(body string, p domain.Person, e domain.PaymentConfirmed) string {
	return fmt.Sprintf(`Ciao %s,

%s ha registrato il tuo pagamento di %s.

Codice avviso: %s
Pagato il: %s
Presso: %s
Numero della ricevuta: %s
`, p.GivenName, body, euro(e.Amount), e.Notice.Groups(), inItaly(e.At).Format("02/01/2006"), e.PSP.Name, e.Receipt)
}

func noticeLetter(body string, number domain.NoticeNumber, url string) string {
	return fmt.Sprintf(`Ecco l'avviso di pagamento %s di %s, in allegato.

Puoi pagarlo in banca, in posta, in tabaccheria, con la tua app o sul sito %s
`, number.Groups(), body, strings.TrimRight(url, "/"))
}

// euro writes an amount as people in Italy read it: 1.234,50 €.
func euro(m domain.Money) string {
	whole, cents, _ := strings.Cut(m.String(), ".")
	var b strings.Builder
	for i, r := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 && whole[i-1] != '-' {
			b.WriteByte('.')
		}
		b.WriteRune(r)
	}
	return b.String() + "," + cents + " €"
}

func inItaly(t time.Time) time.Time {
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		return t
	}
	return t.In(rome)
}
