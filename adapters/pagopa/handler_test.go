package pagopa_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/saldo-ledger/saldo/adapters/pagopa"
	"github.com/saldo-ledger/saldo/adapters/pagopa/internal/wiretest"
	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
)

// The body, the notice and the station of the samples.
const (
	body    domain.FiscalCode   = "00987650124"
	notice  domain.NoticeNumber = "307000000000042153"
	broker                      = "09876543217"
	station                     = "09876543217_02"
)

// ledger is what the handler finds behind its ports.
type ledger struct {
	creditor   domain.FiscalCode // whose notices these are
	debts      map[domain.NoticeNumber]pagopa.DebtPosition
	payableErr error
	asked      int

	activations   []activation
	activationErr error

	received   []delivery
	receiveErr error

	kept    []parked
	keepErr error

	log bytes.Buffer
}

type activation struct {
	creditor domain.FiscalCode
	notice   domain.NoticeNumber
	note     string
	amount   domain.Money
}

type delivery struct {
	creditor domain.FiscalCode
	raw      string
}

type parked struct {
	raw string
	why error
}

func (l *ledger) Payable(_ context.Context, creditor domain.FiscalCode, n domain.NoticeNumber) (pagopa.DebtPosition, error) {
	l.asked++
	d, ok := l.debts[n]
	switch {
	case l.payableErr != nil:
		return d, l.payableErr
	case !ok || creditor != l.creditor:
		return d, &domain.Refusal{Kind: domain.NotFound, Rule: "no such notice"}
	}
	return d, nil
}

func (l *ledger) Activated(_ context.Context, creditor domain.FiscalCode, n domain.NoticeNumber, note string, amount domain.Money) error {
	l.activations = append(l.activations, activation{creditor, n, note, amount})
	return l.activationErr
}

func (l *ledger) Receive(_ context.Context, creditor domain.FiscalCode, raw []byte) error {
	if l.receiveErr != nil {
		return l.receiveErr
	}
	l.received = append(l.received, delivery{creditor, string(raw)})
	return nil
}

func (l *ledger) Keep(_ context.Context, raw []byte, why error) error {
	if l.keepErr != nil {
		return l.keepErr
	}
	l.kept = append(l.kept, parked{string(raw), why})
	return nil
}

// untouched reports that nothing was asked, noted or stored.
func (l *ledger) untouched() bool {
	return l.asked == 0 && len(l.activations) == 0 && len(l.received) == 0 && len(l.kept) == 0
}

// open is the debt of the samples, paid to two bodies.
func open() pagopa.DebtPosition {
	return pagopa.DebtPosition{
		Status:      pagopa.StatusOpen,
		Amount:      7333,
		DueDate:     time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC),
		Description: "Mensa ottobre 2026",
		CompanyName: "Comune di Borgo Inventato",
		OfficeName:  "Ufficio scuola",
		Debtor:      pagopa.Debtor{Code: "ZZZZZZ80A01Z999Z", FullName: "Ada Invéntati", City: "Borgo Inventato", Country: "IT"},
		Transfers: []pagopa.Transfer{
			{1, 5733, body, "Comune di Borgo Inventato", "IT60X0542811101000000123456", "/RFB/07000000000042153/57.33/TXT/Mensa", "9/0107101TS/"},
			{2, 1600, "01234500062", "Agenzia di Prova", "IT60X0760111101000000123456", "/RFB/07000000000042153/16.00/TXT/Mensa", "9/0107101TS/"},
		},
	}
}

func stations() []pagopa.Station {
	return []pagopa.Station{
		{Creditor: body, Broker: broker, ID: station, Segregation: 7},
		{Creditor: "01234500062", Broker: broker, ID: "09876543217_03", Segregation: 0},
	}
}

func newLedger() *ledger {
	return &ledger{creditor: body, debts: map[domain.NoticeNumber]pagopa.DebtPosition{notice: open()}}
}

// desk is a handler over a ledger. Every response it gives is checked against
// the official schema when the test ends.
type desk struct {
	*ledger
	http.Handler
	answers [][]byte
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	return newDeskOf(t, stations())
}

func newDeskOf(t *testing.T, stations []pagopa.Station) *desk {
	t.Helper()
	l := newLedger()
	d := &desk{ledger: l, Handler: handlerOf(t, l, pagopa.Config{Stations: stations})}
	t.Cleanup(func() { d.validate(t) })
	return d
}

// handlerOf returns the handler of c, with l behind the ports that c leaves out.
func handlerOf(t *testing.T, l *ledger, c pagopa.Config) *pagopa.Handler {
	t.Helper()
	if c.Bulletins == nil {
		c.Bulletins = l
	}
	if c.Activations == nil {
		c.Activations = l
	}
	if c.Receipts == nil {
		c.Receipts = l
	}
	if c.Malformed == nil {
		c.Malformed = l
	}
	c.Log = slog.New(slog.NewTextHandler(&l.log, nil))
	h, err := pagopa.NewHandler(c)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// judged are the responses that the official schema has seen: each is shown once.
var judged sync.Map

func (d *desk) validate(t *testing.T) {
	t.Helper()
	schema, absent := wiretest.FindSchema(t)
	if absent != "" {
		t.Logf("responses not checked against the official schema: %s", absent)
		return
	}
	answers := slices.DeleteFunc(d.answers, func(doc []byte) bool {
		_, before := judged.LoadOrStore(string(doc), true)
		return before
	})
	valid, complaints := schema.Verdicts(t, answers)
	for i, ok := range valid {
		if !ok {
			t.Errorf("the official schema refuses\n%s\n%.1000s", answers[i], complaints)
		}
	}
}

func request(doc []byte) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/pagopa/paForNode", bytes.NewReader(doc))
	r.Header.Set("Content-Type", "text/xml; charset=utf-8")
	return r
}

// serve returns the HTTP status and, with status 200, the response.
func (d *desk) serve(t *testing.T, r *http.Request) (int, soap.Response) {
	t.Helper()
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	if got := w.Header().Get("Content-Type"); got != "text/xml; charset=utf-8" {
		t.Errorf("content type %q", got)
	}
	if w.Code != http.StatusOK {
		if !strings.Contains(w.Body.String(), "<soapenv:Fault>") {
			t.Errorf("status %d without a SOAP fault: %s", w.Code, w.Body)
		}
		return w.Code, nil
	}
	d.answers = append(d.answers, bytes.Clone(w.Body.Bytes()))
	for _, op := range operations {
		resp, err := soap.DecodeResponse(bytes.NewReader(w.Body.Bytes()), op)
		if !errors.Is(err, soap.ErrUnknownMessage) {
			if err != nil {
				t.Fatalf("%v in\n%s", err, w.Body)
			}
			return w.Code, resp
		}
	}
	t.Fatalf("no response:\n%s", w.Body)
	return 0, nil
}

var operations = []soap.Operation{soap.Verify, soap.GetPayment, soap.GetPaymentV2, soap.SendRT, soap.SendRTV2, soap.Demand}

// post sends a document and returns the response, which must come with status 200.
func (d *desk) post(t *testing.T, doc []byte) soap.Response {
	t.Helper()
	status, resp := d.serve(t, request(doc))
	if status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	return resp
}

// wantOK and wantKO check an outcome.
func wantOK(t *testing.T, resp soap.Response) {
	t.Helper()
	if a := resp.Answer(); a.Outcome != soap.OK {
		t.Errorf("got %s: %v", a.Outcome, a.Fault)
	}
}

func wantKO(t *testing.T, resp soap.Response, code soap.FaultCode) {
	t.Helper()
	a := resp.Answer()
	if a.Outcome != soap.KO || a.Fault.Code != code || a.Fault.String == "" {
		t.Errorf("got %s %+v, want %s", a.Outcome, a.Fault, code)
	} else if a.Fault.ID != string(body) {
		t.Errorf("the fault is %s's", a.Fault.ID)
	}
}

func sample(t *testing.T, name string) *wiretest.Element {
	t.Helper()
	return wiretest.Parse(t, wiretest.Sample(t, name))
}

func isReceipt(name string) bool { return strings.HasPrefix(name, "sendRT") }

func TestAMessageThatBreaksTheSchemaChangesNothing(t *testing.T) {
	d := newDesk(t)
	for _, name := range wiretest.Requests() {
		for _, c := range wiretest.Cases(t, name) {
			fresh := newLedger()
			*d.ledger = *fresh
			resp := d.post(t, c.Doc)
			if c.Valid {
				if a := resp.Answer(); a.Fault != nil && a.Fault.Code == soap.FaultSyntax {
					t.Errorf("%s: %s: refused: %+v", name, c.Name, a.Fault)
				}
				continue
			}
			wantKO(t, resp, soap.FaultSyntax)
			switch {
			case !isReceipt(name) && !d.untouched():
				t.Errorf("%s: %s: left a trace", name, c.Name)
			case isReceipt(name) && (len(d.received) > 0 || len(d.kept) != 1 || d.kept[0].raw != string(c.Doc)):
				t.Errorf("%s: %s: received %d, kept %d", name, c.Name, len(d.received), len(d.kept))
			}
		}
	}
}

func TestASyntaxFaultNamesTheElementOnly(t *testing.T) {
	d := newDesk(t)
	resp := d.post(t, sample(t, "sendRT-request").With(t, "receipt/debtor/fullName", strings.Repeat("Segreta", 20)))
	wantKO(t, resp, soap.FaultSyntax)
	if got, want := resp.Answer().Fault.Description, "Elemento non valido: paSendRTReq/receipt/debtor/fullName"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if strings.Contains(d.log.String(), "Segreta") {
		t.Error("the log repeats what the element held")
	}
}

func TestTheAddresseeIsCheckedInOrder(t *testing.T) {
	for _, name := range wiretest.Requests() {
		for _, c := range []struct {
			path, value string
			want        soap.FaultCode
		}{
			{"idStation", "09876543217_99", soap.FaultStation},
			{"idStation", "09876543217_03", soap.FaultStation}, // ours, of another body
			{"idBrokerPA", "99999999999", soap.FaultBroker},
			{"idPA", "99999999999", soap.FaultCreditor},
		} {
			d := newDesk(t)
			root := sample(t, name)
			doc := root.With(t, c.path, c.value)
			wantKO(t, d.post(t, doc), c.want)
			turnedAway(t, d, name, doc)

			// An error further up hides those below it.
			for _, path := range []string{"idStation", "idBrokerPA", "idPA"} {
				doc = wiretest.Parse(t, doc).With(t, path, "x")
			}
			wantKO(t, d.post(t, doc), soap.FaultCreditor)
		}
	}
}

// turnedAway checks that a request left no trace, or if it was a receipt is kept.
func turnedAway(t *testing.T, d *desk, name string, doc []byte) {
	t.Helper()
	switch {
	case !isReceipt(name) && !d.untouched():
		t.Errorf("%s left a trace", name)
	case isReceipt(name) && (len(d.received) > 0 || len(d.kept) != 1 || d.kept[0].raw != string(doc) || d.kept[0].why == nil):
		t.Errorf("%s: received %d, kept %+v", name, len(d.received), d.kept)
	}
}

func TestSpontaneousPaymentsAreNotOffered(t *testing.T) {
	d := newDesk(t)
	resp := d.post(t, wiretest.Sample(t, "demand-request"))
	wantKO(t, resp, soap.FaultSemantics)
	if _, ok := resp.(*soap.DemandResponse); !ok || !d.untouched() {
		t.Errorf("got %T", resp)
	}
}

func TestWhatIsNoCallOfPaForNode(t *testing.T) {
	good := wiretest.Sample(t, "verify-request")
	for name, c := range map[string]struct {
		change func(*http.Request)
		status int
	}{
		"GET":              {func(r *http.Request) { r.Method = http.MethodGet }, http.StatusMethodNotAllowed},
		"no content type":  {func(r *http.Request) { r.Header.Del("Content-Type") }, http.StatusUnsupportedMediaType},
		"JSON":             {func(r *http.Request) { r.Header.Set("Content-Type", "application/json") }, http.StatusUnsupportedMediaType},
		"SOAP 1.2":         {func(r *http.Request) { r.Header.Set("Content-Type", "application/soap+xml") }, http.StatusUnsupportedMediaType},
		"another charset":  {func(r *http.Request) { r.Header.Set("Content-Type", "text/xml; charset=iso-8859-1") }, http.StatusUnsupportedMediaType},
		"compressed":       {func(r *http.Request) { r.Header.Set("Content-Encoding", "gzip") }, http.StatusUnsupportedMediaType},
		"a body cut short": {func(r *http.Request) { r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(good[:100]), cut{})) }, http.StatusBadRequest},
		"too long":         {func(r *http.Request) { r.Body = long(pagopa.MaxBody + 1) }, http.StatusRequestEntityTooLarge},
		"no XML":           {func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader("ciao")) }, http.StatusBadRequest},
		"an unknown root":  {func(r *http.Request) { r.Body = replace(good, "paVerifyPaymentNoticeReq", "paRefundReq") }, http.StatusBadRequest},
		"an entity bomb":   {func(r *http.Request) { r.Body = replace(good, "<soapenv:Envelope", bomb+"<soapenv:Envelope") }, http.StatusBadRequest},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			r := request(good)
			c.change(r)
			if status, _ := d.serve(t, r); status != c.status || !d.untouched() || d.log.Len() == 0 {
				t.Errorf("status %d, want %d; log %q", status, c.status, d.log.String())
			}
		})
	}
}

const bomb = `<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>`

// cut is a connection that breaks.
type cut struct{}

func (cut) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func long(n int) io.ReadCloser { return io.NopCloser(bytes.NewReader(bytes.Repeat([]byte(" "), n))) }

func replace(doc []byte, old, with string) io.ReadCloser {
	return io.NopCloser(strings.NewReader(strings.ReplaceAll(strings.TrimPrefix(string(doc), `<?xml version="1.0" encoding="UTF-8"?>`), old, with)))
}

func TestTheBodyTellsTheOperationWhateverTheHeaderSays(t *testing.T) {
	for _, action := range []string{"", `""`, `"paVerifyPaymentNotice"`, "paVerifyPaymentNotice", `"paSendRT"`, "urn:altro"} {
		d := newDesk(t)
		r := request(wiretest.Sample(t, "verify-request"))
		r.Header.Set("SOAPAction", action)
		_, resp := d.serve(t, r)
		if _, ok := resp.(*soap.VerifyResponse); !ok {
			t.Errorf("SOAPAction %s: %T", action, resp)
		}
	}
}

func TestTheHeaderTellsTheOperationOfABodyThatDoesNot(t *testing.T) {
	for _, op := range operations {
		for _, doc := range []string{"", "ciao", "<soapenv:Envelope", bomb, string(bytes.ReplaceAll(wiretest.Sample(t, "sendRT-request"), []byte("paSendRTReq"), []byte("paSendRTV9Req")))} {
			d := newDesk(t)
			r := request([]byte(doc))
			r.Header.Set("SOAPAction", `"`+string(op)+`"`)
			status, resp := d.serve(t, r)
			if spoilt := len(doc) < 20; spoilt && op.DeliversReceipt() { // after a KO it would not come again
				if status != http.StatusInternalServerError {
					t.Errorf("%s: %q: status %d", op, doc, status)
				}
			} else {
				wantKO(t, resp, soap.FaultSyntax)
			}
			if kept := len(d.kept) == 1 && d.kept[0].raw == doc; kept != op.DeliversReceipt() {
				t.Errorf("%s: %q kept: %v", op, doc, kept)
			}
		}
	}
}

func TestAHandlerNeedsItsParts(t *testing.T) {
	l := newLedger()
	complete := pagopa.Config{Stations: stations(), Bulletins: l, Activations: l, Receipts: l, Malformed: l}
	if _, err := pagopa.NewHandler(complete); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*pagopa.Config){
		"stations":    func(c *pagopa.Config) { c.Stations = nil },
		"bulletins":   func(c *pagopa.Config) { c.Bulletins = nil },
		"activations": func(c *pagopa.Config) { c.Activations = nil },
		"receipts":    func(c *pagopa.Config) { c.Receipts = nil },
		"malformed":   func(c *pagopa.Config) { c.Malformed = nil },
		"a body":      func(c *pagopa.Config) { c.Stations[0].Creditor = "ente" },
		"a broker":    func(c *pagopa.Config) { c.Stations[0].Broker = "" },
		"a station":   func(c *pagopa.Config) { c.Stations[0].ID = "" },
		"a code":      func(c *pagopa.Config) { c.Stations[0].Segregation = 46 },
		"a code >= 0": func(c *pagopa.Config) { c.Stations[0].Segregation = -1 },
	} {
		c := complete
		c.Stations = slices.Clone(complete.Stations)
		change(&c)
		if _, err := pagopa.NewHandler(c); err == nil {
			t.Errorf("without %s there was no error", name)
		}
	}
}
