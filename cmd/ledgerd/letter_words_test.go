package main

import (
	"flag"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/mail"
	"github.com/saldo-ledger/saldo/domain"
)

var update = flag.Bool("update", false, "write the golden files")

// letterExamples are all the letters there are, to an invented person.
func letterExamples() map[string]mail.Words {
	const name, portal = "Comune di Borgo Esempio", "https://scuola.borgo-esempio.example/"
	borgo := demoBody()
	caia := domain.Person{GivenName: "Caia", FamilyName: "Mevia", Username: "MEVIA85"}
	at := time.Date(2020, 2, 5, 11, 30, 0, 0, time.UTC)
	paid := domain.PaymentConfirmed{
		Creditor: demoCreditor, Notice: "301000000000000144", Receipt: "c110729d258c4ab1b765fe902aae41d6", Amount: 1_057_33,
		PSP: domain.PSP{Name: "Banca di Prova"}, At: at,
	}
	issued := domain.BulletinIssued{Creditor: demoCreditor, Notice: paid.Notice, Amount: 57_33, Due: "2020-02-29"}
	inquiry := domain.InquiryID{UUID: uuid.MustParse("3f1c2b6e-7a44-4c3e-9f62-5b1d2c3e4f50")}
	asked := domain.Question{Subject: "Rimborso della mensa", Text: "Mio figlio era assente dal 3 al 7 febbraio.\n\nCome chiedo il rimborso? > Grazie <b>."}
	answer := domain.Answer{Author: "Livia Prova", Text: "Con il modulo in ufficio.\nSe preferisci, per PEC."}
	nina := domain.Child{GivenName: "Nina", FamilyName: "Mevia"}
	sought := domain.SoughtChild{GivenName: "Nina", FamilyName: "Mevia", School: "Primaria Rodari"}
	return map[string]mail.Words{
		"richiesta-copia":       inquiryCopyWords(caia, domain.InquiryOpened{Inquiry: inquiry, Creditor: demoCreditor, Notice: paid.Notice, Question: asked, At: at}, portal),
		"richiesta-risposta":    inquiryAnswerWords(caia, domain.InquiryAnswered{Inquiry: inquiry, Creditor: demoCreditor, Answer: answer, At: at}, borgo),
		"richiesta-chiusa":      inquiryClosedWords(caia, domain.InquiryClosed{Inquiry: inquiry, Creditor: demoCreditor, By: domain.ByOffice, At: at}, borgo),
		"altro-indirizzo":       movingWords(caia, portal),
		"abbinamento":           linkedWords(caia, nina, domain.LinkedByCode, portal),
		"abbinamento-richiesto": askedWords(caia, sought, portal),
		"abbinamento-rifiutato": linkRefusedWords(caia, sought, "Nina non risulta iscritta alla Primaria Rodari", portal),
		"abbinamento-tolto":     unlinkedWords(caia, nina, "Affido cessato", portal),
		"benvenuto":             welcomeWords(caia, portal),
		"conferma-indirizzo":    confirmAddressWords(caia, portal+"registrazione/conferma?codice=K7mQx2Rt9vLb", at.Add(day)),
		"account-esistente":     accountExistsWords(caia, portal),
		"recupero":              recoveryWords(caia, "K7mQ-x2Rt-9vLb", portal+"recupero/codice?codice=K7mQx2Rt9vLb", at.Add(30*time.Minute)),
		"password-cambiata":     passwordChangedWords(caia, at, portal),
		"pagamento":             paidWords(name, caia, paid, portal),
		"avviso":                noticeWords(name, demoCreditor, domain.Bulletin{Issued: issued}.Demand(issued.Notice), portal),
	}
}

func demoBody() *body {
	c := demoConfig("data", "https://scuola.borgo-esempio.example", "https://checkout.example").bodies()[0]
	return &body{Body: c, URL: c.URL}
}

func demoLetterhead() mail.Letterhead { return demoBody().letterhead() }

func TestTheLettersReadAsTheyShould(t *testing.T) {
	for name, words := range letterExamples() {
		text, html, err := demoLetterhead().Print(words)
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name+".txt", "Oggetto: "+words.Subject+"\n\n"+text)
		golden(t, name+".html", html)
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", "letters", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is now\n%s", name, got)
	}
}

var tag = regexp.MustCompile(`(?s)<head>.*</head>|<[^>]*>`)

// Who reads the text alone must not miss anything, nor who reads the HTML.
func TestTextAndHTMLSayTheSame(t *testing.T) {
	for name, words := range letterExamples() {
		text, page, err := demoLetterhead().Print(words)
		if err != nil {
			t.Fatal(err)
		}
		seen := strings.Join(strings.Fields(html.UnescapeString(tag.ReplaceAllString(page, " "))), " ")
		for l := range strings.Lines(text) {
			for _, part := range strings.SplitN(strings.TrimSpace(strings.TrimPrefix(l, ">")), ": ", 2) {
				if part = strings.TrimSuffix(part, ":"); part != "--" && !strings.Contains(seen, part) {
					t.Errorf("%s: %q is not in the HTML", name, part)
				}
			}
		}
	}
}
