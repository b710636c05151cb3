package httpapi_test

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/httpapi"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
	"github.com/saldo-ledger/saldo/projections"
)

// What somebody in the settled town asked for: one to grant, one to refuse.
const (
	request  = "7b0e5bd3-5a0a-4f5e-9f4b-0c8e3f1a2b55"
	doubtful = "7b0e5bd3-5a0a-4f5e-9f4b-0c8e3f1a2b66"

	asked   = "/links/" + request
	doubted = "/links/" + doubtful
)

// ask has a parent ask for the child.
func (d *desk) ask(request, parent string) {
	d.t.Helper()
	env := eventstore.Envelope{Command: uuid.New(), Actor: "parent"}
	_, err := d.ledger.LinkRequest(d.t.Context(), env, domain.RequestLink{
		Request: domain.LinkRequestID{UUID: uuid.MustParse(request)}, Creditor: townCode, Parent: domain.ParentID{UUID: uuid.MustParse(parent)}, At: now,
		Sought: domain.SoughtChild{GivenName: "Utente", FamilyName: "Test", FiscalCode: "RSSMRA85T10A562S", School: "MAT. BORSELLINO", Note: "Nipote"},
	})
	if err != nil {
		d.t.Fatal(err)
	}
}

// paper gives every child the code that its command says.
type paper struct{ ledger *ledger.Ledger }

func (p paper) IssueActivation(ctx context.Context, env eventstore.Envelope, consumer domain.ConsumerID) (httpapi.IssuedActivation, error) {
	until := now.Add(90 * 24 * time.Hour)
	out, err := p.ledger.Consumer(ctx, env, domain.IssueActivationCode{Consumer: consumer, Code: env.Command, Until: until, At: now})
	return httpapi.IssuedActivation{Outcome: out, Code: "CDFG-HJKM-NPQR", Until: until}, err
}

func (p paper) RevokeActivation(ctx context.Context, env eventstore.Envelope, cmd domain.RevokeActivationCode) (ledger.Outcome, error) {
	return p.ledger.Consumer(ctx, env, cmd)
}

func (v *views) Enrolled(ctx context.Context, id domain.ConsumerID) (out projections.Enrolled, _ eventstore.Position, _ error) {
	facts, at, err := v.facts(ctx)
	if err != nil {
		return out, 0, err
	}
	for _, e := range facts {
		switch e := e.(type) {
		case domain.ConsumerEnrolled:
			if e.Consumer == id {
				out.ID, out.Creditor, out.Name, out.School = id, e.Creditor, e.Child.FullName(), e.School
			}
		case domain.ParentLinked:
			if e.Consumer == id {
				out.Parents = append(out.Parents, projections.LinkedParent{ID: e.Parent, Name: "a parent", Ground: e.Ground, Since: e.At})
			}
		case domain.AdultDeclared:
			if e.Consumer == id {
				out.Adults = append(out.Adults, projections.DeclaredAdult{ID: e.Adult, Since: e.At})
			}
		case domain.ActivationCodeIssued:
			if e.Consumer == id {
				out.Activation = &projections.Activation{ID: e.Code, IssuedAt: e.At, Until: e.Until}
			}
		}
	}
	if out.ID != id {
		err = fmt.Errorf("consumer %s: %w", id, projections.ErrNotFound)
	}
	return out, at, err
}

func (v *views) LinkRequests(ctx context.Context, creditor domain.FiscalCode, _ bool) (out []projections.LinkRequest, _ eventstore.Position, _ error) {
	facts, at, err := v.facts(ctx)
	for _, e := range facts {
		if e, ok := e.(domain.LinkRequested); ok && e.Creditor == creditor {
			out = append(out, projections.LinkRequest{ID: e.Request, Parent: e.Parent, State: domain.LinkAsked, AskedAt: e.At})
		}
	}
	return out, at, err
}
