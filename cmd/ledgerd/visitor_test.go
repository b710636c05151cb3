package main

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"
)

// visitor is a person whose browser runs no script: it knows pages, links, forms
// and cookies. What it looks for is what is written, without regard to case.
type visitor struct {
	t      *testing.T
	client *http.Client

	url    *url.URL // of the page in front of the visitor
	status int
	header http.Header
	body   string
	markup
}

func newVisitor(t *testing.T) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t: t, client: &http.Client{Jar: jar, Timeout: 30 * time.Second}, url: &url.URL{}}
}

// visit opens an address, or a path of the site in front of the visitor.
func (v *visitor) visit(address string) {
	v.t.Helper()
	v.load(http.MethodGet, address, nil)
}

// load asks as browsers do: a form says from where it is sent.
func (v *visitor) load(method, address string, sent url.Values) {
	v.t.Helper()
	to, err := v.url.Parse(address)
	if err != nil {
		v.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(v.t.Context(), method, to.String(), strings.NewReader(sent.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", v.url.Scheme+"://"+v.url.Host)
	}
	res, err := v.client.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		v.t.Fatalf("%s %s: %v", method, to, err)
	}
	v.url, v.status, v.header, v.body, v.markup = res.Request.URL, res.StatusCode, res.Header, string(body), markup{}
	if strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
		if v.markup, err = readMarkup(body); err != nil {
			v.t.Fatalf("%s: %v", v.url, err)
		}
	}
}

// send posts what a page of the site in front of the visitor may have held.
func (v *visitor) send(path string, pairs ...string) {
	v.t.Helper()
	sent := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		sent.Add(pairs[i], pairs[i+1])
	}
	v.load(http.MethodPost, path, sent)
}

// follow opens the link with these words.
func (v *visitor) follow(words string) {
	v.t.Helper()
	for _, exact := range []bool{true, false} {
		for _, l := range v.links {
			if named(l.words, words, exact) {
				v.visit(l.to)
				return
			}
		}
	}
	v.t.Fatalf("no link %q on\n%s", words, v.where())
}

// fill types into the field of this name.
func (v *visitor) fill(name, value string) {
	v.t.Helper()
	for _, f := range v.forms {
		if f.values.Has(name) {
			f.values.Set(name, value)
			return
		}
	}
	v.t.Fatalf("no field %q on\n%s", name, v.where())
}

// tick ticks every box of this name, or chooses from a list.
func (v *visitor) tick(name, value string) {
	v.t.Helper()
	for _, f := range v.forms {
		if f.tick(name, value) {
			return
		}
	}
	v.t.Fatalf("no box %q with the value %q on\n%s", name, value, v.where())
}

// boxes are the values of the boxes of this name, in the order of the page.
func (v *visitor) boxes(name string) (values []string) {
	for _, f := range v.forms {
		values = append(values, f.choices[name]...)
	}
	return values
}

// press sends the form of the button with these words.
func (v *visitor) press(words string) {
	v.t.Helper()
	for _, exact := range []bool{true, false} {
		for _, f := range v.forms {
			for _, b := range f.buttons {
				if named(b.words, words, exact) {
					v.submit(f, b)
					return
				}
			}
		}
	}
	v.t.Fatalf("no button %q on\n%s", words, v.where())
}

func (v *visitor) submit(f *form, b *button) {
	v.t.Helper()
	to, sent := f.action, f.values
	if b.action != "" {
		to = b.action
	}
	if b.name != "" {
		sent.Add(b.name, b.value)
	}
	if f.method == http.MethodPost {
		v.load(http.MethodPost, to, sent)
		return
	}
	v.visit(to + "?" + sent.Encode())
}

// is fails the test unless the page has the status and says the words.
func (v *visitor) is(status int, words ...string) {
	v.t.Helper()
	if v.status != status {
		v.t.Fatalf("status %d, want %d\n%s", v.status, status, v.where())
	}
	for _, w := range words {
		if !v.says(w) {
			v.t.Fatalf("%q is not on\n%s", w, v.where())
		}
	}
}

func (v *visitor) says(words string) bool { return named(v.text, words, false) }

func (v *visitor) lacks(words string) {
	v.t.Helper()
	if v.says(words) {
		v.t.Fatalf("%q is on\n%s", words, v.where())
	}
}

// until loads the page again until it says the words.
func (v *visitor) until(words string) {
	v.t.Helper()
	eventually(v.t, "the page to say "+words, func() bool {
		v.visit("")
		return v.says(words)
	})
}

func (v *visitor) where() string { return v.url.String() + "\n" + fold(v.text) }

// eventually waits for what the service does by itself, at most twenty seconds.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("waited in vain for %s", what)
}
