package main

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/httpapi"
	"github.com/saldo-ledger/saldo/adapters/portal"
	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/adapters/vault"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// accounts is the vault as the portal knows it, with names from the ledger.
type accounts struct{ *body }

// Authenticate checks a username and a password.
func (a accounts) Authenticate(ctx context.Context, username, password, addr string) (frame.Account, error) {
	account, err := a.vault.Authenticate(ctx, username, password, addr)
	if err == nil && !a.has(account) {
		err = vault.ErrWrongCredentials
	}
	if err != nil {
		return frame.Account{}, portalError(err)
	}
	named, err := a.account(ctx, account)
	return named, portalError(err)
}

// has reports whether an account, or a session, is good at this body.
func (a accounts) has(account vault.Account) bool {
	return account.Body == "" || account.Body == a.Body.FiscalCode
}

// account adds the person's name. Accounts that are not parents' show their own.
// Between the fact of an erasure and the end of the account a parent is nobody
// already.
func (a accounts) account(ctx context.Context, from vault.Account) (frame.Account, error) {
	out := frame.Account{Subject: from.Subject, Username: from.Name, Name: from.Name, Roles: from.Roles}
	if !from.Has(domain.RoleParent) {
		return out, nil
	}
	p, err := a.ledger.KnownParent(ctx, domain.ParentID{UUID: from.Subject})
	switch {
	case err != nil:
		return out, err
	case p.Erased:
		return out, vault.ErrKeyDestroyed
	}
	out.Name = p.Person.FullName()
	return out, nil
}

// StartSession opens a session, which is good at this body alone.
func (a accounts) StartSession(ctx context.Context, account frame.Account) (string, error) {
	method := vault.ByPassword
	if account.ByProvider {
		method = vault.ByProvider
	}
	token, err := a.vault.StartSessionBy(ctx, vault.Account{Subject: account.Subject, Name: account.Username, Roles: account.Roles, Body: a.Body.FiscalCode}, method)
	return token, portalError(err)
}

// Session returns a session that is still good.
func (a accounts) Session(ctx context.Context, token string) (frame.Session, error) {
	return a.session(ctx, token, a.vault.Session)
}

// Peek returns a session that is still good, and does not prolong it.
func (a accounts) Peek(ctx context.Context, token string) (frame.Session, error) {
	return a.session(ctx, token, a.vault.Peek)
}

func (a accounts) session(ctx context.Context, token string, of func(context.Context, string) (vault.Session, error)) (frame.Session, error) {
	s, err := of(ctx, token)
	if err == nil && !a.has(s.Account) {
		err = vault.ErrNoSession
	}
	if err != nil {
		return frame.Session{}, portalError(err)
	}
	account, err := a.account(ctx, s.Account)
	if errors.Is(err, vault.ErrKeyDestroyed) {
		err = frame.ErrNoSession
	}
	account.ByProvider = s.Method == vault.ByProvider
	return frame.Session{Account: account, Ends: s.Expires}, err
}

// EndSession ends a session.
func (a accounts) EndSession(ctx context.Context, token string) error {
	return a.vault.EndSession(ctx, token)
}

// ChangePassword replaces the password and ends every session. Of a parent it notes
// the fact, never the secret, in the ledger.
func (a accounts) ChangePassword(ctx context.Context, account frame.Account, current, next string) error {
	if !account.Has(domain.RoleParent) {
		return a.replacePassword(ctx, account, current, next)
	}
	p, err := a.ledger.KnownParent(ctx, domain.ParentID{UUID: account.Subject})
	if err != nil {
		return err
	}
	if err := checkPassword(next, p.Person); err != nil {
		return portalError(err)
	}
	if err := a.replacePassword(ctx, account, current, next); err != nil {
		return err
	}
	env := eventstore.Envelope{Command: uuid.New(), Actor: "parent:" + account.Subject.String()}
	_, err = a.ledger.Parent(ctx, env, domain.RecordCredentialChange{Parent: p.ID, Creditor: a.Body.FiscalCode, At: a.now().UTC()})
	return err
}

func (a accounts) replacePassword(ctx context.Context, account frame.Account, current, next string) error {
	if err := a.vault.ChangePassword(ctx, account.Username, current, next); err != nil {
		return portalError(err)
	}
	return a.vault.EndSessionsOf(ctx, account.Subject, "")
}

func checkPassword(password string, person domain.Person) error {
	return vault.CheckPassword(password, person.Username, person.Email, string(person.FiscalCode))
}

// portalErrors are the vault's words and the portal's for the same.
var portalErrors = []struct{ from, to error }{
	{vault.ErrWrongCredentials, portal.ErrWrongCredentials},
	{vault.ErrKeyDestroyed, portal.ErrWrongCredentials}, // nobody can log in as somebody erased
	{vault.ErrNoSession, frame.ErrNoSession},
	{vault.ErrNoCode, portal.ErrNoCode},
	{vault.ErrUsernameTaken, portal.ErrUsernameTaken},
	{vault.ErrPasswordShort, portal.ErrPasswordLength},
	{vault.ErrPasswordLong, portal.ErrPasswordLength},
	{vault.ErrPasswordSpace, portal.ErrPasswordSpace},
	{vault.ErrPasswordCharacter, portal.ErrPasswordSpace},
	{vault.ErrPasswordLetter, portal.ErrPasswordComposition},
	{vault.ErrPasswordDigit, portal.ErrPasswordComposition},
	{vault.ErrPasswordSymbol, portal.ErrPasswordComposition},
	{vault.ErrPasswordAbout, portal.ErrPasswordPersonal},
	{vault.ErrPasswordCommon, portal.ErrPasswordCommon},
}

func portalError(err error) error {
	var wait *vault.TooManyAttempts
	if errors.As(err, &wait) {
		return &portal.TooManyAttempts{Wait: wait.Wait}
	}
	for _, e := range portalErrors {
		if errors.Is(err, e.from) {
			return e.to
		}
	}
	return err
}

// tokens is the vault as the API knows it.
type tokens struct{ *vault.Vault }

// APIToken returns whose a token is.
func (t tokens) APIToken(ctx context.Context, token string) (httpapi.Holder, error) {
	account, err := t.Vault.APIToken(ctx, token)
	if errors.Is(err, vault.ErrNoAPIToken) {
		return httpapi.Holder{}, httpapi.ErrBadToken
	}
	holder := httpapi.Holder{Name: account.Name, Body: account.Body}
	for _, r := range account.Roles {
		holder.Roles = append(holder.Roles, httpapi.Role(r))
	}
	return holder, err
}

// credentials is the vault as those who register parents know it.
type credentials struct{ *vault.Vault }

// CheckPassword refuses a password that breaks a rule.
func (credentials) CheckPassword(password string, person domain.Person) error {
	return checkPassword(password, person)
}

// FirstPassword gives a parent a password, unless there is one. Somebody erased gets
// none: a registration that is sent again brings nobody back.
func (c credentials) FirstPassword(ctx context.Context, parent domain.ParentID, username, password string) error {
	has, err := c.HasPassword(ctx, parent.UUID)
	if err != nil || has {
		return err
	}
	err = c.SetPassword(ctx, username, parent.UUID, []domain.Role{domain.RoleParent}, password)
	if errors.Is(err, vault.ErrKeyDestroyed) {
		return nil
	}
	return err
}
