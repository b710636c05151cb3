// Package identitytest runs a real OpenID Connect provider in a test, made of
// zitadel/oidc's own: what SPID's and CIE's proxies speak, with people who log in by
// themselves. Only tests import it.
package identitytest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/zitadel/oidc/v3/pkg/op"
)

// What the provider knows its one client by.
const (
	ClientID     = "portale-scuola"
	ClientSecret = "segreto-di-prova"
)

// Person is who logs in: a name of the provider's own, the claims and the level.
type Person struct {
	Subject string
	Claims  map[string]any
	ACR     string
}

// Provider is a provider at work. Its fields say what it does next; change them
// between two log-ins only.
type Provider struct {
	URL string // its issuer

	Person     Person
	Fails      string        // the error that it sends people back with, such as access_denied
	Nonce      string        // instead of the nonce that it was given
	Audience   string        // instead of the client
	Lifetime   time.Duration // of its tokens
	InUserinfo bool          // the claims are in the userinfo and not in the token

	server *httptest.Server
	client client

	mu      sync.Mutex
	handler http.Handler // nil while the provider is down
	keys    []key        // the last one signs
	begun   map[string]*begun
	codes   map[string]string // the id of what began, by its code
	Left    int               // how many people left through it
}

// Start runs a provider whose client is at redirectURL, and which people who leave go
// back from to leaveURL.
func Start(t testing.TB, redirectURL, leaveURL string) *Provider {
	t.Helper()
	p := &Provider{Lifetime: time.Hour, begun: map[string]*begun{}, codes: map[string]string{}}
	p.server = httptest.NewServer(http.HandlerFunc(p.serve))
	t.Cleanup(p.server.Close)
	p.URL = p.server.URL
	p.client = client{p, redirectURL, leaveURL}
	p.Rotate()
	provider, err := op.NewProvider(&op.Config{CryptoKey: [32]byte{1}, CodeMethodS256: true}, &storage{Provider: p},
		op.StaticIssuer(p.URL), op.WithAllowInsecure())
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", provider)
	mux.HandleFunc("/entra", p.logIn)
	p.handler = mux
	return p
}

// Rotate makes a new key, by which tokens are signed from now on. The old ones are
// published no more.
func (p *Provider) Rotate() {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keys = append(p.keys, key{"chiave-" + strconv.Itoa(len(p.keys)+1), private})
}

// Down makes the provider answer nothing but 503, and Up lets it answer again.
func (p *Provider) Down() (up func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	handler := p.handler
	p.handler = nil
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.handler = handler
	}
}

func (p *Provider) serve(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	handler := p.handler
	p.mu.Unlock()
	if handler == nil {
		http.Error(w, "down", http.StatusServiceUnavailable)
		return
	}
	handler.ServeHTTP(w, r)
}

// logIn is the page where a person would choose a provider and type a password.
func (p *Provider) logIn(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	b := p.begun[r.FormValue("id")]
	p.mu.Unlock()
	if b == nil {
		http.NotFound(w, r)
		return
	}
	if p.Fails != "" {
		http.Redirect(w, r, b.RedirectURI+"?"+url.Values{
			"error": {p.Fails}, "error_description": {"<script>Mario Rossi</script>"}, "state": {b.State},
		}.Encode(), http.StatusFound)
		return
	}
	b.done = true
	http.Redirect(w, r, "/authorize/callback?id="+url.QueryEscape(r.FormValue("id")), http.StatusFound)
}
