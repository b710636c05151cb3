package pagopa_test

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/adapters/pagopa"
	"github.com/saldo-ledger/saldo/adapters/pagopa/internal/wiretest"
	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
)

// published returns a sample of pagoPA's documentation.
func published(t *testing.T, name string) []byte {
	t.Helper()
	dir, ok := wiretest.Published()
	if !ok {
		t.Skip("pagoPA's published files are not in " + dir)
	}
	doc, err := os.ReadFile(filepath.Join(dir, "samples", name+".xml"))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// publishedResponse returns a response among the samples.
func publishedResponse[R soap.Response](t *testing.T, name string, op soap.Operation) R {
	t.Helper()
	resp, err := soap.DecodeResponse(bytes.NewReader(published(t, name)), op)
	if err != nil {
		t.Fatal(err)
	}
	return resp.(R)
}

// townHall is the body of the samples' scenario, with its one debt.
func townHall(t *testing.T) *desk {
	t.Helper()
	const school domain.FiscalCode = "12345678903"
	d := newDeskOf(t, []pagopa.Station{{Creditor: school, Broker: "12345678903", ID: "12345678903_01", Segregation: 1}})
	d.creditor = school
	d.debts["301000000000004285"] = pagopa.DebtPosition{
		Status:      pagopa.StatusOpen,
		Amount:      8450,
		DueDate:     time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC),
		Description: "Mensa scolastica novembre 2025",
		CompanyName: "Comune di Prova",
		OfficeName:  "Servizi scolastici",
		Debtor: pagopa.Debtor{
			Code: "RSSMRA85T10A562S", FullName: "Mario Rossi", Street: "Via Roma", Civic: "1",
			PostalCode: "20100", City: "Milano", Province: "MI", Country: "IT",
		},
		Transfers: []pagopa.Transfer{{
			1, 8450, school, "Comune di Prova", "IT60X0542811101000000123456",
			"/RFB/01000000000004285/84.50/TXT/Mensa scolastica novembre 2025", "9/0107101TS/",
		}},
	}
	return d
}

func TestThePublishedScenario(t *testing.T) {
	d := townHall(t)
	verified := d.post(t, published(t, "scenario-1-paVerifyPaymentNotice-request"))
	if want := publishedResponse[*soap.VerifyResponse](t, "scenario-2-paVerifyPaymentNotice-response-OK", soap.Verify); !reflect.DeepEqual(verified, want) {
		t.Errorf("verify: got %+v", verified)
	}

	got := d.post(t, published(t, "scenario-3-paGetPaymentV2-request"))
	want := publishedResponse[*soap.GetPaymentV2Response](t, "scenario-4-paGetPaymentV2-response-OK", soap.GetPaymentV2)
	want.Payment.LastPayment = nil // ignored by the Node, and not sent
	if !reflect.DeepEqual(got, want) {
		t.Errorf("getPayment: got %+v", got)
	}

	receipt := published(t, "scenario-5-paSendRTV2-request")
	for range 2 { // the second time is as good as the first
		got := d.post(t, receipt)
		if want := publishedResponse[*soap.SendRTV2Response](t, "scenario-6-paSendRTV2-response-OK", soap.SendRTV2); !reflect.DeepEqual(got, want) {
			t.Errorf("sendRT: got %+v", got)
		}
	}
	if len(d.received) != 2 || d.received[0].raw != string(receipt) {
		t.Errorf("received %d", len(d.received))
	}

	d.debts["301000000000004285"] = pagopa.DebtPosition{Status: pagopa.StatusPaid}
	paid := d.post(t, published(t, "scenario-1-paVerifyPaymentNotice-request")).Answer()
	told := publishedResponse[*soap.VerifyResponse](t, "scenario-2b-paVerifyPaymentNotice-response-KO", soap.Verify).Fault
	if paid.Outcome != soap.KO || paid.Fault.Code != told.Code || paid.Fault.ID != told.ID || paid.Fault.String != strings.ReplaceAll(told.String, "’", "'") {
		t.Errorf("paid: got %+v, want %+v", paid.Fault, told)
	}
}

func TestTheOtherPublishedSamples(t *testing.T) {
	const ec domain.FiscalCode = "77777777777"
	all := []pagopa.Station{
		{Creditor: ec, Broker: "77777777777", ID: "77777777777_01", Segregation: 11},
		{Creditor: ec, Broker: "15376371009", ID: "15376371009_01", Segregation: 12},
		{Creditor: "00168480242", Broker: "80007580279", ID: "80007580279_01", Segregation: 45},
	}
	for name, want := range map[string]soap.FaultCode{
		"sanp-paVerifyPaymentNotice-request": "",
		"sanp-paSendRTV2-request":            "",
		"official-paSendRT-request":          "",                 // of a notice of another body
		"official-paGetPaymentV2-request":    soap.FaultCreditor, // sent to one body for a notice of another
	} {
		d := newDeskOf(t, all)
		d.creditor = ec
		d.debts["311111111112222222"] = open()
		doc := published(t, name)
		a := d.post(t, doc).Answer()
		if want == "" && a.Outcome != soap.OK || want != "" && (a.Fault == nil || a.Fault.Code != want) {
			t.Errorf("%s: got %s %+v", name, a.Outcome, a.Fault)
		}
		if strings.Contains(name, "SendRT") && (len(d.received) != 1 || d.received[0] != delivery{ec, string(doc)}) {
			t.Errorf("%s: received %d", name, len(d.received))
		}
	}
}

func TestPublishedReceiptsAreReadAgain(t *testing.T) {
	rome := italy(t)
	r := parse(t, published(t, "scenario-5-paSendRTV2-request"))
	if r.ID != "0a1b2c3d4e5f40718293a4b5c6d7e8f9" || r.Amount != 8450 || r.PaymentNote != "CART-2025-000042" ||
		!r.PaidAt.Equal(time.Date(2026, 1, 12, 10, 15, 30, 0, rome)) || r.Payer != (pagopa.Party{}) {
		t.Errorf("scenario: got %+v", r)
	}
	r = parse(t, published(t, "sanp-paSendRTV2-request"))
	if len(r.Transfers) != 2 || r.Transfers[1].Creditor != "77777777778" || r.Transfers[1].Amount != 1000 || r.Creditor != r.SentTo {
		t.Errorf("SANP: got %+v", r)
	}
	r = parse(t, published(t, "official-paSendRT-request"))
	if r.SentTo != "77777777777" || r.Creditor != "00856930102" || r.Notice != "363155551414999718" || r.IUV != "63155551414999718" {
		t.Errorf("official: got %+v", r)
	}
}
