package main

import (
	"cmp"
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal/desk"
	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
	"github.com/saldo-ledger/saldo/projections"
)

// deskViews is what the office of one body sees of its parents' questions and of its
// own news.
type deskViews struct{ *body }

// Inquiries returns the questions, with their subjects from the log.
func (d deskViews) Inquiries(ctx context.Context, closed bool) ([]desk.Inquiry, error) {
	list := d.views.OpenInquiries
	if closed {
		list = d.views.ClosedInquiries
	}
	all, _, err := list(ctx, d.Body.FiscalCode)
	if err != nil {
		return nil, err
	}
	out := make([]desk.Inquiry, len(all))
	for k, one := range all {
		subject, err := d.ledger.Subject(ctx, one.ID)
		if err != nil {
			return nil, err
		}
		out[k] = desk.Inquiry{Inquiry: one, Subject: subject}
	}
	return out, nil
}

// Thread returns a question of this body.
func (d deskViews) Thread(ctx context.Context, id domain.InquiryID) (ledger.Thread, string, error) {
	t, err := d.ledger.Thread(ctx, id)
	if err == nil && t.Creditor != d.Body.FiscalCode {
		err = domain.ErrUnknownInquiry
	}
	if err != nil {
		return ledger.Thread{}, "", err
	}
	p, err := d.ledger.KnownParent(ctx, t.Parent)
	return t, projections.NameOf(p.Person.FullName()), err
}

// News returns what the body ever published.
func (d deskViews) News(ctx context.Context) ([]projections.News, error) {
	all, _, err := d.views.News(ctx, d.Body.FiscalCode)
	return all, err
}

// NewsItem returns one piece of it.
func (d deskViews) NewsItem(ctx context.Context, id domain.NewsID) (projections.News, error) {
	n, _, err := d.views.NewsItem(ctx, d.Body.FiscalCode, id)
	return n, err
}

// Services returns what the body bills for.
func (d deskViews) Services(ctx context.Context) ([]desk.Service, error) {
	c, err := d.ledger.KnownCreditor(ctx, d.Body.FiscalCode)
	var all []desk.Service
	for code, s := range c.Services {
		all = append(all, desk.Service{Code: code, Name: s.Name})
	}
	slices.SortFunc(all, func(a, b desk.Service) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Code, b.Code)) })
	return all, err
}

// deskCommands carries out what the office of one body writes.
type deskCommands struct{ *body }

// deskEnvelope names a command of somebody of the office by its key.
func deskEnvelope(by frame.Account, what string) eventstore.Envelope {
	return eventstore.Envelope{Command: uuid.NewSHA1(parentSpace, []byte("desk/"+by.Subject.String()+"/"+what)), Actor: "staff:" + by.Username}
}

// Answer writes to a parent.
func (d deskCommands) Answer(ctx context.Context, by frame.Account, id domain.InquiryID, message uuid.UUID, text string) (eventstore.Position, error) {
	out, err := d.ledger.Inquiry(ctx, deskEnvelope(by, "answer/"+id.String()+"/"+message.String()), domain.AnswerInquiry{
		Inquiry: id, Creditor: d.Body.FiscalCode, Message: message, Answer: domain.Answer{Author: by.Name, Text: text}, At: d.now().UTC(),
	})
	return out.Position, err
}

// Close says that no more needs to be written.
func (d deskCommands) Close(ctx context.Context, by frame.Account, id domain.InquiryID, key uuid.UUID) (eventstore.Position, error) {
	out, err := d.ledger.Inquiry(ctx, deskEnvelope(by, "close/"+id.String()+"/"+key.String()),
		domain.CloseInquiry{Inquiry: id, Creditor: d.Body.FiscalCode, At: d.now().UTC()})
	return out.Position, err
}

// Publish shows news to the parents.
func (d deskCommands) Publish(ctx context.Context, by frame.Account, id domain.NewsID, key uuid.UUID, a domain.Article) (eventstore.Position, error) {
	return d.tell(ctx, by, "publish", id, key, domain.PublishNews{News: id, Creditor: d.Body.FiscalCode, Article: a, At: d.now().UTC()})
}

// Correct replaces what news says.
func (d deskCommands) Correct(ctx context.Context, by frame.Account, id domain.NewsID, key uuid.UUID, a domain.Article) (eventstore.Position, error) {
	return d.tell(ctx, by, "correct", id, key, domain.CorrectNews{News: id, Creditor: d.Body.FiscalCode, Article: a, At: d.now().UTC()})
}

// Withdraw shows news no more.
func (d deskCommands) Withdraw(ctx context.Context, by frame.Account, id domain.NewsID, key uuid.UUID) (eventstore.Position, error) {
	return d.tell(ctx, by, "withdraw", id, key, domain.WithdrawNews{News: id, Creditor: d.Body.FiscalCode, At: d.now().UTC()})
}

func (d deskCommands) tell(ctx context.Context, by frame.Account, what string, id domain.NewsID, key uuid.UUID, cmd domain.NewsCommand) (eventstore.Position, error) {
	out, err := d.ledger.News(ctx, deskEnvelope(by, what+"/"+id.String()+"/"+key.String()), cmd)
	return out.Position, err
}
