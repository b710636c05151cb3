package soap_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/saldo-ledger/saldo/adapters/pagopa/internal/wiretest"
	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
)

// request reads a sample as the request of an operation.
func request[R soap.Request](t *testing.T, sample string) R {
	t.Helper()
	_, req, err := soap.Decode(bytes.NewReader(wiretest.Sample(t, sample)))
	if err != nil {
		t.Fatal(err)
	}
	return req.(R)
}

// calls makes every call there is, and names it by its operation.
func calls(t *testing.T) map[soap.Operation]func(context.Context, *soap.Client) (soap.Response, error) {
	verify := request[*soap.VerifyRequest](t, "verify-request")
	get := request[*soap.GetPaymentRequest](t, "getPayment-request")
	getV2 := request[*soap.GetPaymentV2Request](t, "getPaymentV2-request")
	send := request[*soap.SendRTRequest](t, "sendRT-request")
	sendV2 := request[*soap.SendRTV2Request](t, "sendRTV2-request")
	demand := request[*soap.DemandRequest](t, "demand-request")
	type client = *soap.Client
	return map[soap.Operation]func(context.Context, client) (soap.Response, error){
		soap.Verify:       func(ctx context.Context, c client) (soap.Response, error) { return c.Verify(ctx, verify) },
		soap.GetPayment:   func(ctx context.Context, c client) (soap.Response, error) { return c.GetPayment(ctx, get) },
		soap.GetPaymentV2: func(ctx context.Context, c client) (soap.Response, error) { return c.GetPaymentV2(ctx, getV2) },
		soap.SendRT:       func(ctx context.Context, c client) (soap.Response, error) { return c.SendRT(ctx, send) },
		soap.SendRTV2:     func(ctx context.Context, c client) (soap.Response, error) { return c.SendRTV2(ctx, sendV2) },
		soap.Demand:       func(ctx context.Context, c client) (soap.Response, error) { return c.Demand(ctx, demand) },
	}
}

// creditor is a server that answers each operation as told, after checking that
// it was called rightly.
func creditor(t *testing.T, answer func(soap.Operation) (status int, doc []byte)) *soap.Client {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		op, _, err := soap.Decode(r.Body)
		if err != nil {
			t.Errorf("request: %v", err)
		}
		if got := r.Header.Get("SOAPAction"); got != `"`+string(op)+`"` {
			t.Errorf("SOAPAction %s for %s", got, op)
		}
		if got := r.Header.Get("Content-Type"); got != "text/xml; charset=utf-8" {
			t.Errorf("Content-Type %s", got)
		}
		status, doc := answer(op)
		w.WriteHeader(status)
		w.Write(doc)
	}))
	t.Cleanup(server.Close)
	return &soap.Client{URL: server.URL}
}

func TestAnOKComesWithItsContent(t *testing.T) {
	samples := map[soap.Operation]string{
		soap.Verify: "verify-response", soap.GetPayment: "getPayment-response", soap.GetPaymentV2: "getPaymentV2-response",
		soap.SendRT: "sendRT-response", soap.Demand: "demand-response",
	}
	client := creditor(t, func(op soap.Operation) (int, []byte) {
		if samples[op] == "" {
			return http.StatusOK, encode(t, op.Accept())
		}
		return http.StatusOK, wiretest.Sample(t, samples[op])
	})
	for op, call := range calls(t) {
		resp, err := call(t.Context(), client)
		if err != nil || resp.Answer().Outcome != soap.OK {
			t.Errorf("%s: %+v, %v", op, resp, err)
		}
	}
}

func TestAKOIsAFault(t *testing.T) {
	client := creditor(t, func(op soap.Operation) (int, []byte) {
		return http.StatusOK, encode(t, op.Refuse(soap.NewFault(soap.FaultExpired, "00987650124", "")))
	})
	for op, call := range calls(t) {
		resp, err := call(t.Context(), client)
		fault, ok := errors.AsType[*soap.Fault](err)
		if !ok || fault.Code != soap.FaultExpired || fault.ID != "00987650124" || resp.Answer().Outcome != soap.KO || errors.Is(err, soap.ErrNotDelivered) {
			t.Errorf("%s: %+v, %v", op, resp, err)
		}
	}
}

func TestAllElseIsNotDelivered(t *testing.T) {
	for name, answer := range map[string]func(soap.Operation) (int, []byte){
		"HTTP 500": func(op soap.Operation) (int, []byte) {
			return http.StatusInternalServerError, encode(t, op.Refuse(soap.NewFault(soap.FaultSystem, "1", "")))
		},
		"no document": func(soap.Operation) (int, []byte) { return http.StatusOK, nil },
		"a page":      func(soap.Operation) (int, []byte) { return http.StatusOK, []byte("<html><body>ciao</body></html>") },
		"a SOAP fault": func(soap.Operation) (int, []byte) {
			var b bytes.Buffer
			soap.EncodeFault(&b, "Client", "a < b")
			return http.StatusOK, b.Bytes()
		},
		"another operation's answer": func(op soap.Operation) (int, []byte) {
			if op == soap.SendRT {
				return http.StatusOK, encode(t, soap.SendRTV2.Accept())
			}
			return http.StatusOK, encode(t, soap.SendRT.Accept())
		},
		"a KO without fault": func(op soap.Operation) (int, []byte) {
			doc := encode(t, op.Refuse(soap.NewFault(soap.FaultSystem, "1", "")))
			return http.StatusOK, wiretest.Parse(t, doc).Without(t, "fault")
		},
		"an answer without end": func(op soap.Operation) (int, []byte) {
			doc := encode(t, op.Refuse(soap.NewFault(soap.FaultSystem, "1", "")))
			return http.StatusOK, append(doc, strings.Repeat(" ", 2<<20)...)
		},
	} {
		client := creditor(t, answer)
		for op, call := range calls(t) {
			_, err := call(t.Context(), client)
			_, fault := errors.AsType[*soap.Fault](err)
			if !errors.Is(err, soap.ErrNotDelivered) || fault {
				t.Errorf("%s: %s: %v", name, op, err)
			}
		}
	}
}

func TestABrokenRequestIsNotSent(t *testing.T) {
	client := &soap.Client{URL: "http://127.0.0.1:0"}
	_, err := client.Verify(t.Context(), &soap.VerifyRequest{})
	if _, ok := errors.AsType[*soap.FieldError](err); !ok || errors.Is(err, soap.ErrNotDelivered) {
		t.Errorf("got %v", err)
	}
}

func TestNobodyListening(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	_, err := (&soap.Client{URL: server.URL}).Verify(t.Context(), request[*soap.VerifyRequest](t, "verify-request"))
	if !errors.Is(err, soap.ErrNotDelivered) {
		t.Errorf("got %v", err)
	}
}

// silent is a transport to a creditor that never answers.
type silent struct{}

func (silent) RoundTrip(r *http.Request) (*http.Response, error) {
	io.Copy(io.Discard, r.Body)
	r.Body.Close()
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func TestTheNodeGivesUpInTime(t *testing.T) {
	for op, call := range calls(t) {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			_, err := call(t.Context(), &soap.Client{URL: "http://creditor.example", HTTP: &http.Client{Transport: silent{}}})
			want := 7 * time.Second
			if op.DeliversReceipt() {
				want = 15 * time.Second
			}
			if took := time.Since(began); !errors.Is(err, soap.ErrNotDelivered) || took != want {
				t.Errorf("%s: %v after %v", op, err, took)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		_, err := calls(t)[soap.Verify](ctx, &soap.Client{URL: "http://creditor.example", HTTP: &http.Client{Transport: silent{}}})
		if took := time.Since(began); !errors.Is(err, context.DeadlineExceeded) || took != time.Second {
			t.Errorf("%v after %v", err, took)
		}
	})
}
