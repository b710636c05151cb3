package httpapi

import (
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

type registerParentIn struct {
	Parent uuid.UUID `json:"parent"` // made from the command when left out
	domain.Person
	Creditor domain.FiscalCode `json:"creditor"` // whose letters the parent gets; may be left out
	Password string            `json:"password"` // kept in the vault; left out, the parent cannot log in yet
	At       instant           `json:"at"`
}

func (a *api) registerParent(r *http.Request, env eventstore.Envelope, in registerParentIn) (done, error) {
	at, err := a.when(in.At)
	if err != nil {
		return done{}, err
	}
	if in.FiscalCode, err = domain.ParsePersonCode(string(in.FiscalCode)); err != nil {
		return done{}, err
	}
	if in.Creditor, err = ofBody(r, in.Creditor); err != nil {
		return done{}, err
	}
	if in.Creditor != "" {
		if _, err := domain.ParseBodyCode(string(in.Creditor)); err != nil { // it names the stream
			return done{}, err
		}
		if _, err := a.Ledger.KnownCreditor(r.Context(), in.Creditor); err != nil {
			return done{}, err
		}
	}
	if in.Password != "" {
		if err := a.Credentials.CheckPassword(in.Password, in.Person); err != nil {
			return done{}, err
		}
	}
	id := domain.ParentID{UUID: orFrom(in.Parent, env.Command, "parent")}
	out, err := a.Ledger.RegisterParent(r.Context(), env, domain.RegisterParent{Parent: id, Creditor: in.Creditor, Person: in.Person, At: at})
	if err == nil && in.Password != "" {
		err = a.Credentials.FirstPassword(r.Context(), id, in.Username, in.Password)
	}
	return done{out, map[string]any{"parent": id}}, err
}

type eraseParentIn struct {
	At instant `json:"at"`
}

func (a *api) eraseParent(r *http.Request, env eventstore.Envelope, in eraseParentIn) (done, error) {
	id, err := pathUUID(r, "parent")
	if err != nil {
		return done{}, err
	}
	at, err := a.when(in.At)
	if err != nil {
		return done{}, err
	}
	out, err := a.Ledger.EraseParent(r.Context(), env, domain.EraseParent{Parent: domain.ParentID{UUID: id}, At: at})
	return done{Outcome: out}, err
}

type enrolConsumerIn struct {
	Consumer uuid.UUID `json:"consumer"` // made from the command when left out
	domain.Child
	School string              `json:"school"`
	Adults []domain.FiscalCode `json:"adults"` // declared with the child; may be none
	At     instant             `json:"at"`
}

func (a *api) enrolConsumer(r *http.Request, env eventstore.Envelope, in enrolConsumerIn) (done, error) {
	creditor, at, err := a.creditorAt(r, in.At)
	if err != nil {
		return done{}, err
	}
	if in.FiscalCode != "" {
		if in.FiscalCode, err = domain.ParsePersonCode(string(in.FiscalCode)); err != nil {
			return done{}, err
		}
	}
	for i, adult := range in.Adults {
		if in.Adults[i], err = domain.ParsePersonCode(string(adult)); err != nil {
			return done{}, &misfit{fmt.Sprintf("adults/%d", i), domain.ErrBadPersonCode}
		}
	}
	id := domain.ConsumerID{UUID: orFrom(in.Consumer, env.Command, "consumer")}
	out, err := a.Ledger.Consumer(r.Context(), env, domain.EnrolConsumer{Consumer: id, Creditor: creditor, Child: in.Child, School: in.School, At: at})
	if err != nil {
		return done{}, err
	}
	declared, err := a.declareAdults(r, env, id, in.Adults, at)
	out.Position = max(out.Position, declared)
	return done{out, map[string]any{"consumer": id}}, err
}

type linkParentIn struct {
	Parent domain.ParentID `json:"parent"`
	At     instant         `json:"at"`
}

func (a *api) linkParent(r *http.Request, env eventstore.Envelope, in linkParentIn) (done, error) {
	return a.consumer(r, env, in.At, func(c fact) domain.ConsumerCommand {
		return domain.LinkParent{Consumer: c.consumer, Parent: in.Parent, At: c.at}
	})
}

type activateServiceIn struct {
	Service domain.ServiceCode `json:"service"`
	At      instant            `json:"at"`
}

func (a *api) activateService(r *http.Request, env eventstore.Envelope, in activateServiceIn) (done, error) {
	return a.consumer(r, env, in.At, func(c fact) domain.ConsumerCommand {
		return domain.ActivateService{Consumer: c.consumer, Service: in.Service, At: c.at}
	})
}

type changeDietIn struct {
	Diet string  `json:"diet"`
	At   instant `json:"at"`
}

func (a *api) changeDiet(r *http.Request, env eventstore.Envelope, in changeDietIn) (done, error) {
	return a.consumer(r, env, in.At, func(c fact) domain.ConsumerCommand {
		return domain.ChangeDiet{Consumer: c.consumer, Diet: in.Diet, At: c.at}
	})
}

func (a *api) consumer(r *http.Request, env eventstore.Envelope, at instant, cmd func(fact) domain.ConsumerCommand) (done, error) {
	c, err := a.factOf(r, at)
	if err != nil {
		return done{}, err
	}
	out, err := a.Ledger.Consumer(r.Context(), env, cmd(c))
	return done{Outcome: out}, err
}

type creditWalletIn struct {
	Creditor domain.FiscalCode `json:"creditor"`
	Year     domain.SchoolYear `json:"year"`
	Amount   domain.Money      `json:"amount"`
	At       instant           `json:"at"`
}

func (a *api) creditWallet(r *http.Request, env eventstore.Envelope, in creditWalletIn) (done, error) {
	return a.wallet(r, env, in.Year, in.At, func(c fact) domain.WalletCommand {
		return domain.CreditWallet{Creditor: in.Creditor, Consumer: c.consumer, Year: in.Year, Credit: env.Command, Amount: in.Amount, At: c.at}
	})
}

type chargeMealIn struct {
	Creditor domain.FiscalCode  `json:"creditor"`
	Year     domain.SchoolYear  `json:"year"`
	Service  domain.ServiceCode `json:"service"`
	Day      domain.Date        `json:"day"`
	Amount   domain.Money       `json:"amount"`
	At       instant            `json:"at"`
}

func (a *api) chargeMeal(r *http.Request, env eventstore.Envelope, in chargeMealIn) (done, error) {
	return a.wallet(r, env, in.Year, in.At, func(c fact) domain.WalletCommand {
		return domain.ChargeMeal{Creditor: in.Creditor, Consumer: c.consumer, Year: in.Year, Service: in.Service, Day: in.Day, Amount: in.Amount, At: c.at}
	})
}

func (a *api) wallet(r *http.Request, env eventstore.Envelope, year domain.SchoolYear, at instant, cmd func(fact) domain.WalletCommand) (done, error) {
	c, err := a.factOf(r, at)
	if err != nil {
		return done{}, err
	}
	if ledger.WalletStream(c.consumer, year).Check() != nil { // what can name a stream, the wallet judges
		return done{}, domain.ErrBadYear
	}
	out, err := a.Ledger.Wallet(r.Context(), env, cmd(c))
	return done{Outcome: out}, err
}
