package mail_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/mail"
	"github.com/saldo-ledger/saldo/domain"
)

var anna = uuid.MustParse("6f1d3c52-9d0e-5b7a-8a53-2f0f4f8f1c11")

// reminder is a message with everything in it.
func reminder() mail.Message {
	return mail.Message{
		ID:      "f3a8b0c2-reminder",
		Person:  anna,
		To:      "anna.verdi@esempio.example",
		Subject: "Perché c'è un bollettino da 57,33 €: una riga d'oggetto così lunga da dover essere spezzata in più parti",
		Text:    "Ciao Anna,\n\nil bollettino è qui: https://portale.example/paga?x=1&y=2.\n.una riga col punto\nFrom una riga\n= fine =  \n" + strings.Repeat("à", 200) + "\n",
		HTML:    "<p>Il bollettino è <a href=\"https://portale.example/paga\">qui</a>.</p>\n<script>alert(1)</script>",
		Attachments: []mail.Attachment{
			{Name: "avviso 3010 – perché sì, nella più lunga delle città d'Italia e anche oltre.pdf", Type: "application/pdf", Content: []byte("%PDF-1.7\r\n\x00\x01\xff\n.\r\n")},
			{Name: "pagina.html", Type: "text/html", Content: []byte("<script>alert(1)</script>")},
			{Name: "vuoto.csv", Type: "text/csv", Content: []byte{}},
		},
	}
}

func TestAMessageThatCannotBeSentIsRefused(t *testing.T) {
	for _, c := range []struct {
		name   string
		field  string
		change func(*mail.Message)
	}{
		{"no id", "id", func(m *mail.Message) { m.ID = "" }},
		{"an id that is a path", "id", func(m *mail.Message) { m.ID = "../x" }},
		{"an id that hides", "id", func(m *mail.Message) { m.ID = ".x" }},
		{"a long id", "id", func(m *mail.Message) { m.ID = strings.Repeat("x", 101) }},
		{"an id with a line break", "id", func(m *mail.Message) { m.ID = "x\n" }},
		{"nobody's key", "person", func(m *mail.Message) { m.Person = uuid.Nil }},
		{"no address", "to", func(m *mail.Message) { m.To = "" }},
		{"two addresses", "to", func(m *mail.Message) { m.To = "a@esempio.example, b@esempio.example" }},
		{"a name and an address", "to", func(m *mail.Message) { m.To = "Anna <anna@esempio.example>" }},
		{"an address and a header", "to", func(m *mail.Message) { m.To = "a@esempio.example\r\nBcc: b@esempio.example" }},
		{"an address with a quoted name", "to", func(m *mail.Message) { m.To = `"a b"@esempio.example` }},
		{"an address with two dots", "to", func(m *mail.Message) { m.To = "a..b@esempio.example" }},
		{"an address of letters outside ASCII", "to", func(m *mail.Message) { m.To = "città@esempio.example" }},
		{"an address without a domain", "to", func(m *mail.Message) { m.To = "anna@" }},
		{"a domain in brackets", "to", func(m *mail.Message) { m.To = "anna@[192.0.2.1]" }},
		{"a long address", "to", func(m *mail.Message) { m.To = "a@" + strings.Repeat("b.", 126) + "cc" }},
		{"no subject", "subject", func(m *mail.Message) { m.Subject = " " }},
		{"a subject and a header", "subject", func(m *mail.Message) { m.Subject = "Ciao\r\nBcc: b@esempio.example" }},
		{"a subject with a bare line feed", "subject", func(m *mail.Message) { m.Subject = "Ciao\nBcc: b@esempio.example" }},
		{"a subject with a bare carriage return", "subject", func(m *mail.Message) { m.Subject = "Ciao\rBcc: b@esempio.example" }},
		{"a subject of two lines in Unicode", "subject", func(m *mail.Message) { m.Subject = "Ciao\u2028Bcc" }},
		{"a subject that is not UTF-8", "subject", func(m *mail.Message) { m.Subject = "Ciao\xff" }},
		{"no text", "text", func(m *mail.Message) { m.Text = "\n" }},
		{"a text that is not UTF-8", "text", func(m *mail.Message) { m.Text = "\xff" }},
		{"an attachment without a name", "attachments", func(m *mail.Message) { m.Attachments[0].Name = "" }},
		{"an attachment in a folder", "attachments", func(m *mail.Message) { m.Attachments[0].Name = "../avviso.pdf" }},
		{"an attachment's name and a header", "attachments", func(m *mail.Message) { m.Attachments[0].Name = "a.pdf\r\nX: y" }},
		{"an attachment's name that ends early", "attachments", func(m *mail.Message) { m.Attachments[0].Name = `a.pdf"; x="y` }},
		{"an attachment without a type", "attachments", func(m *mail.Message) { m.Attachments[0].Type = "" }},
		{"an attachment's type and a header", "attachments", func(m *mail.Message) { m.Attachments[0].Type = "text/plain\r\nX: y" }},
		{"an attachment's type with parameters", "attachments", func(m *mail.Message) { m.Attachments[0].Type = `text/plain; charset="x"` }},
		{"an attachment's type that is none", "attachments", func(m *mail.Message) { m.Attachments[0].Type = "pdf" }},
		{"more than a server takes", "attachments", func(m *mail.Message) { m.Attachments[0].Content = make([]byte, mail.MaxSize) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := reminder()
			c.change(&m)
			refusal, ok := errors.AsType[*domain.Refusal](m.Check())
			if !ok || refusal.Kind != domain.Invalid || refusal.Field != c.field {
				t.Errorf("answer %v, want a refusal of %s", refusal, c.field)
			}
		})
	}
}

func TestAMessageThatIsRightIsNot(t *testing.T) {
	full := reminder()
	least := mail.Message{ID: "x", Person: anna, To: "o'neill+scuola@a-b.c.example", Subject: "x", Text: "x"}
	for _, m := range []mail.Message{full, least} {
		if err := m.Check(); err != nil {
			t.Error(err)
		}
	}
}
