package pagopa

import (
	"net/http"
	"net/netip"
	"time"

	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
)

// Journal is told of every exchange with the Node, after the answer has gone out.
type Journal interface {
	// Note takes an exchange over. It neither waits nor fails, whatever becomes of
	// the journal.
	Note(Exchange)
}

// Exchange is one request of the Node with its answer, for the giornale degli eventi.
// What could not be read of the request is empty.
type Exchange struct {
	At        time.Time // when the request came
	Took      time.Duration
	Caller    netip.Addr        // zero when it is not known
	Operation string            // of paForNode
	Creditor  domain.FiscalCode // who was asked
	Issuer    domain.FiscalCode // whose notice it is, perhaps not Creditor
	Station   string
	Notice    domain.NoticeNumber
	IUV       domain.IUV
	Receipt   domain.ReceiptID
	Outcome   string // OK or KO; empty when the answer was no response of paForNode
	Fault     string // of a KO
	Status    int    // of HTTP
	Request   []byte // as they went over the wire: personal data
	Answer    []byte
}

// answer is what goes back to the Node.
type answer struct {
	status int
	doc    []byte
	result soap.Result // of a response
}

// maxStray is how much is kept of what is no message of paForNode, in bytes: enough to
// see what it was, and too little to fill a disk with.
const maxStray = 4 << 10

// note tells the journal of a call and its answer.
func (h *Handler) note(began time.Time, caller netip.Addr, c call, a answer) {
	if h.journal == nil {
		return
	}
	x := Exchange{
		At: began, Took: h.now().Sub(began), Caller: caller, Operation: string(c.op),
		Outcome: string(a.result.Outcome), Status: a.status, Request: c.raw, Answer: a.doc,
	}
	if a.result.Fault != nil {
		x.Fault = string(a.result.Fault.Code)
	}
	if c.op == "" {
		x.Request = c.raw[:min(len(c.raw), maxStray)]
	}
	x.about(c.req)
	h.journal.Note(x)
}

// about fills in what a request says it is about.
func (x *Exchange) about(req soap.Request) {
	if req == nil {
		return
	}
	to := req.To()
	x.Creditor, x.Issuer, x.Station = domain.FiscalCode(to.PA), domain.FiscalCode(to.PA), to.Station
	switch req := req.(type) {
	case *soap.VerifyRequest:
		x.Notice = req.QRCode.Notice
	case *soap.GetPaymentRequest:
		x.Notice = req.QRCode.Notice
	case *soap.GetPaymentV2Request:
		x.Notice = req.QRCode.Notice
	case *soap.SendRTRequest, *soap.SendRTV2Request:
		r := delivered(req)
		x.Issuer, x.Notice, x.IUV, x.Receipt = r.Creditor, r.Notice, r.IUV, domain.ReceiptID(r.ID)
	}
	if x.IUV == "" && x.Notice != "" {
		x.IUV = x.Notice.IUV()
	}
}

// reading bounds how long a request may take to come in, and lifts the bound again:
// one that is still there ends the connection while the answer is being made.
func (h *Handler) reading(w http.ResponseWriter) (done func()) {
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(h.limits.Read)) // a server without deadlines has none to move
	return func() { _ = control.SetReadDeadline(time.Time{}) }
}
