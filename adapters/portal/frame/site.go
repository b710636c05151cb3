// Package frame is what all pages of the portal share: how they look (layout, menu,
// assets), who sees them (sessions, roles), and how they fail. Each family of pages,
// the parents' or the school office's, is a package of its own beside this one: it
// brings templates, a menu and routes, and adds them to a Site. A Site with its
// families is an http.Handler, to be served at the root of its host.
//
// A family adds itself and its routes, each with whom it is for:
//
//	pages, err := site.Add(frame.Family{Name: "ufficio", Templates: templates, Roles: office, Home: "/ufficio", Menu: menu})
//	pages.Get("/ufficio", pages.Only(home, office...))
//	pages.Post("/ufficio/bollettini", pages.Only(issue, office...))
//
// A Handler answers with Show, or with an error that becomes a page: ErrNotFound, a
// refusal of the ledger, anything else. A form that lacks something is shown again,
// with what was typed, its FormErrors and status 422; a command that is done leaves a
// sentence (Tell) and its position (Wrote) for the page that it redirects to.
package frame

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/gorilla/mux"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// Config is what a Site needs. Everything without "optional" is required.
type Config struct {
	Body Body
	// Secure says that browsers come over https. It names the session's cookie
	// __Host-saldo; otherwise, for a demonstration on one's own machine, saldo.
	Secure bool
	Clock  func() time.Time // optional: the system's
	Logger *slog.Logger     // optional: the default one
	// Maintenance closes the pages; optional.
	Maintenance *Maintenance
	Sessions    Sessions
	NewsWait    time.Duration // optional: how long a question for news is held, 5 s
	Views       Awaiter
	// Witness keeps what staff look at; optional where no family shows staff the data
	// of others.
	Witness Witness
}

// Awaiter tells how far the views are.
type Awaiter interface {
	// Await returns once the views hold everything up to position, or ctx.Err()
	// when ctx ends first. Position 0 only asks whether the views can be read.
	Await(ctx context.Context, position eventstore.Position) error
}

// Site is the portal of one body: the frame, and the families of pages in it. They
// are added before it serves.
type Site struct {
	Config
	assets   *assets
	router   *mux.Router
	families []*Pages
	own      *Pages // the frame's: pages of errors
	guarded  http.Handler
}

// New returns a Site without families.
func New(config Config) (*Site, error) {
	if config.Sessions == nil || config.Views == nil {
		return nil, errors.New("frame: a port is missing")
	}
	if err := config.Body.check(); err != nil {
		return nil, fmt.Errorf("frame: %w", err)
	}
	if config.Clock == nil {
		config.Clock = time.Now
	}
	if config.Logger == nil {
		config.Logger = slog.Default()
	}
	theme, err := stylesheet(config.Body.Colour)
	if err != nil {
		return nil, fmt.Errorf("frame: %w", err)
	}
	s := &Site{Config: config, assets: newAssets(theme)}
	if len(config.Body.Logo) > 0 {
		s.assets.put(logoName, config.Body.Logo)
	}
	s.router = s.newRouter()
	if s.own, err = s.Add(Family{Name: "portal", Templates: ownPages()}); err != nil {
		return nil, err
	}
	s.ownRoutes()
	if s.guarded, err = pack(s.guard(s.resting(s.router))); err != nil {
		return nil, fmt.Errorf("frame: %w", err)
	}
	return s, nil
}

// ServeHTTP answers with the page that a request asks for.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.guarded.ServeHTTP(w, r) }

// Now returns the time as people in Italy read it.
func (s *Site) Now() time.Time { return s.Clock().In(domain.Rome) }

// Today returns the day in Italy.
func (s *Site) Today() domain.Date { return domain.DateOf(s.Now()) }
