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

// inquiryJSON is a parent's question as lists show it. The subject of somebody erased
// is empty.
type inquiryJSON struct {
	Inquiry   domain.InquiryID    `json:"inquiry"`
	Ticket    string              `json:"ticket"`
	Parent    domain.ParentID     `json:"parent"`
	Notice    domain.NoticeNumber `json:"notice,omitempty"`
	Subject   string              `json:"subject"`
	Status    string              `json:"status"`
	OpenedAt  time.Time           `json:"openedAt"`
	ChangedAt time.Time           `json:"changedAt"`
}

// inquiries lists the questions that are open, those that wait for the office first.
func (a *api) inquiries(r *http.Request) (any, eventstore.Position, error) {
	return a.listInquiries(r, a.Views.OpenInquiries)
}

// closedInquiries lists those that were closed, the last one first.
func (a *api) closedInquiries(r *http.Request) (any, eventstore.Position, error) {
	return a.listInquiries(r, a.Views.ClosedInquiries)
}

func (a *api) listInquiries(
	r *http.Request, list func(context.Context, domain.FiscalCode) ([]projections.Inquiry, eventstore.Position, error),
) (any, eventstore.Position, error) {
	creditor, err := a.knownCreditor(r)
	if err != nil {
		return nil, 0, err
	}
	all, at, err := list(r.Context(), creditor)
	if err != nil {
		return nil, 0, err
	}
	out := []inquiryJSON{}
	for _, i := range all {
		subject, err := a.Ledger.Subject(r.Context(), i.ID)
		if err != nil {
			return nil, 0, err
		}
		out = append(out, inquiryJSON{i.ID, i.ID.Ticket(), i.Parent, i.Notice, subject, inquiryStatus(i.Status), i.OpenedAt, i.ChangedAt})
	}
	return map[string]any{"inquiries": out}, at, nil
}

func inquiryStatus(s domain.InquiryStatus) string {
	switch s {
	case domain.InquiryAsked:
		return "asked"
	case domain.InquiryReplied:
		return "replied"
	case domain.InquiryDone:
		return "closed"
	}
	return "unknown"
}

// threadJSON is a question with everything that was written since.
type threadJSON struct {
	inquiryJSON
	Messages []writingJSON `json:"messages"`
}

type writingJSON struct {
	By     domain.InquiryParty `json:"by"`
	Author string              `json:"author,omitempty"`
	Text   string              `json:"text"`
	At     time.Time           `json:"at"`
}

// inquiry reads the question's own stream, so that it is never behind.
func (a *api) inquiry(r *http.Request) (any, eventstore.Position, error) {
	creditor, id, err := inquiryOf(r)
	if err != nil {
		return nil, 0, err
	}
	t, err := a.Ledger.Thread(r.Context(), id)
	if err == nil && t.Creditor != creditor {
		err = domain.ErrUnknownInquiry
	}
	if err != nil {
		return nil, 0, err
	}
	changed := t.ClosedAt
	out := threadJSON{Messages: []writingJSON{}}
	for _, w := range t.Writings {
		out.Messages = append(out.Messages, writingJSON(w))
		if t.ClosedAt.IsZero() {
			changed = w.At
		}
	}
	out.inquiryJSON = inquiryJSON{t.ID, t.ID.Ticket(), t.Parent, t.Notice, t.Subject, inquiryStatus(t.Status), t.OpenedAt, changed}
	return out, t.Position, nil
}

type answerInquiryIn struct {
	Text   string  `json:"text"`
	Author string  `json:"author"` // the token's holder when left out
	At     instant `json:"at"`
}

func (a *api) answerInquiry(r *http.Request, env eventstore.Envelope, in answerInquiryIn) (done, error) {
	creditor, id, err := inquiryOf(r)
	if err != nil {
		return done{}, err
	}
	at, err := a.when(in.At)
	if err != nil {
		return done{}, err
	}
	if in.Author == "" {
		in.Author = r.Context().Value(holderKey{}).(Holder).Name
	}
	out, err := a.Ledger.Inquiry(r.Context(), env, domain.AnswerInquiry{
		Inquiry: id, Creditor: creditor, Message: ledger.MessageOf(env.Command), Answer: domain.Answer{Author: in.Author, Text: in.Text}, At: at,
	})
	return done{Outcome: out}, err
}

type closeInquiryIn struct {
	At instant `json:"at"`
}

func (a *api) closeInquiry(r *http.Request, env eventstore.Envelope, in closeInquiryIn) (done, error) {
	creditor, id, err := inquiryOf(r)
	if err != nil {
		return done{}, err
	}
	at, err := a.when(in.At)
	if err != nil {
		return done{}, err
	}
	out, err := a.Ledger.Inquiry(r.Context(), env, domain.CloseInquiry{Inquiry: id, Creditor: creditor, At: at})
	return done{Outcome: out}, err
}

func inquiryOf(r *http.Request) (domain.FiscalCode, domain.InquiryID, error) {
	creditor, err := creditorOf(r)
	if err != nil {
		return "", domain.InquiryID{}, err
	}
	id, err := pathUUID(r, "inquiry")
	return creditor, domain.InquiryID{UUID: id}, err
}
