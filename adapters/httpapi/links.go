package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
	"github.com/saldo-ledger/saldo/projections"
)

// Activations gives children the codes with which a parent can have them linked. The
// codes are kept outside the ledger.
type Activations interface {
	// IssueActivation gives a child a code and ends the one before. The same command
	// gives the same code.
	IssueActivation(ctx context.Context, env eventstore.Envelope, consumer domain.ConsumerID) (IssuedActivation, error)
	// RevokeActivation ends a child's code, if one is open.
	RevokeActivation(ctx context.Context, env eventstore.Envelope, cmd domain.RevokeActivationCode) (ledger.Outcome, error)
}

// IssuedActivation is a code as it is handed over: nobody can read it again.
type IssuedActivation struct {
	ledger.Outcome
	Code  string // in groups of four
	Until time.Time
}

func (a *api) issueActivation(r *http.Request, env eventstore.Envelope, _ struct{}) (done, error) {
	id, err := pathUUID(r, "consumer")
	if err != nil {
		return done{}, err
	}
	out, err := a.Activations.IssueActivation(r.Context(), env, domain.ConsumerID{UUID: id})
	return done{out.Outcome, map[string]any{"code": out.Code, "until": out.Until}}, err
}

type revokeActivationIn struct {
	At instant `json:"at"`
}

func (a *api) revokeActivation(r *http.Request, env eventstore.Envelope, in revokeActivationIn) (done, error) {
	c, err := a.factOf(r, in.At)
	if err != nil {
		return done{}, err
	}
	out, err := a.Activations.RevokeActivation(r.Context(), env, domain.RevokeActivationCode{Consumer: c.consumer, At: c.at})
	return done{Outcome: out}, err
}

type unlinkParentIn struct {
	Reason string  `json:"reason"`
	At     instant `json:"at"`
}

func (a *api) unlinkParent(r *http.Request, env eventstore.Envelope, in unlinkParentIn) (done, error) {
	parent, err := pathUUID(r, "parent")
	if err != nil {
		return done{}, err
	}
	return a.consumer(r, env, in.At, func(c fact) domain.ConsumerCommand {
		return domain.UnlinkParent{Consumer: c.consumer, Parent: domain.ParentID{UUID: parent}, Reason: in.Reason, At: c.at}
	})
}

type adultIn struct {
	FiscalCode domain.FiscalCode `json:"fiscalCode"`
	At         instant           `json:"at"`
}

func (a *api) declareAdult(r *http.Request, env eventstore.Envelope, in adultIn) (done, error) {
	return a.adult(r, env, in, func(c fact, id domain.AdultID) domain.ConsumerCommand {
		return domain.DeclareAdult{Consumer: c.consumer, Adult: id, At: c.at}
	})
}

func (a *api) withdrawAdult(r *http.Request, env eventstore.Envelope, in adultIn) (done, error) {
	return a.adult(r, env, in, func(c fact, id domain.AdultID) domain.ConsumerCommand {
		return domain.WithdrawAdult{Consumer: c.consumer, Adult: id, At: c.at}
	})
}

func (a *api) adult(r *http.Request, env eventstore.Envelope, in adultIn, cmd func(fact, domain.AdultID) domain.ConsumerCommand) (done, error) {
	code, err := domain.ParsePersonCode(string(in.FiscalCode))
	if err != nil {
		return done{}, err
	}
	return a.consumer(r, env, in.At, func(c fact) domain.ConsumerCommand { return cmd(c, a.Ledger.AdultID(code)) })
}

// declareAdults declares the adults of a child who is being enrolled.
func (a *api) declareAdults(r *http.Request, env eventstore.Envelope, child domain.ConsumerID, adults []domain.FiscalCode, at time.Time) (last eventstore.Position, err error) {
	for _, code := range adults {
		id := a.Ledger.AdultID(code)
		out, err := a.Ledger.Consumer(r.Context(), ledger.Step(env, "adult/"+string(id)), domain.DeclareAdult{Consumer: child, Adult: id, At: at})
		if err != nil {
			return last, err
		}
		last = max(last, out.Position)
	}
	return last, nil
}

type approveLinkIn struct {
	Consumer domain.ConsumerID `json:"consumer"`
	At       instant           `json:"at"`
}

func (a *api) approveLink(r *http.Request, env eventstore.Envelope, in approveLinkIn) (done, error) {
	return a.answerLink(r, env, in.At, func(id domain.LinkRequestID, at time.Time) domain.LinkRequestCommand {
		return domain.ApproveLink{Request: id, Consumer: in.Consumer, At: at}
	})
}

type refuseLinkIn struct {
	Reason string  `json:"reason"`
	At     instant `json:"at"`
}

func (a *api) refuseLink(r *http.Request, env eventstore.Envelope, in refuseLinkIn) (done, error) {
	return a.answerLink(r, env, in.At, func(id domain.LinkRequestID, at time.Time) domain.LinkRequestCommand {
		return domain.RefuseLink{Request: id, Reason: in.Reason, At: at}
	})
}

func (a *api) answerLink(r *http.Request, env eventstore.Envelope, at instant, cmd func(domain.LinkRequestID, time.Time) domain.LinkRequestCommand) (done, error) {
	id, err := pathUUID(r, "request")
	if err != nil {
		return done{}, err
	}
	when, err := a.when(at)
	if err != nil {
		return done{}, err
	}
	out, err := a.Ledger.LinkRequest(r.Context(), env, cmd(domain.LinkRequestID{UUID: id}, when))
	return done{Outcome: out}, err
}

// enrolledJSON is a child and who answers for it.
type enrolledJSON struct {
	Consumer   domain.ConsumerID `json:"consumer"`
	Creditor   domain.FiscalCode `json:"creditor"`
	Name       string            `json:"name"`
	School     string            `json:"school"`
	Parents    []linkJSON        `json:"parents"`
	Adults     int               `json:"declaredAdults"`
	Activation *activationJSON   `json:"activation,omitempty"`
}

type linkJSON struct {
	Parent domain.ParentID `json:"parent"`
	Name   string          `json:"name"`
	Ground string          `json:"ground"`
	Since  time.Time       `json:"since"`
	Saldo  domain.Money    `json:"saldoBollettini"`
}

type activationJSON struct {
	IssuedAt time.Time `json:"issuedAt"`
	Until    time.Time `json:"until"`
}

func (a *api) enrolled(r *http.Request) (any, eventstore.Position, error) {
	id, err := pathUUID(r, "consumer")
	if err != nil {
		return nil, 0, err
	}
	e, at, err := a.Views.Enrolled(r.Context(), domain.ConsumerID{UUID: id})
	out := enrolledJSON{Consumer: e.ID, Creditor: e.Creditor, Name: e.Name, School: e.School, Parents: []linkJSON{}, Adults: len(e.Adults)}
	for _, p := range e.Parents {
		out.Parents = append(out.Parents, linkJSON{p.ID, p.Name, groundName(p.Ground), p.Since, p.Saldo})
	}
	if e.Activation != nil {
		out.Activation = &activationJSON{e.Activation.IssuedAt, e.Activation.Until}
	}
	return out, at, err
}

func groundName(g domain.LinkGround) string {
	if g == domain.LinkedByOffice {
		return "office"
	}
	return string(g)
}

// linkRequestJSON is a request that waits for an answer.
type linkRequestJSON struct {
	Request domain.LinkRequestID `json:"request"`
	Parent  domain.ParentID      `json:"parent"`
	Child   domain.SoughtChild   `json:"child"`
	AskedAt time.Time            `json:"askedAt"`
}

// linkRequests lists the requests that wait; what each says is read from its stream.
func (a *api) linkRequests(r *http.Request) (any, eventstore.Position, error) {
	creditor, err := a.knownCreditor(r)
	if err != nil {
		return nil, 0, err
	}
	all, at, err := a.Views.LinkRequests(r.Context(), creditor, false)
	if err != nil {
		return nil, 0, err
	}
	out := []linkRequestJSON{}
	for _, q := range all {
		said, err := a.Ledger.KnownLinkRequest(r.Context(), q.ID)
		if err != nil {
			return nil, 0, err
		}
		out = append(out, linkRequestJSON{q.ID, q.Parent, said.Sought, q.AskedAt})
	}
	return map[string]any{"requests": out}, at, nil
}

// LinkViews is what the API's queries about links read.
type LinkViews interface {
	Enrolled(ctx context.Context, id domain.ConsumerID) (projections.Enrolled, eventstore.Position, error)
	LinkRequests(ctx context.Context, creditor domain.FiscalCode, decided bool) ([]projections.LinkRequest, eventstore.Position, error)
}
