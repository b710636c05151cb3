// Package portaltest is what tests of the portal's pages have in common, whatever
// their family: a client that reads pages as text, a browser with axe, and the rules
// that every page keeps.
package portaltest

import (
	"bytes"
	"compress/gzip"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// Client is somebody in front of the portal who runs no script. It follows no
// redirect by itself.
type Client struct {
	T      *testing.T
	URL    string
	Header http.Header // added to every request
	client *http.Client
}

// Open serves a handler until the test ends, to somebody who has no session.
func Open(t *testing.T, h http.Handler) *Client {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &Client{t, server.URL, http.Header{}, &http.Client{
		Jar:           jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Stranger is another client of the same portal, who has no session.
func (c *Client) Stranger() *Client {
	other, client := *c, *c.client
	client.Jar = nil
	other.client = &client
	return &other
}

// Script asks as the page's script does.
func (c *Client) Script() *Client {
	other := *c
	other.Header = c.Header.Clone()
	other.Header.Set("HX-Request", "true")
	return &other
}

// Get asks for a path.
func (c *Client) Get(path string) Answer { return c.Do(http.MethodGet, path, nil) }

// Post sends a form to a path.
func (c *Client) Post(path string, form url.Values) Answer { return c.Do(http.MethodPost, path, form) }

// Do sends a request, with a form unless it is nil: see Send.
func (c *Client) Do(method, path string, form url.Values) Answer {
	c.T.Helper()
	kind := ""
	if form != nil {
		kind = "application/x-www-form-urlencoded"
	}
	return c.Send(method, path, form.Encode(), kind)
}

// Send sends a request with any content, of a type unless that is empty. It takes packed
// answers, unless the header says otherwise.
func (c *Client) Send(method, path, content, kind string) Answer {
	c.T.Helper()
	r, err := http.NewRequest(method, c.URL+path, strings.NewReader(content))
	if err != nil {
		c.T.Fatal(err)
	}
	r.Header = c.Header.Clone()
	if r.Header.Get("Accept-Encoding") == "" {
		r.Header.Set("Accept-Encoding", "gzip")
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	response, err := c.client.Do(r)
	if err != nil {
		c.T.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		c.T.Fatal(err)
	}
	return Answer{c.T, method + " " + path, response.StatusCode, response.Header, c.unpacked(response.Header, body), len(body)}
}

// unpacked is a body as it reads.
func (c *Client) unpacked(h http.Header, body []byte) string {
	c.T.Helper()
	if h.Get("Content-Encoding") != "gzip" || len(body) == 0 {
		return string(body)
	}
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		c.T.Fatal(err)
	}
	plain, err := io.ReadAll(z)
	if err != nil {
		c.T.Fatal(err)
	}
	return string(plain)
}

// Answer is what came back.
type Answer struct {
	T      *testing.T
	What   string // was asked
	Status int
	Header http.Header
	Body   string // as it reads
	Sent   int    // bytes of the body, as they came
}

// Is checks the status and that the page reads all of texts, whatever the case:
// the labels are raised by the stylesheet.
func (a Answer) Is(status int, texts ...string) Answer {
	a.T.Helper()
	if a.Status != status {
		a.T.Errorf("%s: status %d, want %d", a.What, a.Status, status)
	}
	read := strings.ToLower(a.Text())
	for _, text := range texts {
		if !strings.Contains(read, strings.ToLower(text)) {
			a.T.Errorf("%s: %q is not in:\n%s", a.What, text, a.Text())
		}
	}
	return a
}

// Lacks checks that the page does not read any of texts.
func (a Answer) Lacks(texts ...string) Answer {
	a.T.Helper()
	read := strings.ToLower(a.Text())
	for _, text := range texts {
		if strings.Contains(read, strings.ToLower(text)) {
			a.T.Errorf("%s: %q is in the page", a.What, text)
		}
	}
	return a
}

// Has checks the markup itself.
func (a Answer) Has(markup ...string) Answer {
	a.T.Helper()
	for _, m := range markup {
		if !strings.Contains(a.Body, m) {
			a.T.Errorf("%s: no %q in the markup", a.What, m)
		}
	}
	return a
}

// LeadsTo checks a redirect after a command.
func (a Answer) LeadsTo(path string) Answer {
	a.T.Helper()
	if got := a.Header.Get("Location"); a.Status != http.StatusSeeOther || got != path {
		a.T.Errorf("%s: %d to %q, want 303 to %q", a.What, a.Status, got, path)
	}
	return a
}

var (
	tags   = regexp.MustCompile(`(?s)<head>.*?</head>|<[^>]*>`)
	spaces = regexp.MustCompile(`[\s\x{a0}]+`)
	hidden = regexp.MustCompile(`<input type="hidden" name="([a-z]+)" value="([^"]*)"`)
)

// Text is what the page reads like, spaces folded.
func (a Answer) Text() string {
	return spaces.ReplaceAllString(html.UnescapeString(tags.ReplaceAllString(a.Body, " ")), " ")
}

// Form returns the page's hidden inputs, as a browser would send them back.
func (a Answer) Form() url.Values {
	form := url.Values{}
	for _, m := range hidden.FindAllStringSubmatch(a.Body, -1) {
		form.Set(m[1], html.UnescapeString(m[2]))
	}
	return form
}
