package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/identity"
	"github.com/saldo-ledger/saldo/adapters/portal"
	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/adapters/vault"
	"github.com/saldo-ledger/saldo/domain"
)

// identityDoors is the identity provider as the portal knows it; nil where there is none.
func (b *body) identityDoors() portal.Provider {
	if b.identity == nil {
		return nil
	}
	return identities{b}
}

// identities joins who logs in elsewhere with the parents of the ledger. What a log-in
// must remember waits in the vault, under a token that only its browser has.
type identities struct{ *body }

// What waits in the vault, and for how long.
const (
	departurePurpose = "identity departure"
	departureLasts   = 10 * time.Minute
	arrivalPurpose   = "identity arrival"
	arrivalLasts     = 30 * time.Minute
)

// underWay is a log-in between leaving and coming back.
type underWay struct {
	Departure identity.Departure `json:"departure"`
	Door      portal.Door        `json:"door"`
	Back      string             `json:"back"`
	Attempt   string             `json:"attempt"`
}

// Doors are the ways in.
func (i identities) Doors() []portal.Door {
	var all []portal.Door
	for _, d := range i.config.Identity.doors() {
		all = append(all, d.Door)
	}
	return all
}

// Depart begins a log-in.
func (i identities) Depart(ctx context.Context, door portal.Door, back, addr string) (string, string, error) {
	parameters, open := i.parameters(door)
	if !open {
		return "", "", frame.ErrNotFound
	}
	attempt, err := i.vault.NoteDeparture(ctx, addr)
	if err != nil {
		return "", "", portalError(err)
	}
	address, departure, err := i.identity.Depart(ctx, parameters)
	if err != nil {
		return "", "", errors.Join(identityError(err), i.vault.NoteArrival(ctx, attempt)) // nobody's fault here
	}
	ticket, err := i.leave(ctx, departurePurpose, underWay{departure, door, back, attempt}, departureLasts)
	return address, ticket, err
}

// parameters are what a door adds to the provider's address, and whether it is there.
func (i identities) parameters(door portal.Door) (map[string]string, bool) {
	for _, d := range i.config.Identity.doors() {
		if d.Door == door {
			return d.Parameters, true
		}
	}
	return nil, false
}

// Return ends a log-in, once: whatever comes of it, its ticket is gone.
func (i identities) Return(ctx context.Context, ticket string, answer url.Values) (portal.Welcome, error) {
	raw, err := i.vault.TakeSlip(ctx, departurePurpose, ticket)
	if err != nil {
		return portal.Welcome{}, identityError(err)
	}
	var u underWay
	if err := json.Unmarshal(raw, &u); err != nil {
		return portal.Welcome{}, err
	}
	welcome := portal.Welcome{Back: u.Back}
	person, err := i.identity.Arrive(ctx, u.Departure, answer)
	if err != nil {
		i.logger.InfoContext(ctx, "a log-in at the identity provider failed", "door", u.Door, "error", err)
		return welcome, identityError(err)
	}
	if err := i.vault.NoteArrival(ctx, u.Attempt); err != nil {
		return welcome, err
	}
	if u.Door == portal.Staff {
		welcome.Account, err = i.staff(person)
	} else {
		welcome.Account, welcome.Arrival, err = i.parent(ctx, person)
	}
	return welcome, identityError(err)
}

// parent returns the account of a person's codice fiscale, or the token of their
// arrival when the ledger has nobody by it.
func (i identities) parent(ctx context.Context, person identity.Person) (frame.Account, string, error) {
	if err := person.WithFiscalCode(); err != nil {
		return frame.Account{}, "", err
	}
	id, known, err := i.ledger.ParentWith(ctx, domain.ClaimFiscalCode, string(person.FiscalCode))
	if err != nil {
		return frame.Account{}, "", err
	}
	if known {
		account, err := i.parentAccount(ctx, id)
		if !errors.Is(err, vault.ErrKeyDestroyed) { // erased a moment ago: unknown again
			return account, "", err
		}
	}
	token, err := i.leave(ctx, arrivalPurpose, portal.Arrival{
		FiscalCode: person.FiscalCode, GivenName: person.GivenName, FamilyName: person.FamilyName,
		Email: person.Email, Level: person.Level.String(),
	}, arrivalLasts)
	return frame.Account{}, token, err
}

func (i identities) parentAccount(ctx context.Context, id domain.ParentID) (frame.Account, error) {
	p, err := i.ledger.KnownParent(ctx, id)
	switch {
	case err != nil:
		return frame.Account{}, err
	case p.Erased:
		return frame.Account{}, vault.ErrKeyDestroyed
	}
	return frame.Account{
		Subject: id.UUID, Username: domain.FoldUsername(p.Person.Username), Name: p.Person.FullName(), Roles: []domain.Role{domain.RoleParent}, ByProvider: true,
	}, nil
}

// staff returns the account of somebody whose groups have a role. The vault's name for
// them cannot be guessed back from the provider's, which may be made of a codice
// fiscale.
func (i identities) staff(person identity.Person) (frame.Account, error) {
	name := strings.TrimSpace(person.GivenName + " " + person.FamilyName)
	account := frame.Account{Subject: i.staffID(person.Subject), Username: name, Name: name, ByProvider: true}
	for _, group := range person.Groups {
		if role := i.staffRoles()[group]; role != "" && !account.Has(role) {
			account.Roles = append(account.Roles, role)
		}
	}
	if len(account.Roles) == 0 {
		return frame.Account{}, portal.ErrIdentityNoRole
	}
	return account, nil
}

func (i identities) staffID(subject string) uuid.UUID {
	hidden, err := hex.DecodeString(i.vault.ClaimID("staff", i.config.Identity.Issuer+" "+subject))
	if err != nil {
		panic(err) // an HMAC in hexadecimal
	}
	return uuid.NewSHA1(uuid.NameSpaceURL, hidden)
}

func (i identities) leave(ctx context.Context, purpose string, value any, lasting time.Duration) (string, error) {
	raw, err := json.Marshal(value)
	if err != nil {
		return "", err
	}
	return i.vault.Leave(ctx, purpose, raw, lasting)
}

// Arrival returns who came and is no parent yet.
func (i identities) Arrival(ctx context.Context, token string) (portal.Arrival, error) {
	raw, err := i.vault.Slip(ctx, arrivalPurpose, token)
	if err != nil {
		return portal.Arrival{}, identityError(err)
	}
	var a portal.Arrival
	err = json.Unmarshal(raw, &a)
	return a, err
}

// ForgetArrival forgets them.
func (i identities) ForgetArrival(ctx context.Context, token string) error {
	_, err := i.vault.TakeSlip(ctx, arrivalPurpose, token)
	if errors.Is(err, vault.ErrNoSlip) {
		return nil
	}
	return err
}

// Farewell is where people leave the provider.
func (i identities) Farewell() (address, origin string) {
	address = i.identity.Farewell(strings.TrimRight(i.URL, "/") + portal.IdentityLeftPath)
	u, err := url.Parse(address)
	if err != nil || address == "" {
		return "", ""
	}
	return address, u.Scheme + "://" + u.Host
}

// identityErrors are the adapter's words and the portal's for the same.
var identityErrors = []struct{ from, to error }{
	{identity.ErrUnavailable, portal.ErrIdentityUnavailable},
	{identity.ErrCancelled, portal.ErrIdentityCancelled},
	{identity.ErrRefused, portal.ErrIdentityRefused},
	{identity.ErrNotBelieved, portal.ErrIdentityRefused},
	{identity.ErrLevel, portal.ErrIdentityLevel},
	{identity.ErrNoFiscalCode, portal.ErrIdentityNoCode},
	{vault.ErrNoSlip, portal.ErrIdentityStale},
}

func identityError(err error) error {
	for _, e := range identityErrors {
		if errors.Is(err, e.from) {
			return e.to
		}
	}
	return err
}
