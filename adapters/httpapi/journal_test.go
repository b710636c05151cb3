package httpapi_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/adapters/httpapi"
	"github.com/saldo-ledger/saldo/domain"
)

// exchanges is a journal that finds everything, and remembers what it was asked.
type exchanges struct {
	all      []httpapi.JournalEntry
	asked    []httpapi.JournalQuery
	accesses []string
	fail     error
}

func sampleExchanges() []httpapi.JournalEntry {
	return []httpapi.JournalEntry{
		{
			ID: 1, At: now, Direction: "in", Operation: "paSendRTV2", Creditor: townCode, Station: townCode + "_01",
			Notices: []domain.NoticeNumber{domain.NoticeNumber(firstNotice)}, IUV: "01000000000000144", Receipt: "=RT-1", Peer: "192.0.2.7",
			Outcome: "OK", Status: 200, Milliseconds: 4.2, RequestSize: 3000, AnswerSize: 300,
		},
		{ID: 2, At: now.Add(time.Second), Direction: "out", Operation: "carts", Outcome: "KO", Fault: "unavailable"},
	}
}

func (x *exchanges) Search(_ context.Context, q httpapi.JournalQuery, before int64, limit int) ([]httpapi.JournalEntry, bool, error) {
	x.asked = append(x.asked, q)
	found := slices.Clone(x.all)
	slices.Reverse(found)
	if before > 0 {
		found = slices.DeleteFunc(found, func(e httpapi.JournalEntry) bool { return e.ID >= before })
	}
	if len(found) > limit {
		return found[:limit], true, x.fail
	}
	return found, false, x.fail
}

func (x *exchanges) Export(_ context.Context, q httpapi.JournalQuery) iter.Seq2[httpapi.JournalEntry, error] {
	x.asked = append(x.asked, q)
	return func(yield func(httpapi.JournalEntry, error) bool) {
		for _, e := range x.all {
			if !yield(e, x.fail) {
				return
			}
		}
	}
}

func (x *exchanges) Messages(_ context.Context, id int64) ([]byte, []byte, error) {
	if len(x.accesses) == 0 {
		return nil, nil, errors.New("opened before it was written down")
	}
	return fmt.Appendf(nil, "request %d", id), fmt.Appendf(nil, "answer %d", id), nil
}

func (x *exchanges) NoteAccess(_ context.Context, who, what string) error {
	x.accesses = append(x.accesses, who+": "+what)
	return x.fail
}

// journalDesk is a desk with its journal.
func journalDesk(t *testing.T) (*desk, *exchanges) {
	t.Helper()
	d := newDesk(t)
	return d, d.config.Journal.(*exchanges)
}

func as(role httpapi.Role) header { return header{"Authorization", "Bearer " + string(role)} }

func entriesOf(t *testing.T, a answer) (entries []httpapi.JournalEntry, next int64) {
	t.Helper()
	var page struct {
		Entries []httpapi.JournalEntry
		Next    int64
	}
	if err := json.Unmarshal(a.body, &page); err != nil || a.status != http.StatusOK {
		t.Fatal(a, err)
	}
	return page.Entries, page.Next
}

func TestTheJournalIsSearchedPageByPage(t *testing.T) {
	d, x := journalDesk(t)
	first, next := entriesOf(t, d.do("GET", "/journal?limit=1", ""))
	if len(first) != 1 || first[0].ID != 2 || next != 2 {
		t.Fatalf("%+v, next %d", first, next)
	}
	second, next := entriesOf(t, d.do("GET", "/journal?limit=1&before=2", ""))
	if want := x.all[0]; len(second) != 1 || !reflect.DeepEqual(second[0], want) || next != 0 {
		t.Fatalf("%+v, next %d", second, next)
	}
	x.all = nil
	if a := d.do("GET", "/journal", ""); !strings.Contains(string(a.body), `"entries":[]`) {
		t.Errorf("of nothing: %s", a)
	}
}

func TestWhatIsAskedOfTheJournal(t *testing.T) {
	d, x := journalDesk(t)
	query := "creditor=" + townCode + "&direction=in&operation=paSendRTV2&notice=" + firstNotice +
		"&iuv=01&receipt=RT-1&outcome=OK&fault=x&from=2020-01-31&to=2020-02-01T00:00:00Z"
	want := httpapi.JournalQuery{
		Creditor: townCode, Direction: "in", Operation: "paSendRTV2", Notice: domain.NoticeNumber(firstNotice), IUV: "01", Receipt: "RT-1", Outcome: "OK", Fault: "x",
		From: time.Date(2020, 1, 30, 23, 0, 0, 0, time.UTC), To: time.Date(2020, 2, 1, 0, 0, 0, 0, time.UTC),
	}
	for _, path := range []string{"/journal?", "/journal/export?"} {
		x.asked = nil
		if a := d.do("GET", path+query, ""); a.status != http.StatusOK || !reflect.DeepEqual(x.asked, []httpapi.JournalQuery{want}) {
			t.Errorf("%s: %s, asked %+v", path, a, x.asked)
		}
		for _, c := range [][2]string{
			{"creditor=12", "fiscalCode"}, {"notice=12", "noticeNumber"}, {"from=ieri", "from"}, {"to=2020-13-01", "to"}, {"messages=si", "messages"},
			{"colour=red", "colour"}, {"iuv=1&iuv=2", "iuv"},
		} {
			if a := d.do("GET", path+c[0], ""); a.status != http.StatusUnprocessableEntity || !strings.Contains(string(a.body), `"field"`) {
				t.Errorf("%s%s: %s", path, c[0], a)
			}
		}
	}
	d.do("GET", "/journal?limit=1001", "").refuses(http.StatusUnprocessableEntity, "limit", "1000")
	d.do("GET", "/journal?before=x", "").refuses(http.StatusUnprocessableEntity, "before", "whole number")
	d.do("GET", "/journal/export?format=xml", "").refuses(http.StatusUnprocessableEntity, "format", "csv")
	d.do("GET", "/journal/export?format=csv&messages=1", "").refuses(http.StatusUnprocessableEntity, "messages", "jsonl")
}

func TestMessagesAreForAuditorsAndTheirAccessIsWrittenDown(t *testing.T) {
	for _, path := range []string{"/journal", "/journal/export"} {
		d, x := journalDesk(t)
		for _, role := range []httpapi.Role{httpapi.Reconciler, httpapi.Auditor, httpapi.Administrator} {
			if a := d.do("GET", path, "", as(role)); a.status != http.StatusOK || strings.Contains(string(a.body), "request 1") {
				t.Errorf("%s as %s, without messages: %s", path, role, a)
			}
		}
		d.do("GET", path+"?messages=1", "", as(httpapi.Reconciler)).isProblem(http.StatusForbidden)
		if len(x.accesses) != 0 {
			t.Errorf("%s: accesses %q", path, x.accesses)
		}
		for _, role := range []httpapi.Role{httpapi.Auditor, httpapi.Administrator} {
			x.accesses = nil
			a := d.do("GET", path+"?messages=1&notice="+firstNotice, "", as(role))
			if !strings.Contains(string(a.body), "request 1") || !strings.Contains(string(a.body), "answer 2") {
				t.Errorf("%s as %s: %s", path, role, a)
			}
			if want := []string{"the " + string(role) + ": messages=1&notice=" + firstNotice}; !slices.Equal(x.accesses, want) {
				t.Errorf("%s as %s: accesses %q", path, role, x.accesses)
			}
		}
		x.fail = errors.New("the file is gone")
		d.do("GET", path+"?messages=1", "", as(httpapi.Auditor)).isProblem(http.StatusInternalServerError)
	}
}

func TestTheJournalIsExported(t *testing.T) {
	d, x := journalDesk(t)
	a := d.do("GET", "/journal/export", "")
	var lines []httpapi.JournalEntry
	for line := range strings.Lines(string(a.body)) {
		var e httpapi.JournalEntry
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, e)
	}
	if !reflect.DeepEqual(lines, x.all) || a.header.Get("Content-Type") != "application/x-ndjson" {
		t.Errorf("JSON Lines: %s", a)
	}
	a = d.do("GET", "/journal/export?format=csv", "")
	rows, err := csv.NewReader(strings.NewReader(string(a.body))).ReadAll()
	want := []string{
		"1", "2020-01-31T09:30:00Z", "in", "paSendRTV2", townCode, townCode + "_01", firstNotice, "01000000000000144", "'=RT-1", "192.0.2.7",
		"OK", "", "200", "4.2", "3000", "300",
	}
	if err != nil || len(rows) != 3 || len(rows[0]) != len(want) || !slices.Equal(rows[1], want) {
		t.Errorf("CSV: %v, %q", err, rows)
	}
	x.all = nil
	if a := d.do("GET", "/journal/export?format=csv", ""); !strings.HasPrefix(string(a.body), "id,at,") {
		t.Errorf("a CSV of nothing: %s", a)
	}
}

func TestHalfAnExportNeverLooksWhole(t *testing.T) {
	d, x := journalDesk(t)
	x.fail = errors.New("the file is gone")
	defer func() {
		if recover() != http.ErrAbortHandler {
			t.Error("the connection was not broken")
		}
	}()
	d.do("GET", "/journal/export", "")
}

func TestAServiceWithoutAJournalSaysSo(t *testing.T) {
	d := newDesk(t)
	d.config.Journal = nil
	d.open()
	d.do("GET", "/journal", "").isProblem(http.StatusNotImplemented)
	d.do("GET", "/journal/export", "").isProblem(http.StatusNotImplemented)
}
