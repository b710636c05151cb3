package pagopa

import (
	"errors"
	"fmt"
	"slices"

	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
)

// Station is a station registered with pagoPA for one creditor. A creditor may
// have several, and a station that holds several segregation codes is listed
// once for each.
type Station struct {
	Creditor    domain.FiscalCode
	Broker      string // fiscal code of the technical intermediary, often the creditor itself
	ID          string
	Segregation int // 0-45: the notices that are this station's
}

func (s Station) validate() error {
	if _, err := domain.ParseBodyCode(string(s.Creditor)); err != nil {
		return err
	}
	switch {
	case s.Broker == "" || s.ID == "":
		return errors.New("broker or id missing")
	case s.Segregation < 0 || s.Segregation > domain.MaxSegregation:
		return fmt.Errorf("segregation code %d", s.Segregation)
	}
	return nil
}

// checkStations refuses no stations, one that cannot be, and one that is there twice.
func checkStations(all []Station) error {
	if len(all) == 0 {
		return errors.New("pagopa: no stations")
	}
	for i, s := range all {
		if err := s.validate(); err != nil {
			return fmt.Errorf("pagopa: stations[%d]: %w", i, err)
		}
		if slices.Contains(all[:i], s) {
			return fmt.Errorf("pagopa: stations[%d]: station %s of %s with segregation code %d is there twice", i, s.ID, s.Creditor, s.Segregation)
		}
	}
	return nil
}

// issues reports whether a notice carries the station's segregation code. Only
// aux digit 3 has such a code; older layouts are left to the ledger.
func (s Station) issues(n domain.NoticeNumber) bool {
	return n.AuxDigit() != '3' || string(n[1:3]) == fmt.Sprintf("%02d", s.Segregation)
}

// stations are all of ours.
type stations []Station

// addressed returns those that a request may be meant for, or why it is meant
// for none: body, intermediary and station are looked at in this order.
func (all stations) addressed(to soap.Addressee) (stations, error) {
	body := all.where(func(s Station) bool { return string(s.Creditor) == to.PA })
	if len(body) == 0 {
		return nil, &refused{soap.FaultCreditor, "idPA " + to.PA + " sconosciuto", nil}
	}
	broker := body.where(func(s Station) bool { return s.Broker == to.Broker })
	if len(broker) == 0 {
		return nil, &refused{soap.FaultBroker, "idBrokerPA " + to.Broker + " sconosciuto", nil}
	}
	station := broker.where(func(s Station) bool { return s.ID == to.Station })
	if len(station) == 0 {
		return nil, &refused{soap.FaultStation, "idStation " + to.Station + " sconosciuta", nil}
	}
	return station, nil
}

func (all stations) where(ok func(Station) bool) stations {
	return slices.DeleteFunc(slices.Clone(all), func(s Station) bool { return !ok(s) })
}

// creditor returns the body that a fault speaks for: the one asked if it is
// ours, else our first.
func (all stations) creditor(asked string) domain.FiscalCode {
	for _, s := range all {
		if string(s.Creditor) == asked {
			return s.Creditor
		}
	}
	return all[0].Creditor
}
