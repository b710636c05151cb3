package sim

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/saldo-ledger/saldo/adapters/pagopa/fdr"
	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
)

// The flows by SOAP, as the Node serves them to stations (nodeForPa.wsdl).

const (
	nodeForPaPath      = "/nodo-auth/node-for-pa/v1"
	nodeForPaNamespace = "http://ws.pagamenti.telematici.gov/"
	askList            = "nodoChiediElencoFlussiRendicontazione"
	askFlow            = "nodoChiediFlussoRendicontazione"
)

// Fault codes of the Node that only these calls have.
const (
	wrongSyntax     nodeCode = "PPT_SINTASSI_XSD"
	unknownBroker   nodeCode = "PPT_INTERMEDIARIO_PA_SCONOSCIUTO"
	unknownStation  nodeCode = "PPT_STAZIONE_INT_PA_SCONOSCIUTA"
	unknownFlow     nodeCode = "PPT_ID_FLUSSO_SCONOSCIUTO"
	nodeFaultString          = "Errore del Nodo simulato"
)

// nodeRequest is either request. Elements below the root are in no namespace.
type nodeRequest struct {
	Broker   string `xml:"identificativoIntermediarioPA"`
	Station  string `xml:"identificativoStazioneIntermediarioPA"`
	Password string `xml:"password"`
	Body     string `xml:"identificativoDominio"`
	PSP      string `xml:"identificativoPSP"`
	Flow     string `xml:"identificativoFlusso"`
}

// nodeForPa answers either request. Whatever is wrong is HTTP 200 with a fault
// in the answer, but for what is no request at all.
func (s *Simulator) nodeForPa(w http.ResponseWriter, r *http.Request) {
	if !s.subscribed(r) {
		refuseJSON(w, http.StatusUnauthorized, "Unauthorized", "Access denied due to missing or invalid subscription key.")
		return
	}
	root, req, err := readNodeRequest(r.Body)
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		_ = soap.EncodeFault(w, "Client", err.Error())
		return
	}
	var b bytes.Buffer
	b.WriteString(xml.Header + `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:ppt="` +
		nodeForPaNamespace + `"><soapenv:Body><ppt:` + root + `Risposta>`)
	s.answerNode(&b, root, req)
	b.WriteString(`</ppt:` + root + `Risposta></soapenv:Body></soapenv:Envelope>`)
	_, _ = b.WriteTo(w)
}

func (s *Simulator) answerNode(b *bytes.Buffer, root string, req nodeRequest) {
	if code, said := s.admit(root, req); code != "" {
		element(b, "fault", func() {
			text(b, "faultCode", string(code))
			text(b, "faultString", nodeFaultString)
			text(b, "id", "NodoDeiPagamentiSPC")
			text(b, "description", said)
		})
		return
	}
	flows := s.flowsOf(domain.FiscalCode(req.Body), s.now())
	if root == askList {
		element(b, "elencoFlussiRendicontazione", func() { listFlows(b, flows, req.PSP) })
		return
	}
	for _, f := range flows {
		if f.ID == req.Flow && (req.PSP == "" || req.PSP == f.PSP.ID) {
			var doc bytes.Buffer
			if err := fdr.Encode(&doc, f.last().Flow); err != nil {
				panic("pagopa sim: a flow of its own making: " + err.Error())
			}
			text(b, "xmlRendicontazione", base64.StdEncoding.EncodeToString(doc.Bytes()))
			return
		}
	}
	element(b, "fault", func() {
		text(b, "faultCode", string(unknownFlow))
		text(b, "faultString", nodeFaultString)
		text(b, "id", "NodoDeiPagamentiSPC")
	})
}

func listFlows(b *bytes.Buffer, flows []flow, psp string) {
	var found []flow
	for _, f := range flows {
		if psp == "" || psp == f.PSP.ID {
			found = append(found, f)
		}
	}
	text(b, "totRestituiti", strconv.Itoa(len(found)))
	for _, f := range found {
		element(b, "idRendicontazione", func() {
			text(b, "identificativoFlusso", f.ID)
			text(b, "dataOraFlusso", string(f.last().Flow.Created))
		})
	}
}

// admit checks who asks. Every password of the right length is good.
func (s *Simulator) admit(root string, req nodeRequest) (code nodeCode, said string) {
	n := utf8.RuneCountInString(req.Password)
	switch {
	case req.Broker == "" || req.Station == "":
		return wrongSyntax, "identificativoIntermediarioPA or identificativoStazioneIntermediarioPA is missing"
	case n < 8 || n > 15:
		return wrongSyntax, "password must have 8 to 15 characters"
	case req.Body == "":
		return wrongSyntax, "identificativoDominio is missing, and there is no list of all bodies here"
	case root == askFlow && req.Flow == "":
		return wrongSyntax, "identificativoFlusso is missing"
	case !s.node.knows(domain.FiscalCode(req.Body)):
		return unknownCreditor, "identificativoDominio is not registered"
	}
	for _, c := range s.config.Creditors {
		switch {
		case string(c.Code) != req.Body:
		case c.Broker != req.Broker:
			return unknownBroker, "identificativoIntermediarioPA is not the body's"
		case c.Station != req.Station:
			return unknownStation, "identificativoStazioneIntermediarioPA is not the body's"
		}
	}
	return "", ""
}

var errNoRequest = errors.New("no request of nodeForPa")

// readNodeRequest reads an envelope around one of the two requests. There is no
// document type in SOAP, and so no entity.
func readNodeRequest(r io.Reader) (root string, req nodeRequest, err error) {
	dec := xml.NewDecoder(r)
	for {
		t, err := dec.Token()
		if err != nil {
			return "", req, errNoRequest
		}
		switch t := t.(type) {
		case xml.Directive:
			return "", req, soap.ErrForbidden
		case xml.StartElement:
			if t.Name.Space != nodeForPaNamespace {
				continue
			}
			if t.Name.Local != askList && t.Name.Local != askFlow {
				return "", req, errNoRequest
			}
			if err := dec.DecodeElement(&req, &t); err != nil {
				return "", req, errNoRequest
			}
			return t.Name.Local, req.trimmed(), nil
		}
	}
}

func (r nodeRequest) trimmed() nodeRequest {
	for _, s := range []*string{&r.Broker, &r.Station, &r.Password, &r.Body, &r.PSP, &r.Flow} {
		*s = strings.TrimSpace(*s)
	}
	return r
}

// element and text write XML into a buffer, which takes all.
func element(b *bytes.Buffer, name string, content func()) {
	b.WriteString("<" + name + ">")
	content()
	b.WriteString("</" + name + ">")
}

func text(b *bytes.Buffer, name, value string) {
	element(b, name, func() { _ = xml.EscapeText(b, []byte(value)) })
}
