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

	"github.com/saldo-ledger/saldo/adapters/mail"
	"github.com/saldo-ledger/saldo/domain"
)

var update = flag.Bool("update", false, "write the golden files")

// letterExamples are all the letters there are, to an invented person.
func letterExamples() map[string]mail.Words {
	const body, portal = "Comune di Borgo Esempio", "https://scuola.borgo-esempio.example/"
	caia := domain.Person{GivenName: "Caia", FamilyName: "Mevia", Username: "MEVIA85"}
	at := time.Date(2020, 2, 5, 11, 30, 0, 0, time.UTC)
	paid := domain.PaymentConfirmed{
		Creditor: demoCreditor, Notice: "301000000000000144", Receipt: "c110729d258c4ab1b765fe902aae41d6", Amount: 1_057_33,
		PSP: domain.PSP{Name: "Banca di Prova"}, At: at,
	}
	issued := domain.BulletinIssued{Creditor: demoCreditor, Notice: paid.Notice, Amount: 57_33, Due: "2020-02-29"}
	nina := domain.Child{GivenName: "Nina", FamilyName: "Mevia"}
	sought := domain.SoughtChild{GivenName: "Nina", FamilyName: "Mevia", School: "Primaria Rodari"}
	return map[string]mail.Words{
		"abbinamento":           linkedWords(caia, nina, domain.LinkedByCode, portal),
		"abbinamento-richiesto": askedWords(caia, sought, portal),
		"abbinamento-rifiutato": linkRefusedWords(caia, sought, "Nina non risulta iscritta alla Primaria Rodari", portal),
		"abbinamento-tolto":     unlinkedWords(caia, nina, "Affido cessato", portal),
		"benvenuto":             welcomeWords(caia, portal),
		"conferma-indirizzo":    confirmAddressWords(caia, portal+"registrazione/conferma?codice=K7mQx2Rt9vLb", at.Add(day)),
		"account-esistente":     accountExistsWords(caia, portal),
		"recupero":              recoveryWords(caia, "K7mQ-x2Rt-9vLb", portal+"recupero/codice?codice=K7mQx2Rt9vLb", at.Add(30*time.Minute)),
		"password-cambiata":     passwordChangedWords(caia, at, portal),
		"pagamento":             paidWords(body, caia, paid, portal),
		"avviso":                noticeWords(body, demoCreditor, domain.Bulletin{Issued: issued}.Demand(issued.Notice), portal),
	}
}

func demoLetterhead() mail.Letterhead {
	return (&service{config: demoConfig("data", "https://scuola.borgo-esempio.example", "https://checkout.example")}).letterhead()
}

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
			for _, part := range strings.SplitN(strings.TrimSpace(l), ": ", 2) {
				if part = strings.TrimSuffix(part, ":"); part != "--" && !strings.Contains(seen, part) {
					t.Errorf("%s: %q is not in the HTML", name, part)
				}
			}
		}
	}
}
