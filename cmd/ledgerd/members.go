package main

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal"
	"github.com/saldo-ledger/saldo/adapters/vault"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// How long codes and links last, and how often things may be asked.
const (
	codeLasts = 30 * time.Minute
	linkLasts = 24 * time.Hour

	usernamesAMinute    = 10
	registrationsAnHour = 20
	recoveriesAnHour    = 30
	linksADay           = 5
	remindersADay       = 3
	errandLimit         = time.Minute
)

// members is how adults get an account, over ledger, vault and mail. What must take
// the same time for everybody runs after the answer.
type members struct {
	*body
	errands *sync.WaitGroup
}

// members returns the port; what it still has to do is waited for at the close.
func (b *body) members() members {
	m := members{b, &sync.WaitGroup{}}
	b.onClose(func() error { m.errands.Wait(); return nil })
	return m
}

// later does something after the request was answered.
func (m members) later(ctx context.Context, what string, do func(context.Context) error) {
	m.errands.Go(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), errandLimit)
		defer cancel()
		if err := do(ctx); err != nil {
			m.logger.Error("an errand failed", "errand", what, "error", err)
		}
	})
}

// allow counts what comes from an address.
func (m members) allow(ctx context.Context, addr, what string, limit int, window time.Duration) error {
	err := m.vault.SpendFrom(ctx, addr, what, limit, window)
	if errors.Is(err, vault.ErrSpent) {
		m.logger.Warn("too much from one address", "what", what)
		return &portal.TooManyAttempts{Wait: window}
	}
	return err
}

// UsernameFree reports whether nobody has a username, neither a parent nor staff.
func (m members) UsernameFree(ctx context.Context, username, addr string) (bool, error) {
	if err := m.allow(ctx, addr, "username", usernamesAMinute, time.Minute); err != nil {
		return false, err
	}
	return m.usernameFor(ctx, username, domain.ParentID{})
}

// usernameFor reports whether a username is nobody's but parent's.
func (m members) usernameFor(ctx context.Context, username string, parent domain.ParentID) (bool, error) {
	holder, err := m.ledger.HolderOf(ctx, domain.ClaimUsername, username)
	if err != nil || holder != (domain.ParentID{}) {
		return holder == parent && err == nil, err
	}
	has, err := m.vault.HasUsername(ctx, username)
	return !has, err
}

// registrationSpace is the name space of what one form makes.
var registrationSpace = uuid.NewSHA1(uuid.NameSpaceURL, []byte("saldo/portal/registrations"))

// Register makes a parent, with a password and a secret question.
func (m members) Register(ctx context.Context, r portal.Registration, addr string) error {
	if err := m.allow(ctx, addr, "registration", registrationsAnHour, time.Hour); err != nil {
		return err
	}
	if err := checkPassword(r.Password, r.Person); err != nil {
		return portalError(err)
	}
	id := domain.ParentID{UUID: uuid.NewSHA1(registrationSpace, []byte("parent/"+r.Key.String()))}
	if free, err := m.usernameFor(ctx, r.Person.Username, id); err != nil || !free {
		return errors.Join(err, portal.ErrUsernameTaken)
	}
	env := eventstore.Envelope{
		Command: uuid.NewSHA1(registrationSpace, []byte("register/"+r.Key.String())), Actor: "parent:" + id.String(),
		Request: m.fingerprint(r.Person),
	}
	_, err := m.ledger.RegisterParent(ctx, env, domain.RegisterParent{Parent: id, Creditor: m.Body.FiscalCode, Person: r.Person, At: m.now().UTC()})
	switch {
	case errors.Is(err, domain.ErrTaken):
		return m.alreadyThere(ctx, id, r)
	case errors.Is(err, eventstore.ErrCommandReused):
		return domain.ErrParentExists
	case err != nil:
		return err
	}
	return m.admit(ctx, id, r)
}

// fingerprint tells one person's data from another's and says nothing of either.
func (m members) fingerprint(p domain.Person) string {
	return m.vault.ClaimID("registration", strings.Join([]string{
		string(p.FiscalCode), p.GivenName, p.FamilyName, p.Email, p.Mobile, p.Username}, "\x00"))
}

// admit gives a registered parent what is needed to log in. Each step is done once,
// however often the form is sent.
func (m members) admit(ctx context.Context, id domain.ParentID, r portal.Registration) error {
	if err := (credentials{m.vault}).FirstPassword(ctx, id, r.Person.Username, r.Password); err != nil {
		return portalError(err)
	}
	_, err := m.vault.Question(ctx, id.UUID)
	if errors.Is(err, vault.ErrNoQuestion) {
		err = m.vault.SetAnswer(ctx, id.UUID, r.Question, r.Answer)
	}
	if err != nil {
		return err
	}
	m.later(ctx, "confirmation", func(ctx context.Context) error { return m.sendLink(ctx, id, r.Person.Email, r.Key) })
	return nil
}

// alreadyThere writes to whoever has the e-mail or the fiscal code that was to be
// registered; who typed them learns nothing. A username that was taken meanwhile
// may be told.
func (m members) alreadyThere(ctx context.Context, id domain.ParentID, r portal.Registration) error {
	if free, err := m.usernameFor(ctx, r.Person.Username, id); err != nil || !free {
		return errors.Join(err, portal.ErrUsernameTaken)
	}
	if err := m.vault.WorkAsIf(ctx, r.Password); err != nil {
		return err
	}
	m.later(ctx, "reminder", func(ctx context.Context) error {
		return errors.Join(
			m.remind(ctx, domain.ClaimEmail, r.Person.Email, r.Key),
			m.remind(ctx, domain.ClaimFiscalCode, string(r.Person.FiscalCode), r.Key))
	})
	return nil
}

// remind writes to the holder of a value that there is an account already.
func (m members) remind(ctx context.Context, kind domain.ClaimKind, value string, key uuid.UUID) error {
	p, err := m.find(ctx, portal.Sought{Kind: kind, Value: value})
	if err != nil || p.ID == (domain.ParentID{}) {
		return err
	}
	if err := m.vault.Spend(ctx, "reminder/"+p.ID.String(), key.String(), remindersADay, day); err != nil {
		return nilIf(err, vault.ErrSpent)
	}
	return m.writeTo(ctx, p, p.Person.Email, "reminder/"+key.String(), accountExistsWords(p.Person, m.URL), time.Time{})
}

// find returns the parent who holds a value; nobody, or somebody erased, is nobody.
func (m members) find(ctx context.Context, who portal.Sought) (domain.Parent, error) {
	holder, err := m.ledger.HolderOf(ctx, who.Kind, who.Value)
	if err != nil || holder == (domain.ParentID{}) {
		return domain.Parent{}, err
	}
	p, err := m.ledger.KnownParent(ctx, holder)
	if errors.Is(err, domain.ErrUnknownParent) || p.Erased { // a registration or an erasure under way
		return domain.Parent{}, nil
	}
	return p, err
}

func nilIf(err, harmless error) error {
	if errors.Is(err, harmless) {
		return nil
	}
	return err
}
