package main

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal"
	"github.com/saldo-ledger/saldo/adapters/vault"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
	"github.com/saldo-ledger/saldo/projections"
)

// How often a parent may write to the office in a day.
const (
	inquiriesADay = 10
	messagesADay  = 30
)

// inquiries are the questions of one body's parents: their lists from the views, their
// words from the log.
type inquiries struct{ *body }

// Own returns the parent's questions.
func (i inquiries) Own(ctx context.Context, parent domain.ParentID) ([]portal.Inquiry, error) {
	all, err := i.parentViews().Inquiries(ctx, parent)
	if err != nil {
		return nil, err
	}
	return i.withSubjects(ctx, all)
}

// withSubjects adds what the log alone has.
func (i inquiries) withSubjects(ctx context.Context, all []projections.Inquiry) ([]portal.Inquiry, error) {
	out := make([]portal.Inquiry, len(all))
	for k, one := range all {
		subject, err := i.ledger.Subject(ctx, one.ID)
		if err != nil {
			return nil, err
		}
		out[k] = portal.Inquiry{Inquiry: one, Subject: subject}
	}
	return out, nil
}

// Thread returns a question of the parent's with this body.
func (i inquiries) Thread(ctx context.Context, parent domain.ParentID, id domain.InquiryID) (ledger.Thread, error) {
	t, err := i.ledger.Thread(ctx, id)
	if err == nil && (t.Parent != parent || t.Creditor != i.Body.FiscalCode) {
		return ledger.Thread{}, domain.ErrUnknownInquiry
	}
	return t, err
}

// About returns the parent's bulletins.
func (i inquiries) About(ctx context.Context, parent domain.ParentID) ([]projections.BulletinName, error) {
	return i.parentViews().BulletinNames(ctx, parent)
}

// Ask sends a question.
func (i inquiries) Ask(ctx context.Context, parent domain.ParentID, id domain.InquiryID, about domain.NoticeNumber, q domain.Question) (eventstore.Position, error) {
	if err := i.spend(ctx, "inquiries", parent, id.UUID, inquiriesADay); err != nil {
		return 0, err
	}
	out, err := i.ledger.Inquiry(ctx, parentEnvelope(parent, "ask/"+id.String()), domain.OpenInquiry{
		Inquiry: id, Creditor: i.Body.FiscalCode, Parent: parent, Notice: about, Question: q, At: i.now().UTC(),
	})
	return out.Position, err
}

// Write adds to a question.
func (i inquiries) Write(ctx context.Context, parent domain.ParentID, id domain.InquiryID, message uuid.UUID, text string) (eventstore.Position, error) {
	if err := i.spend(ctx, "messages", parent, message, messagesADay); err != nil {
		return 0, err
	}
	out, err := i.ledger.Inquiry(ctx, parentEnvelope(parent, "write/"+id.String()+"/"+message.String()), domain.ContinueInquiry{
		Inquiry: id, Creditor: i.Body.FiscalCode, Parent: parent, Message: message, Text: text, At: i.now().UTC(),
	})
	return out.Position, err
}

// Close says that the parent needs no more.
func (i inquiries) Close(ctx context.Context, parent domain.ParentID, id domain.InquiryID, key uuid.UUID) (eventstore.Position, error) {
	out, err := i.ledger.Inquiry(ctx, parentEnvelope(parent, "close/"+id.String()+"/"+key.String()), domain.CloseInquiry{
		Inquiry: id, Creditor: i.Body.FiscalCode, Parent: parent, At: i.now().UTC(),
	})
	return out.Position, err
}

// spend counts what a parent writes.
func (i inquiries) spend(ctx context.Context, what string, parent domain.ParentID, item uuid.UUID, limit int) error {
	err := i.vault.Spend(ctx, what+"/"+parent.String(), item.String(), limit, day)
	if errors.Is(err, vault.ErrSpent) {
		return &portal.TooManyAttempts{Wait: day}
	}
	return err
}
