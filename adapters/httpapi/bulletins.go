package httpapi

import (
	"net/http"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

type issueBulletinIn struct {
	Notice   domain.NoticeNumber `json:"notice"` // given out by the ledger when left out
	Parent   domain.ParentID     `json:"parent"`
	Category domain.CategoryCode `json:"category"`
	Lines    []domain.Line       `json:"lines"`
	Period   domain.Period       `json:"period"`
	Due      domain.Date         `json:"due"`
	Causale  string              `json:"causale"`
	// Another way to pay the same debt; those without a number get one.
	Instalments []domain.Instalment `json:"instalments"`
	Send        bool                `json:"send"` // make it payable at once
	At          instant             `json:"at"`   // the issue date
}

func (a *api) issueBulletin(r *http.Request, env eventstore.Envelope, in issueBulletinIn) (done, error) {
	creditor, at, err := a.creditorAt(r, in.At)
	if err != nil {
		return done{}, err
	}
	if in.Notice != "" {
		if _, err := domain.ParseNoticeNumber(string(in.Notice)); err != nil { // it names the stream
			return done{}, err
		}
	}
	issued, err := a.Ledger.IssueBulletin(r.Context(), env, domain.IssueBulletin{
		Creditor: creditor, Notice: in.Notice, Parent: in.Parent, Category: in.Category,
		Lines: in.Lines, Period: in.Period, Due: in.Due, Causale: in.Causale, Instalments: in.Instalments, At: at,
	})
	if err != nil {
		return done{}, err
	}
	out := done{issued.Outcome, map[string]any{"notice": issued.Notice, "iuv": issued.Notice.IUV()}}
	if len(issued.Instalments) > 0 {
		out.answer["instalments"] = issued.Instalments
	}
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
	return a.onBulletin(r, env, in.At, func(b bulletinAt) domain.BulletinCommand {
		return domain.SendBulletin{Creditor: b.creditor, Notice: b.notice, At: b.at}
	})
}

type cancelBulletinIn struct {
	Reason string  `json:"reason"`
	At     instant `json:"at"`
}

func (a *api) cancelBulletin(r *http.Request, env eventstore.Envelope, in cancelBulletinIn) (done, error) {
	return a.onBulletin(r, env, in.At, func(b bulletinAt) domain.BulletinCommand {
		return domain.CancelBulletin{Creditor: b.creditor, Notice: b.notice, Reason: in.Reason, At: b.at}
	})
}

// bulletinAt is a bulletin and a time, as every command about a bulletin has them.
type bulletinAt struct {
	creditor domain.FiscalCode
	notice   domain.NoticeNumber
	at       time.Time
}

func (a *api) onBulletin(r *http.Request, env eventstore.Envelope, at instant, cmd func(bulletinAt) domain.BulletinCommand) (done, error) {
	creditor, notice, err := bulletinOf(r)
	if err != nil {
		return done{}, err
	}
	when, err := a.when(at)
	if err != nil {
		return done{}, err
	}
	out, err := a.Ledger.Bulletin(r.Context(), env, cmd(bulletinAt{creditor, notice, when}))
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
