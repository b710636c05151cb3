package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/reconciliation"
)

// found is what the API says of one thing that is reconciled.
type found struct {
	Outcome reconciliation.Outcome
	Flow    string
}

// told asks the API about reconciliation.
func told[T any](t *testing.T, d *demo, path string) (v T) {
	t.Helper()
	a, err := office{d.portal, demoDeskToken}.get(t.Context(), town+"/reconciliation"+path, d.end(t))
	if err == nil && a.status != http.StatusOK {
		t.Fatalf("%s: %d %s", path, a.status, a.body)
	}
	if err == nil {
		err = json.Unmarshal(a.body, &v)
	}
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// The demonstration shows a day that squares, and one thing of every outcome.
func TestTheDemonstrationHasEveryOutcomeOfReconciliation(t *testing.T) {
	d := runDemoIn(t, t.TempDir(), "--past-days")
	t.Cleanup(func() {
		if err := d.stop(); err != nil {
			t.Error(err)
		}
	})
	all := told[struct{ Flows, Receipts, Credits []found }](t, d, "")
	have := make(map[reconciliation.Outcome]bool)
	for _, x := range slices.Concat(all.Flows, all.Receipts, all.Credits) {
		have[x.Outcome] = true
	}
	for _, f := range all.Flows {
		for _, l := range told[struct{ Lines []found }](t, d, "/flows/"+url.PathEscape(f.Flow)).Lines {
			have[l.Outcome] = true
		}
	}
	for _, o := range reconciliation.Outcomes() {
		if !have[o] {
			t.Errorf("nothing in the demonstration is %q", o)
		}
	}
	b := &demoBooks{today: domain.DateOf(inItaly(time.Now()))}
	squared := b.before(10)
	day := told[struct{ Flows, Receipts, Credits []found }](t, d, "?from="+string(squared)+"&to="+string(squared))
	if len(day.Flows) != 2 || len(day.Receipts)+len(day.Credits) > 0 {
		t.Errorf("the day that squares: %+v", day)
	}
	for _, f := range day.Flows {
		if f.Outcome != reconciliation.Squared {
			t.Errorf("the day that squares has %+v", f)
		}
	}
	waiting := d.unresolved(t)
	if len(waiting) != 2 {
		t.Errorf("waiting for a person: %v", waiting)
	}
	end := d.end(t)
	d.balanced(t)
	d.sound(t)

	officer := newVisitor(t)
	officer.enterAs(d, "ragioneria", demoStaffPassword)
	officer.is(http.StatusOK, "14 cose da guardare", "Importo diverso", "flusso 173,12 €, banca 115,79 €")
	officer.visit(d.portal + "/riconciliazione/da-risolvere")
	officer.is(http.StatusOK, "2 ricevute", "pagamento doppio", "Importo diverso dal bollettino")
	officer.visit(d.portal + "/riconciliazione/attese")
	officer.is(http.StatusOK, "Un flusso di rendicontazione riporta il pagamento")
	if more := d.after(t, end); len(more) > 0 {
		t.Errorf("the demonstration is not settled when its doors open: it then wrote %v", more)
	}
}

// Stopped and started again, the demonstration tells its past days once.
func TestTheDemonstrationsPastDaysAreToldOnce(t *testing.T) {
	data := t.TempDir()
	d := runDemoIn(t, data, "--past-days")
	end := d.end(t)
	if err := d.stop(); err != nil {
		t.Fatal(err)
	}
	d = runDemoIn(t, data, "--past-days")
	if got := d.end(t); got != end {
		t.Errorf("started again it wrote %v", d.after(t, end))
	}
	if err := d.stop(); err != nil {
		t.Fatal(err)
	}
}
