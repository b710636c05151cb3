package main

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
)

// bodyConfig is a body whose portal is here. What the Node and PSPs need to know of
// it, its account with the post too, is in the ledger (RegisterCreditor).
type bodyConfig struct {
	FiscalCode       domain.FiscalCode `yaml:"fiscalCode"`
	Name             string            `yaml:"name"`
	Tagline          string            `yaml:"tagline"`
	CBILL            string            `yaml:"cbill"`
	Office           officeConfig      `yaml:"office"`
	DPO              string            `yaml:"dpo"`
	AccessibilityURL string            `yaml:"accessibilityUrl"`
	Colour           string            `yaml:"colour"`
	// URL is how browsers reach the body's portal; of Body it is the configuration's.
	URL string `yaml:"url"`
	// Hosts are further host names of the portal, beside the one in URL.
	Hosts []string `yaml:"hosts"`
	// From is whom the body's letters are from; empty is mail.from.
	From string     `yaml:"from"`
	Logo logoConfig `yaml:"logo"`
	// Roles are what the groups of the body's staff may do on its hosts, in the place
	// of identity.roles.
	Roles map[string]domain.Role `yaml:"roles"`
	Texts textsConfig            `yaml:"texts"`
}

type officeConfig struct {
	Name    string `yaml:"name"`
	Address string `yaml:"address"`
	Phone   string `yaml:"phone"`
	Email   string `yaml:"email"`
	PEC     string `yaml:"pec"`
	Hours   string `yaml:"hours"`
}

// maintenanceConfig closes the portal's pages for a while.
type maintenanceConfig struct {
	On    bool          `yaml:"on"`
	Words string        `yaml:"words"` // empty is the portal's own
	Retry time.Duration `yaml:"retry"` // 0 is half an hour
}

func (m maintenanceConfig) pages() *frame.Maintenance {
	if !m.On {
		return nil
	}
	return &frame.Maintenance{Words: m.Words, Retry: m.Retry}
}

// bodies are all the bodies, each with its address.
func (c config) bodies() []bodyConfig {
	if c.onlyBodies() {
		return c.Bodies
	}
	first := c.Body
	first.URL = c.URL
	return append([]bodyConfig{first}, c.Bodies...)
}

// onlyBodies reports whether every body is in the list.
func (c config) onlyBodies() bool { return c.Body.FiscalCode == "" && len(c.Bodies) > 0 }

// hosts are the host names of the body's portal, without ports.
func (b bodyConfig) hosts() []string {
	all := make([]string, 0, 1+len(b.Hosts))
	if u, err := url.Parse(b.URL); err == nil && u.Hostname() != "" {
		all = append(all, strings.ToLower(u.Hostname()))
	}
	for _, h := range b.Hosts {
		if h = strings.ToLower(h); !slices.Contains(all, h) {
			all = append(all, h)
		}
	}
	return all
}

// setting is a key of the configuration and what it says.
type setting struct{ name, value string }

// missing names the settings that say nothing.
func missing(settings []setting) error {
	var errs []error
	for _, s := range settings {
		if s.value == "" {
			errs = append(errs, fmt.Errorf("%s is missing", s.name))
		}
	}
	return errors.Join(errs...)
}

func checkURL(name, value string) error {
	if u, err := url.Parse(value); err != nil || value != "" && (u.Scheme != "http" && u.Scheme != "https" || u.Host == "") {
		return fmt.Errorf("%s %q is no http or https address", name, value)
	}
	return nil
}

// secure reports whether browsers come to an address over https.
func secure(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "https"
}

// checkBodies names what is missing or wrong in each body, and what two have both.
func (c config) checkBodies() error {
	var errs []error
	taken := make(map[string]string) // whose a host name or a fiscal code is
	claim := func(kind, value, by string) {
		if value == "" {
			return
		}
		if other, ok := taken[kind+value]; ok {
			errs = append(errs, fmt.Errorf("%s: %s %s is %s's already", by, kind, value, other))
		}
		taken[kind+value] = by
	}
	for i, b := range c.bodies() {
		name := "body"
		if at := i - (len(c.bodies()) - len(c.Bodies)); at >= 0 {
			name = fmt.Sprintf("bodies[%d]", at)
			errs = append(errs, missing([]setting{{name + ".url", b.URL}}), checkURL(name+".url", b.URL), c.checkStation(name, b.FiscalCode))
		}
		errs = append(errs, b.check(name))
		claim("fiscalCode", string(b.FiscalCode), name)
		for _, h := range b.hosts() {
			claim("host", h, name)
		}
	}
	if c.Body.URL != "" {
		errs = append(errs, errors.New("body.url: the address of body is url, one level up"))
	}
	return errors.Join(errs...)
}

func (c config) checkStation(name string, creditor domain.FiscalCode) error {
	if creditor == "" || slices.ContainsFunc(c.Stations, func(s stationConfig) bool { return s.Creditor == creditor }) {
		return nil
	}
	return fmt.Errorf("%s: no station answers for %s", name, creditor)
}

func (b bodyConfig) check(name string) error {
	err := missing([]setting{
		{name + ".fiscalCode", string(b.FiscalCode)}, {name + ".name", b.Name}, {name + ".tagline", b.Tagline},
		{name + ".cbill", b.CBILL}, {name + ".dpo", b.DPO}, {name + ".accessibilityUrl", b.AccessibilityURL},
		{name + ".office.name", b.Office.Name}, {name + ".office.address", b.Office.Address},
		{name + ".office.phone", b.Office.Phone}, {name + ".office.email", b.Office.Email}, {name + ".office.hours", b.Office.Hours},
	})
	errs := []error{err}
	for _, h := range b.Hosts {
		if h == "" || strings.ContainsAny(h, "/:@ ") {
			errs = append(errs, fmt.Errorf("%s.hosts: %q is no host name", name, h))
		}
	}
	_, errLogo := b.Logo.read()
	_, errTexts := b.Texts.read()
	for _, err := range []error{errLogo, errTexts} {
		if err != nil {
			errs = append(errs, fmt.Errorf("%s.%w", name, err))
		}
	}
	return errors.Join(errs...)
}
