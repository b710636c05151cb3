package sim

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
)

// line is a connection to a station that ends each call in the same way.
type line func(*http.Request) (*http.Response, error)

func (l line) RoundTrip(r *http.Request) (*http.Response, error) { return l(r) }

// says is a line on which the station answers with a document.
func says(status int, doc string) line {
	return func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Status: http.StatusText(status), Body: io.NopCloser(strings.NewReader(doc))}, nil
	}
}

func nodeOn(l line) *node {
	creditors := []Creditor{{"12345678903", "12345678903", "12345678903_01", "http://ente.example/"}}
	return &node{creditors, &http.Client{Transport: l}, &switchboard{}}
}

var anyNotice = notice{Number: "301000000000004285", Creditor: "12345678903", Amount: 5733}

func TestTheNodeWaitsNoLongerThanItSays(t *testing.T) {
	hung := func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		_, err := nodeOn(hung).verify(t.Context(), anyNotice)
		if fault, ok := errors.AsType[*nodeFault](err); !ok || fault.Code != stationTooLate || time.Since(began) != 7*time.Second {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		began = time.Now()
		receipt := cart{Method: InventedPSP().cash()}.receipt(activation{newToken(), anyNotice, goodPayment()}, 0, today)
		err = nodeOn(hung).deliver(t.Context(), "12345678903", receipt, noMishap)
		if !errors.Is(err, soap.ErrNotDelivered) || time.Since(began) != 15*time.Second {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
	})
}

func goodPayment() soap.Payment {
	return soap.Payment{
		IUV: "01000000000004285", Amount: 5733, DueDate: "2020-02-20", Description: "Post-scuola", CompanyName: "Comune di Prova",
		Debtor: soap.Subject{Kind: "F", Code: "ANONIMO", FullName: "Tizio Sempronio"},
		Transfers: []soap.Transfer{{ID: 1, Amount: 5733, Creditor: "12345678903", IBAN: "IT60X0542811101000000123456",
			Remittance: "x", Category: "9/0107105SP/"}},
	}
}

// document is the station's answer to getPayment with a payment.
func document(t *testing.T, p soap.Payment) string {
	t.Helper()
	resp := soap.GetPaymentV2.Accept().(*soap.GetPaymentV2Response)
	resp.Payment = &p
	var b bytes.Buffer
	if err := soap.Encode(&b, resp); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTheNodeTellsWhatIsWrongWithAStation(t *testing.T) {
	stamped, short := goodPayment(), goodPayment()
	stamped.Transfers[0].IBAN = ""
	stamped.Transfers[0].StampWanted = &soap.StampRequest{DocumentHash: "YWJjZA==", Kind: "01", Province: "MI"}
	short.Amount = 5734
	for name, c := range map[string]struct {
		on   line
		want nodeCode
	}{
		"nobody listens": {func(*http.Request) (*http.Response, error) {
			return nil, &net.OpError{Op: "dial", Err: errors.New("refused")}
		}, stationOutOfReach},
		"an error of the server":  {says(http.StatusInternalServerError, ""), stationWrongAnswer},
		"no XML":                  {says(http.StatusOK, "ciao"), stationWrongAnswer},
		"sums that do not add up": {says(http.StatusOK, document(t, short)), stationWrongAnswer},
		"a revenue stamp":         {says(http.StatusOK, document(t, stamped)), stationWrongAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := nodeOn(c.on).activate(t.Context(), anyNotice, "")
			if got := troubleOf(anyNotice, err); got.Codes != string(c.want) || !got.Passing {
				t.Errorf("%+v, want %s", got, c.want)
			}
		})
	}
	if p, err := nodeOn(says(http.StatusOK, document(t, goodPayment()))).activate(t.Context(), anyNotice, ""); err != nil || p.Amount != 5733 {
		t.Errorf("a good answer: %v, %v", p, err)
	}
}

func TestABodyWithATransferInAnothersNoticeHasTheReceiptToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		other := Creditor{"98765432103", "98765432103", "98765432103_01", "http://altro.example/"}
		s := &Simulator{node: nodeOn(nil), queue: nil}
		s.node.creditors = append(s.node.creditors, other)
		sent := map[domain.FiscalCode]string{}
		s.queue = newQueue(func(_ context.Context, to domain.FiscalCode, r soap.Receipt, _ mishap) error {
			sent[to] = r.ID
			return nil
		}, nil, time.Now, quiet)
		r := soap.Receipt{ID: "1", Creditor: "12345678903", Transfers: []soap.Transfer{
			{Creditor: "12345678903"}, {Creditor: other.Code}, {Creditor: other.Code}, {Creditor: "11111111115"}, // the last is not registered
		}}
		s.dispatch(r, Switches{})
		if n := len(s.queue.list()); n != 2 {
			t.Fatalf("%d deliveries", n)
		}
		for _, d := range s.queue.list() {
			s.queue.deliver(t.Context(), s.queue.all[d.Number-1])
		}
		if sent["12345678903"] != "1" || sent[other.Code] != "1" {
			t.Errorf("sent %v", sent)
		}
	})
}
