package main

import (
	"strings"

	"github.com/saldo-ledger/saldo/adapters/mail"
	"github.com/saldo-ledger/saldo/domain"
)

// inquiryPath is the portal's page of one question to the office.
func inquiryPath(id domain.InquiryID) string { return "/richieste/" + id.String() }

// inquiryCopyWords are the copy of what a parent asked.
func inquiryCopyWords(p domain.Person, e domain.InquiryOpened, portal string) mail.Words {
	facts := []mail.Fact{
		{Label: "Numero della richiesta", Value: e.Inquiry.Ticket()},
		{Label: "Oggetto", Value: e.Question.Subject},
		{Label: "Inviata il", Value: moment(e.At)},
	}
	if e.Notice != "" {
		facts = append(facts, mail.Fact{Label: "Bollettino con avviso", Value: e.Notice.Groups()})
	}
	return mail.Words{
		Subject: "Abbiamo ricevuto la tua richiesta " + e.Inquiry.Ticket(), Greeting: hello(p),
		Said:   []string{"abbiamo ricevuto la tua richiesta di informazioni. Questa è una copia."},
		Facts:  facts,
		Quoted: mail.Quoted{Who: "Hai scritto", Text: paragraphs(e.Question.Text)},
		Link:   mail.Link{Label: "Guarda la richiesta", URL: onPortal(portal, inquiryPath(e.Inquiry))},
		Then:   []string{"Ti scriviamo quando l'ufficio risponde. Non rispondere a questo messaggio: per aggiungere qualcosa apri la richiesta nel portale."},
	}
}

// inquiryAnswerWords bring the office's answer.
func inquiryAnswerWords(p domain.Person, e domain.InquiryAnswered, b *body) mail.Words {
	return mail.Words{
		Subject: "Risposta alla tua richiesta " + e.Inquiry.Ticket(), Greeting: hello(p),
		Said:   []string{"l'ufficio ha risposto alla tua richiesta di informazioni."},
		Facts:  []mail.Fact{{Label: "Numero della richiesta", Value: e.Inquiry.Ticket()}, {Label: "Risposta del", Value: moment(e.At)}},
		Quoted: mail.Quoted{Who: b.Body.Office.Name + " ha scritto", Text: paragraphs(e.Answer.Text)},
		Link:   mail.Link{Label: "Apri la richiesta", URL: onPortal(b.URL, inquiryPath(e.Inquiry))},
		Then:   []string{"Se ti serve altro, scrivi ancora nella stessa richiesta. Se non ti serve altro, puoi chiuderla."},
	}
}

// inquiryClosedWords say that the office closed a question.
func inquiryClosedWords(p domain.Person, e domain.InquiryClosed, b *body) mail.Words {
	return mail.Words{
		Subject: "La tua richiesta " + e.Inquiry.Ticket() + " è stata chiusa", Greeting: hello(p),
		Said:  []string{"l'ufficio ha chiuso la tua richiesta di informazioni."},
		Facts: []mail.Fact{{Label: "Numero della richiesta", Value: e.Inquiry.Ticket()}, {Label: "Chiusa il", Value: moment(e.At)}},
		Link:  mail.Link{Label: "Guarda la richiesta", URL: onPortal(b.URL, inquiryPath(e.Inquiry))},
		Then:  []string{"Se ti serve ancora aiuto, scrivi nella stessa richiesta: si riapre da sola."},
	}
}

// paragraphs are the lines of a text that say something.
func paragraphs(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == '\n' })
}
