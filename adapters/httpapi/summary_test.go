package httpapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"testing"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/reconciliation"
	"github.com/saldo-ledger/saldo/domain/summary"
	"github.com/saldo-ledger/saldo/domain/table"
	"github.com/saldo-ledger/saldo/eventstore"
)

// Summary has one payment of a bulletin of two services, settled.
func (book) Summary(_ context.Context, q summary.Question, _ reconciliation.Terms) (*summary.Summary, eventstore.Position, error) {
	s := summary.New(q, summary.Names{Services: map[domain.ServiceCode]domain.Service{"MENSA": {Name: "SERVIZIO MENSA", Chapter: "3120/1"}}})
	s.Position = 42
	shares := []summary.Share{
		{Category: "REFEZIONE", Service: "MENSA", Notice: noticeNumber(500), Amount: 3913}, {Category: "REFEZIONE", Service: "POST", Notice: noticeNumber(500), Amount: 1820},
	}
	s.Add(summary.Taking{
		Receipt: "R-1", Notice: noticeNumber(500), PSP: "AGID_01", PaidAt: q.Span.From.Time(), Amount: 5733, Settled: 5733, SettledOn: q.Span.To, Flow: "F-1",
		Bank: summary.Bank{Movement: "s/1", Document: "12"}, Shares: shares,
	}.Entries(q.Span)...)
	return s, 42, nil
}

// press prints what it is given in a few words.
type press struct{}

func (press) Print(w io.Writer, t table.Table, f table.Format, lines table.Lines) error {
	n := 0
	for _, err := range lines {
		if err != nil {
			return err
		}
		n++
	}
	_, err := fmt.Fprintf(w, "%s, %d lines, %s", f, n, t.Title)
	return err
}

const winterDays = "from=2020-02-01&to=2020-02-29"

func TestASummaryIsAnsweredPerWhateverIsAsked(t *testing.T) {
	d := newDesk(t)
	d.settle()
	known := d.described().Components.Schemas["SummaryLine"].Properties
	for _, per := range summary.Pers {
		a := d.do("GET", town+"/reconciliation/summary?"+winterDays+"&per="+string(per), "")
		var got struct {
			Per   string
			Lines []map[string]any
		}
		if err := json.Unmarshal(a.body, &got); err != nil || a.status != http.StatusOK || got.Per != string(per) || a.header.Get("Saldo-Position") != "42" {
			t.Fatal(per, err, a)
		}
		settled := ""
		for _, line := range got.Lines {
			for name, value := range line {
				if _, ok := known[name]; !ok {
					t.Errorf("per %s: %q is not described", per, name)
				}
				if line["line"] == "total" && (name == "settled" || name == "amount") {
					settled = value.(string)
				}
			}
		}
		if settled != "57.33" && per != summary.Accertamenti {
			t.Errorf("per %s: settled %q in all of %v", per, settled, got.Lines)
		}
	}
}

func TestASummaryIsAFileInEveryFormat(t *testing.T) {
	d := newDesk(t)
	d.settle()
	for format, kind := range map[string]string{
		"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		"jsonl": "application/jsonl; charset=utf-8", "pdf": "application/pdf",
	} {
		a := d.do("GET", town+"/reconciliation/summary?"+winterDays+"&per=chapter&format="+format, "")
		name := fmt.Sprintf(`attachment; filename="resoconto-chapter-%s-2020-02-01-2020-02-29.%s"`, townCode, format)
		if a.status != http.StatusOK || a.header.Get("Content-Type") != kind || a.header.Get("Content-Disposition") != name || string(a.body) != format+", 3 lines, Per capitolo" {
			t.Error(format, a)
		}
		if !slices.Contains(slices.Collect(maps.Keys(d.described().Paths["/creditors/{creditor}/reconciliation/summary"]["get"].Responses["200"].Content)), kind) {
			t.Errorf("%s is not described", kind)
		}
	}
	for query, field := range map[string]string{"per=month": "per", "format=doc": "format", "from=2020-03-01&to=2020-02-01": "from"} {
		if a := d.do("GET", town+"/reconciliation/summary?"+query, ""); a.status != http.StatusUnprocessableEntity {
			t.Error(field, a)
		}
	}
}
