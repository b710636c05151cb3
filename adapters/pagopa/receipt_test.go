package pagopa_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/adapters/pagopa"
	"github.com/saldo-ledger/saldo/adapters/pagopa/internal/wiretest"
	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
)

func italy(t testing.TB) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func parse(t *testing.T, doc []byte) pagopa.Receipt {
	t.Helper()
	r, err := pagopa.ParseReceipt(doc)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAStoredReceiptIsReadAgain(t *testing.T) {
	rome := italy(t)
	want := pagopa.Receipt{
		ID:             "5f0c2a9d7b6e4c1fa3d2b1c0e9f8a7b6",
		SentTo:         body,
		Station:        station,
		Creditor:       body,
		Notice:         notice,
		IUV:            "07000000000042153",
		Amount:         7333,
		Description:    "Mensa ottobre 2026",
		CompanyName:    "Comune di Borgo Inventato",
		OfficeName:     "Ufficio scuola",
		PSP:            "PROVAIT0",
		PSPCompanyName: "Banca Inventata",
		Channel:        "09999990007_01",
		PaymentMethod:  "creditCard",
		PaymentNote:    "CARRELLO-7",
		Fee:            150,
		StandIn:        true,
		Transfers: []pagopa.Transfer{
			{1, 5733, body, "Comune di Borgo Inventato", "IT60X0542811101000000123456", "/RFB/07000000000042153/57.33/TXT/Mensa ottobre", "9/0107101TS/"},
			{2, 1600, "01234500062", "Agenzia di Prova", "", "/RFB/07000000000042153/16.00/TXT/Mensa ottobre", "9/0107101TS/"},
		},
		PaidAt:          time.Date(2026, 10, 25, 0, 30, 15, 250e6, rome),
		ApplicationDate: time.Date(2026, 10, 26, 0, 0, 0, 0, rome),
		TransferDate:    time.Date(2026, 10, 27, 0, 0, 0, 0, rome),
		Debtor:          pagopa.Party{Kind: "F", Code: "ZZZZZZ80A01Z999Z", FullName: "Ada Invéntati & figli"},
		Payer:           pagopa.Party{Kind: "G", Code: "00987650124", FullName: "Cooperativa d'Esempio"},
	}
	if got := parse(t, wiretest.Sample(t, "sendRTV2-request")); !reflect.DeepEqual(got, want) {
		t.Errorf("V2: got %+v\nwant %+v", got, want)
	}
	want.PaymentNote = "" // the first version has none, nor stamps, nor companies of transfers
	want.Transfers[0].CompanyName, want.Transfers[1].CompanyName = "", ""
	want.Transfers[1].IBAN = "IT60X0542811101000000123456"
	if got := parse(t, wiretest.Sample(t, "sendRT-request")); !reflect.DeepEqual(got, want) {
		t.Errorf("V1: got %+v\nwant %+v", got, want)
	}
}

func TestTheMomentOfPayment(t *testing.T) {
	root := sample(t, "sendRT-request")
	bare := wiretest.Parse(t, root.Without(t, "receipt/paymentDateTime"))
	for name, c := range map[string]struct {
		doc  []byte
		want string
	}{
		"in winter, no zone":        {root.With(t, "receipt/paymentDateTime", "2026-01-12T10:15:30"), "2026-01-12T09:15:30Z"},
		"in summer, no zone":        {root.With(t, "receipt/paymentDateTime", "2026-07-12T10:15:30"), "2026-07-12T08:15:30Z"},
		"in UTC":                    {root.With(t, "receipt/paymentDateTime", "2026-07-12T10:15:30Z"), "2026-07-12T10:15:30Z"},
		"elsewhere, with fractions": {root.With(t, "receipt/paymentDateTime", "2026-07-12T10:15:30.5-03:00"), "2026-07-12T13:15:30.5Z"},
		"the application date":      {bare.With(t, "receipt/applicationDate", "2026-01-12"), "2026-01-11T23:00:00Z"},
		"none":                      {bare.Without(t, "receipt/applicationDate"), "0001-01-01T00:00:00Z"},
	} {
		r := parse(t, c.doc)
		if got := r.PaidAt.UTC().Format(time.RFC3339Nano); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
		if !r.PaidAt.IsZero() && r.PaidAt.Location() != r.TransferDate.Location() {
			t.Errorf("%s: told in %v", name, r.PaidAt.Location())
		}
	}
}

func TestWhatAReceiptMayLeaveOut(t *testing.T) {
	root := sample(t, "sendRTV2-request")
	for _, path := range []string{"payer", "fee", "paymentNote", "paymentMethod", "officeName", "transferDate", "standIn", "metadata"} {
		root = wiretest.Parse(t, root.Without(t, "receipt/"+path))
	}
	r := parse(t, root.Document())
	if r.Payer != (pagopa.Party{}) || r.Fee != 0 || r.StandIn || !r.TransferDate.IsZero() || r.PaymentNote != "" {
		t.Errorf("got %+v", r)
	}
}

func TestOnlyReceiptsAreReadAsReceipts(t *testing.T) {
	if _, err := pagopa.ParseReceipt(wiretest.Sample(t, "verify-request")); !errors.Is(err, pagopa.ErrNotReceipt) {
		t.Errorf("a verify: %v", err)
	}
	if _, err := pagopa.ParseReceipt([]byte("ciao")); !errors.Is(err, soap.ErrNotSOAP) {
		t.Errorf("no XML: %v", err)
	}
	for _, name := range receipts {
		for _, c := range wiretest.Cases(t, name) {
			if _, err := pagopa.ParseReceipt(c.Doc); !c.Valid && err == nil {
				t.Errorf("%s: %s: read as a receipt", name, c.Name)
			}
		}
	}
}

func FuzzParseReceipt(f *testing.F) {
	for _, name := range receipts {
		f.Add(wiretest.Sample(f, name))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := pagopa.ParseReceipt(raw)
		if err != nil {
			return
		}
		_, badNotice := domain.ParseNoticeNumber(string(r.Notice))
		_, badCreditor := domain.ParseBodyCode(string(r.Creditor))
		if r.ID == "" || badNotice != nil || badCreditor != nil || r.Amount < 0 || r.Amount > domain.MaxAmount {
			t.Errorf("read as %+v", r)
		}
		if n := len(r.Transfers); n < 1 || n > 5 {
			t.Errorf("%d transfers", n)
		}
		if r.PaidAt.IsZero() && !r.ApplicationDate.IsZero() {
			t.Error("the application date does not stand in")
		}
	})
}
