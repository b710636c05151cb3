package main

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

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

// letter is something written to one person, before it is on the body's paper.
type letter struct {
	mail.Words
	ID          string    // of what caused it, so that one written twice arrives once
	Person      uuid.UUID // whose it is: erased, they get none
	To          string
	NotAfter    time.Time // when it is no longer worth sending; zero is never
	Attachments []mail.Attachment
}

// writeLetters is the reaction that tells people by mail what happened to them. A
// letter's id is the event's, so that one written twice arrives once. It goes to
// whom the ledger knows now and not to whom the event names: somebody erased
// meanwhile has no address, and gets none.
func (s *service) writeLetters(ctx context.Context, rec eventstore.Recorded, e domain.Event) error {
	parent, words, err := s.linkLetter(ctx, e)
	if err != nil {
		return err
	}
	switch e := e.(type) {
	case domain.ParentRegistered:
		parent, words = e.Parent, func(p domain.Person) mail.Words { return welcomeWords(p, s.URL) }
	case domain.PaymentConfirmed:
		parent, words = e.Parent, func(p domain.Person) mail.Words { return paidWords(s.Body.Name, p, e, s.URL) }
	}
	if words == nil {
		return ledger.ErrNoReaction
	}
	p, err := s.ledger.KnownParent(ctx, parent)
	if err != nil || p.Person.Email == "" {
		return err
	}
	return s.write(ctx, letter{Words: words(p.Person), ID: rec.ID.String(), Person: parent.UUID, To: p.Person.Email})
}

// write puts a letter on the body's paper and sends it. When it returns the letter
// is durable on its way.
func (s *service) write(ctx context.Context, l letter) error {
	text, html, err := s.letterhead().Print(l.Words)
	if err != nil {
		return err
	}
	return s.mailbox.Send(ctx, mail.Message{
		ID: l.ID, Person: l.Person, To: l.To, Subject: l.Subject, Text: text, HTML: html, Attachments: l.Attachments, NotAfter: l.NotAfter,
	})
}

func (s *service) letterhead() mail.Letterhead {
	b := s.Body
	return mail.Letterhead{
		Body: b.Name, Tagline: b.Tagline, Colour: b.Colour, URL: strings.TrimRight(s.URL, "/"),
		Office: b.Office.Name, Phone: b.Office.Phone, Email: b.Office.Email, Hours: b.Office.Hours,
	}
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
