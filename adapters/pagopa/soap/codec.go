package soap

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"time"
)

// Operation is an operation of paForNode, and the value of SOAPAction.
type Operation string

// The operations. The Node calls either the first or the second version of an
// operation, as the station is registered.
const (
	Verify       Operation = "paVerifyPaymentNotice"
	GetPayment   Operation = "paGetPayment"
	GetPaymentV2 Operation = "paGetPaymentV2"
	SendRT       Operation = "paSendRT"
	SendRTV2     Operation = "paSendRTV2"
	Demand       Operation = "paDemandPaymentNotice"
)

// The Node's time limits (SANP): past them it takes the call as not answered.
const (
	InquiryLimit = 7 * time.Second
	ReceiptLimit = 15 * time.Second
)

// exchange is an operation with its two messages.
type exchange struct {
	operation         Operation
	request, response message
}

// message ties a root element to its schema and its Go type.
type message struct {
	root  string
	holds sequence
	blank func() Message     // a new one, to be filled
	is    func(Message) bool // whether it is of this type
}

func of[T any, M interface {
	*T
	Message
}](root string, s sequence) message {
	return message{
		root:  root,
		holds: s,
		blank: func() Message { return M(new(T)) },
		is:    func(m Message) bool { _, ok := m.(M); return ok },
	}
}

var exchanges = []exchange{
	{Verify,
		of[VerifyRequest]("paVerifyPaymentNoticeReq", verifyRequest),
		of[VerifyResponse]("paVerifyPaymentNoticeRes", verifyResponse)},
	{GetPayment,
		of[GetPaymentRequest]("paGetPaymentReq", getPaymentRequest),
		of[GetPaymentResponse]("paGetPaymentRes", getPaymentResponse)},
	{GetPaymentV2,
		of[GetPaymentV2Request]("paGetPaymentV2Request", getPaymentRequest),
		of[GetPaymentV2Response]("paGetPaymentV2Response", getPaymentV2Response)},
	{SendRT,
		of[SendRTRequest]("paSendRTReq", sendRTRequest),
		of[SendRTResponse]("paSendRTRes", result)},
	{SendRTV2,
		of[SendRTV2Request]("paSendRTV2Request", sendRTV2Request),
		of[SendRTV2Response]("paSendRTV2Response", result)},
	{Demand,
		of[DemandRequest]("paDemandPaymentNoticeRequest", demandRequest),
		of[DemandResponse]("paDemandPaymentNoticeResponse", demandResponse)},
}

// ParseOperation recognises an operation by its name.
func ParseOperation(s string) (Operation, bool) {
	_, ok := Operation(s).exchange()
	return Operation(s), ok
}

func (o Operation) exchange() (exchange, bool) {
	i := slices.IndexFunc(exchanges, func(x exchange) bool { return x.operation == o })
	if i < 0 {
		return exchange{}, false
	}
	return exchanges[i], true
}

// DeliversReceipt reports whether o is a paSendRT.
func (o Operation) DeliversReceipt() bool { return o == SendRT || o == SendRTV2 }

// Limit is how long the Node waits for the answer to o.
func (o Operation) Limit() time.Duration {
	if o.DeliversReceipt() {
		return ReceiptLimit
	}
	return InquiryLimit
}

// Accept returns the OK response of o, without content: the whole answer to a
// receipt. It panics if o is no operation.
func (o Operation) Accept() Response { return o.respond(Result{Outcome: OK}) }

// Refuse returns the KO response of o. It panics if o is no operation.
func (o Operation) Refuse(f *Fault) Response { return o.respond(Result{Outcome: KO, Fault: f}) }

func (o Operation) respond(r Result) Response {
	x, ok := o.exchange()
	if !ok {
		panic(fmt.Sprintf("soap: no operation %q", o))
	}
	resp := x.response.blank().(Response)
	*resp.Answer() = r
	return resp
}

// Decode reads a request and the operation it asks for, which is told by the
// root element. Once the root is known the operation is returned with any error.
// A request that breaks the schema is a *FieldError; other errors are
// ErrMalformed, ErrForbidden, ErrNotSOAP and ErrUnknownMessage.
//
// r is read to its end and not bounded here.
func Decode(r io.Reader) (Operation, Request, error) {
	doc, err := io.ReadAll(r)
	if err != nil {
		return "", nil, err
	}
	rd := newReader(doc)
	start, err := rd.body()
	if err != nil {
		return "", nil, err
	}
	for _, x := range exchanges {
		if start.Name == x.request.name() {
			m, err := rd.message(x.request)
			if err != nil {
				return x.operation, nil, err
			}
			return x.operation, m.(Request), nil
		}
	}
	return "", nil, fmt.Errorf("%w: %s", ErrUnknownMessage, clip(start.Name.Local))
}

// DecodeResponse reads the response to an operation. Beside what Decode refuses
// it refuses what the Node does: a KO without fault, an OK without content. r is
// not bounded here.
func DecodeResponse(r io.Reader, o Operation) (Response, error) {
	x, ok := o.exchange()
	if !ok {
		return nil, fmt.Errorf("%w: %s", ErrUnknownMessage, clip(string(o)))
	}
	doc, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	m, err := readMessage(doc, x.response)
	if err != nil {
		return nil, err
	}
	resp := m.(Response)
	return resp, complete(resp)
}

// Encode writes a request or a response in its envelope. The document is read
// back before it goes out, by the rules of Decode and DecodeResponse, so that no
// message ever leaves that the other side would refuse. w gets nothing of one
// that would be, and the error is a *FieldError.
func Encode(w io.Writer, m Message) error {
	for _, x := range exchanges {
		for _, form := range []message{x.request, x.response} {
			if form.is(m) {
				return form.encode(w, m)
			}
		}
	}
	panic(fmt.Sprintf("soap: unlisted message %T", m))
}

const (
	head = xml.Header + `<soapenv:Envelope xmlns:soapenv="` + envelopeNamespace + `" xmlns:pafn="` + Namespace + `">` +
		`<soapenv:Header/><soapenv:Body>`
	tail = `</soapenv:Body></soapenv:Envelope>`
)

func (f message) name() xml.Name { return xml.Name{Space: Namespace, Local: f.root} }

func (f message) encode(w io.Writer, m Message) error {
	var b bytes.Buffer
	b.WriteString(head)
	// The prefix is part of the local name, because encoding/xml would declare a
	// default namespace in its place, and the children are to be in none.
	root := xml.StartElement{Name: xml.Name{Local: "pafn:" + f.root}}
	if err := xml.NewEncoder(&b).EncodeElement(m, root); err != nil {
		return fmt.Errorf("%s: %w", f.root, err)
	}
	b.WriteString(tail)
	back, err := readMessage(b.Bytes(), f)
	if err != nil {
		return err
	}
	if resp, ok := back.(Response); ok {
		if err := complete(resp); err != nil {
			return err
		}
	}
	_, err = w.Write(b.Bytes())
	return err
}

// EncodeFault writes a SOAP fault, the answer to what is no message at all. Code
// is Client or Server.
func EncodeFault(w io.Writer, code, reason string) error {
	var b bytes.Buffer
	b.WriteString(head + "<soapenv:Fault><faultcode>soapenv:" + code + "</faultcode><faultstring>")
	if err := xml.EscapeText(&b, []byte(reason)); err != nil {
		return err
	}
	b.WriteString("</faultstring></soapenv:Fault>" + tail)
	_, err := w.Write(b.Bytes())
	return err
}

// readMessage reads a document that must be of the given form.
func readMessage(doc []byte, f message) (Message, error) {
	rd := newReader(doc)
	start, err := rd.body()
	if err != nil {
		return nil, err
	}
	if start.Name != f.name() {
		return nil, fmt.Errorf("%w: %s in place of %s", ErrUnknownMessage, clip(start.Name.Local), f.root)
	}
	return rd.message(f)
}

// message checks the message whose start tag was looked at, and fills it.
func (r *reader) message(f message) (Message, error) {
	if err := r.open(f.root); err != nil {
		return nil, err
	}
	if err := f.holds.read(r, f.root); err != nil {
		return nil, err
	}
	if err := r.end(); err != nil {
		return nil, err
	}
	m := f.blank()
	if err := xml.NewTokenDecoder(r).Decode(m); err != nil {
		return nil, fmt.Errorf("%s: %w", f.root, err)
	}
	return m, nil
}

// complete checks what the schema leaves open and the Node demands.
func complete(r Response) error {
	switch a := r.Answer(); {
	case a.Outcome == KO && a.Fault == nil:
		return &FieldError{"fault", "missing in a KO"}
	case a.Outcome == KO:
		return nil
	case a.Fault != nil:
		return &FieldError{"fault", "not expected in an OK"}
	}
	switch r := r.(type) {
	case *VerifyResponse:
		return r.complete()
	case *DemandResponse:
		return r.complete()
	case *GetPaymentResponse:
		return wanted("data", r.Payment != nil)
	case *GetPaymentV2Response:
		return wanted("data", r.Payment != nil)
	}
	return nil
}

func (o Offer) complete() error {
	return cmp.Or(
		wanted("paymentList", o.Option != nil),
		wanted("paymentDescription", o.Description != ""),
		wanted("fiscalCodePA", o.Creditor != ""),
		wanted("companyName", o.CompanyName != ""),
	)
}

func wanted(name string, present bool) error {
	if present {
		return nil
	}
	return &FieldError{name, "missing in an OK"}
}
