package portaltest

import (
	"html"
	"net/http"
	"regexp"
	"strings"
)

// inline is what the policy forbids: browsers would drop it without a word.
var inline = regexp.MustCompile(`(?i)<style|\sstyle=|<script(?:\s[^>]*)?>[^<]|\son[a-z]+=|javascript:|\shx-on|js:`)

var heading = regexp.MustCompile(`(?s)<h1[^>]*>(.*?)</h1>`)

// HasNothingInline checks that no script and no style is in the page itself.
func (a Answer) HasNothingInline() {
	a.T.Helper()
	if found := inline.FindString(a.Body); found != "" {
		a.T.Errorf("%s: the page has %q", a.What, found)
	}
}

// heaviest is the most that a page may weigh on the wire, in bytes, for a browser that
// has the design's files.
const heaviest = 20_000

// KeepsTheRules checks what every page has, whatever it says: the policy, with forms
// that lead to targets besides the site itself, nothing inline, one heading that is
// the title, little weight, and what the law asks of a public body's page.
func (a Answer) KeepsTheRules(targets ...string) {
	a.T.Helper()
	policy := strings.Join(append([]string{Policy}, targets...), " ")
	for name, want := range map[string]string{
		"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff",
		"Referrer-Policy": "same-origin", "Cache-Control": "no-store",
	} {
		if got := a.Header.Get(name); got != want {
			a.T.Errorf("%s: %s is %q, want %q", a.What, name, got, want)
		}
	}
	if a.Sent > heaviest {
		a.T.Errorf("%s: the page weighs %d bytes, at most %d are wanted", a.What, a.Sent, heaviest)
	}
	a.HasNothingInline()
	a.hasTheFrame()
}

// Policy is the content security policy of every page, less the origins that its
// forms lead to.
const Policy = "default-src 'self'; img-src 'self' data:; font-src 'self' data:; base-uri 'none'; " +
	"frame-ancestors 'none'; form-action 'self'"

func (a Answer) hasTheFrame() {
	a.T.Helper()
	h1 := heading.FindAllStringSubmatch(a.Body, -1)
	if len(h1) != 1 {
		a.T.Fatalf("%s: %d h1 in:\n%s", a.What, len(h1), a.Body)
	}
	title := "<title>" + h1[0][1] + " - " + Body.Tagline + " - " + Body.Name + "</title>"
	if !strings.Contains(html.UnescapeString(a.Body), html.UnescapeString(title)) {
		a.T.Errorf("%s: the title is not %s", a.What, title)
	}
	a.Has(`<html lang="it">`, `href="#contenuto">Vai ai contenuti`, `href="#footer">Vai al footer`,
		`data-element="privacy-policy-link"`, `data-element="legal-notes"`, `data-element="accessibility-link"`, `data-element="faq"`,
		`data-element="report-inefficiency"`, `data-element="contacts"`, "Integrato con pagoPA")
	if strings.Contains(a.Body, "ZgotmplZ") {
		a.T.Errorf("%s: a template wrote an unsafe value", a.What)
	}
}

// IsSafe checks what every answer carries over https, whatever it says and to whom.
func (a Answer) IsSafe(kept bool, targets ...string) {
	a.T.Helper()
	for name, want := range map[string]string{
		"Content-Security-Policy": strings.Join(append([]string{Policy}, targets...), " "),
		"X-Content-Type-Options":  "nosniff", "Referrer-Policy": "same-origin",
		"Cache-Control":               map[bool]string{true: "public, max-age=31536000, immutable", false: "no-store"}[kept],
		"Access-Control-Allow-Origin": "", "Server": "", "X-Powered-By": "",
	} {
		if got := a.Header.Get(name); got != want {
			a.T.Errorf("%s: %s is %q, want %q", a.What, name, got, want)
		}
	}
	for _, c := range (&http.Response{Header: a.Header}).Cookies() {
		if !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
			a.T.Errorf("%s: the cookie %s", a.What, c)
		}
	}
	if strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") && a.Status != http.StatusSeeOther {
		a.HasNothingInline()
	}
}
