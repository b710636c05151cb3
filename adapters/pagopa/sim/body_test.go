package sim_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/adapters/pagopa/sim"
	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
)

const (
	creditor = domain.FiscalCode("12345678903")
	station  = "12345678903_01"
	post     = domain.NoticeNumber("301000000000004285") // 57.33
	mensa    = domain.NoticeNumber("301000000000005000") // 39.13
)

// body is a creditor behind its station: it answers what is owed and keeps the
// receipts that arrive.
type body struct {
	t        *testing.T
	url      string
	arrivals chan soap.Receipt

	mu     sync.Mutex
	debts  map[domain.NoticeNumber]domain.Money
	refuse soap.FaultCode    // answers to verify and getPayment; empty: OK
	down   int               // how many receipts are answered with HTTP 500
	reject bool              // receipts are answered with KO
	shared domain.FiscalCode // has five euro of every payment; empty: nobody
	broken int               // how many documents nobody can read are expected
	asked  []soap.Request
}

func newBody(t *testing.T) *body {
	b := &body{t: t, arrivals: make(chan soap.Receipt, 20), debts: map[domain.NoticeNumber]domain.Money{post: 5733, mensa: 3913}}
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	b.url = server.URL + "/pagopa/paForNode"
	return b
}

// set changes how the body answers from now on.
func (b *body) set(change func(*body)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change(b)
}

// requests returns what the Node asked so far.
func (b *body) requests() []soap.Request {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]soap.Request(nil), b.asked...)
}

func (b *body) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	op, req, err := soap.Decode(r.Body)
	if err != nil && b.expected() {
		http.Error(w, "not a message", http.StatusInternalServerError)
		return
	}
	if err != nil {
		b.t.Errorf("the Node sent what the schema refuses: %v", err)
		return
	}
	if want := `"` + string(op) + `"`; r.Header.Get("SOAPAction") != want {
		b.t.Errorf("SOAPAction %s, want %s", r.Header.Get("SOAPAction"), want)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked = append(b.asked, req)
	resp := b.answer(op, req)
	if resp == nil {
		http.Error(w, "out of order", http.StatusInternalServerError)
		return
	}
	var doc bytes.Buffer
	if err := soap.Encode(&doc, resp); err != nil {
		b.t.Errorf("the test's answer: %v", err)
	}
	_, _ = w.Write(doc.Bytes())
}

// expected takes off one document that nobody can read.
func (b *body) expected() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.broken--
	return b.broken >= 0
}

func (b *body) answer(op soap.Operation, req soap.Request) soap.Response {
	if op.DeliversReceipt() {
		return b.receive(op, req)
	}
	if b.refuse != "" {
		return op.Refuse(soap.NewFault(b.refuse, string(creditor), ""))
	}
	switch req := req.(type) {
	case *soap.VerifyRequest:
		return b.verify(op, req)
	case *soap.GetPaymentV2Request:
		return b.getPayment(op, req)
	}
	b.t.Errorf("unexpected %T", req)
	return nil
}

func (b *body) receive(op soap.Operation, req soap.Request) soap.Response {
	if b.down > 0 {
		b.down--
		return nil
	}
	b.arrivals <- req.(*soap.SendRTV2Request).Receipt
	if b.reject {
		return op.Refuse(soap.NewFault(soap.FaultReceiptDuplicate, string(creditor), ""))
	}
	return op.Accept()
}

func (b *body) verify(op soap.Operation, req *soap.VerifyRequest) soap.Response {
	owed, ok := b.debts[req.QRCode.Notice]
	if !ok {
		return op.Refuse(soap.NewFault(soap.FaultUnknownNotice, string(creditor), ""))
	}
	resp := op.Accept().(*soap.VerifyResponse)
	resp.Offer = soap.Offer{
		Option:      &soap.PaymentOption{Amount: owed, Options: "EQ", DueDate: "2020-02-20"},
		Description: "Post-scuola gennaio 2020", Creditor: creditor, CompanyName: "Comune di Prova", OfficeName: "Ufficio scuola",
	}
	return resp
}

func (b *body) getPayment(op soap.Operation, req *soap.GetPaymentV2Request) soap.Response {
	owed, ok := b.debts[req.QRCode.Notice]
	if !ok {
		return op.Refuse(soap.NewFault(soap.FaultUnknownNotice, string(creditor), ""))
	}
	resp := op.Accept().(*soap.GetPaymentV2Response)
	resp.Payment = &soap.Payment{
		IUV: req.QRCode.Notice.IUV(), Amount: owed, DueDate: "2020-02-20",
		Description: "Post-scuola gennaio 2020", CompanyName: "Comune di Prova", OfficeName: "Ufficio scuola",
		Debtor: soap.Subject{Kind: "F", Code: "SMPTZI80A01F205Q", FullName: "Tizio Sempronio"},
		Transfers: []soap.Transfer{{
			ID: 1, Amount: owed, Creditor: creditor, CompanyName: "Comune di Prova", IBAN: "IT60X0542811101000000123456",
			Remittance: "/RFB/" + string(req.QRCode.Notice.IUV()), Category: "9/0107105SP/",
		}},
	}
	if b.shared != "" {
		second := resp.Payment.Transfers[0]
		second.ID, second.Amount, second.Creditor, second.CompanyName = 2, 500, b.shared, "Provincia di Prova"
		resp.Payment.Transfers[0].Amount -= second.Amount
		resp.Payment.Transfers = append(resp.Payment.Transfers, second)
	}
	return resp
}

// patience is how long a test waits for what comes by itself, on a machine that does
// other things too.
const patience = 30 * time.Second

// next waits for the next receipt.
func (b *body) next() soap.Receipt {
	b.t.Helper()
	select {
	case r := <-b.arrivals:
		return r
	case <-time.After(patience):
		b.t.Fatal("no receipt came")
		panic("unreachable")
	}
}

// platform is a simulator at work, and its log.
type platform struct {
	t    *testing.T
	url  string
	log  *journal
	http *http.Client // does not follow redirects
	sim  *sim.Simulator
}

// journal is a log that can be read while it is written.
type journal struct {
	mu sync.Mutex
	b  strings.Builder
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.String()
}

// clock stands still at a Wednesday morning in Italy.
func clock() time.Time { return time.Date(2020, 2, 12, 9, 31, 7, 0, time.UTC) }

// newPlatform starts a simulator for the bodies, all of them behind one station.
func newPlatform(t *testing.T, b *body, change ...func(*sim.Config)) *platform {
	t.Helper()
	p := &platform{t: t, log: &journal{}, http: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	var handler http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	p.url = server.URL
	config := sim.Config{
		BaseURL:   server.URL,
		Creditors: []sim.Creditor{{Code: creditor, Broker: string(creditor), Station: station, Target: b.url}},
		Pauses:    []time.Duration{time.Millisecond, time.Millisecond},
		Clock:     clock,
		Logger:    slog.New(slog.NewTextHandler(p.log, nil)),
	}
	for _, c := range change {
		c(&config)
	}
	s, err := sim.New(config)
	if err != nil {
		t.Fatal(err)
	}
	p.sim, handler = s, s.Handler()
	done := make(chan error, 1)
	go func() { done <- s.Run(t.Context()) }()
	t.Cleanup(func() {
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return p
}

// answer is what came back of a request.
type answer struct {
	status   int
	location string
	header   http.Header
	body     string
}

func (p *platform) do(req *http.Request) answer {
	p.t.Helper()
	resp, err := p.http.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header.Get("Location"), resp.Header, string(text)}
}

// request makes a request to a path, or to a whole address of the platform.
func (p *platform) request(method, path, kind, content string) *http.Request {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.url+strings.TrimPrefix(path, p.url), strings.NewReader(content))
	if err != nil {
		p.t.Fatal(err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	return req
}

func (p *platform) get(path string) answer {
	p.t.Helper()
	return p.do(p.request(http.MethodGet, path, "", ""))
}
