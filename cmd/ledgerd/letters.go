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
	o, err := s.occasionOf(ctx, e)
	if err != nil {
		return err
	}
	if o.words == nil {
		return ledger.ErrNoReaction
	}
	p, err := s.ledger.KnownParent(ctx, o.parent)
	if err != nil || p.Person.Email == "" {
		return err
	}
	b, err := s.bodyFor(ctx, o.creditor, o.parent)
	if err != nil {
		return err
	}
	return b.write(ctx, letter{Words: o.words(b, p.Person), ID: rec.ID.String(), Person: o.parent.UUID, To: p.Person.Email})
}

// occasion is what a letter is about: with which body, to whom, and what it says.
type occasion struct {
	creditor domain.FiscalCode // empty where the event does not say
	parent   domain.ParentID
	words    func(*body, domain.Person) mail.Words // nil for no letter
}

// occasionOf returns what is to be told of an event.
func (s *service) occasionOf(ctx context.Context, e domain.Event) (occasion, error) {
	if o := occasionFrom(e); o.words != nil {
		return o, nil
	}
	return s.linkOccasion(ctx, e)
}

// occasionFrom is occasionOf for the events that say all of it themselves.
func occasionFrom(e domain.Event) occasion {
	switch e := e.(type) {
	case domain.ParentRegistered:
		return occasion{e.Creditor, e.Parent, func(b *body, p domain.Person) mail.Words { return welcomeWords(p, b.URL) }}
	case domain.PaymentConfirmed:
		return occasion{e.Creditor, e.Parent, func(b *body, p domain.Person) mail.Words { return paidWords(b.Body.Name, p, e, b.URL) }}
	case domain.InquiryOpened:
		return occasion{e.Creditor, e.Parent, func(b *body, p domain.Person) mail.Words { return inquiryCopyWords(p, e, b.URL) }}
	case domain.InquiryAnswered:
		return occasion{e.Creditor, e.Parent, func(b *body, p domain.Person) mail.Words { return inquiryAnswerWords(p, e, b) }}
	case domain.InquiryClosed:
		if e.By == domain.ByOffice { // the parent knows what the parent did
			return occasion{e.Creditor, e.Parent, func(b *body, p domain.Person) mail.Words { return inquiryClosedWords(p, e, b) }}
		}
	}
	return occasion{}
}

// letterEvents are what letters are written about.
var letterEvents = []domain.Event{
	domain.ParentRegistered{}, domain.PaymentConfirmed{}, domain.InquiryOpened{}, domain.InquiryAnswered{}, domain.InquiryClosed{},
	domain.ParentLinked{}, domain.ParentUnlinked{}, domain.LinkRequested{}, domain.LinkRefused{},
}

// write puts a letter on the body's paper and sends it. When it returns the letter
// is durable on its way.
func (b *body) write(ctx context.Context, l letter) error {
	text, html, err := b.letterhead().Print(l.Words)
	if err != nil {
		return err
	}
	return b.mailbox.Send(ctx, mail.Message{
		ID: l.ID, Person: l.Person, From: b.Body.From, To: l.To, Subject: l.Subject, Text: text, HTML: html, Attachments: l.Attachments, NotAfter: l.NotAfter,
	})
}

func (b *body) letterhead() mail.Letterhead {
	c := b.Body
	return mail.Letterhead{
		Body: c.Name, Tagline: c.Tagline, Colour: c.Colour, URL: strings.TrimRight(b.URL, "/"),
		Office: c.Office.Name, Phone: c.Office.Phone, Email: c.Office.Email, Hours: c.Office.Hours,
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
	return t.In(domain.Rome)
}
