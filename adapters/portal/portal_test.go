package portal

import (
	"log/slog"
	"net/url"
	"testing"
	"testing/fstest"
	"time"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/adapters/portal/portaltest"
	"github.com/saldo-ledger/saldo/domain"
)

// setup is a portal to be opened.
type setup struct {
	Site frame.Config
	Config
	more []frame.Family // beside the parents'
}

// auditors are a family of other pages, as far as the parents' need to know it.
var auditors = []frame.Family{{Name: "altri", Templates: fstest.MapFS{}, Roles: []domain.Role{domain.RoleAuditor}, Home: "/revisione"}}

// prepared is a portal over a world.
func prepared(w *world) setup {
	return setup{
		Site: frame.Config{
			Body: portaltest.Body,
			Clock: func() time.Time {
				w.mu.Lock()
				defer w.mu.Unlock()
				return w.now
			},
			Logger: slog.New(slog.DiscardHandler), Sessions: w, Views: w, NewsWait: 300 * time.Millisecond,
		},
		Config: Config{CheckoutOrigin: checkoutOrigin, Accounts: w, Views: w, Commands: w, Members: w.registry, Links: w.office, Papers: w, Inquiries: w.desk, Reader: w.desk},
	}
}

func (s setup) open() (*frame.Site, error) {
	site, err := frame.New(s.Site)
	if err != nil {
		return nil, err
	}
	for _, f := range s.more {
		if _, err := site.Add(f); err != nil {
			return nil, err
		}
	}
	return site, Open(site, s.Config)
}

func (s setup) mustOpen(t *testing.T) *frame.Site {
	t.Helper()
	site, err := s.open()
	if err != nil {
		t.Fatal(err)
	}
	return site
}

// browser is a parent in front of the portal.
type browser struct {
	*portaltest.Client
	world *world
}

// open starts a portal over a fresh world, with nobody in.
func open(t *testing.T, change ...func(*setup)) *browser {
	t.Helper()
	w := newWorld()
	s := prepared(w)
	for _, c := range change {
		c(&s)
	}
	return &browser{portaltest.Open(t, s.mustOpen(t)), w}
}

// enter opens a portal with the guide's parent in.
func enter(t *testing.T, change ...func(*setup)) *browser {
	t.Helper()
	b := open(t, change...)
	b.Post("/accesso", url.Values{"username": {username}, "password": {password}}).LeadsTo("/consumatori")
	return b
}

func TestNewRefusesAnIncompleteConfiguration(t *testing.T) {
	for name, spoil := range map[string]func(*setup){
		"no views":                 func(c *setup) { c.Views = nil },
		"no name":                  func(c *setup) { c.Site.Body.Name = "" },
		"no declaration":           func(c *setup) { c.Site.Body.AccessibilityURL = "" },
		"a checkout with a path":   func(c *setup) { c.CheckoutOrigin += "/carts" },
		"a checkout without https": func(c *setup) { c.CheckoutOrigin = "checkout.example.it" },
		"a pale colour":            func(c *setup) { c.Site.Body.Colour = "#77bbff" },
		"a colour by name":         func(c *setup) { c.Site.Body.Colour = "blue" },
	} {
		config := prepared(newWorld())
		spoil(&config)
		if _, err := config.open(); err == nil {
			t.Errorf("%s: New accepted it", name)
		}
	}
}
