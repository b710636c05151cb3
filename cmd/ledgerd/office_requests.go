package main

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	officepages "github.com/saldo-ledger/saldo/adapters/portal/office"
	"github.com/saldo-ledger/saldo/adapters/sqlstore"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// LinkRequests returns a page of the requests that wait or were answered: how far each
// came from the views, and what it says from the streams.
func (o officeLinks) LinkRequests(ctx context.Context, decided bool, page int) (found []officepages.LinkRequest, more bool, err error) {
	all, _, err := o.views.LinkRequests(ctx, o.Body.FiscalCode, decided)
	if err != nil {
		return nil, false, err
	}
	all = all[min(page*sqlstore.FoundPage, len(all)):]
	for _, line := range all[:min(sqlstore.FoundPage, len(all))] {
		r, err := o.ledger.KnownLinkRequest(ctx, line.ID)
		if err != nil {
			return nil, false, err
		}
		q, err := o.described(ctx, r)
		if err != nil {
			return nil, false, err
		}
		q.State, q.DecidedAt = line.State, line.DecidedAt
		found = append(found, q)
	}
	return found, len(all) > sqlstore.FoundPage, nil
}

// CountLinkRequests returns how many wait.
func (o officeLinks) CountLinkRequests(ctx context.Context) (int64, error) {
	return o.views.Office(o.Body.FiscalCode).CountLinkRequests(ctx)
}

// described adds to a request who asks.
func (o officeLinks) described(ctx context.Context, r domain.LinkRequest) (officepages.LinkRequest, error) {
	parent, err := o.ledger.KnownParent(ctx, r.Parent)
	return officepages.LinkRequest{
		ID: r.ID, Parent: parent, Sought: r.Sought, State: r.State, AskedAt: r.AskedAt, Consumer: r.Consumer, Reason: r.Reason,
	}, err
}

// LinkRequest returns a request made to the body. That of somebody erased is forgotten.
func (o officeLinks) LinkRequest(ctx context.Context, id domain.LinkRequestID) (officepages.LinkRequest, error) {
	r, err := o.ledger.KnownLinkRequest(ctx, id)
	if err != nil {
		return officepages.LinkRequest{}, err
	}
	q, err := o.described(ctx, r)
	if err == nil && (r.Creditor != o.Body.FiscalCode || q.Parent.Erased) {
		err = frame.ErrNotFound
	}
	return q, err
}

// Candidates returns the children that a text is found in, compared with a request.
func (o officeLinks) Candidates(ctx context.Context, q officepages.LinkRequest, text string) (found []officepages.Candidate, more bool, err error) {
	all, err := o.views.Office(o.Body.FiscalCode).Search(ctx, text, 0)
	if err != nil {
		return nil, false, err
	}
	asker := o.ledger.AdultID(q.Parent.Person.FiscalCode)
	for _, line := range all.Children {
		c, err := o.child(ctx, line.ID)
		if err != nil {
			return nil, false, err
		}
		found = append(found, officepages.Candidate{
			FoundChild: line, FiscalCode: c.Child.FiscalCode, SameCode: c.Child.FiscalCode != "" && c.Child.FiscalCode == q.Sought.FiscalCode,
			Declared: slices.Contains(c.Adults, asker), Linked: slices.Contains(c.Parents, q.Parent.ID), Adults: len(c.Parents),
		})
	}
	return found, all.More, nil
}

// ApproveLink grants a request.
func (o officeLinks) ApproveLink(ctx context.Context, by frame.Account, key uuid.UUID, id domain.LinkRequestID, child domain.ConsumerID) (eventstore.Position, error) {
	return o.answer(ctx, by, "approve/"+key.String(), id, domain.ApproveLink{Request: id, Consumer: child, At: o.now().UTC()})
}

// RefuseLink denies a request.
func (o officeLinks) RefuseLink(ctx context.Context, by frame.Account, key uuid.UUID, id domain.LinkRequestID, reason string) (eventstore.Position, error) {
	return o.answer(ctx, by, "refuse/"+key.String(), id, domain.RefuseLink{Request: id, Reason: reason, At: o.now().UTC()})
}

// answer carries a command to a request made to the body.
func (o officeLinks) answer(ctx context.Context, by frame.Account, what string, id domain.LinkRequestID, cmd domain.LinkRequestCommand) (eventstore.Position, error) {
	if _, err := o.LinkRequest(ctx, id); err != nil {
		return 0, err
	}
	out, err := o.ledger.LinkRequest(ctx, officeEnvelope(by, what), cmd)
	return out.Position, err
}
