package fdr_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/adapters/pagopa/fdr"
	"github.com/saldo-ledger/saldo/domain"
)

var comune = domain.CreditorProfile{FiscalCode: "12345678903"}

func TestAFlowOfABodyIsReadInTheLedgersWords(t *testing.T) {
	got, mine, err := fdr.ReadDocument([]byte(written(t, good())), comune)
	if err != nil || !mine || got.Kind != domain.DocumentFlow || len(got.Flows) != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	f := got.Flows[0]
	if f.PSP != "PROVAIT1XXX" || !f.Created.Equal(time.Date(2026, 1, 14, 1, 30, 0, 0, time.UTC)) || f.DeclaredTotal != 12450 || f.RegulationDate != "2026-01-13" {
		t.Errorf("%+v", f)
	}
	want := domain.FlowLine{IUV: "01000000000005000", Receipt: "1b2c3d4e5f60718293a4b5c6d7e8f90a", Index: 1, Amount: 4000, Outcome: domain.FlowNoReceipt, Date: "2026-01-12"}
	if f.Lines[1] != want {
		t.Errorf("%+v", f.Lines)
	}
}

func TestWhatIsWrongWithADocumentIsSaidWithItsLine(t *testing.T) {
	doc := strings.ReplaceAll(written(t, good()), "><", ">\n<")
	for name, c := range map[string]struct{ old, now, want string }{
		"another body":      {">12345678903<", ">99999999999<", "dell'ente 99999999999"},
		"a negative amount": {">84.50<", ">-84.50<", "riga 29, datiSingoliPagamenti/singoloImportoPagato"},
		"an entity":         {"<FlussoR", `<!DOCTYPE x [<!ENTITY e "x">]><FlussoR`, "riga 2, dichiarazioni DOCTYPE"},
		"half of it":        {doc[len(doc)/2:], "", "riga "},
	} {
		changed := strings.Replace(doc, c.old, c.now, 1)
		if got, mine, err := fdr.ReadDocument([]byte(changed), comune); !mine || err == nil || !strings.Contains(err.Error(), c.want) || len(got.Flows) > 0 {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	for _, other := range []string{"", "ciao", "{}"} {
		if _, mine, err := fdr.ReadDocument([]byte(other), comune); mine || err != nil {
			t.Errorf("%q is taken for a flow", other)
		}
	}
}

// platform answers as the Node and as the REST interface do, with the good flow.
func platform(t *testing.T) *httptest.Server {
	doc := written(t, good())
	const rest = "/organizations/12345678903/fdrs"
	one := rest + "/2026-01-13PROVAIT1XXX-S000000042/revisions/2/psps/PROVA"
	mux := http.NewServeMux()
	answer := func(path, body string) {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Ocp-Apim-Subscription-Key") != "secret" {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			page := r.URL.Query().Get("page")
			fmt.Fprint(w, strings.NewReplacer("PAGE", page, "LINE", map[string]string{
				"1": `{"iuv":"01000000000004285","iur":"0a1b2c3d4e5f40718293a4b5c6d7e8f9","index":1,"idTransfer":1,"pay":84.5,"payStatus":"EXECUTED","payDate":"2026-01-11T23:00:00Z"}`,
				"2": `{"iuv":"01000000000005000","iur":"1b2c3d4e5f60718293a4b5c6d7e8f90a","index":2,"idTransfer":1,"pay":40.00,"payStatus":"NO_RPT","payDate":"2026-01-11T23:00:00Z"}`,
			}[page]).Replace(body))
		})
	}
	answer(rest, `{"metadata":{"pageSize":1000,"pageNumber":1,"totPage":1},"count":1,"data":[{"fdr":"2026-01-13PROVAIT1XXX-S000000042","pspId":"PROVA","revision":2,"published":"2026-01-14T02:00:00Z"}]}`)
	answer(one, `{"fdr":"2026-01-13PROVAIT1XXX-S000000042","fdrDate":"2026-01-14T01:30:00Z","regulation":"1101260130133349","regulationDate":"2026-01-13","totPayments":2,"sumPayments":124.50,
		"sender":{"id":"PROVAIT1XXX","pspId":"PROVA","pspName":"PSP di Prova & Figli S.p.A."},"receiver":{"organizationId":"12345678903","organizationName":"Comune"},"bicCodePouringBank":"PROVAIT1XXX"}`)
	answer(one+"/payments", `{"metadata":{"pageSize":1,"pageNumber":PAGE,"totPage":2},"count":2,"data":[LINE]}`)
	mux.HandleFunc("POST /node", func(w http.ResponseWriter, r *http.Request) {
		asked, _ := io.ReadAll(r.Body)
		operation := strings.Trim(r.Header.Get("SOAPAction"), `"`)
		content := `<elencoFlussiRendicontazione><totRestituiti>1</totRestituiti>` + strings.Repeat(`<idRendicontazione><identificativoFlusso>2026-01-13PROVAIT1XXX-S000000042</identificativoFlusso><dataOraFlusso>2026-01-14T02:30:00</dataOraFlusso></idRendicontazione>`, 2) + `</elencoFlussiRendicontazione>`
		switch {
		case !strings.Contains(string(asked), "<password>password1</password>"):
			content = `<fault><faultCode>PPT_AUTENTICAZIONE</faultCode><faultString>Errore</faultString><id>Nodo</id></fault>`
		case strings.Contains(operation, "nodoChiediFlusso"):
			content = `<xmlRendicontazione>` + base64.StdEncoding.EncodeToString([]byte(doc)) + `</xmlRendicontazione>`
		}
		fmt.Fprintf(w, `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:ppt="http://ws.pagamenti.telematici.gov/"><soapenv:Body><ppt:%[1]sRisposta>%[2]s</ppt:%[1]sRisposta></soapenv:Body></soapenv:Envelope>`, operation, content)
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

// The same flow, by whatever way it comes, says the same: the second way adds nothing.
func TestAFlowSaysTheSameByFileBySOAPAndByREST(t *testing.T) {
	s := platform(t)
	want, _, err := fdr.ReadDocument([]byte(written(t, good())), comune)
	if err != nil {
		t.Fatal(err)
	}
	for name, client := range map[string]fdr.Client{
		"soap": &fdr.Node{URL: s.URL + "/node", Broker: "12345678903", Station: "12345678903_01", Password: "password1", HTTP: s.Client()},
		"rest": &fdr.REST{Base: s.URL, Key: "secret", HTTP: s.Client()},
	} {
		list, err := client.List(t.Context(), comune.FiscalCode, time.Time{})
		if err != nil || len(list) != 1 {
			t.Fatalf("%s: %+v, %v", name, list, err)
		}
		raw, err := client.Fetch(t.Context(), comune.FiscalCode, list[0])
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, _, err := fdr.ReadDocument(raw, comune)
		if err != nil || !reflect.DeepEqual(got.Flows, want.Flows) || domain.DigestFlow(got.Flows[0]) != domain.DigestFlow(want.Flows[0]) {
			t.Errorf("%s: %v\n%+v\nwant\n%+v", name, err, got.Flows, want.Flows)
		}
	}
}

func TestAPlatformThatSaysNoIsHeard(t *testing.T) {
	s := platform(t)
	_, err := (&fdr.Node{URL: s.URL + "/node", Password: "x", HTTP: s.Client()}).List(t.Context(), comune.FiscalCode, time.Time{})
	if fault, ok := errors.AsType[*fdr.NodeFault](err); !ok || fault.Code != "PPT_AUTENTICAZIONE" {
		t.Errorf("%v", err)
	}
	if _, err := (&fdr.REST{Base: s.URL, HTTP: s.Client()}).List(t.Context(), comune.FiscalCode, time.Time{}); err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("%v", err)
	}
	if _, err := (&fdr.REST{Base: s.URL, Key: "secret", HTTP: s.Client()}).Fetch(t.Context(), comune.FiscalCode, fdr.Listed{ID: "altro"}); err == nil {
		t.Error("a flow that is not there is fetched")
	}
}
