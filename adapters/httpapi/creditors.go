package httpapi

import (
	"net/http"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

type registerCreditorIn struct {
	domain.CreditorProfile
	Segregation *int    `json:"segregation"` // in the place of the profile's: 0 is a code, and not none
	At          instant `json:"at"`
}

var errNoSegregation = &domain.Refusal{Kind: domain.Invalid, Field: "segregation", Rule: "a creditor has a segregation code of 0 to 45"}

func (a *api) registerCreditor(r *http.Request, env eventstore.Envelope, in registerCreditorIn) (done, error) {
	if _, err := domain.ParseBodyCode(string(in.FiscalCode)); err != nil { // it names the stream
		return done{}, err
	}
	if in.Segregation == nil {
		return done{}, errNoSegregation
	}
	at, err := a.when(in.At)
	if err != nil {
		return done{}, err
	}
	in.CreditorProfile.Segregation = *in.Segregation
	return a.creditor(r, env, domain.RegisterCreditor{Profile: in.CreditorProfile, At: at})
}

type defineCategoryIn struct {
	Code domain.CategoryCode `json:"code"`
	Name string              `json:"name"`
	At   instant             `json:"at"`
}

func (a *api) defineCategory(r *http.Request, env eventstore.Envelope, in defineCategoryIn) (done, error) {
	creditor, err := creditorOf(r)
	if err != nil {
		return done{}, err
	}
	at, err := a.when(in.At)
	if err != nil {
		return done{}, err
	}
	return a.creditor(r, env, domain.DefineCategory{Creditor: creditor, Category: in.Code, Name: in.Name, At: at})
}

type defineServiceIn struct {
	Code domain.ServiceCode `json:"code"`
	domain.Service
	At instant `json:"at"`
}

func (a *api) defineService(r *http.Request, env eventstore.Envelope, in defineServiceIn) (done, error) {
	creditor, err := creditorOf(r)
	if err != nil {
		return done{}, err
	}
	at, err := a.when(in.At)
	if err != nil {
		return done{}, err
	}
	return a.creditor(r, env, domain.DefineService{Creditor: creditor, Code: in.Code, Service: in.Service, At: at})
}

func (a *api) creditor(r *http.Request, env eventstore.Envelope, cmd domain.CreditorCommand) (done, error) {
	out, err := a.Ledger.Creditor(r.Context(), env, cmd)
	return done{Outcome: out}, err
}

type issueBulletinIn struct {
	Notice   domain.NoticeNumber `json:"notice"` // given out by the ledger when left out
	Parent   domain.ParentID     `json:"parent"`
	Category domain.CategoryCode `json:"category"`
	Lines    []domain.Line       `json:"lines"`
	Period   domain.Period       `json:"period"`
	Due      domain.Date         `json:"due"`
	Causale  string              `json:"causale"`
	Send     bool                `json:"send"` // make it payable at once
	At       instant             `json:"at"`   // the issue date
}

func (a *api) issueBulletin(r *http.Request, env eventstore.Envelope, in issueBulletinIn) (done, error) {
	creditor, err := creditorOf(r)
	if err != nil {
		return done{}, err
	}
	if in.Notice != "" {
		if _, err := domain.ParseNoticeNumber(string(in.Notice)); err != nil { // it names the stream
			return done{}, err
		}
	}
	at, err := a.when(in.At)
	if err != nil {
		return done{}, err
	}
	issued, err := a.Ledger.IssueBulletin(r.Context(), env, domain.IssueBulletin{
		Creditor: creditor, Notice: in.Notice, Parent: in.Parent, Category: in.Category,
		Lines: in.Lines, Period: in.Period, Due: in.Due, Causale: in.Causale, At: at,
	})
	if err != nil {
		return done{}, err
	}
	out := done{issued.Outcome, map[string]any{"notice": issued.Notice, "iuv": issued.Notice.IUV()}}
	if in.Send {
		sent, err := a.Ledger.Bulletin(r.Context(), ledger.Step(env, "send"), domain.SendBulletin{Creditor: creditor, Notice: issued.Notice, At: at})
		if err != nil {
			return done{}, err
		}
		out.Position = max(out.Position, sent.Position)
		out.Repeated = out.Repeated && sent.Repeated
	}
	return out, nil
}

type sendBulletinIn struct {
	At instant `json:"at"`
}

func (a *api) sendBulletin(r *http.Request, env eventstore.Envelope, in sendBulletinIn) (done, error) {
	creditor, notice, err := bulletinOf(r)
	if err != nil {
		return done{}, err
	}
	at, err := a.when(in.At)
	if err != nil {
		return done{}, err
	}
	out, err := a.Ledger.Bulletin(r.Context(), env, domain.SendBulletin{Creditor: creditor, Notice: notice, At: at})
	return done{Outcome: out}, err
}

type cancelBulletinIn struct {
	Reason string  `json:"reason"`
	At     instant `json:"at"`
}

func (a *api) cancelBulletin(r *http.Request, env eventstore.Envelope, in cancelBulletinIn) (done, error) {
	creditor, notice, err := bulletinOf(r)
	if err != nil {
		return done{}, err
	}
	at, err := a.when(in.At)
	if err != nil {
		return done{}, err
	}
	out, err := a.Ledger.Bulletin(r.Context(), env, domain.CancelBulletin{Creditor: creditor, Notice: notice, Reason: in.Reason, At: at})
	return done{Outcome: out}, err
}

func bulletinOf(r *http.Request) (domain.FiscalCode, domain.NoticeNumber, error) {
	creditor, err := creditorOf(r)
	if err != nil {
		return "", "", err
	}
	notice, err := noticeOf(r)
	return creditor, notice, err
}
