package main

import (
	"context"
	"fmt"
	"net/http"

	"github.com/saldo-ledger/saldo/adapters/identity"
	"github.com/saldo-ledger/saldo/adapters/portal"
	"github.com/saldo-ledger/saldo/domain"
)

// body is the service as it acts for one of its bodies: what parents see and do on
// that body's hosts, and the letters that they get. Its Body and URL are what counts;
// the configuration's own, which are of the first body, are hidden by them.
type body struct {
	*service
	Body     bodyConfig
	URL      string             // how browsers reach the body's portal
	identity *identity.Provider // nil where only passwords are good
}

// openBodies makes the bodies of the configuration.
func (s *service) openBodies() error {
	if err := s.clearExports(); err != nil {
		return err
	}
	for _, c := range s.config.bodies() {
		b := &body{service: s, Body: c, URL: c.URL}
		var err error
		if b.identity, err = b.openIdentity(); err != nil {
			return err
		}
		s.bodies = append(s.bodies, b)
	}
	return nil
}

// bodyOf is the body of a creditor; nil for one whose portal is not here.
func (s *service) bodyOf(creditor domain.FiscalCode) *body {
	for _, b := range s.bodies {
		if b.Body.FiscalCode == creditor {
			return b
		}
	}
	return nil
}

// bodyFor is the body that writes to a parent: the one it is about, else the one
// whose children the parent answers for, else the first.
func (s *service) bodyFor(ctx context.Context, creditor domain.FiscalCode, parent domain.ParentID) (*body, error) {
	if b := s.bodyOf(creditor); b != nil {
		return b, nil
	}
	for _, b := range s.bodies[1:] {
		overview, err := b.parentViews().Overview(ctx, parent)
		if err != nil {
			return nil, err
		}
		if len(overview.Consumers) > 0 {
			return b, nil
		}
	}
	return s.bodies[0], nil
}

// own refuses a cart that is not of this body's bulletins, or not the parent's.
func (b *body) own(ctx context.Context, parent domain.ParentID, id domain.PaymentID) (domain.Payment, error) {
	payment, err := b.ledger.KnownPayment(ctx, id)
	if err == nil && (payment.Selected.Parent != parent || payment.Selected.Creditor != b.Body.FiscalCode) {
		err = fmt.Errorf("payment %s: %w", id, domain.ErrUnknownPayment)
	}
	return payment, err
}

// checkCategory refuses a category that is not one of this body's.
func (b *body) checkCategory(ctx context.Context, category domain.CategoryCode) error {
	creditor, err := b.ledger.KnownCreditor(ctx, b.Body.FiscalCode)
	if err != nil {
		return err
	}
	if _, ok := creditor.Categories[category]; !ok {
		return fmt.Errorf("category %q: %w", category, domain.ErrUnknownCategory)
	}
	return nil
}

// sites puts the portals of all bodies behind their host names. A body alone, without
// host names of its own, answers to every one.
func (s *service) sites() (http.Handler, error) {
	byHost := make(map[string]http.Handler)
	for _, b := range s.bodies {
		site, err := b.portal()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", b.Body.Name, err)
		}
		if len(s.bodies) == 1 && len(b.Body.Hosts) == 0 {
			return site, nil
		}
		for _, host := range b.Body.hosts() {
			byHost[host] = site
		}
	}
	return portal.ByHost(byHost), nil
}

// staffRoles are what the groups of the identity provider may do on this body's hosts.
func (b *body) staffRoles() map[string]domain.Role {
	if b.Body.Roles != nil {
		return b.Body.Roles
	}
	return b.config.Identity.Roles
}
