package pagopa

import (
	"bytes"
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
)

// MaxBody bounds a request, in bytes. A longer one is answered with HTTP 413,
// which the Node takes as not delivered.
const MaxBody = 512 << 10

// Time limits of the calls behind an answer. The Node gives up after 7 s, after
// 15 s for a receipt.
const (
	inquiryLimit = 5 * time.Second
	noteLimit    = time.Second
	receiptLimit = 10 * time.Second
)

// Config is what a Handler needs. All but Log is mandatory.
type Config struct {
	Stations    []Station
	Bulletins   Bulletins
	Activations Activations
	Receipts    Receipts
	Malformed   Malformed
	Log         *slog.Logger // slog.Default when nil
}

// Handler serves paForNode. Both OK and KO are HTTP 200. HTTP 500 says that a
// receipt could not be made durable: a KO would count as delivered and the Node
// would not send the receipt again. What is no message of paForNode gets HTTP
// 400, 405, 413 or 415.
type Handler struct {
	stations    stations
	bulletins   Bulletins
	activations Activations
	receipts    Receipts
	malformed   Malformed
	log         *slog.Logger
}

// NewHandler returns the handler, or an error if c is incomplete or has a
// station that cannot be.
func NewHandler(c Config) (*Handler, error) {
	if len(c.Stations) == 0 {
		return nil, errors.New("pagopa: no stations")
	}
	for i, s := range c.Stations {
		if err := s.validate(); err != nil {
			return nil, fmt.Errorf("pagopa: station %d: %w", i+1, err)
		}
	}
	if c.Bulletins == nil || c.Activations == nil || c.Receipts == nil || c.Malformed == nil {
		return nil, errors.New("pagopa: a port is missing")
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return &Handler{slices.Clone(c.Stations), c.Bulletins, c.Activations, c.Receipts, c.Malformed, c.Log}, nil
}

// call is a request of the Node as far as it could be read.
type call struct {
	op    soap.Operation
	req   soap.Request // nil when broke is set
	raw   []byte
	broke error // why the request could not be read
}

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, status, err := body(w, r)
	if err != nil {
		h.log.Warn("paForNode: request not read", "status", status, "err", err)
		h.fail(w, status, "Client", err.Error())
		return
	}
	c := call{raw: raw}
	c.op, c.req, c.broke = soap.Decode(bytes.NewReader(raw))
	if c.op == "" {
		// Nothing in the body says what it is. The header may, and a receipt must
		// not be lost for a broken root element.
		c.op, _ = soap.ParseOperation(strings.Trim(r.Header.Get("SOAPAction"), `" `))
	}
	switch {
	case c.op == "":
		h.log.Warn("paForNode: no operation", "err", c.broke)
		h.fail(w, http.StatusBadRequest, "Client", c.broke.Error())
	case c.op.DeliversReceipt():
		h.receive(r.Context(), w, c)
	default:
		h.inquire(r.Context(), w, c)
	}
}

// body reads the request, or returns the HTTP status that turns it away.
func body(w http.ResponseWriter, r *http.Request) (raw []byte, status int, err error) {
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
	raw, err = io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, http.StatusRequestEntityTooLarge, err
	}
	return raw, http.StatusBadRequest, err
}

// inquire answers all that is not a receipt.
func (h *Handler) inquire(ctx context.Context, w http.ResponseWriter, c call) {
	resp, err := h.inquiry(ctx, c)
	var b bytes.Buffer
	if err == nil {
		err = soap.Encode(&b, resp) // the ledger's words may break the schema
	}
	if err != nil {
		h.send(w, h.refuse(c, err))
		return
	}
	h.write(w, http.StatusOK, b.Bytes())
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
		// No spontaneous payments are offered, so whatever service is named is not
		// in our catalogue. That is the content's fault: asking again is no use.
		return nil, &refused{soap.FaultSemantics, "Pagamenti spontanei non offerti", nil}
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

// send writes a response made of our own words alone.
func (h *Handler) send(w http.ResponseWriter, resp soap.Response) {
	var b bytes.Buffer
	if err := soap.Encode(&b, resp); err != nil {
		panic(fmt.Sprintf("pagopa: own response breaks the schema: %v", err))
	}
	h.write(w, http.StatusOK, b.Bytes())
}

// fail answers what got no response: a SOAP fault under an HTTP status that the
// Node takes as not delivered.
func (h *Handler) fail(w http.ResponseWriter, status int, code, reason string) {
	var b bytes.Buffer
	if err := soap.EncodeFault(&b, code, reason); err != nil {
		panic(fmt.Sprintf("pagopa: SOAP fault: %v", err))
	}
	h.write(w, status, b.Bytes())
}

func (h *Handler) write(w http.ResponseWriter, status int, doc []byte) {
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	w.WriteHeader(status)
	if _, err := w.Write(doc); err != nil {
		h.log.Info("paForNode: answer not written", "err", err)
	}
}
