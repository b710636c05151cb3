package main

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/httpapi"
	"github.com/saldo-ledger/saldo/adapters/portal"
	"github.com/saldo-ledger/saldo/adapters/vault"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

// linkingConfig is about how parents come to see their children.
type linkingConfig struct {
	// CodeDays is how long an activation code is good; 0 is 90 days.
	CodeDays int `yaml:"codeDays"`
}

// defaultCodeDays is how long an activation code is good unless the configuration says.
const defaultCodeDays = 90

func (c linkingConfig) codeLasts() time.Duration {
	if c.CodeDays == 0 {
		return defaultCodeDays * day
	}
	return time.Duration(c.CodeDays) * day
}

func (c linkingConfig) check() error {
	if c.CodeDays < 0 || c.CodeDays > 730 {
		return errors.New("linking.codeDays is 1 to 730")
	}
	return nil
}

// linking gives out activation codes, over vault and ledger: the vault knows a hash of
// each, the ledger that it exists and what became of it.
type linking struct{ *body }

// activationID is the id of the code that a command gives out.
func activationID(command uuid.UUID) uuid.UUID { return uuid.NewSHA1(command, []byte("activation")) }

// IssueActivation gives a child a code and ends the one before. The code is kept first:
// one that the ledger does not know opens nothing.
func (l linking) IssueActivation(ctx context.Context, env eventstore.Envelope, consumer domain.ConsumerID) (httpapi.IssuedActivation, error) {
	if _, err := l.ledger.KnownConsumer(ctx, consumer); err != nil {
		return httpapi.IssuedActivation{}, err
	}
	id, now, lasting := activationID(env.Command), l.now().UTC(), l.Linking.codeLasts()
	code, err := l.vault.IssueCode(ctx, vault.ActivateChild, consumer.UUID, env.Command.String(), id.String(), lasting)
	if err != nil {
		return httpapi.IssuedActivation{}, err
	}
	out, err := l.ledger.Consumer(ctx, env, domain.IssueActivationCode{Consumer: consumer, Code: id, Until: now.Add(lasting), At: now})
	if err != nil {
		return httpapi.IssuedActivation{}, err
	}
	c, err := l.ledger.KnownConsumer(ctx, consumer)
	switch {
	case err != nil:
		return httpapi.IssuedActivation{}, err
	case c.Activation.ID != id: // the command is an old one
		return httpapi.IssuedActivation{}, domain.ErrNoActivation
	}
	return httpapi.IssuedActivation{Outcome: out, Code: vault.InGroups(code), Until: c.Activation.Until},
		l.vault.EndCodes(ctx, vault.ActivateChild, consumer.UUID, code)
}

// RevokeActivation ends a child's code, if one is open.
func (l linking) RevokeActivation(ctx context.Context, env eventstore.Envelope, cmd domain.RevokeActivationCode) (ledger.Outcome, error) {
	out, err := l.ledger.Consumer(ctx, env, cmd)
	if err != nil {
		return out, err
	}
	c, err := l.ledger.KnownConsumer(ctx, cmd.Consumer)
	if err != nil || c.Activation.ID != uuid.Nil { // given out meanwhile
		return out, err
	}
	return out, l.vault.EndCodes(ctx, vault.ActivateChild, cmd.Consumer.UUID, "")
}

// parentLinks is what parents of one body do to see their children.
type parentLinks struct{ linking }

// Activate links the child of a code, and uses the code up last: after an accident
// before that, the same code does the same again.
func (p parentLinks) Activate(ctx context.Context, parent domain.ParentID, code, addr string) (string, eventstore.Position, error) {
	held, err := p.vault.CodeBy(ctx, vault.ActivateChild, code, parent.UUID, addr)
	if err != nil {
		return "", 0, portalError(err)
	}
	child := domain.ConsumerID{UUID: held.Subject}
	c, err := p.ledger.KnownConsumer(ctx, child)
	switch {
	case err != nil:
		return "", 0, err
	case c.Creditor != p.Body.FiscalCode:
		return "", 0, portal.ErrNoCode
	}
	out, err := p.ledger.Consumer(ctx, parentEnvelope(parent, "activate/"+held.Note+"/"+parent.String()),
		domain.LinkParent{Consumer: child, Parent: parent, Ground: domain.LinkedByCode, Proof: held.Note, At: p.now().UTC()})
	if errors.Is(err, domain.ErrNoActivation) {
		err = portal.ErrNoCode
	}
	if err != nil {
		return "", 0, err
	}
	c, err = p.ledger.KnownConsumer(ctx, child)
	if err == nil && c.Activation.ID.String() != held.Note { // who was linked already leaves it to others
		err = p.vault.UseCode(ctx, vault.ActivateChild, code, child.UUID)
	}
	return c.Child.FullName(), out.Position, err
}

// declared are the children whom a parent can be linked to by who they are.
func (p parentLinks) declared(ctx context.Context, parent domain.ParentID) ([]domain.ConsumerID, domain.AdultID, error) {
	known, err := p.ledger.KnownParent(ctx, parent)
	if err != nil || known.Erased {
		return nil, "", err
	}
	adult := p.ledger.AdultID(known.Person.FiscalCode)
	ids, err := p.views.DeclaredFor(ctx, p.Body.FiscalCode, adult)
	if err != nil {
		return nil, "", err
	}
	var waiting []domain.ConsumerID
	for _, id := range ids {
		c, err := p.ledger.KnownConsumer(ctx, id)
		if err != nil {
			return nil, "", err
		}
		if c.Admits(parent, adult) {
			waiting = append(waiting, id)
		}
	}
	return waiting, adult, nil
}

// Declared counts them.
func (p parentLinks) Declared(ctx context.Context, parent domain.ParentID) (int, error) {
	ids, _, err := p.declared(ctx, parent)
	return len(ids), err
}

// LinkDeclared links them.
func (p parentLinks) LinkDeclared(ctx context.Context, parent domain.ParentID) (at eventstore.Position, err error) {
	ids, adult, err := p.declared(ctx, parent)
	for _, id := range ids {
		out, err := p.ledger.Consumer(ctx, parentEnvelope(parent, "identity/"+id.String()+"/"+parent.String()), domain.LinkParent{
			Consumer: id, Parent: parent, Ground: domain.LinkedByIdentity, Proof: string(adult), At: p.now().UTC(),
		})
		if err != nil {
			return at, err
		}
		at = max(at, out.Position)
	}
	return at, err
}

// linkRequestsADay is how many children a parent can ask for in a day.
const linkRequestsADay = 10

// Ask asks the office.
func (p parentLinks) Ask(ctx context.Context, parent domain.ParentID, key uuid.UUID, sought domain.SoughtChild) (eventstore.Position, error) {
	err := p.vault.Spend(ctx, "link-request/"+parent.String(), key.String(), linkRequestsADay, day)
	if errors.Is(err, vault.ErrSpent) {
		return 0, portal.ErrTooManyRequests
	}
	if err != nil {
		return 0, err
	}
	id := domain.LinkRequestID{UUID: uuid.NewSHA1(parentSpace, []byte("link-request/"+parent.String()+"/"+key.String()))}
	out, err := p.ledger.LinkRequest(ctx, parentEnvelope(parent, "ask/"+id.String()),
		domain.RequestLink{Request: id, Creditor: p.Body.FiscalCode, Parent: parent, Sought: sought, At: p.now().UTC()})
	return out.Position, err
}

// Asked returns what the parent asked for: of each how far it came from the views, and
// what it says from its stream.
func (p parentLinks) Asked(ctx context.Context, parent domain.ParentID) ([]portal.LinkRequest, error) {
	all, err := p.views.Portal(p.Body.FiscalCode, p.now).LinkRequests(ctx, parent)
	if err != nil {
		return nil, err
	}
	var asked []portal.LinkRequest
	for _, q := range all {
		said, err := p.ledger.KnownLinkRequest(ctx, q.ID)
		if err != nil {
			return nil, err
		}
		asked = append(asked, portal.LinkRequest{
			Child: said.Sought.FullName(), School: said.Sought.School, State: q.State, AskedAt: q.AskedAt, Decided: q.DecidedAt, Reason: said.Reason,
		})
	}
	return asked, nil
}
