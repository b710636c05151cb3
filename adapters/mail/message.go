// Package mail sends what the service writes to people. A Sender takes a
// finished Message; whose words they are, and whether they should be sent, is
// its caller's business. A Letterhead prints Words as text and as HTML.
//
// Mailbox is the Sender of a demonstration: it files each message in a folder,
// and MailboxPage shows the folder in a browser. Outbox is the Sender of a
// service: what it was given is durable, sealed for the person it is about, until
// a Carrier, such as SMTP, has delivered it.
package mail

import (
	"context"
	"fmt"
	"mime"
	netmail "net/mail"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
)

// Sender sends messages. It may be given the same message again, after an error
// or after a crash, and then sends it once: the ID tells.
type Sender interface {
	// Send returns when the message is durable on its way. A message that can
	// never be sent is a *domain.Refusal; any other error may pass.
	Send(ctx context.Context, m Message) error
}

// Message is one mail to one person.
type Message struct {
	// ID makes a repeated message recognisable, so it is derived from what caused
	// the message (an event's id) and never random: 1-100 of A-Z a-z 0-9 . _ -
	ID string
	// Person is whose key seals the message while it waits. Once they are erased it
	// is not sent any more. What is about nobody the ledger knows yet is the body's:
	// domain.CreditorSubject.
	Person      uuid.UUID
	From        string // whom it is from, with a display name or without; empty is the sender's own
	To          string // one address, at most 254 bytes, without a display name
	Subject     string // one line
	Text        string // for everyone; lines end in \n
	HTML        string // the same as a page, or nothing
	Attachments []Attachment
	// NotAfter is when the message is no longer worth sending, such as a code that is
	// good for some minutes. Zero is never.
	NotAfter time.Time
}

// Attachment is a file that comes with a message.
type Attachment struct {
	Name    string // a file name, without folders
	Type    string // its media type: "application/pdf"
	Content []byte
}

// MaxSize bounds the bytes of a message before encoding, attachments and all:
// mail servers take little more.
const MaxSize = 10 << 20

const maxAddress = 254 // RFC 5321, 4.5.3.1.3

var (
	okID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)
	// What net/mail takes and other mail programs do not, such as quoted names and
	// letters outside ASCII, stays out.
	okAddress = regexp.MustCompile("^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)*$")
)

// Check refuses, naming the rule, a message that cannot be sent as it is. No part
// of a header may hold a line break, or its writer could add headers of his own.
func (m Message) Check() error {
	switch {
	case !okID.MatchString(m.ID):
		return refuse("id", "a message's id is 1-100 letters, digits, dots, dashes and underscores, the first a letter or digit")
	case m.Person == uuid.Nil:
		return refuse("person", "a message says whose key seals it")
	case m.From != "" && !isSender(m.From):
		return refuse("from", "a message is from one e-mail address, with a name or without")
	case !isAddress(m.To):
		return refuse("to", "a message goes to one e-mail address")
	case strings.TrimSpace(m.Subject) == "" || !oneLine(m.Subject):
		return refuse("subject", "a subject is one line of text")
	case strings.TrimSpace(m.Text) == "" || !utf8.ValidString(m.Text) || !utf8.ValidString(m.HTML):
		return refuse("text", "a message has a text")
	}
	size := len(m.Text) + len(m.HTML)
	for _, a := range m.Attachments {
		if err := a.check(); err != nil {
			return err
		}
		size += len(a.Content)
	}
	if size > MaxSize {
		return refuse("attachments", fmt.Sprintf("a message has at most %d MiB", MaxSize>>20))
	}
	return nil
}

func (a Attachment) check() error {
	if a.Name == "" || len(a.Name) > 200 || !oneLine(a.Name) || strings.ContainsAny(a.Name, `/\"`) {
		return refuse("attachments", "an attachment has a file name without folders and quotes")
	}
	// Attachments are PDF files, tables and the like: a type needs no parameters.
	kind, params, err := mime.ParseMediaType(a.Type)
	if err != nil || len(params) > 0 || kind != strings.ToLower(a.Type) || !strings.Contains(kind, "/") {
		return refuse("attachments", "an attachment has a media type without parameters")
	}
	return nil
}

func refuse(field, rule string) error {
	return &domain.Refusal{Kind: domain.Invalid, Field: field, Rule: rule}
}

// isAddress accepts exactly one bare address: no name, no list, no comment.
func isAddress(s string) bool {
	if len(s) > maxAddress || !okAddress.MatchString(s) {
		return false
	}
	address, err := netmail.ParseAddress(s)
	return err == nil && address.Address == s
}

func oneLine(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || r == '\u2028' || r == '\u2029'
	})
}
