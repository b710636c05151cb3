package main

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	officepages "github.com/saldo-ledger/saldo/adapters/portal/office"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/projections"
)

// officeLinks is what the school office does, in its pages, about who sees which child.
type officeLinks struct{ linking }

// child returns a child of the body; another body's is none.
func (o officeLinks) child(ctx context.Context, id domain.ConsumerID) (domain.Consumer, error) {
	c, err := o.ledger.KnownConsumer(ctx, id)
	if err == nil && c.Creditor != o.Body.FiscalCode {
		err = frame.ErrNotFound
	}
	return c, err
}

// Enrolled returns who answers for a child, and its open activation code.
func (o officeLinks) Enrolled(ctx context.Context, id domain.ConsumerID) (projections.Enrolled, error) {
	e, _, err := o.views.Enrolled(ctx, id)
	if err == nil && e.Creditor != o.Body.FiscalCode {
		return projections.Enrolled{}, frame.ErrNotFound
	}
	return e, err
}

// consumer carries a command to a child of the body.
func (o officeLinks) consumer(ctx context.Context, by frame.Account, what string, id domain.ConsumerID, cmd domain.ConsumerCommand) (eventstore.Position, error) {
	if _, err := o.child(ctx, id); err != nil {
		return 0, err
	}
	out, err := o.ledger.Consumer(ctx, officeEnvelope(by, what), cmd)
	return out.Position, err
}

// Unlink takes a child away from an adult.
func (o officeLinks) Unlink(ctx context.Context, by frame.Account, key uuid.UUID, id domain.ConsumerID, adult domain.ParentID, reason string) (eventstore.Position, error) {
	return o.consumer(ctx, by, "unlink/"+key.String(), id, domain.UnlinkParent{Consumer: id, Parent: adult, Reason: reason, At: o.now().UTC()})
}

// DeclareAdult notes whose codice fiscale was named for a child.
func (o officeLinks) DeclareAdult(ctx context.Context, by frame.Account, key uuid.UUID, id domain.ConsumerID, code domain.FiscalCode) (eventstore.Position, error) {
	return o.consumer(ctx, by, "declare/"+key.String(), id, domain.DeclareAdult{Consumer: id, Adult: o.ledger.AdultID(code), At: o.now().UTC()})
}

// WithdrawAdult takes that back. The ledger has nothing to say of a code that was not
// named; whoever mistypes one is to know.
func (o officeLinks) WithdrawAdult(ctx context.Context, by frame.Account, key uuid.UUID, id domain.ConsumerID, code domain.FiscalCode) (eventstore.Position, error) {
	before, err := o.child(ctx, id)
	if err != nil {
		return 0, err
	}
	adult := o.ledger.AdultID(code)
	out, err := o.ledger.Consumer(ctx, officeEnvelope(by, "withdraw/"+key.String()), domain.WithdrawAdult{Consumer: id, Adult: adult, At: o.now().UTC()})
	if err == nil && !out.Repeated && !slices.Contains(before.Adults, adult) {
		err = domain.ErrNotDeclared
	}
	return out.Position, err
}

// IssueCode gives a child an activation code.
func (o officeLinks) IssueCode(ctx context.Context, by frame.Account, key uuid.UUID, id domain.ConsumerID) (officepages.IssuedCode, error) {
	if _, err := o.child(ctx, id); err != nil {
		return officepages.IssuedCode{}, err
	}
	issued, err := o.IssueActivation(ctx, officeEnvelope(by, "code/"+key.String()), id)
	return officepages.IssuedCode{Position: issued.Position, Code: issued.Code, Until: issued.Until, Portal: o.URL}, err
}

// RevokeCode ends a child's code.
func (o officeLinks) RevokeCode(ctx context.Context, by frame.Account, key uuid.UUID, id domain.ConsumerID) (eventstore.Position, error) {
	if _, err := o.child(ctx, id); err != nil {
		return 0, err
	}
	out, err := o.RevokeActivation(ctx, officeEnvelope(by, "revoke/"+key.String()), domain.RevokeActivationCode{Consumer: id, At: o.now().UTC()})
	return out.Position, err
}
