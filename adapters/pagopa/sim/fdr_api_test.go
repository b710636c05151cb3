package sim_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/adapters/pagopa/sim"
)

const flowsOf = "/fdr-org/service/v1/organizations/" + string(creditor) + "/fdrs"

// flowList is what the tests read of the list of flows.
type flowList struct {
	Metadata struct{ PageSize, PageNumber, TotPage int }
	Count    int
	Data     []struct {
		FDR       string `json:"fdr"`
		PSP       string `json:"pspId"`
		Revision  int
		Published string
		FlowDate  string
	}
}

func (p *platform) list(query string) (list flowList) {
	p.t.Helper()
	a := p.get(flowsOf + query)
	if err := json.Unmarshal([]byte(a.body), &list); err != nil || a.status != http.StatusOK {
		p.t.Fatalf("%s: status %d, %v: %s", query, a.status, err, a.body)
	}
	return list
}

func TestFlowsAreListedOncePublished(t *testing.T) {
	b := newBody(t)
	p := newPlatform(t, b)
	p.paid(post)
	b.next()
	p.send("/orologio", form("a", "accredito"), "/orologio")
	if got := p.list("").Count; got != 0 {
		t.Fatalf("%d before the night", got)
	}
	p.send("/orologio", form("a", "flusso"), "/orologio")
	list := p.list("")
	if list.Count != 1 || list.Metadata.TotPage != 1 || list.Metadata.PageSize != 1000 {
		t.Fatalf("%+v", list)
	}
	// Half past two of an Italian winter night.
	if got := list.Data[0]; got.FDR != "2020-02-13SCRGIT22XXX-S000000001" || got.PSP != scrigno || got.Revision != 1 ||
		got.FlowDate != "2020-02-14T01:30:00Z" || got.Published != "2020-02-14T01:30:00Z" {
		t.Errorf("%+v", got)
	}
}

func TestTheListOfFlowsIsFilteredAndPaged(t *testing.T) {
	b := newBody(t)
	p := newPlatform(t, b)
	for range 3 {
		p.paid(post)
		b.next()
		p.send("/flussi/chiudi", nil, "/flussi")
		p.advance("24h")
	}
	at := p.asked(string(post), string(creditor), "")
	p.send(at, nil, at)
	p.send("/flussi/chiudi", nil, "/flussi")
	p.send("/flussi/1/correggi", nil, "/flussi")
	for query, want := range map[string]int{
		"":                                      4,
		"?pspId=" + scrigno:                     3,
		"?pspId=NESSUNO":                        0,
		"?publishedGt=2020-02-13T09:31:07Z":     3, // strictly after; the corrected one is out again
		"?publishedGt=2020-02-13T09:31:06Z":     4,
		"?flowDate=2020-02-14T09:31:07Z":        3,
		"?flowDate=2020-02-14T09:31:08":         2,
		"?publishedGt=2020-02-15T09:31:06.999Z": 2,
	} {
		if got := p.list(query); got.Count != want || len(got.Data) != want {
			t.Errorf("%s: %d, want %d", query, got.Count, want)
		}
	}
	page := p.list("?page=2&size=3")
	if page.Count != 4 || page.Metadata.TotPage != 2 || page.Metadata.PageNumber != 2 || len(page.Data) != 1 {
		t.Errorf("%+v", page)
	}
	if page := p.list("?page=3&size=3"); len(page.Data) != 0 {
		t.Errorf("%+v", page)
	}
	p.advance("1500h") // two months: of the first days of April nobody sees February
	if got := p.list("").Count; got != 0 {
		t.Errorf("%d flows are listed after two months", got)
	}
}

func TestRequestsForFlowsThatCannotBeAreRefused(t *testing.T) {
	p := reported(t, "")
	id := p.flows()[0].ID
	one := flowsOf + "/" + id + "/revisions/1/psps/" + scrigno
	for path, want := range map[string]int{
		flowsOf + "?page=0":                                                   400,
		flowsOf + "?size=1001":                                                400,
		flowsOf + "?publishedGt=ieri":                                         400,
		flowsOf + "?flowDate=":                                                400,
		flowsOf + "?pspId=":                                                   400,
		one + "/payments?size=x":                                              400,
		strings.Replace(one, "revisions/1", "revisions/0", 1):                 400,
		strings.Replace(one, "revisions/1", "revisions/2", 1):                 404,
		strings.Replace(one, scrigno, "ALTRO", 1):                             404,
		strings.Replace(one, string(creditor), "98765432103", 1):              404,
		strings.Replace(one, id, "2020-01-01ALTRO-1", 1) + "/payments":        404,
		"/fdr-org/service/v1/organizations/" + "98765432103" + "/fdrs?page=1": 404,
	} {
		a := p.get(path)
		var refusal struct {
			HTTPStatusCode int
			Errors         []struct{ Message string }
		}
		if err := json.Unmarshal([]byte(a.body), &refusal); err != nil || a.status != want || refusal.HTTPStatusCode != want || len(refusal.Errors) != 1 {
			t.Errorf("%s: status %d, %v: %s", path, a.status, err, a.body)
		}
	}
}

func TestAFlowIsReadByRevision(t *testing.T) {
	p := reported(t, `{"wrongTotal":true}`)
	p.send("/flussi/1/correggi", nil, "/flussi")
	id := p.flows()[0].ID
	sums := map[int]string{}
	for _, revision := range []int{1, 2} {
		a := p.get(fmt.Sprintf("%s/%s/revisions/%d/psps/%s", flowsOf, url.PathEscape(id), revision, scrigno))
		var f struct {
			SumPayments, ComputedSumPayments json.Number
			RegulationDate, Regulation       string
		}
		if err := json.Unmarshal([]byte(a.body), &f); err != nil || f.ComputedSumPayments != "96.46" || f.RegulationDate != "2020-02-12" {
			t.Errorf("%v: %s", err, a.body)
		}
		sums[revision] = string(f.SumPayments)
	}
	if sums[1] != "97.46" || sums[2] != "96.46" {
		t.Errorf("%v", sums)
	}
	if list := p.list(""); list.Count != 1 || list.Data[0].Revision != 2 {
		t.Errorf("the list has %+v", list)
	}
	a := p.get(fmt.Sprintf("%s/%s/revisions/2/psps/%s/payments?size=1&page=2", flowsOf, id, scrigno))
	var lines struct {
		Count int
		Data  []struct {
			Index, IDTransfer       int
			IUV, PayStatus, PayDate string
			Pay                     json.Number
		}
	}
	if err := json.Unmarshal([]byte(a.body), &lines); err != nil || lines.Count != 2 || len(lines.Data) != 1 {
		t.Fatalf("%v: %s", err, a.body)
	}
	if l := lines.Data[0]; l.Index != 2 || l.IDTransfer != 1 || l.IUV != string(mensa.IUV()) || l.Pay != "39.13" || l.PayStatus != "EXECUTED" || l.PayDate != "2020-02-11T23:00:00Z" {
		t.Errorf("%+v", l)
	}
}

func TestFlowsWantTheKey(t *testing.T) {
	p := newPlatform(t, newBody(t), func(c *sim.Config) { c.SubscriptionKey = "chiave-di-prova" })
	for _, path := range []string{flowsOf, flowsOf + "/x/revisions/1/psps/y", receiptsOf + "x"} {
		if got := p.get(path).status; got != http.StatusUnauthorized {
			t.Errorf("%s: status %d", path, got)
		}
	}
	if got := p.ask("<x/>").status; got != http.StatusUnauthorized {
		t.Errorf("SOAP: status %d", got)
	}
	req := p.request(http.MethodGet, flowsOf, "", "")
	req.Header.Set("Ocp-Apim-Subscription-Key", "chiave-di-prova")
	if got := p.do(req).status; got != http.StatusOK {
		t.Errorf("with the key: status %d", got)
	}
}
