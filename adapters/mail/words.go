package mail

import (
	"embed"
	"fmt"
	"html/template"
	"regexp"
	"strings"
)

// Words are what a letter says. Text and HTML are printed from the same words, so
// that whoever reads either has read both.
type Words struct {
	Subject  string
	Greeting string
	Said     []string // what happened, paragraph by paragraph
	Facts    []Fact   // the figures of it
	Quoted   Quoted   // what somebody else wrote
	Code     string   // to copy by hand, on a line of its own
	Link     Link     // where to do what is to be done
	Then     []string // what to do, paragraph by paragraph
}

// Fact is one figure of a letter: "Importo", "57,33 €".
type Fact struct{ Label, Value string }

// Quoted is what a person wrote, marked so that nobody takes it for the body's words.
type Quoted struct {
	Who  string   // "Hai scritto"
	Text []string // paragraph by paragraph
}

// Link is an address and what is done there.
type Link struct{ Label, URL string }

// Letterhead is the body that letters are from.
type Letterhead struct {
	Body    string
	Tagline string
	Colour  string // #rrggbb; empty is the design system's blue
	Office  string
	Phone   string
	Email   string
	Hours   string
	URL     string // of the portal
}

const designBlue = "#0066cc"

var okColour = regexp.MustCompile(`^#[0-9A-Fa-f]{6}$`)

//go:embed layout/letter.html
var layoutFiles embed.FS

var layout = template.Must(template.ParseFS(layoutFiles, "layout/letter.html"))

// Print writes the words on the letterhead, as text and as HTML. The HTML loads
// nothing from anywhere.
func (h Letterhead) Print(w Words) (text, html string, err error) {
	if h.Colour == "" {
		h.Colour = designBlue
	}
	if !okColour.MatchString(h.Colour) {
		return "", "", fmt.Errorf("colour %q is not #rrggbb", h.Colour)
	}
	w = w.tidy()
	var page strings.Builder
	if err := layout.Execute(&page, struct {
		Letterhead
		Words
	}{h, w}); err != nil {
		return "", "", err
	}
	return h.text(w), page.String(), nil
}

// tidy keeps every part on the one line that is its own: what people are called
// and what they wrote must not look like words of the body's.
func (w Words) tidy() Words {
	facts := make([]Fact, len(w.Facts))
	for i, f := range w.Facts {
		facts[i] = Fact{line(f.Label), line(f.Value)}
	}
	return Words{
		Subject: line(w.Subject), Greeting: line(w.Greeting), Said: lines(w.Said), Facts: facts,
		Quoted: Quoted{line(w.Quoted.Who), lines(w.Quoted.Text)}, Code: line(w.Code), Link: Link{line(w.Link.Label), line(w.Link.URL)}, Then: lines(w.Then),
	}
}

func line(s string) string { return strings.Join(strings.Fields(s), " ") }

func lines(all []string) []string {
	tidy := make([]string, len(all))
	for i, s := range all {
		tidy[i] = line(s)
	}
	return tidy
}

func (h Letterhead) text(w Words) string {
	parts := append([]string{w.Greeting}, w.Said...)
	var facts []string
	for _, f := range w.Facts {
		facts = append(facts, f.Label+": "+f.Value)
	}
	if len(facts) > 0 {
		parts = append(parts, strings.Join(facts, "\n"))
	}
	if len(w.Quoted.Text) > 0 {
		parts = append(parts, w.Quoted.Who+":\n\n> "+strings.Join(w.Quoted.Text, "\n>\n> "))
	}
	if w.Code != "" {
		parts = append(parts, w.Code)
	}
	if w.Link.URL != "" {
		parts = append(parts, w.Link.Label+":\n"+w.Link.URL)
	}
	parts = append(parts, w.Then...)
	return strings.Join(parts, "\n\n") + "\n\n-- \n" + strings.Join(h.Signature(), "\n") + "\n"
}

// Signature is how a letter ends: who wrote it, and who can be asked.
func (h Letterhead) Signature() []string {
	return []string{
		h.Body + " - " + h.Tagline,
		"Hai una domanda? " + h.Office + ", telefono " + h.Phone + " (" + h.Hours + "), e-mail " + h.Email,
		"Portale: " + h.URL,
		"Questo messaggio è stato scritto dal sistema.",
	}
}
