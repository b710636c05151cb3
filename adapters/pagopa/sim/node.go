package sim

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"

	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
)

// node is the part of the platform that calls the bodies' stations.
type node struct {
	creditors []Creditor
	http      *http.Client
	switches  *switchboard
}

// errStationDown is what every call meets while the switch says so.
var errStationDown = fmt.Errorf("%w: the station is switched off", soap.ErrNotDelivered)

// nodeCode is a fault code of the Node itself, as it answers PSPs.
type nodeCode string

const (
	unknownCreditor    nodeCode = "PPT_DOMINIO_SCONOSCIUTO"
	refusedByCreditor  nodeCode = "PPT_ERRORE_EMESSO_DA_PAA"
	stationTooLate     nodeCode = "PPT_STAZIONE_INT_PA_TIMEOUT"
	stationOutOfReach  nodeCode = "PPT_STAZIONE_INT_PA_IRRAGGIUNGIBILE"
	stationWrongAnswer nodeCode = "PPT_STAZIONE_INT_PA_ERRORE_RESPONSE"
)

// nodeFault is the Node telling a PSP that there is nothing to pay.
type nodeFault struct {
	Code     nodeCode
	Original soap.FaultCode // the body's own code, with refusedByCreditor alone
	cause    error
}

// Error returns the codes and the cause.
func (f *nodeFault) Error() string {
	s := string(f.Code)
	if f.Original != "" {
		s += " " + string(f.Original)
	}
	if f.cause != nil {
		s += ": " + f.cause.Error()
	}
	return s
}

// Unwrap returns the cause.
func (f *nodeFault) Unwrap() error { return f.cause }

// verify asks the body what is owed on n, and returns n as the body knows it.
func (nd *node) verify(ctx context.Context, n notice) (notice, error) {
	station, to, err := nd.station(n.Creditor)
	if err != nil {
		return n, err
	}
	answer, err := station.Verify(ctx, &soap.VerifyRequest{Addressee: to, QRCode: n.qrCode()})
	if err != nil {
		return n, faultOf(err)
	}
	n.Amount = answer.Option.Amount
	n.DueDate = answer.Option.DueDate
	n.Description, n.CompanyName, n.OfficeName = answer.Description, answer.CompanyName, answer.OfficeName
	return n, nil
}

// activate asks the body for all that is needed to pay n, as at the moment a PSP
// takes the payment on. The note is the cart's id, if it has one.
func (nd *node) activate(ctx context.Context, n notice, note string) (soap.Payment, error) {
	station, to, err := nd.station(n.Creditor)
	if err != nil {
		return soap.Payment{}, err
	}
	answer, err := station.GetPaymentV2(ctx, &soap.GetPaymentV2Request{
		Addressee: to, QRCode: n.qrCode(), Amount: &n.Amount, PaymentNote: note,
	})
	if err != nil {
		return soap.Payment{}, faultOf(err)
	}
	return *answer.Payment, addsUp(*answer.Payment)
}

// addsUp checks what the schema cannot say of a payment. Digital revenue stamps
// are not sold here.
func addsUp(p soap.Payment) error {
	var sum domain.Money
	for _, t := range p.Transfers {
		if t.StampWanted != nil {
			return &nodeFault{Code: stationWrongAnswer, cause: errors.New("a revenue stamp is wanted")}
		}
		sum += t.Amount
	}
	if sum != p.Amount {
		return &nodeFault{Code: stationWrongAnswer, cause: fmt.Errorf("amount %v, transfers of %v", p.Amount, sum)}
	}
	return nil
}

// deliver sends a receipt to the station of a body. Its errors are those of
// soap.Client.
func (nd *node) deliver(ctx context.Context, to domain.FiscalCode, r soap.Receipt, m mishap) error {
	station, address, err := nd.station(to)
	if err != nil {
		return err
	}
	if m != noMishap {
		station.HTTP = m.through(station.HTTP)
	}
	_, err = station.SendRTV2(ctx, &soap.SendRTV2Request{Addressee: address, Receipt: r})
	return err
}

// station returns how to call the station of a body and how to address it.
func (nd *node) station(code domain.FiscalCode) (*soap.Client, soap.Addressee, error) {
	for _, c := range nd.creditors {
		if c.Code != code {
			continue
		}
		always, client := nd.switches.always(), nd.http
		switch {
		case always.StationDown:
			return nil, soap.Addressee{}, &nodeFault{Code: stationOutOfReach, cause: errStationDown}
		case always.Timeout:
			client = answerLate.through(client)
		}
		return &soap.Client{URL: c.Target, HTTP: client},
			soap.Addressee{PA: string(c.Code), Broker: c.Broker, Station: c.Station}, nil
	}
	return nil, soap.Addressee{}, &nodeFault{Code: unknownCreditor, cause: fmt.Errorf("creditor %s", code)}
}

// knows reports whether a body is registered.
func (nd *node) knows(code domain.FiscalCode) bool {
	for _, c := range nd.creditors {
		if c.Code == code {
			return true
		}
	}
	return false
}

// faultOf is the table from a failed call to what the Node tells the PSP.
func faultOf(err error) *nodeFault {
	if refused, ok := errors.AsType[*soap.Fault](err); ok {
		return &nodeFault{refusedByCreditor, refused.Code, err}
	}
	if known, ok := errors.AsType[*nodeFault](err); ok {
		return known
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return &nodeFault{Code: stationTooLate, cause: err}
	}
	if _, ok := errors.AsType[*net.OpError](err); ok {
		return &nodeFault{Code: stationOutOfReach, cause: err}
	}
	return &nodeFault{Code: stationWrongAnswer, cause: err}
}
