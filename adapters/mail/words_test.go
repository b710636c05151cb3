package mail_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/adapters/mail"
)

var head = mail.Letterhead{
	Body: "Comune di Prova", Tagline: "Servizi scolastici", Colour: "#0066cc", Office: "Ufficio scuola", Phone: "000 0000000",
	Email: "scuola@comune.example", Hours: "lunedì-venerdì 9-12", URL: "https://scuola.comune.example",
}

func hostile() mail.Words {
	return mail.Words{
		Subject: "Prova", Greeting: "Ciao <b>Anna</b>\r\nIBAN nuovo: XX,",
		Said:  []string{"riga\u2028una", "<script>alert(1)</script>"},
		Facts: []mail.Fact{{Label: "Presso", Value: "Banca \"Uno\"\n-- \nComune"}},
		Code:  "AB12", Link: mail.Link{Label: "Vai", URL: "https://scuola.comune.example/x?a=1&b=2"}, Then: []string{"Fine."},
	}
}

func TestWhatPeopleWroteStaysInItsPlace(t *testing.T) {
	text, html, err := head.Print(hostile())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"Ciao <b>Anna</b> IBAN nuovo: XX,\n\nriga una\n\n", "Presso: Banca \"Uno\" -- Comune\n\nAB12\n\n", "Vai:\nhttps://scuola.comune.example/x?a=1&b=2\n\nFine.\n\n-- \nComune di Prova",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the text does not have %q:\n%s", want, text)
		}
	}
	if strings.Contains(html, "<script") || strings.Contains(html, "<b>") || !strings.Contains(html, `href="https://scuola.comune.example/x?a=1&amp;b=2"`) {
		t.Errorf("HTML:\n%s", html)
	}
}

// A message that fetches something tells that it was read, and where.
func TestALetterLoadsNothing(t *testing.T) {
	_, html, err := head.Print(hostile())
	if err != nil {
		t.Fatal(err)
	}
	if found := regexp.MustCompile(`(?i)<img|<link|<style|<script|url\(|src=|ZgotmplZ`).FindString(html); found != "" {
		t.Errorf("it has %s", found)
	}
	if !strings.Contains(html, "border-top:8px solid #0066cc") {
		t.Error("it does not have the body's colour")
	}
}

func TestAColourIsAColour(t *testing.T) {
	for _, colour := range []string{"red", "#12345", "#123456;background:url(x)"} {
		h := head
		h.Colour = colour
		if _, _, err := h.Print(hostile()); err == nil {
			t.Errorf("%q was taken", colour)
		}
	}
}
