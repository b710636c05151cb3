package httpapi

import (
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

// fact is a consumer and a time, as every command about a consumer has them.
type fact struct {
	consumer domain.ConsumerID
	at       time.Time
}

func (a *api) factOf(r *http.Request, at instant) (fact, error) {
	id, err := pathUUID(r, "consumer")
	if err != nil {
		return fact{}, err
	}
	when, err := a.when(at)
	return fact{domain.ConsumerID{UUID: id}, when}, err
}

type selectForPaymentIn struct {
	Payment  uuid.UUID             `json:"payment"` // made from the command when left out
	Creditor domain.FiscalCode     `json:"creditor"`
	Parent   domain.ParentID       `json:"parent"`
	Category domain.CategoryCode   `json:"category"`
	Notices  []domain.NoticeNumber `json:"notices"`
	At       instant               `json:"at"`
}

// check verifies what names streams.
func (in selectForPaymentIn) check() error {
	if _, err := domain.ParseBodyCode(string(in.Creditor)); err != nil {
		return err
	}
	for _, notice := range in.Notices {
		if _, err := domain.ParseNoticeNumber(string(notice)); err != nil {
			return err
		}
	}
	return nil
}

func (a *api) selectForPayment(r *http.Request, env eventstore.Envelope, in selectForPaymentIn) (done, error) {
	if err := in.check(); err != nil {
		return done{}, err
	}
	if _, err := ofBody(r, in.Creditor); err != nil {
		return done{}, err
	}
	at, err := a.when(in.At)
	if err != nil {
		return done{}, err
	}
	if _, err := a.Ledger.KnownParent(r.Context(), in.Parent); err != nil {
		return done{}, err
	}
	// The saldo is recorded for ever, and must count the bulletins selected.
	end, err := a.Log.End(r.Context())
	if err != nil {
		return done{}, err
	}
	if err := a.reach(r.Context(), end); err != nil {
		return done{}, err
	}
	overview, _, err := a.Views.Overview(r.Context(), in.Creditor, in.Parent)
	if err != nil {
		return done{}, err
	}
	id := domain.PaymentID{UUID: orFrom(in.Payment, env.Command, "payment")}
	out, err := a.Ledger.Select(r.Context(), env, ledger.Selection{
		Payment: id, Creditor: in.Creditor, Parent: in.Parent, Category: in.Category, Notices: in.Notices, Saldo: overview.SaldoBollettini, At: at,
	})
	return done{out, map[string]any{"payment": id}}, err
}

type requestNoticesIn struct {
	At instant `json:"at"`
}

func (a *api) requestNotices(r *http.Request, env eventstore.Envelope, in requestNoticesIn) (done, error) {
	id, err := pathUUID(r, "payment")
	if err != nil {
		return done{}, err
	}
	at, err := a.when(in.At)
	if err != nil {
		return done{}, err
	}
	out, err := a.Ledger.Payment(r.Context(), env, domain.RequestNotices{Payment: domain.PaymentID{UUID: id}, At: at})
	return done{Outcome: out}, err
}
