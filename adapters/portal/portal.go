// Package portal is the parents' web site: pages rendered on the server that
// work without JavaScript, over three small ports, Accounts, Views and Commands.
// It translates between a browser and those ports and decides nothing.
package portal

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"
	_ "time/tzdata" // times are shown in Europe/Rome, also where no zones are installed

	"github.com/saldo-ledger/saldo/domain"
)

// Config is what the portal needs. Everything without "optional" is required.
type Config struct {
	Body Body
	// CheckoutOrigin is where StartCheckout sends payers, such as
	// "https://checkout.pagopa.it". Forms may lead to no other site.
	CheckoutOrigin string
	// Secure says that browsers come over https. It names the session's cookie
	// __Host-saldo; otherwise, for a demonstration on one's own machine, saldo.
	Secure bool
	// Homes are the paths where accounts other than parents' go after Accesso;
	// optional. An account without a home finds nothing here.
	Homes    map[Role]string
	Provider Provider         // optional: SPID and CIE
	Clock    func() time.Time // optional: the system's
	Logger   *slog.Logger     // optional: the default one
	Accounts Accounts
	Views    Views
	Commands Commands
	Members  Members
}

// Body is the public body whose portal this is: what it shows of itself.
type Body struct {
	Name       string // "Comune di …"
	Tagline    string // "Servizi scolastici"
	FiscalCode domain.FiscalCode
	CBILL      string // the body's code for the banks' CBILL service
	Reference  Link   // the body named above all, such as the Regione; optional
	Office     Office
	// DPO is the e-mail address of the data protection officer.
	DPO string
	// AccessibilityURL is the declaration on form.agid.gov.it.
	AccessibilityURL string
	// ReportURL is where to report that something does not work; optional: an
	// e-mail to the office.
	ReportURL string
	// Colour of header, links and buttons, "#rrggbb", dark enough to read white on
	// it; optional: the design system's blue.
	Colour string
}

// Link is a name that leads to an address.
type Link struct {
	Name string
	URL  string
}

// Office is where parents find help in person.
type Office struct {
	Name    string // "Ufficio scuola"
	Address string
	Phone   string
	Email   string
	PEC     string // optional
	Hours   string
}

// Report returns where to report that something does not work.
func (b Body) Report() string {
	if b.ReportURL != "" {
		return b.ReportURL
	}
	return "mailto:" + b.Office.Email
}

// site is the portal at work.
type site struct {
	Config
	rome   *time.Location
	assets *assets
	pages  *pages
}

// New returns the portal, to be served at the root of its host.
func New(config Config) (http.Handler, error) {
	if err := config.check(); err != nil {
		return nil, fmt.Errorf("portal: %w", err)
	}
	if config.Clock == nil {
		config.Clock = time.Now
	}
	if config.Logger == nil {
		config.Logger = slog.Default()
	}
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		return nil, fmt.Errorf("portal: %w", err)
	}
	theme, err := stylesheet(config.Body.Colour)
	if err != nil {
		return nil, fmt.Errorf("portal: %w", err)
	}
	s := &site{Config: config, rome: rome, assets: newAssets(theme)}
	if s.pages, err = newPages(s); err != nil {
		return nil, fmt.Errorf("portal: %w", err)
	}
	return s.handler(), nil
}

func (c Config) check() error {
	if c.Accounts == nil || c.Views == nil || c.Commands == nil || c.Members == nil {
		return errors.New("a port is missing")
	}
	required := map[string]string{
		"name": c.Body.Name, "tagline": c.Body.Tagline, "codice fiscale": string(c.Body.FiscalCode),
		"CBILL code": c.Body.CBILL, "office's name": c.Body.Office.Name, "office's address": c.Body.Office.Address,
		"office's phone": c.Body.Office.Phone, "office's e-mail": c.Body.Office.Email, "office's hours": c.Body.Office.Hours,
		"data protection officer": c.Body.DPO, "accessibility declaration": c.Body.AccessibilityURL,
	}
	for what, value := range required {
		if value == "" {
			return fmt.Errorf("the body's %s is missing", what)
		}
	}
	origin, err := url.Parse(c.CheckoutOrigin)
	if err != nil || origin.Scheme == "" || origin.Host == "" || origin.Scheme+"://"+origin.Host != c.CheckoutOrigin {
		return fmt.Errorf("checkout origin %q is not scheme://host", c.CheckoutOrigin)
	}
	return nil
}

// now returns the time as people in Italy read it.
func (s *site) now() time.Time { return s.Clock().In(s.rome) }

// today returns the day in Italy.
func (s *site) today() domain.Date { return domain.DateOf(s.now()) }
