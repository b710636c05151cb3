package httpapi_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

// february is a bulletin of a batch.
const february = `{"parent":"` + parent + `","category":"AUT-REFEZIONE","lines":[{"consumer":"` + child + `","service":"MENSA","amount":"12.50"}],
	"period":{"from":"2020-02-01","to":"2020-02-29"},"due":"2020-03-20","causale":"Mensa, febbraio 2020"}`

const batchPath = town + "/bulletins/batch"

// batchOf is a mass issue of these bulletins.
func batchOf(send bool, bulletins ...string) string {
	return `{"send":` + strconv.FormatBool(send) + `,"bulletins":[` + strings.Join(bulletins, ",") + `]}`
}

// rows carries out a mass issue that is to answer with 200.
func (d *desk) rows(body string, k header) (answer, []map[string]any) {
	d.t.Helper()
	a := d.do("POST", batchPath, body, k)
	if a.status != http.StatusOK {
		d.t.Fatal(a)
	}
	var rows []map[string]any
	for _, row := range a.object()["rows"].([]any) {
		rows = append(rows, row.(map[string]any))
	}
	return a, rows
}

func TestABatchIsIssuedRowByRow(t *testing.T) {
	for send, status := range map[bool]string{true: "sent", false: "issued"} {
		d := newDesk(t)
		d.settle()
		second := edit(edit(february, "lines", `[{"consumer":"`+child+`","service":"MENSA","amount":"1.10"}]`), "at", `"2020-02-28"`)
		a, rows := d.rows(batchOf(send, february, second), d.fresh())
		if len(rows) != 2 || a.object()["issued"] != 2.0 || a.object()["refused"] != 0.0 || a.object()["repeated"] != false || a.position() != d.end() {
			t.Errorf("%s; the log ends at %d", a, d.end())
		}
		for i, want := range []struct{ amount, at string }{{"12.50", "2020-01-31T09:30:00Z"}, {"1.10", "2020-02-27T23:00:00Z"}} {
			notice := rows[i]["notice"].(string)
			if n := noticeNumber(uint64(i + 1)); notice != string(n) || rows[i]["iuv"] != string(n.IUV()) || rows[i]["position"].(float64) < 1 {
				t.Errorf("row %d: %v, want notice %s", i, rows[i], n)
			}
			if b := d.get(town + "/bulletins/" + notice); b["amount"] != want.amount || b["status"] != status || b["at"] != want.at {
				t.Errorf("row %d: %v", i, b)
			}
		}
	}
}

func TestARefusedRowNamesFieldAndRule(t *testing.T) {
	d := newDesk(t)
	d.settle()
	line := func(member, value string) string {
		return edit(february, "lines", "["+edit(`{"consumer":"`+child+`","service":"MENSA","amount":"12.50"}`, member, value)+"]")
	}
	bad := []struct {
		bulletin, field, rule string
		status                float64
	}{
		{line("amount", `"1.005"`), "/lines/0/amount", "at most two decimals", 422},
		{line("amount", "1.5"), "/lines/0/amount", "openapi.json", 400},
		{line("sconto", `"1"`), "/lines/0/sconto", "unknown", 400},
		{line("service", `"PISCINA"`), "/service", "no such service", 404},
		{edit(february, "parent", ""), "/parent", "no such parent", 404},
		{edit(february, "category", `"PISCINA"`), "/category", "no such category", 404},
		{edit(february, "notice", `"`+firstNotice+`"`), "/notice", "notice numbers from the ledger", 422},
		{edit(february, "send", "true"), "/send", "unknown", 400},
		{edit(february, "at", `"domani"`), "/at", "yyyy-mm-dd", 422},
		{"null", "", "not an object", 400},
		{"7", "", "openapi.json", 400},
	}
	all := []string{february}
	for _, c := range bad {
		all = append(all, c.bulletin)
	}
	a, rows := d.rows(batchOf(true, append(all, february)...), d.fresh())
	if a.object()["issued"] != 2.0 || a.object()["refused"] != float64(len(bad)) {
		t.Error(a)
	}
	for i, c := range bad {
		no, _ := rows[i+1]["refusal"].(map[string]any)
		rule, _ := no["rule"].(string)
		if want := fmt.Sprint("bulletins/", i+1, c.field); no["field"] != want || no["status"] != c.status || !strings.Contains(rule, c.rule) || rows[i+1]["notice"] != nil {
			t.Errorf("%s: %v, want %s, %q", c.bulletin, rows[i+1], want, c.rule)
		}
	}
	for _, i := range []int{0, len(rows) - 1} {
		if b := d.get(town + "/bulletins/" + rows[i]["notice"].(string)); b["status"] != "sent" {
			t.Errorf("row %d: %v", i, b)
		}
	}
	end := d.end()
	if a, _ := d.rows(batchOf(true, bad[0].bulletin), d.fresh()); a.object()["repeated"] != false || a.position() != 0 || d.end() != end {
		t.Errorf("nothing could be issued, and the log went from %d to %d: %s", end, d.end(), a)
	}
}

func TestABatchRepeatedAddsNothing(t *testing.T) {
	d := newDesk(t)
	d.settle()
	body := batchOf(true, february, edit(february, "category", `"PISCINA"`), february, "null")
	first, rows := d.rows(body, key("january"))
	d.post(town+"/categories", `{"code":"LATER","name":"pagoPA - DOPO"}`) // the log goes on
	end := d.end()
	again, repeated := d.rows(body, key("january"))
	if again.object()["repeated"] != true || again.position() != first.position() || d.end() != end {
		t.Errorf("the log went from %d to %d: %s, then %s", end, d.end(), first, again)
	}
	for i, row := range rows {
		if row["notice"] != repeated[i]["notice"] || row["notice"] != nil && repeated[i]["repeated"] != true {
			t.Errorf("row %d: %v, then %v", i, row, repeated[i])
		}
	}
	d.do("POST", batchPath, batchOf(true, february, february, february), key("january")).
		refuses(http.StatusUnprocessableEntity, "Idempotency-Key", "one request")

	d.post(town+"/categories", `{"code":"PISCINA","name":"pagoPA - PISCINA"}`) // what a refusal left out can be done now
	third, rows := d.rows(body, key("january"))
	if rows[1]["notice"] == nil || rows[0]["notice"] != repeated[0]["notice"] || third.object()["repeated"] != false || third.position() != d.end() {
		t.Errorf("with the category there is: %s", third)
	}
}

func TestABatchOfNobodyIsRefused(t *testing.T) {
	d := newDesk(t)
	d.settle()
	for _, bulletin := range []string{february, "null"} {
		d.do("POST", "/creditors/99999999990/bulletins/batch", batchOf(false, bulletin), d.fresh()).refuses(http.StatusNotFound, "creditor", "no such creditor")
	}
}

func TestABatchMayBeLargeAndNothingElse(t *testing.T) {
	d := newDesk(t)
	d.settle()
	padded := func(body string, size int) string { return body + strings.Repeat(" ", size-len(body)) }
	d.rows(padded(batchOf(false, february), 16<<20), d.fresh())
	d.do("POST", batchPath, padded(batchOf(false, february), 16<<20+1), d.fresh()).isProblem(http.StatusRequestEntityTooLarge)
	d.do("POST", town+"/bulletins", padded(january, 1<<20+1), d.fresh()).isProblem(http.StatusRequestEntityTooLarge)

	many := make([]string, ledger.MaxBatch)
	for i := range many {
		many[i] = february
	}
	before := d.end()
	if _, rows := d.rows(batchOf(false, many...), d.fresh()); len(rows) != len(many) || d.end() != before+1+ledger.MaxBatch {
		t.Errorf("%d rows; the log went from %d to %d", len(rows), before, d.end())
	}
}

// failing is a log on which some appends to bulletins fail after they were filed.
type failing struct {
	eventstore.Store
	mu   sync.Mutex
	left int
}

func (f *failing) Append(ctx context.Context, s eventstore.Stream, expected eventstore.Revision, events ...eventstore.Proposed) (eventstore.Appended, error) {
	at, err := f.Store.Append(ctx, s, expected, events...)
	f.mu.Lock()
	defer f.mu.Unlock()
	if err == nil && s.Category() == "bulletin" && f.left > 0 {
		f.left--
		err = errors.New("the disk was gone for a moment")
	}
	return at, err
}

func TestAnAccidentIsAnErrorAndTheBatchAgainCompletesIt(t *testing.T) {
	d := newDesk(t)
	d.settle()
	d.config.Ledger = ledger.New(&failing{Store: d.log, left: 2}, d.vault, d.config.Clock)
	d.open()
	body := batchOf(true, february, february, february)
	d.do("POST", batchPath, body, key("torn")).isProblem(http.StatusInternalServerError)
	a, rows := d.rows(body, key("torn"))
	if a.object()["refused"] != 0.0 || a.object()["issued"] != 3.0 {
		t.Error(a)
	}
	seen := map[any]bool{}
	for _, row := range rows {
		seen[row["notice"]] = true
		if b, err := d.ledger.KnownBulletin(t.Context(), townCode, domain.NoticeNumber(row["notice"].(string))); err != nil || b.Status != domain.BulletinSentOut {
			t.Errorf("%v: %+v, %v", row, b, err)
		}
	}
	if len(seen) != 3 {
		t.Errorf("the notices are %v", seen)
	}
}
