package portal

import (
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

func testConfig(w *world) Config {
	return Config{
		Body: Body{
			Name: "Comune di Borgo Esempio", Tagline: "Servizi scolastici", FiscalCode: "00000000000", CBILL: "ABCDE",
			Reference: Link{"Regione Esempio", "https://www.regione.example.it"},
			Office: Office{
				Name: "Ufficio scuola", Address: "Piazza Municipio 1, 20000 Borgo Esempio", Phone: "+39 02 0000000",
				Email: "scuola@comune.example.it", PEC: "comune@pec.example.it", Hours: "lunedì e giovedì 9:00-12:30",
			},
			DPO: "dpo@comune.example.it", AccessibilityURL: "https://form.agid.gov.it/view/esempio",
		},
		CheckoutOrigin: checkoutOrigin,
		Clock: func() time.Time {
			w.mu.Lock()
			defer w.mu.Unlock()
			return w.now
		},
		Logger:   slog.New(slog.DiscardHandler),
		Accounts: w, Views: w, Commands: w, Members: w.registry,
	}
}

// browser is a parent in front of the portal. It follows no redirect by itself
// and runs no script.
type browser struct {
	t      *testing.T
	world  *world
	url    string
	client *http.Client
	header http.Header // added to every request
}

// open starts a portal over a fresh world, with nobody in.
func open(t *testing.T, change ...func(*Config)) *browser {
	t.Helper()
	w := newWorld()
	config := testConfig(w)
	for _, c := range change {
		c(&config)
	}
	h, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t, w, server.URL, &http.Client{
		Jar:           jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, http.Header{}}
}

// enter opens a portal with the guide's parent in.
func enter(t *testing.T, change ...func(*Config)) *browser {
	t.Helper()
	b := open(t, change...)
	b.post("/accesso", url.Values{"username": {username}, "password": {password}}).leadsTo("/consumatori")
	return b
}

// answer is what came back.
type answer struct {
	t      *testing.T
	what   string
	status int
	header http.Header
	body   string
}

func (b *browser) get(path string) answer { return b.do(http.MethodGet, path, nil) }

func (b *browser) post(path string, form url.Values) answer {
	return b.do(http.MethodPost, path, form)
}

// script asks as the page's script does.
func (b *browser) script() *browser {
	c := *b
	c.header = b.header.Clone()
	c.header.Set("HX-Request", "true")
	return &c
}

func (b *browser) do(method, path string, form url.Values) answer {
	b.t.Helper()
	r, err := http.NewRequest(method, b.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header = b.header.Clone()
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer{b.t, method + " " + path, response.StatusCode, response.Header, string(body)}
}

// is checks the status and that the page reads all of texts, whatever the case:
// the labels are raised by the stylesheet.
func (a answer) is(status int, texts ...string) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Errorf("%s: status %d, want %d", a.what, a.status, status)
	}
	read := strings.ToLower(a.text())
	for _, text := range texts {
		if !strings.Contains(read, strings.ToLower(text)) {
			a.t.Errorf("%s: %q is not in:\n%s", a.what, text, a.text())
		}
	}
	return a
}

// lacks checks that the page does not read any of texts.
func (a answer) lacks(texts ...string) answer {
	a.t.Helper()
	read := strings.ToLower(a.text())
	for _, text := range texts {
		if strings.Contains(read, strings.ToLower(text)) {
			a.t.Errorf("%s: %q is in the page", a.what, text)
		}
	}
	return a
}

// has checks the markup itself.
func (a answer) has(markup ...string) answer {
	a.t.Helper()
	for _, m := range markup {
		if !strings.Contains(a.body, m) {
			a.t.Errorf("%s: no %q in the markup", a.what, m)
		}
	}
	return a
}

// leadsTo checks a redirect after a command.
func (a answer) leadsTo(path string) answer {
	a.t.Helper()
	if got := a.header.Get("Location"); a.status != http.StatusSeeOther || got != path {
		a.t.Errorf("%s: %d to %q, want 303 to %q", a.what, a.status, got, path)
	}
	return a
}

var (
	tags   = regexp.MustCompile(`(?s)<head>.*?</head>|<[^>]*>`)
	spaces = regexp.MustCompile(`[\s\x{a0}]+`)
	hidden = regexp.MustCompile(`<input type="hidden" name="([a-z]+)" value="([^"]*)"`)
)

// text is what the page reads like, spaces folded.
func (a answer) text() string {
	return spaces.ReplaceAllString(html.UnescapeString(tags.ReplaceAllString(a.body, " ")), " ")
}

// form returns the page's hidden inputs, as a browser would send them back.
func (a answer) form() url.Values {
	form := url.Values{}
	for _, m := range hidden.FindAllStringSubmatch(a.body, -1) {
		form.Set(m[1], html.UnescapeString(m[2]))
	}
	return form
}

func TestNewRefusesAnIncompleteConfiguration(t *testing.T) {
	for name, spoil := range map[string]func(*Config){
		"no views":                 func(c *Config) { c.Views = nil },
		"no name":                  func(c *Config) { c.Body.Name = "" },
		"no declaration":           func(c *Config) { c.Body.AccessibilityURL = "" },
		"a checkout with a path":   func(c *Config) { c.CheckoutOrigin += "/carts" },
		"a checkout without https": func(c *Config) { c.CheckoutOrigin = "checkout.example.it" },
		"a pale colour":            func(c *Config) { c.Body.Colour = "#77bbff" },
		"a colour by name":         func(c *Config) { c.Body.Colour = "blue" },
	} {
		config := testConfig(newWorld())
		spoil(&config)
		if _, err := New(config); err == nil {
			t.Errorf("%s: New accepted it", name)
		}
	}
}
