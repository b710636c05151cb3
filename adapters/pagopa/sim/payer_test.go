package sim_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/domain"
)

// form is what the payer types, name after value.
func form(pairs ...string) url.Values {
	f := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		f.Set(pairs[i], pairs[i+1])
	}
	return f
}

func (p *platform) post(path string, f url.Values) answer {
	p.t.Helper()
	return p.do(p.request(http.MethodPost, path, "application/x-www-form-urlencoded", f.Encode()))
}

const portal = "https://portale.example/paga/ritorno/"

// cartJSON is a good cart of version 2 with the notices given.
func cartJSON(notices ...domain.NoticeNumber) string {
	items := make([]string, len(notices))
	for i, n := range notices {
		items[i] = fmt.Sprintf(`{"noticeNumber":%q,"fiscalCode":%q,"amount":%d,"companyName":"Comune di Prova","description":"Post-scuola"}`,
			n, creditor, map[domain.NoticeNumber]int{post: 5733, mensa: 3913}[n])
	}
	return fmt.Sprintf(`{"emailNotice":"tizio@example.it","paymentNotices":[%s],"idCart":"CART-2020-000042","allCCP":false,
		"returnUrls":{"returnOkUrl":"%[2]sok","returnCancelUrl":"%[2]sannullato","returnErrorUrl":"%[2]serrore","returnWaitingUrl":"%[2]sattesa"}}`,
		strings.Join(items, ","), portal)
}

// window creates a cart and returns the address of its window.
func (p *platform) window(notices ...domain.NoticeNumber) string {
	p.t.Helper()
	a := p.do(p.request(http.MethodPost, "/checkout/ec/v2/carts", "application/json", cartJSON(notices...)))
	if a.status != http.StatusFound {
		p.t.Fatalf("cart: status %d: %s", a.status, a.body)
	}
	return a.location
}

// see opens a page and expects what it says.
func (p *platform) see(path string, words ...string) answer {
	p.t.Helper()
	a := p.get(path)
	if a.status != http.StatusOK {
		p.t.Fatalf("GET %s: status %d", path, a.status)
	}
	a.says(p.t, words...)
	return a
}

// send posts a form and expects to be led to a path.
func (p *platform) send(path string, f url.Values, to string) {
	p.t.Helper()
	if a := p.post(path, f); a.status != http.StatusSeeOther || a.location != to {
		p.t.Fatalf("POST %s: status %d, location %q, want %q: %s", path, a.status, a.location, to, a.text())
	}
}

// agreed takes a new window as far as the choice of the method, and returns it.
func (p *platform) agreed(notices ...domain.NoticeNumber) string {
	p.t.Helper()
	window := p.window(notices...)
	path := strings.TrimPrefix(window, p.url)
	p.see(window)
	p.send(window+"/email", form("email", "tizio@example.it", "conferma", "tizio@example.it"), path+"/privacy")
	p.send(window+"/privacy", form("accetto", "si"), path+"/metodo")
	return path
}

// paid pays at a bank to the end and returns the window.
func (p *platform) paid(notices ...domain.NoticeNumber) string {
	p.t.Helper()
	path := p.agreed(notices...)
	p.send(path+"/conto", form("banca", scrigno), path+"/riepilogo")
	p.send(path+"/riepilogo", nil, path+"/esito")
	return path
}

const scrigno = "SCRGIT22XXX"

// card is a form with a card that is accepted.
func card(change ...string) url.Values {
	f := form("nome", "Tizio Sempronio", "numero", "4242 4242 4242 4242", "scadenza", "12 / 30", "cvc", "737")
	for i := 0; i < len(change); i += 2 {
		f.Set(change[i], change[i+1])
	}
	return f
}

var tags = regexp.MustCompile(`(?s)<[^>]*>`)

// text is the page as it is read: no tags, blanks folded.
func (a answer) text() string {
	plain := html.UnescapeString(tags.ReplaceAllString(a.body, " "))
	return strings.Join(strings.Fields(plain), " ")
}

// says expects words in the page's text, whatever their case.
func (a answer) says(t *testing.T, words ...string) {
	t.Helper()
	text := strings.ToLower(a.text())
	for _, w := range words {
		if !strings.Contains(text, strings.ToLower(w)) {
			t.Errorf("the page does not say %q: %s", w, a.text())
		}
	}
}
