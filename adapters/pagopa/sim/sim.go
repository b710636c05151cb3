// Package sim plays pagoPA's platform for demonstrations and tests: the Checkout
// API and its window, the Node that calls the bodies' stations, a PSP's counter,
// the PSPs' flows of what was paid (FdR), the treasury's side of them, Biz Events,
// a clock that can be put forward, and switches for what goes wrong in real life. No money moves. Code that works
// against it is meant to work against the real platform, so where the published
// interface leaves a choice the simulator takes the stricter one.
//
// Everything is in memory and gone when the process ends. Of a card, the brand
// and the last four digits are kept; its number and its verification code are
// neither kept nor logged.
package sim

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/saldo-ledger/saldo/domain"
)

// Config is what the simulator needs. Everything without "optional" is required.
type Config struct {
	// BaseURL is the origin under which browsers and bodies reach the simulator,
	// such as "http://127.0.0.1:8090".
	BaseURL   string
	Creditors []Creditor
	// SubscriptionKey is what POST …/carts must bring along; optional: none.
	SubscriptionKey string
	// PSP takes the payments by card and at the counter; optional: InventedPSP.
	PSP PSP
	// Pauses are the waits before a receipt is sent again, one after the other;
	// optional: DefaultPauses. When they are over the receipt is parked.
	Pauses []time.Duration
	Clock  func() time.Time // optional: the system's
	HTTP   *http.Client     // optional: the default one; the Node calls stations with it
	Logger *slog.Logger     // optional: the default one
}

// Creditor is a body registered with the simulated Node, and the station that
// answers for it. Several bodies may share a station.
type Creditor struct {
	Code    domain.FiscalCode
	Broker  string // fiscal code of the technical intermediary, often the body's own
	Station string
	Target  string // address of the station's paForNode
}

// Simulator is the platform at work.
type Simulator struct {
	config   Config
	node     *node
	carts    *cartShelf
	queue    *queue
	switches *switchboard
	clock    *simulatedClock
	books    *books
	pages    pages
	handler  http.Handler
}

// New returns a simulator, or an error when config cannot be.
func New(config Config) (*Simulator, error) {
	if err := config.complete(); err != nil {
		return nil, fmt.Errorf("pagopa sim: %w", err)
	}
	clock := &simulatedClock{base: config.Clock}
	config.Clock = clock.now
	s := &Simulator{config: config, switches: &switchboard{}, clock: clock}
	s.node = &node{config.Creditors, config.HTTP, s.switches}
	s.carts = newCartShelf(config.Clock)
	s.queue = newQueue(s.node.deliver, config.Pauses, config.Clock, config.Logger)
	s.books = &books{knows: s.node.knows, switches: s.switches, log: config.Logger}
	var err error
	if s.pages, err = newPages(); err != nil {
		return nil, fmt.Errorf("pagopa sim: %w", err)
	}
	s.handler = s.routes()
	return s, nil
}

// Handler serves everything: the carts API, the window, the counter, the
// switches and the state. It is to be the root of its origin.
func (s *Simulator) Handler() http.Handler { return s.handler }

// Run delivers receipts until ctx is done, and then returns nil. Without it
// payments are taken and their receipts wait.
func (s *Simulator) Run(ctx context.Context) error {
	s.queue.run(ctx)
	return nil
}

// now is the time as people in Italy read it.
func (s *Simulator) now() time.Time { return s.config.Clock().In(domain.Rome) }

// complete checks c and fills in what is optional.
func (c *Config) complete() error {
	if err := isOrigin(c.BaseURL); err != nil {
		return fmt.Errorf("base URL: %w", err)
	}
	if len(c.Creditors) == 0 {
		return errors.New("no creditors")
	}
	c.Creditors = slices.Clone(c.Creditors)
	for _, creditor := range c.Creditors {
		if err := creditor.check(); err != nil {
			return fmt.Errorf("creditor %q: %w", creditor.Code, err)
		}
	}
	if c.PSP == (PSP{}) {
		c.PSP = InventedPSP()
	}
	if err := c.PSP.check(); err != nil {
		return fmt.Errorf("PSP: %w", err)
	}
	if c.Pauses == nil {
		c.Pauses = DefaultPauses
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.HTTP == nil {
		c.HTTP = http.DefaultClient
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return nil
}

func (c Creditor) check() error {
	if _, err := domain.ParseBodyCode(string(c.Code)); err != nil {
		return err
	}
	if c.Broker == "" || c.Station == "" {
		return errors.New("broker or station missing")
	}
	target, err := url.Parse(c.Target)
	if err != nil || !isWeb(target) {
		return fmt.Errorf("target %q is no http(s) address", c.Target)
	}
	return nil
}

// isOrigin refuses all that is not scheme://host.
func isOrigin(s string) error {
	u, err := url.Parse(s)
	if err != nil || !isWeb(u) || origin(u) != s {
		return fmt.Errorf("%q is not scheme://host", s)
	}
	return nil
}

func isWeb(u *url.URL) bool { return (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" }

func origin(u *url.URL) string { return u.Scheme + "://" + u.Host }

// originOf is the origin of an address that was checked before.
func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return origin(u)
}
