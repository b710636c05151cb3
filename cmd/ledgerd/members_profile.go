package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal"
	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/adapters/vault"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// confirmPath is the portal's page that confirms an address.
const confirmPath = "/conferma-email"

// Profile returns a parent's data.
func (m members) Profile(ctx context.Context, id domain.ParentID) (portal.Profile, error) {
	p, err := m.ledger.KnownParent(ctx, id)
	if err != nil {
		return portal.Profile{}, err
	}
	confirmed, err := m.vault.EmailConfirmed(ctx, id.UUID, p.Person.Email)
	if err != nil {
		return portal.Profile{}, err
	}
	question, err := m.vault.Question(ctx, id.UUID)
	return portal.Profile{Person: p.Person, Confirmed: confirmed, Question: question}, nilIf(err, vault.ErrNoQuestion)
}

// ChangeProfile replaces a parent's data, all but the e-mail, which is written to.
func (m members) ChangeProfile(ctx context.Context, account frame.Account, change portal.ProfileChange) (eventstore.Position, error) {
	id := domain.ParentID{UUID: account.Subject}
	p, err := m.ledger.KnownParent(ctx, id)
	if err != nil {
		return 0, err
	}
	moves := !strings.EqualFold(change.Person.Email, p.Person.Email)
	if moves || change.Question != "" {
		if _, err := m.vault.Authenticate(ctx, account.Username, change.Password, ""); err != nil {
			return 0, portalError(err)
		}
	}
	if moves {
		if err := m.move(ctx, p, change.Person.Email, change.Key); err != nil {
			return 0, err
		}
	}
	if change.Question != "" {
		if err := m.vault.SetAnswer(ctx, id.UUID, change.Question, change.Answer); err != nil {
			return 0, err
		}
	}
	next := change.Person
	if moves {
		next.Email = p.Person.Email
	}
	out, err := m.ledger.ChangeProfile(ctx, parentEnvelope(id, "profile/"+change.Key.String()),
		domain.ChangeProfile{Parent: id, Person: next, At: m.now().UTC()})
	return out.Position, err
}

// move writes to a new address with a link, and to the old one that it was asked
// for. Whose the new one is already is told to its owner alone.
func (m members) move(ctx context.Context, p domain.Parent, email string, key uuid.UUID) error {
	if err := m.spendLink(ctx, p.ID, key); err != nil {
		return err
	}
	owner, err := m.ledger.HolderOf(ctx, domain.ClaimEmail, email)
	if err != nil {
		return err
	}
	if err := m.writeTo(ctx, p, p.Person.Email, "moving/"+key.String(), movingWords(p.Person, m.URL), time.Time{}); err != nil {
		return err
	}
	if owner != (domain.ParentID{}) && owner != p.ID {
		m.later(ctx, "reminder", func(ctx context.Context) error { return m.remind(ctx, domain.ClaimEmail, email, key) })
		return nil
	}
	m.later(ctx, "confirmation", func(ctx context.Context) error { return m.sendLink(ctx, p.ID, email, key) })
	return nil
}

func (m members) spendLink(ctx context.Context, id domain.ParentID, key uuid.UUID) error {
	err := m.vault.Spend(ctx, "confirm-email/"+id.String(), key.String(), linksADay, day)
	if errors.Is(err, vault.ErrSpent) {
		return portal.ErrTooManyEmails
	}
	return err
}

// SendConfirmation writes to the parent's own address again.
func (m members) SendConfirmation(ctx context.Context, id domain.ParentID, key uuid.UUID) error {
	p, err := m.ledger.KnownParent(ctx, id)
	if err != nil {
		return err
	}
	if err := m.spendLink(ctx, id, key); err != nil {
		return err
	}
	return m.sendLink(ctx, id, p.Person.Email, key)
}

// sendLink writes to an address with a link that confirms it.
func (m members) sendLink(ctx context.Context, id domain.ParentID, email string, key uuid.UUID) error {
	p, err := m.ledger.KnownParent(ctx, id)
	if err != nil || p.Erased {
		return err
	}
	code, err := m.vault.IssueCode(ctx, vault.ConfirmEmail, id.UUID, key.String(), email, linkLasts)
	if err != nil {
		return nilIf(err, vault.ErrKeyDestroyed)
	}
	until := m.now().Add(linkLasts)
	words := confirmAddressWords(p.Person, withCode(m.URL, confirmPath, code), until)
	return m.writeTo(ctx, p, email, "confirm/"+key.String(), words, until)
}

// Unconfirmed returns the address that a code confirms.
func (m members) Unconfirmed(ctx context.Context, code, addr string) (string, error) {
	held, err := m.vault.Code(ctx, vault.ConfirmEmail, code, addr)
	return held.Note, portalError(err)
}

// ConfirmEmail makes the address of a code the parent's. The code is used up last:
// after an accident before that, the same code does the same again.
func (m members) ConfirmEmail(ctx context.Context, code, addr string) (eventstore.Position, error) {
	held, err := m.vault.Code(ctx, vault.ConfirmEmail, code, addr)
	if err != nil {
		return 0, portalError(err)
	}
	id := domain.ParentID{UUID: held.Subject}
	p, err := m.ledger.KnownParent(ctx, id)
	if err != nil {
		return 0, err
	}
	next := p.Person
	next.Email = held.Note
	out, err := m.ledger.ChangeProfile(ctx, parentEnvelope(id, "email/"+m.vault.ClaimID("confirmation", code)),
		domain.ChangeProfile{Parent: id, Person: next, At: m.now().UTC()})
	if errors.Is(err, domain.ErrTaken) {
		return 0, portal.ErrEmailTaken
	}
	if err != nil {
		return 0, err
	}
	return out.Position, portalError(m.vault.EmailWasConfirmed(ctx, code, held))
}
