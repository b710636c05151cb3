package portal

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// Members is how adults get an account, get back into it and keep its data. Where
// an answer could tell who is registered it is the same for everybody. Each method
// that takes addr (an IP address) answers *TooManyAttempts when too much comes
// from there.
type Members interface {
	// UsernameFree reports whether a username can be had.
	UsernameFree(ctx context.Context, username, addr string) (bool, error)
	// Register makes an account, once for each key, and writes to its address. A
	// fiscal code or an e-mail that is somebody's already is no error: that person
	// is written to instead. ErrUsernameTaken is, and each ErrPassword… rule.
	Register(ctx context.Context, r Registration, addr string) error

	// Question returns the secret question to ask of who; of nobody, and of
	// somebody who chose none, always the same one.
	Question(ctx context.Context, who Sought, addr string) (string, error)
	// Recover writes a code for a new password to the address of who, if the answer
	// is right. It never says whether it did.
	Recover(ctx context.Context, who Sought, answer string, key uuid.UUID, addr string) error
	// ChoosePassword replaces the password of the account that code is for, ends its
	// sessions and uses the code up. It answers ErrNoCode or an ErrPassword… rule.
	ChoosePassword(ctx context.Context, code, next, addr string) error

	// Profile returns a parent's data.
	Profile(ctx context.Context, parent domain.ParentID) (Profile, error)
	// ChangeProfile replaces a parent's data. A new e-mail is written to and counts
	// once it is confirmed. It answers ErrWrongCredentials or a *TooManyAttempts
	// when change.Password is needed and wrong.
	ChangeProfile(ctx context.Context, account frame.Account, change ProfileChange) (eventstore.Position, error)
	// SendConfirmation writes to the parent's address again, with a link that
	// confirms it.
	SendConfirmation(ctx context.Context, parent domain.ParentID, key uuid.UUID) error
	// Unconfirmed returns the address that a code confirms, or ErrNoCode.
	Unconfirmed(ctx context.Context, code, addr string) (email string, err error)
	// ConfirmEmail makes the address of a code the parent's and uses the code up. It
	// answers ErrNoCode, or ErrEmailTaken.
	ConfirmEmail(ctx context.Context, code, addr string) (eventstore.Position, error)
}

// Errors of Members.
var (
	ErrUsernameTaken = errors.New("portal: the username is somebody's")
	ErrEmailTaken    = errors.New("portal: the e-mail is somebody's")
	ErrNoCode        = errors.New("portal: no such code, or it was used or has expired")
)

// Registration is what an adult fills in for an account.
type Registration struct {
	Key      uuid.UUID // of the form: sent twice, it registers once
	Person   domain.Person
	Password string
	Question string
	Answer   string
}

// Sought is one of the data by which an account is looked for.
type Sought struct {
	Kind  domain.ClaimKind
	Value string
}

// Profile is a parent's data and what is known of them.
type Profile struct {
	Person    domain.Person
	Confirmed bool   // the e-mail is
	Question  string // the secret one, or ""
}

// ProfileChange is a parent's new data. Question is "" to leave it as it is.
type ProfileChange struct {
	Key      uuid.UUID
	Person   domain.Person
	Question string
	Answer   string
	Password string // the present one, for a new e-mail or question
}

// secretQuestions are those that can be chosen.
var secretQuestions = []string{
	"Qual è il nome del tuo animale domestico?",
	"Qual è il tuo musicista preferito?",
	"Qual è il titolo del tuo libro preferito?",
	"In quale città hai trascorso la tua prima vacanza?",
	"Come si chiamava la tua prima scuola?",
}

// SecretQuestions returns the questions that an account can be guarded by.
func SecretQuestions() []string { return append([]string(nil), secretQuestions...) }
