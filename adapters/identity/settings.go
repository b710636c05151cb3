package identity

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

// Settings is what a body agreed with its provider. Everything without "optional" is
// required.
type Settings struct {
	// Issuer is the provider's name and, with /.well-known/openid-configuration after
	// it, where its metadata are: https, or http on this machine.
	Issuer       string
	ClientID     string
	ClientSecret string
	// PostSecret sends the secret in the form of the token request instead of its
	// Authorization header; optional.
	PostSecret bool
	// RedirectURL is where the provider sends browsers back to.
	RedirectURL string
	Scopes      []string // optional: DefaultScopes
	Claims      Claims   // optional: DefaultClaims, one by one
	// Minimum is the level below which nobody enters; optional: SpidL2.
	Minimum Level
	// Levels are values of acr beyond SPID's own, and what they are worth; optional.
	Levels map[string]Level
	Client *http.Client // optional: one that waits no longer than patience
}

// Claims are the names under which the provider tells who somebody is. The first of
// each that it uses counts.
type Claims struct {
	FiscalCode []string
	GivenName  []string
	FamilyName []string
	Email      []string
	Groups     []string // of staff
}

// DefaultClaims returns the names that the Italian proxies of SPID and CIE use.
func DefaultClaims() Claims {
	return Claims{
		FiscalCode: []string{"https://attributes.eid.gov.it/fiscal_number", "fiscal_number", "fiscalNumber"},
		GivenName:  []string{"given_name", "name"},
		FamilyName: []string{"family_name", "familyName"},
		Email:      []string{"email", "https://attributes.eid.gov.it/e_mail"},
		Groups:     []string{"groups"},
	}
}

// DefaultScopes returns the scopes that are asked for.
func DefaultScopes() []string { return []string{"openid", "profile", "email"} }

// Level is how sure a log-in is: SPID's three levels, which CIE has as well.
type Level int

// The levels of SPID. The zero Level is none of them.
const (
	SpidL1 Level = 1 + iota // a password
	SpidL2                  // and a second factor
	SpidL3                  // and a certificate, or the card itself
)

// spidACR begins SPID's own values of acr.
const spidACR = "https://www.spid.gov.it/"

// ParseLevel reads SpidL1, SpidL2 or SpidL3, with or without SPID's address before it.
func ParseLevel(s string) (Level, error) {
	for _, level := range []Level{SpidL1, SpidL2, SpidL3} {
		if strings.TrimPrefix(s, spidACR) == level.String() {
			return level, nil
		}
	}
	return 0, fmt.Errorf("level %q is not SpidL1, SpidL2 or SpidL3", s)
}

// String returns the level as SPID writes it.
func (l Level) String() string {
	if l < SpidL1 || l > SpidL3 {
		return "none"
	}
	return fmt.Sprintf("SpidL%d", int(l))
}

// acr is the value that asks the provider for a level.
func (l Level) acr() string { return spidACR + l.String() }

// patience bounds every call to the provider.
const patience = 5 * time.Second

// filled returns s with its defaults.
func (s Settings) filled() Settings {
	defaults := DefaultClaims()
	for _, c := range []struct {
		names    *[]string
		defaults []string
	}{
		{&s.Claims.FiscalCode, defaults.FiscalCode}, {&s.Claims.GivenName, defaults.GivenName},
		{&s.Claims.FamilyName, defaults.FamilyName}, {&s.Claims.Email, defaults.Email}, {&s.Claims.Groups, defaults.Groups},
	} {
		if len(*c.names) == 0 {
			*c.names = c.defaults
		}
	}
	if len(s.Scopes) == 0 {
		s.Scopes = DefaultScopes()
	}
	if s.Minimum == 0 {
		s.Minimum = SpidL2
	}
	if s.Client == nil {
		s.Client = &http.Client{}
	}
	bounded := *s.Client
	if bounded.Timeout == 0 || bounded.Timeout > patience {
		bounded.Timeout = patience
	}
	s.Client = &bounded
	return s
}

// Check names everything that is missing or wrong at once.
func (s Settings) Check() error {
	var errs []error
	if !trusted(s.Issuer) {
		errs = append(errs, fmt.Errorf("issuer %q is not an https address (http only on this machine)", s.Issuer))
	}
	if u, err := url.Parse(s.RedirectURL); err != nil || u.Host == "" {
		errs = append(errs, fmt.Errorf("redirect URL %q is not an address", s.RedirectURL))
	}
	if s.ClientID == "" {
		errs = append(errs, errors.New("clientId is missing"))
	}
	if s.ClientSecret == "" {
		errs = append(errs, errors.New("clientSecret is missing"))
	}
	if len(s.Scopes) > 0 && !slices.Contains(s.Scopes, "openid") {
		errs = append(errs, errors.New("scopes: openid is missing"))
	}
	return errors.Join(errs...)
}

// trusted reports whether what goes to address cannot be read or changed on the way.
func trusted(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "https" || u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
}

// authStyle is how the secret is sent. It is never tried out: a code is good for one
// request, and a wrong guess would spend it.
func (s Settings) authStyle() oauth2.AuthStyle {
	if s.PostSecret {
		return oauth2.AuthStyleInParams
	}
	return oauth2.AuthStyleInHeader
}
