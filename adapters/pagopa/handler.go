package pagopa

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
)

// Config is what a Handler needs. Stations and the four ports behind it are
// mandatory.
type Config struct {
	Stations    []Station
	Bulletins   Bulletins
	Activations Activations
	Receipts    Receipts
	Malformed   Malformed
	Spontaneous Spontaneous // nil where no spontaneous payments are offered
	Journal     Journal     // nil keeps none
	Terms       []Terms     // of bodies that have any
	Limits      Limits
	Access      Access
	Now         func() time.Time // time.Now when nil
	Log         *slog.Logger     // slog.Default when nil
}

// Handler serves paForNode. Both OK and KO are HTTP 200. HTTP 500 says that a
// receipt could not be made durable: a KO would count as delivered and the Node
// would not send the receipt again. What is no message of paForNode gets HTTP
// 400, 403, 405, 413 or 415.
type Handler struct {
	stations    stations
	bulletins   Bulletins
	activations Activations
	receipts    Receipts
	malformed   Malformed
	spontaneous Spontaneous
	journal     Journal
	terms       map[domain.FiscalCode]Terms
	limits      Limits
	access      Access
	now         func() time.Time
	log         *slog.Logger
}

// NewHandler returns the handler, or an error if c is incomplete or has something that
// cannot be: a *KeyError where it is one of the keys below paForNode.
func NewHandler(c Config) (*Handler, error) {
	if err := checkStations(c.Stations); err != nil {
		return nil, err
	}
	if c.Bulletins == nil || c.Activations == nil || c.Receipts == nil || c.Malformed == nil {
		return nil, errors.New("pagopa: a port is missing")
	}
	terms, err := termsOf(c.Terms, c.Stations)
	if err != nil {
		return nil, err
	}
	limits := c.Limits.withDefaults()
	if err := cmp.Or(limits.Check(), c.Access.Check()); err != nil {
		return nil, err
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return &Handler{
		slices.Clone(c.Stations), c.Bulletins, c.Activations, c.Receipts, c.Malformed, c.Spontaneous, c.Journal,
		terms, limits, c.Access, c.Now, c.Log,
	}, nil
}

// call is a request of the Node as far as it could be read.
type call struct {
	op    soap.Operation
	req   soap.Request // nil when broke is set
	raw   []byte
	broke error // why the request could not be read
}

// ServeHTTP answers one request, and then tells the journal of it.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := h.now()
	at, known := h.access.caller(r)
	if !h.access.admits(at, known) {
		// Nothing is read of it, and nothing journaled: whoever is not on the list
		// would fill the journal at will.
		h.log.Warn("paForNode: address refused", "from", r.RemoteAddr, "caller", at)
		h.write(w, fail(http.StatusForbidden, "Client", "address not allowed"))
		return
	}
	c, a := h.answer(w, r)
	h.write(w, a)
	h.note(began, at, c, a)
}

// answer reads the request and carries it out.
func (h *Handler) answer(w http.ResponseWriter, r *http.Request) (call, answer) {
	raw, status, err := h.body(w, r)
	c := call{raw: raw}
	if err != nil {
		h.log.Warn("paForNode: request not read", "status", status, "err", err)
		return c, fail(status, "Client", err.Error())
	}
	c.op, c.req, c.broke = soap.Decode(bytes.NewReader(raw))
	if c.op == "" {
		// Nothing in the body says what it is. The header may, and a receipt must
		// not be lost for a broken root element.
		c.op, _ = soap.ParseOperation(strings.Trim(r.Header.Get("SOAPAction"), `" `))
	}
	switch {
	case c.op == "":
		h.log.Warn("paForNode: no operation", "err", c.broke)
		return c, fail(http.StatusBadRequest, "Client", c.broke.Error())
	case c.op.DeliversReceipt():
		return c, h.receive(r.Context(), c)
	}
	return c, h.inquire(r.Context(), c)
}

// body reads the request, or returns the HTTP status that turns it away.
func (h *Handler) body(w http.ResponseWriter, r *http.Request) (raw []byte, status int, err error) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return nil, http.StatusMethodNotAllowed, errors.New("method is not POST")
	}
	media, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset := params["charset"]
	switch {
	case err != nil || media != "text/xml" && media != "application/xml":
		return nil, http.StatusUnsupportedMediaType, errors.New("content type is not text/xml")
	case r.Header.Get("Content-Encoding") != "":
		return nil, http.StatusUnsupportedMediaType, errors.New("content is encoded")
	case charset != "" && !strings.EqualFold(charset, "utf-8"):
		return nil, http.StatusUnsupportedMediaType, errors.New("charset is not utf-8")
	}
	defer h.reading(w)()
	raw, err = io.ReadAll(http.MaxBytesReader(w, r.Body, h.limits.Body))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, http.StatusRequestEntityTooLarge, err
	}
	return raw, http.StatusBadRequest, err
}

// inquire answers all that is not a receipt.
func (h *Handler) inquire(ctx context.Context, c call) answer {
	resp, err := h.inquiry(ctx, c)
	var b bytes.Buffer
	if err == nil {
		err = soap.Encode(&b, resp) // the ledger's words may break the schema
	}
	if err != nil {
		return respond(h.refuse(c, err))
	}
	return answer{http.StatusOK, b.Bytes(), *resp.Answer()}
}

func (h *Handler) inquiry(ctx context.Context, c call) (soap.Response, error) {
	if c.broke != nil {
		return nil, broken(c.broke)
	}
	ours, err := h.stations.addressed(c.req.To())
	if err != nil {
		return nil, err
	}
	switch req := c.req.(type) {
	case *soap.VerifyRequest:
		return h.verify(ctx, ours, req)
	case *soap.GetPaymentRequest:
		return h.getPayment(ctx, ours, req)
	case *soap.GetPaymentV2Request:
		return h.getPaymentV2(ctx, ours, req)
	case *soap.DemandRequest:
		return h.demand(ctx, ours, req)
	}
	panic(fmt.Sprintf("pagopa: unhandled request %T", c.req))
}

// refuse returns the KO for an error, and logs it: as ours to fix if the Node
// is told of a generic error.
func (h *Handler) refuse(c call, err error) soap.Response {
	no, asked := refusal(err), ""
	if c.req != nil {
		asked = c.req.To().PA
	}
	level := slog.LevelInfo
	if no.code == soap.FaultSystem {
		level = slog.LevelError
	}
	h.log.Log(context.Background(), level, "paForNode: KO", "operation", c.op, "idPA", asked, "code", no.code, "err", err)
	return c.op.Refuse(soap.NewFault(no.code, string(h.stations.creditor(asked)), no.description))
}

// respond is a response made of our own words alone.
func respond(resp soap.Response) answer {
	var b bytes.Buffer
	if err := soap.Encode(&b, resp); err != nil {
		panic(fmt.Sprintf("pagopa: own response breaks the schema: %v", err))
	}
	return answer{http.StatusOK, b.Bytes(), *resp.Answer()}
}

// fail answers what got no response: a SOAP fault under an HTTP status that the
// Node takes as not delivered.
func fail(status int, code, reason string) answer {
	var b bytes.Buffer
	if err := soap.EncodeFault(&b, code, reason); err != nil {
		panic(fmt.Sprintf("pagopa: SOAP fault: %v", err))
	}
	return answer{status: status, doc: b.Bytes()}
}

func (h *Handler) write(w http.ResponseWriter, a answer) {
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	w.WriteHeader(a.status)
	if _, err := w.Write(a.doc); err != nil {
		h.log.Info("paForNode: answer not written", "err", err)
	}
}
