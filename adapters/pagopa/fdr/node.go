package fdr

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
)

// Node is a Client of the Node by SOAP (nodeForPa.wsdl).
type Node struct {
	URL      string
	Broker   string
	Station  string
	Password string
	Key      string // the subscription key; empty sends none
	HTTP     *http.Client
}

const (
	nodeSpace = "http://ws.pagamenti.telematici.gov/"
	askList   = "nodoChiediElencoFlussiRendicontazione"
	askFlow   = "nodoChiediFlussoRendicontazione"
)

// NodeFault is the Node saying no.
type NodeFault struct {
	Code        string `xml:"faultCode"`
	Text        string `xml:"faultString"`
	Description string `xml:"description"`
}

func (f *NodeFault) Error() string {
	return strings.TrimSuffix(fmt.Sprintf("fdr: the Node says %s: %s %s", f.Code, f.Text, f.Description), " ")
}

type nodeAnswer struct {
	Fault *NodeFault `xml:"fault"`
	List  struct {
		Flows []struct {
			ID      string `xml:"identificativoFlusso"`
			Created string `xml:"dataOraFlusso"`
		} `xml:"idRendicontazione"`
	} `xml:"elencoFlussiRendicontazione"`
	XML string `xml:"xmlRendicontazione"`
}

// List returns the flows that the Node has, each once; it has no way to ask for those
// since a time.
func (c *Node) List(ctx context.Context, body domain.FiscalCode, _ time.Time) ([]Listed, error) {
	answer, err := c.ask(ctx, askList, body, "")
	if err != nil {
		return nil, err
	}
	var all []Listed
	seen := make(map[Listed]bool) // the Node repeats itself
	for _, f := range answer.List.Flows {
		l := Listed{ID: f.ID, Created: f.Created}
		if !seen[l] {
			all = append(all, l)
		}
		seen[l] = true
	}
	return all, nil
}

// Fetch returns a flow's XML.
func (c *Node) Fetch(ctx context.Context, body domain.FiscalCode, f Listed) ([]byte, error) {
	answer, err := c.ask(ctx, askFlow, body, f.ID)
	if err != nil {
		return nil, err
	}
	raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(answer.XML), ""))
	if err != nil || len(raw) == 0 {
		return nil, fmt.Errorf("fdr: xmlRendicontazione of %.35q holds no document", f.ID)
	}
	return raw, nil
}

func (c *Node) ask(ctx context.Context, operation string, body domain.FiscalCode, flow string) (*nodeAnswer, error) {
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	var b bytes.Buffer
	b.WriteString(xml.Header + `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:ws="` + nodeSpace +
		`"><soapenv:Body><ws:` + operation + `>`)
	out := &builder{&b}
	out.text("identificativoIntermediarioPA", c.Broker)
	out.text("identificativoStazioneIntermediarioPA", c.Station)
	out.text("password", c.Password)
	out.text("identificativoDominio", string(body))
	out.optional("identificativoFlusso", flow)
	b.WriteString(`</ws:` + operation + `></soapenv:Body></soapenv:Envelope>`)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL, &b)
	if err != nil {
		return nil, fmt.Errorf("fdr: %w", err)
	}
	req.Header.Set("Content-Type", "text/xml; charset=utf-8")
	req.Header.Set("SOAPAction", `"`+operation+`"`)
	if c.Key != "" {
		req.Header.Set("Ocp-Apim-Subscription-Key", c.Key)
	}
	raw, err := send(c.HTTP, req)
	if err != nil {
		return nil, err
	}
	return readAnswer(raw, operation+"Risposta")
}

// readAnswer finds the answer in its envelope. There is no document type in SOAP, and
// so no entity.
func readAnswer(raw []byte, name string) (*nodeAnswer, error) {
	dec := xml.NewDecoder(bytes.NewReader(raw))
	dec.CharsetReader = charset
	for {
		t, err := dec.Token()
		if err != nil {
			return nil, fmt.Errorf("fdr: the Node's answer is not %s: %.100s", name, err.Error())
		}
		switch t := t.(type) {
		case xml.Directive:
			return nil, fmt.Errorf("fdr: the Node's answer: %w", soap.ErrForbidden)
		case xml.StartElement:
			if t.Name.Local != name {
				continue
			}
			var a nodeAnswer
			if err := dec.DecodeElement(&a, &t); err != nil {
				return nil, fmt.Errorf("fdr: the Node's answer is not %s: %.100s", name, err.Error())
			}
			if a.Fault != nil {
				return nil, a.Fault
			}
			return &a, nil
		}
	}
}
