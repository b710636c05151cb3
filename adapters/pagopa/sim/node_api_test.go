package sim_test

import (
	"encoding/base64"
	"encoding/xml"
	"net/http"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/adapters/pagopa/fdr"
)

// ask sends a document to nodeForPa.
func (p *platform) ask(doc string) answer {
	p.t.Helper()
	return p.do(p.request(http.MethodPost, "/nodo-auth/node-for-pa/v1", "text/xml", doc))
}

// askFor is a request of nodeForPa; the changes are element after value.
func askFor(operation string, change ...string) string {
	values := map[string]string{"identificativoIntermediarioPA": string(creditor), "identificativoStazioneIntermediarioPA": station,
		"password": "password1", "identificativoDominio": string(creditor)}
	for i := 0; i < len(change); i += 2 {
		values[change[i]] = change[i+1]
	}
	var b strings.Builder
	b.WriteString(`<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><p:` + operation + ` xmlns:p="http://ws.pagamenti.telematici.gov/">`)
	for _, name := range []string{"identificativoIntermediarioPA", "identificativoStazioneIntermediarioPA", "password", "identificativoDominio", "identificativoPSP", "identificativoFlusso"} {
		if v := values[name]; v != "" {
			b.WriteString("<" + name + ">" + v + "</" + name + ">")
		}
	}
	b.WriteString("</p:" + operation + "></s:Body></s:Envelope>")
	return b.String()
}

const (
	askList = "nodoChiediElencoFlussiRendicontazione"
	askFlow = "nodoChiediFlussoRendicontazione"
)

// nodeAnswer is what the tests read of an answer of nodeForPa.
type nodeAnswer struct {
	Fault string   `xml:"fault>faultCode"`
	Total int      `xml:"elencoFlussiRendicontazione>totRestituiti"`
	IDs   []string `xml:"elencoFlussiRendicontazione>idRendicontazione>identificativoFlusso"`
	Dates []string `xml:"elencoFlussiRendicontazione>idRendicontazione>dataOraFlusso"`
	XML   string   `xml:"xmlRendicontazione"`
}

func (p *platform) told(doc string) nodeAnswer {
	p.t.Helper()
	a := p.ask(doc)
	var envelope struct {
		Body struct {
			List *nodeAnswer `xml:"http://ws.pagamenti.telematici.gov/ nodoChiediElencoFlussiRendicontazioneRisposta"`
			Flow *nodeAnswer `xml:"http://ws.pagamenti.telematici.gov/ nodoChiediFlussoRendicontazioneRisposta"`
		} `xml:"http://schemas.xmlsoap.org/soap/envelope/ Body"`
	}
	if err := xml.Unmarshal([]byte(a.body), &envelope); err != nil || a.status != http.StatusOK {
		p.t.Fatalf("status %d, %v: %s", a.status, err, a.body)
	}
	if envelope.Body.List != nil {
		return *envelope.Body.List
	}
	return *envelope.Body.Flow
}

func TestFlowsAreReadBySOAPInTheirLastVersion(t *testing.T) {
	p := reported(t, `{"wrongTotal":true}`)
	p.advance("1h")
	p.send("/flussi/1/correggi", nil, "/flussi")
	id := p.flows()[0].ID
	list := p.told(askFor(askList, "identificativoPSP", scrigno))
	if list.Total != 1 || list.IDs[0] != id || list.Dates[0] != "2020-02-12T11:31:07" {
		t.Errorf("%+v", list)
	}
	if other := p.told(askFor(askList, "identificativoPSP", "ALTRO")); other.Total != 0 || other.Fault != "" {
		t.Errorf("%+v", other)
	}
	doc, err := base64.StdEncoding.DecodeString(p.told(askFor(askFlow, "identificativoFlusso", id)).XML)
	if err != nil {
		t.Fatal(err)
	}
	f, err := fdr.Decode(doc)
	if err != nil {
		t.Fatal(err)
	}
	same(t, *f, p.flowXML(1, 2))
}

func TestSOAPRequestsForFlowsThatCannotBeHaveAFault(t *testing.T) {
	p := newPlatform(t, newBody(t))
	for want, doc := range map[string]string{
		"PPT_SINTASSI_XSD":                 askFor(askList, "password", "breve"),
		"PPT_DOMINIO_SCONOSCIUTO":          askFor(askList, "identificativoDominio", "98765432103"),
		"PPT_INTERMEDIARIO_PA_SCONOSCIUTO": askFor(askList, "identificativoIntermediarioPA", "1"),
		"PPT_STAZIONE_INT_PA_SCONOSCIUTA":  askFor(askFlow, "identificativoStazioneIntermediarioPA", "1", "identificativoFlusso", "x"),
		"PPT_ID_FLUSSO_SCONOSCIUTO":        askFor(askFlow, "identificativoFlusso", "x"),
	} {
		if got := p.told(doc); got.Fault != want {
			t.Errorf("%+v, want %s", got, want)
		}
	}
	if got := p.told(askFor(askFlow)); got.Fault != "PPT_SINTASSI_XSD" {
		t.Errorf("without a flow: %+v", got)
	}
	for _, doc := range []string{"", "ciao", "<x/>", `<!DOCTYPE x>` + askFor(askList), askFor("nodoChiediAltro")} {
		if a := p.ask(doc); a.status != http.StatusInternalServerError || !strings.Contains(a.body, "soapenv:Client") {
			t.Errorf("%.20q: status %d: %s", doc, a.status, a.body)
		}
	}
}
