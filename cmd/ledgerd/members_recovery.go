package main

import (
	"context"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal"
	"github.com/saldo-ledger/saldo/adapters/vault"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

// Question returns the secret question of who, and for everybody else one that
// follows from what was typed.
func (m members) Question(ctx context.Context, who portal.Sought, addr string) (string, error) {
	if err := m.allow(ctx, addr, "recovery", recoveriesAnHour, time.Hour); err != nil {
		return "", err
	}
	p, err := m.find(ctx, who)
	if err != nil {
		return "", err
	}
	question, err := m.vault.Question(ctx, p.ID.UUID)
	if errors.Is(err, vault.ErrNoQuestion) {
		return m.anyQuestion(who), nil
	}
	return question, err
}

func (m members) anyQuestion(who portal.Sought) string {
	all := portal.SecretQuestions()
	sum, _ := hex.DecodeString(m.vault.ClaimID("question "+string(who.Kind), strings.ToLower(who.Value)))
	return all[int(sum[0])%len(all)]
}

// Recover writes a code to the address of who, if the answer is right. All of it
// happens after the request was answered, so that nobody learns anything from how
// long it takes.
func (m members) Recover(ctx context.Context, who portal.Sought, answer string, key uuid.UUID, addr string) error {
	if err := m.allow(ctx, addr, "recovery", recoveriesAnHour, time.Hour); err != nil {
		return err
	}
	m.later(ctx, "recovery", func(ctx context.Context) error { return m.recover(ctx, who, answer, key) })
	return nil
}

func (m members) recover(ctx context.Context, who portal.Sought, answer string, key uuid.UUID) error {
	p, err := m.find(ctx, who)
	if err != nil || p.ID == (domain.ParentID{}) {
		return err
	}
	switch err := m.vault.CheckAnswer(ctx, p.ID.UUID, key.String(), answer); {
	case errors.Is(err, vault.ErrWrongAnswer), errors.Is(err, vault.ErrSpent):
		m.logger.Warn("a recovery was refused", "parent", p.ID, "error", err)
		return nil
	case errors.Is(err, vault.ErrNoQuestion): // the office made the account: the mailbox has to do
	case err != nil:
		return err
	}
	code, err := m.vault.IssueCode(ctx, vault.NewPassword, p.ID.UUID, key.String(), "", codeLasts)
	if err != nil {
		return nilIf(err, vault.ErrKeyDestroyed)
	}
	until := m.now().Add(codeLasts)
	words := recoveryWords(p.Person, code, withCode(m.URL, "/recupero/password", code), until)
	return m.writeTo(ctx, p, p.Person.Email, "recovery/"+key.String(), words, until)
}

// ChoosePassword replaces the password of the account that a code is for, and notes
// the fact, never the secret, in the ledger.
func (m members) ChoosePassword(ctx context.Context, code, next, addr string) error {
	held, err := m.vault.Code(ctx, vault.NewPassword, code, addr)
	if err != nil {
		return portalError(err)
	}
	p, err := m.ledger.KnownParent(ctx, domain.ParentID{UUID: held.Subject})
	if err != nil {
		return err
	}
	if err := checkPassword(next, p.Person); err != nil {
		return portalError(err)
	}
	account := vault.Account{Subject: held.Subject, Name: p.Person.Username, Roles: []domain.Role{domain.RoleParent}}
	if err := m.vault.ResetPassword(ctx, code, account, next); err != nil {
		return portalError(err)
	}
	env := eventstore.Envelope{Command: uuid.New(), Actor: "parent:" + p.ID.String()}
	_, err = m.ledger.Parent(ctx, env, domain.RecordCredentialChange{Parent: p.ID, Creditor: m.Body.FiscalCode, At: m.now().UTC()})
	return err
}

// staleAfter is when a change of password is no news any more: a service that learns
// to write such letters does not write about the past.
const staleAfter = 24 * time.Hour

// watchAccounts is the reaction to what happens to an account: a changed password is
// told to its owner, and a former address is given back.
func (s *service) watchAccounts(ctx context.Context, rec eventstore.Recorded, e domain.Event) error {
	changed, ok := e.(domain.CredentialChanged)
	if !ok {
		return s.ledger.ReleaseFormer(ctx, rec, e)
	}
	if s.now().Sub(changed.At) > staleAfter {
		return ledger.ErrNoReaction
	}
	p, err := s.ledger.KnownParent(ctx, changed.Parent)
	if err != nil {
		return err
	}
	if p.Person.Email == "" {
		return nil
	}
	b, err := s.bodyFor(ctx, changed.Creditor, changed.Parent)
	if err != nil {
		return err
	}
	return b.write(ctx, letter{
		Words: passwordChangedWords(p.Person, changed.At, b.URL), ID: rec.ID.String(), Person: changed.Parent.UUID, To: p.Person.Email,
	})
}
