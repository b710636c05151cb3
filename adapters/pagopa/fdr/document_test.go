package fdr_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
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

// Whatever rule a flow breaks, officers read it in Italian.
func TestRulesAreSaidInItalian(t *testing.T) {
	english := regexp.MustCompile(`\b(want|missing|not|to|digits|characters|date|amount)\b`)
	doc := written(t, good())
	for _, c := range broken {
		_, _, err := fdr.ReadDocument([]byte(strings.Replace(doc, c.old, c.now, 1)), comune)
		if err == nil || english.MatchString(err.Error()) || !strings.HasPrefix(err.Error(), "riga ") {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// What the platform answers by REST is refused whole as well.
func TestAFlowByRESTIsRefusedWhole(t *testing.T) {
	doc := `{"saldo":"fdr-rest","flow":{"fdr":"F-1","fdrDate":"2026-01-14T01:30:00Z","regulation":"TRN1","regulationDate":"2026-01-13","totPayments":1,"sumPayments":84.50,
"sender":{"id":"PROVAIT1XXX"},"receiver":{"organizationId":"12345678903"}},
"payments":[{"metadata":{"totPage":1},"data":[
{"iuv":"01000000000004285","iur":"0a1b","idTransfer":1,"pay":84.50,"payStatus":"EXECUTED","payDate":"2026-01-12T10:00:00Z"}]}]}`
	if got, mine, err := fdr.ReadDocument([]byte(doc), comune); err != nil || !mine || len(got.Flows) != 1 {
		t.Fatalf("%+v, %v", got, err)
	}
	for name, c := range map[string]struct{ old, now, want string }{
		"no JSON":                   {`"idTransfer":1,`, `"idTransfer":1;`, `riga 4, JSON non valido: invalid character ';' after object key:value pair`},
		"another body":              {"12345678903", "99999999999", "istitutoRicevente: il flusso F-1 è dell'ente 99999999999, non di 12345678903"},
		"a negative amount":         {`"pay":84.50`, `"pay":-84.50`, "pagamento 1, pay: l'importo -84.50 non va da 0,01 a 999999999,99"},
		"an absurd amount":          {`"pay":84.50`, `"pay":1e99`, "pagamento 1, pay: l'importo 1e99 non va da 0,01 a 999999999,99"},
		"an absurd total":           {`"sumPayments":84.50`, `"sumPayments":1000000000.00`, "sumPayments: l'importo 1000000000.00 non va da 0,00 a 999999999,99"},
		"words for a number":        {`"totPayments":1`, `"totPayments":"uno"`, "riga 1, JSON non valido: flow.totPayments: string qui non va"},
		"an outcome nobody knows":   {"EXECUTED", "ALTRO", "pagamento 1, payStatus: ALTRO non è un esito"},
		"cut in the middle":         {doc[300:], "", "riga 4, JSON non valido: il documento finisce a metà"},
		"bytes of another encoding": {`"fdr":"F-1"`, "\"fdr\":\"F-\xe0\"", "is not"},
	} {
		changed := strings.Replace(doc, c.old, c.now, 1)
		got, mine, err := fdr.ReadDocument([]byte(changed), comune)
		if !mine || changed == doc {
			t.Fatalf("%s: %t", name, mine)
		}
		if name == "bytes of another encoding" { // JSON takes them for U+FFFD, which no flow's id has
			err = got.Flows[0].Check()
			if !errors.Is(err, domain.ErrBadFlow) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err == nil || err.Error() != c.want || len(got.Flows) > 0 {
			t.Errorf("%s: %+v, %v\nwant %s", name, got, err, c.want)
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
