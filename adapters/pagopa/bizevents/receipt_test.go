package bizevents_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/adapters/pagopa/bizevents"
)

// receipt has every member that is used, and one that nobody knows.
const receipt = `{"receiptId":"c110729d258c4ab1b765fe902aae41d6","noticeNumber":"301000000000004285","fiscalCode":"12345678903","outcome":"OK",
"creditorReferenceId":"01000000000004285","paymentAmount":57.33,"description":"Post-scuola","companyName":"Comune di Prova","officeName":"Ufficio scuola",
"debtor":{"entityUniqueIdentifierType":"F","entityUniqueIdentifierValue":"SMPTZI80A01F205Q","fullName":"Tizio Sempronio","city":"Prova"},
"transferList":[{"idTransfer":1,"transferAmount":50.3,"fiscalCodePA":"12345678903","iban":"IT60X0542811101000000123456","mbdAttachment":"","remittanceInformation":"/RFB/1","transferCategory":"9/0107105SP/"},
{"idTransfer":2,"transferAmount":"7.03","fiscalCodePA":"98765432103","iban":"","mbdAttachment":"","remittanceInformation":"","transferCategory":""}],
"idPSP":"ABCDITMM","pspCompanyName":"Banca di Prova","idChannel":"C1","payer":{"entityUniqueIdentifierType":"F","entityUniqueIdentifierValue":"X","fullName":"Caio"},
"paymentMethod":"creditCard","fee":1.50,"paymentDateTime":"2020-02-12","paymentDateTimeFormatted":"2020-02-12T18:05:41","applicationDate":"2020-02-12","transferDate":"2020-02-13","novelty":{"a":[1]}}`

func changed(t *testing.T, from, to string) []byte {
	t.Helper()
	if !strings.Contains(receipt, from) {
		t.Fatalf("%s is not in the receipt", from)
	}
	return []byte(strings.Replace(receipt, from, to, 1))
}

func TestAReceiptIsRead(t *testing.T) {
	r, err := bizevents.ParseReceipt([]byte(receipt))
	if err != nil {
		t.Fatal(err)
	}
	if r.ID != wanted.Receipt || r.Notice != "301000000000004285" || r.IUV != wanted.IUV || r.Creditor != "12345678903" || r.Amount != 57_33 || r.Fee != 1_50 ||
		r.PSP != "ABCDITMM" || r.PSPCompanyName != "Banca di Prova" || r.PaymentMethod != "creditCard" || r.Debtor.FullName != "Tizio Sempronio" || r.Payer.FullName != "Caio" {
		t.Errorf("%+v", r)
	}
	if len(r.Transfers) != 2 || r.Transfers[0].Amount != 50_30 || r.Transfers[1].Amount != 7_03 || r.Transfers[1].Creditor != "98765432103" {
		t.Errorf("%+v", r.Transfers)
	}
	if want := time.Date(2020, 2, 12, 17, 5, 41, 0, time.UTC); !r.PaidAt.Equal(want) {
		t.Errorf("paid at %s, want %s", r.PaidAt, want)
	}
}

func TestTheDayOfPaymentIsTheMostExactOneThere(t *testing.T) {
	const exact = `"paymentDateTimeFormatted":"2020-02-12T18:05:41",`
	for name, c := range map[string]struct {
		raw  []byte
		want time.Time
	}{
		"a moment with a zone": {changed(t, exact, `"paymentDateTimeFormatted":"2020-02-12T18:05:41Z",`), time.Date(2020, 2, 12, 18, 5, 41, 0, time.UTC)},
		"a day":                {changed(t, exact, ``), time.Date(2020, 2, 11, 23, 0, 0, 0, time.UTC)},
		"a moment for a day": {changed(t, `"paymentDateTime":"2020-02-12",`+exact, `"paymentDateTime":"2020-02-12T09:00:00",`),
			time.Date(2020, 2, 12, 8, 0, 0, 0, time.UTC)},
		"the application's day": {changed(t, `"paymentDateTime":"2020-02-12",`+exact, ``), time.Date(2020, 2, 11, 23, 0, 0, 0, time.UTC)},
	} {
		if r, err := bizevents.ParseReceipt(c.raw); err != nil || !r.PaidAt.Equal(c.want) {
			t.Errorf("%s: %s, %v, want %s", name, r.PaidAt, err, c.want)
		}
	}
}

func TestAmountsAreExact(t *testing.T) {
	for written, want := range map[string]int64{"57": 5700, "57.3": 5730, `"57.33"`: 5733, "57.3300": 5733, "5.733E1": 5733, "5733e-2": 5733, "999999999.99": 99999999999} {
		r, err := bizevents.ParseReceipt(changed(t, `"paymentAmount":57.33`, `"paymentAmount":`+written))
		if err != nil || int64(r.Amount) != want {
			t.Errorf("%s: %d, %v", written, r.Amount, err)
		}
	}
	for _, written := range []string{"57.333", "0", "-1", "1e99999999", "null", `"x"`, "true", "[]"} {
		if _, err := bizevents.ParseReceipt(changed(t, `"paymentAmount":57.33`, `"paymentAmount":`+written)); err == nil {
			t.Errorf("%s was taken", written)
		}
	}
}

func TestWhatIsNoReceiptIsRefusedByName(t *testing.T) {
	for field, change := range map[string][2]string{
		"receiptId":                     {"c110729d258c4ab1b765fe902aae41d6", " "},
		"noticeNumber":                  {"301000000000004285", "30100000000000428"},
		"fiscalCode":                    {`"fiscalCode":"12345678903"`, `"fiscalCode":"1234567890"`},
		"outcome":                       {`"outcome":"OK"`, `"outcome":"KO"`},
		"transferList":                  {`"transferList":`, `"transferLists":`},
		"transferList/0/transferAmount": {`"transferAmount":50.3`, `"transferAmount":-50.3`},
		"paymentAmount":                 {`"paymentAmount":57.33`, `"paymentAmount":{}`},
		"paymentDateTimeFormatted":      {"2020-02-12T18:05:41", "ieri"},
		"applicationDate":               {`"applicationDate":"2020-02-12"`, `"applicationDate":"2020-02-30"`},
	} {
		_, err := bizevents.ParseReceipt(changed(t, change[0], change[1]))
		var wrong *bizevents.AnswerError
		if !errors.As(err, &wrong) || wrong.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestAReceiptOfJSONIsToldFromOneOfXML(t *testing.T) {
	for raw, want := range map[string]bool{receipt: true, " \r\n{}": true, "<?xml?>": false, "": false, "\xef\xbb\xbf<x/>": false} {
		if bizevents.IsReceipt([]byte(raw)) != want {
			t.Errorf("%.20q", raw)
		}
	}
}
