package portal

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

const oneTimeCode = "ABCDEFGH2345"

// registry is who has an account, behind the port Members.
type registry struct {
	person     domain.Person
	confirmed  bool
	question   string
	moving     string // the address that oneTimeCode confirms
	used       bool   // oneTimeCode is
	registered map[uuid.UUID]Registration
	recovered  map[uuid.UUID]string // the answers given
	changes    map[uuid.UUID]ProfileChange
	links      int
	secret     string
	refusal    error // of whatever is asked next
}

func newRegistry() *registry {
	return &registry{
		person: domain.Person{
			FiscalCode: "SMPTZI80A01F205Q", GivenName: "Tizio", FamilyName: "Sempronio",
			Email: "tiziosempronio@live.it", Mobile: "331 3313313", Username: username,
		},
		confirmed: true, question: secretQuestions[1], moving: "nuovo@example.it", secret: password,
		registered: map[uuid.UUID]Registration{}, recovered: map[uuid.UUID]string{}, changes: map[uuid.UUID]ProfileChange{},
	}
}

func (g *registry) UsernameFree(_ context.Context, name, _ string) (bool, error) {
	return !strings.EqualFold(name, username), g.refusal
}

func (g *registry) Register(_ context.Context, r Registration, _ string) error {
	if g.refusal != nil {
		return g.refusal
	}
	if strings.EqualFold(r.Person.Username, username) {
		return ErrUsernameTaken
	}
	g.registered[r.Key] = r
	return nil
}

func (g *registry) Question(context.Context, Sought, string) (string, error) {
	return g.question, g.refusal
}

func (g *registry) Recover(_ context.Context, who Sought, answer string, key uuid.UUID, _ string) error {
	g.recovered[key] = string(who.Kind) + "/" + who.Value + "/" + answer
	return g.refusal
}

func (g *registry) ChoosePassword(_ context.Context, code, next, _ string) error {
	switch {
	case g.refusal != nil:
		return g.refusal
	case code != oneTimeCode || g.used:
		return ErrNoCode
	}
	g.used, g.secret = true, next
	return nil
}

func (g *registry) Profile(context.Context, domain.ParentID) (Profile, error) {
	return Profile{g.person, g.confirmed, g.question}, nil
}

func (g *registry) ChangeProfile(_ context.Context, _ frame.Account, change ProfileChange) (eventstore.Position, error) {
	if g.refusal != nil {
		return 0, g.refusal
	}
	moves := change.Person.Email != g.person.Email
	if (moves || change.Question != "") && change.Password != g.secret {
		return 0, ErrWrongCredentials
	}
	g.changes[change.Key] = change
	email := g.person.Email
	g.person = change.Person
	if moves {
		g.person.Email, g.moving = email, change.Person.Email
	}
	return 50, nil
}

func (g *registry) SendConfirmation(context.Context, domain.ParentID, uuid.UUID) error {
	g.links++
	return g.refusal
}

func (g *registry) Unconfirmed(_ context.Context, code, _ string) (string, error) {
	switch {
	case g.refusal != nil:
		return "", g.refusal
	case code != oneTimeCode || g.used:
		return "", ErrNoCode
	}
	return g.moving, nil
}

func (g *registry) ConfirmEmail(ctx context.Context, code, addr string) (eventstore.Position, error) {
	email, err := g.Unconfirmed(ctx, code, addr)
	if err != nil {
		return 0, err
	}
	g.person.Email, g.confirmed, g.used = email, true, true
	return 51, nil
}
