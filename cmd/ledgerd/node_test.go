package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
)

// node calls the service as pagoPA's Node does.
func (d *demo) node() *soap.Client { return &soap.Client{URL: d.portal + "/pagopa/paForNode"} }

// ours is how the Node addresses the demonstration's station.
func ours() soap.Addressee {
	station := demoConfig("", "", "").Stations[0]
	return soap.Addressee{PA: string(station.Creditor), Broker: station.Broker, Station: station.ID}
}

// receiptID makes an id as the Node does.
func receiptID() string { return strings.ReplaceAll(uuid.NewString(), "-", "") }

// proof is the receipt of a notice paid at a bank.
func proof(id string, notice domain.NoticeNumber, amount domain.Money) *soap.SendRTV2Request {
	return &soap.SendRTV2Request{Addressee: ours(), Receipt: soap.Receipt{
		ID: id, Notice: notice, Creditor: demoCreditor, Outcome: soap.OK,
		IUV: notice.IUV(), Amount: amount, Description: "Servizio mensa, febbraio 2020", CompanyName: "Comune di Borgo Esempio",
		Debtor: soap.Subject{Kind: "F", Code: "ANONIMO", FullName: "Chi paga"},
		Transfers: []soap.Transfer{{
			ID: 1, Amount: amount, Creditor: demoCreditor, CompanyName: "Comune di Borgo Esempio", IBAN: "IT63L9999901600000000012345",
			Remittance: "/RFB/" + string(notice.IUV()) + "/" + amount.String(), Category: "9/0107101TS/",
		}},
		PSP: "ESEMPIT1XXX", PSPCompanyName: "Banca di Esempio", Channel: "99123456784_01", ChannelDescription: "WISP",
		PaymentMethod: "creditCard", PaymentDateTime: "2020-03-02T09:15:00", ApplicationDate: "2020-03-02", TransferDate: "2020-03-03",
	}}
}

// deliver sends a receipt and fails the test unless it is taken.
func (d *demo) deliver(t *testing.T, r *soap.SendRTV2Request) {
	t.Helper()
	if _, err := d.node().SendRTV2(t.Context(), r); err != nil {
		t.Fatalf("receipt %s of notice %s: %v", r.Receipt.ID, r.Receipt.Notice, err)
	}
}

// document is a request as it goes over the wire.
func document(t *testing.T, m soap.Message) string {
	t.Helper()
	var b bytes.Buffer
	if err := soap.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// postXML sends what no client of ours would, and returns status and answer.
func (d *demo) postXML(t *testing.T, operation soap.Operation, text string) (status int, doc string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, d.node().URL, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "text/xml; charset=utf-8")
	r.Header.Set("SOAPAction", `"`+string(operation)+`"`)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(answer)
}

// codeOf is the code of a KO; none for an OK or for no answer at all.
func codeOf(err error) soap.FaultCode {
	if fault, ok := errors.AsType[*soap.Fault](err); ok {
		return fault.Code
	}
	return ""
}

// retryingNode is pagoPA's Node in front of a service that comes and goes.
type retryingNode struct{ at atomic.Pointer[soap.Client] }

// insist sends a receipt again until it is answered, or ctx is done.
func (n *retryingNode) insist(ctx context.Context, r *soap.SendRTV2Request) error {
	for {
		_, err := n.at.Load().SendRTV2(ctx, r)
		if !errors.Is(err, soap.ErrNotDelivered) || ctx.Err() != nil {
			return err
		}
		time.Sleep(5 * time.Millisecond)
	}
}
