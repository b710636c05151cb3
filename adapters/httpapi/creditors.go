package httpapi

import (
	"net/http"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
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

// changeCreditorIn is the whole profile, less the fiscal code, which the path names.
type changeCreditorIn struct {
	Name        string               `json:"name"`
	Office      string               `json:"office"`
	Broker      string               `json:"broker"`
	Station     string               `json:"station"`
	Segregation *int                 `json:"segregation"` // as it is: it does not change
	CBILL       string               `json:"cbill"`
	IBAN        string               `json:"iban"`
	Postal      domain.PostalAccount `json:"postal"` // left out, there is none any more
	At          instant              `json:"at"`
}

func (a *api) changeCreditor(r *http.Request, env eventstore.Envelope, in changeCreditorIn) (done, error) {
	creditor, at, err := a.creditorAt(r, in.At)
	if err != nil {
		return done{}, err
	}
	if in.Segregation == nil {
		return done{}, errNoSegregation
	}
	return a.creditor(r, env, domain.ChangeCreditor{Creditor: creditor, At: at, Profile: domain.CreditorProfile{
		FiscalCode: creditor, Name: in.Name, Office: in.Office, Broker: in.Broker, Station: in.Station,
		Segregation: *in.Segregation, CBILL: in.CBILL, IBAN: in.IBAN, Postal: in.Postal,
	}})
}

type defineCategoryIn struct {
	Code domain.CategoryCode `json:"code"`
	Name string              `json:"name"`
	At   instant             `json:"at"`
}

func (a *api) defineCategory(r *http.Request, env eventstore.Envelope, in defineCategoryIn) (done, error) {
	creditor, at, err := a.creditorAt(r, in.At)
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
	creditor, at, err := a.creditorAt(r, in.At)
	if err != nil {
		return done{}, err
	}
	return a.creditor(r, env, domain.DefineService{Creditor: creditor, Code: in.Code, Service: in.Service, At: at})
}

func (a *api) creditor(r *http.Request, env eventstore.Envelope, cmd domain.CreditorCommand) (done, error) {
	out, err := a.Ledger.Creditor(r.Context(), env, cmd)
	return done{Outcome: out}, err
}

// creditorAt reads the creditor of the path and the time of the fact.
func (a *api) creditorAt(r *http.Request, at instant) (domain.FiscalCode, time.Time, error) {
	creditor, err := creditorOf(r)
	if err != nil {
		return "", time.Time{}, err
	}
	when, err := a.when(at)
	return creditor, when, err
}
