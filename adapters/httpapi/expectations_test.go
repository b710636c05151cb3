package httpapi_test

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/adapters/httpapi"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
	"github.com/saldo-ledger/saldo/projections"
)

// Expectations are those of receipts that somebody knows of.
func (v *views) Expectations(ctx context.Context, creditor domain.FiscalCode, now time.Time) ([]projections.Expectation, eventstore.Position, error) {
	facts, at, err := v.facts(ctx)
	var out []projections.Expectation
	for _, e := range facts {
		if e, ok := e.(domain.ReceiptExpected); ok && e.Creditor == creditor {
			out = append(out, projections.Expectation{Cause: projections.AskedFor, Receipt: e.Receipt, IUV: e.IUV, Since: e.At})
		}
	}
	return projections.Current(out, now), at, err
}

// lookout answers what it is told to, and files the receipt when that is FetchFiled.
type lookout struct {
	ledger  *ledger.Ledger
	outcome string
	asked   int
}

func (l *lookout) Fetch(ctx context.Context, creditor domain.FiscalCode, receipt domain.ReceiptID, iuv domain.IUV) (string, error) {
	l.asked++
	if l.outcome != httpapi.FetchFiled {
		return l.outcome, nil
	}
	_, err := l.ledger.Receive(ctx, ledger.Receipt{
		Creditor: creditor, ID: receipt, Notice: domain.NoticeNumber("3" + string(iuv)), Amount: 1, PaidAt: now,
		Channel: domain.ChannelBizEvents, Raw: []byte("{}"),
	})
	return l.outcome, err
}

func (l *lookout) LastTry(domain.FiscalCode, domain.ReceiptID) (httpapi.Try, bool) {
	return httpapi.Try{At: now, Outcome: l.outcome, Times: l.asked}, l.asked > 0
}

// fetched is an answer to the command.
type fetched struct {
	Position eventstore.Position
	Repeated bool
	Outcome  string
}

func (d *desk) fetch(key string) fetched {
	d.t.Helper()
	a := d.do("POST", town+"/receipts/fetch", valid[town+"/receipts/fetch"], header{"Idempotency-Key", key}, header{"Authorization", "Bearer riconciliazione"})
	var out fetched
	if err := json.Unmarshal(a.body, &out); err != nil || a.status != http.StatusOK {
		d.t.Fatalf("%v: %s", err, a)
	}
	return out
}

func TestAReceiptThatIsNotThereYetStaysExpected(t *testing.T) {
	d := newDesk(t)
	d.settleAndSelect()
	watch := &lookout{ledger: d.ledger, outcome: "not-there"}
	d.config.Lookout = watch
	d.open()
	first := d.fetch("a")
	if first.Outcome != "not-there" || first.Repeated || first.Position != d.end() {
		t.Errorf("%+v, the log ends at %d", first, d.end())
	}
	if again := d.fetch("b"); again.Outcome != "not-there" || d.end() != first.Position || watch.asked != 2 {
		t.Errorf("asked again: %+v, the log ends at %d", again, d.end())
	}
	if err := d.views.Await(t.Context(), first.Position); err != nil {
		t.Fatal(err)
	}
	a := d.do("GET", town+"/expectations", "", header{"Authorization", "Bearer riconciliazione"})
	var got struct {
		Expectations []struct {
			IUR, IUV, Cause, Urgency, Why, Next string
			Since, LateFrom, SeriousFrom        time.Time
			LastTry                             *httpapi.Try
		}
	}
	if err := json.Unmarshal(a.body, &got); err != nil || len(got.Expectations) != 1 {
		t.Fatalf("%v: %s", err, a)
	}
	e := got.Expectations[0]
	if e.IUR != "c110729d258c4ab1b765fe902aae41d6" || e.IUV == "" || e.Cause != "asked-for" || e.Urgency != "usual" || e.Why == "" || e.Next == "" ||
		!e.Since.Equal(now) || !e.SeriousFrom.Equal(now.Add(24*time.Hour)) || e.LastTry == nil || e.LastTry.Outcome != "not-there" {
		t.Errorf("%s", a.body)
	}
}

func TestAReceiptThatIsThereIsFiledAndNotAskedForAgain(t *testing.T) {
	d := newDesk(t)
	d.settleAndSelect()
	watch := &lookout{ledger: d.ledger, outcome: httpapi.FetchFiled}
	d.config.Lookout = watch
	d.open()
	before := d.end()
	if got := d.fetch("a"); got.Outcome != "filed" || got.Position != d.end() || got.Position <= before+1 {
		t.Errorf("%+v, the log was at %d and ends at %d", got, before, d.end())
	}
	end := d.end()
	if got := d.fetch("b"); got.Outcome != "filed" || watch.asked != 1 || d.end() != end {
		t.Errorf("%+v, asked %d times, the log ends at %d instead of %d", got, watch.asked, d.end(), end)
	}
}

func TestWithoutBizEventsTheOfficerIsToldSo(t *testing.T) {
	d := newDesk(t)
	d.settleAndSelect()
	if got := d.fetch("a"); got.Outcome != "not-configured" {
		t.Errorf("%+v", got)
	}
}

func TestAReferenceThatCannotBeIsRefusedByName(t *testing.T) {
	d := newDesk(t)
	d.settleAndSelect()
	for field, body := range map[string]string{"iur": `{"iur":"../../altro"}`, "iuv": `{"iur":"a","iuv":"a/b"}`} {
		a := d.do("POST", town+"/receipts/fetch", body, d.fresh(), header{"Authorization", "Bearer riconciliazione"})
		var p struct{ Field, Rule string }
		if err := json.Unmarshal(a.body, &p); err != nil || a.status != http.StatusUnprocessableEntity || p.Field != field || p.Rule == "" {
			t.Errorf("%s: %s", field, a)
		}
	}
}
