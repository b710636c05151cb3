package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/saldo-ledger/saldo/adapters/identity"
	"github.com/saldo-ledger/saldo/adapters/portal"
	"github.com/saldo-ledger/saldo/domain"
)

// identityConfig is the body's identity provider: SPID and CIE through its proxy.
// Without an issuer there is none.
type identityConfig struct {
	Issuer           string            `yaml:"issuer"`
	ClientID         string            `yaml:"clientId"`
	ClientSecret     string            `yaml:"clientSecret"` // SALDO_IDENTITY_SECRET replaces it
	ClientSecretFile string            `yaml:"clientSecretFile"`
	PostSecret       bool              `yaml:"postSecret"`
	Scopes           []string          `yaml:"scopes"`
	MinimumLevel     string            `yaml:"minimumLevel"`
	Levels           map[string]string `yaml:"levels"`
	Claims           claimsConfig      `yaml:"claims"`
	Doors            []doorConfig      `yaml:"doors"`
	// Roles are what the groups of staff may do.
	Roles map[string]domain.Role `yaml:"roles"`
}

// claimsConfig are the names of the provider's claims.
type claimsConfig struct {
	FiscalCode []string `yaml:"fiscalCode"`
	GivenName  []string `yaml:"givenName"`
	FamilyName []string `yaml:"familyName"`
	Email      []string `yaml:"email"`
	Groups     []string `yaml:"groups"`
}

// doorConfig is a button of the login page.
type doorConfig struct {
	Door       portal.Door       `yaml:"door"`
	Parameters map[string]string `yaml:"parameters"`
}

// doors returns the buttons: SPID and CIE unless it is said otherwise.
func (c identityConfig) doors() []doorConfig {
	if len(c.Doors) > 0 {
		return c.Doors
	}
	return []doorConfig{{Door: portal.SPID}, {Door: portal.CIE}}
}

// settings is the configuration as the adapter knows it, for a portal at url.
func (c identityConfig) settings(url string) (identity.Settings, error) {
	s := identity.Settings{
		Issuer: c.Issuer, ClientID: c.ClientID, ClientSecret: c.ClientSecret, PostSecret: c.PostSecret,
		RedirectURL: strings.TrimRight(url, "/") + portal.IdentityReturnPath, Scopes: c.Scopes,
		Claims: identity.Claims(c.Claims), Levels: map[string]identity.Level{},
	}
	var errs []error
	if c.ClientSecret == "" && c.ClientSecretFile != "" {
		secret, err := os.ReadFile(c.ClientSecretFile)
		if err != nil {
			errs = append(errs, fmt.Errorf("clientSecretFile: %w", err))
		}
		s.ClientSecret = strings.TrimSpace(string(secret))
	}
	if c.MinimumLevel != "" {
		level, err := identity.ParseLevel(c.MinimumLevel)
		if err != nil {
			errs = append(errs, fmt.Errorf("minimumLevel: %w", err))
		}
		s.Minimum = level
	}
	for acr, worth := range c.Levels {
		level, err := identity.ParseLevel(worth)
		if err != nil {
			errs = append(errs, fmt.Errorf("levels: %q: %w", acr, err))
		}
		s.Levels[acr] = level
	}
	return s, errors.Join(errs...)
}

// check names what is wrong with the doors and the roles. What the adapter needs is
// checked when it is opened.
func (c identityConfig) check() error {
	if c.Issuer == "" {
		return nil
	}
	var errs []error
	for _, d := range c.Doors {
		if d.Door.Label() == "" {
			errs = append(errs, fmt.Errorf("identity.doors: %q is not spid, cie or ente", d.Door))
		}
	}
	for group, role := range c.Roles {
		if !slices.Contains(staffRoles, role) {
			errs = append(errs, fmt.Errorf("identity.roles: %q: %q is not ufficio, riconciliazione or revisore", group, role))
		}
	}
	return errors.Join(errs...)
}

// staffRoles are the roles that a group of the provider may give. What an administrator
// may do is not given from outside.
var staffRoles = []domain.Role{domain.RoleOffice, domain.RoleReconciler, domain.RoleAuditor}

// openIdentity makes the provider's side here, where there is one. It asks it nothing
// yet: the portal starts also while the provider is down.
func (b *body) openIdentity() (*identity.Provider, error) {
	c := b.config.Identity
	if c.Issuer == "" {
		return nil, nil
	}
	settings, err := c.settings(b.URL)
	if err != nil {
		return nil, fmt.Errorf("identity: %w", err)
	}
	p, err := identity.New(settings, b.logger)
	if err != nil {
		return nil, fmt.Errorf("identity: %w", err)
	}
	return p, nil
}
