package main

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/saldo-ledger/saldo/domain"
)

// A rule is tried, set and withdrawn in the officers' pages: it accepts an open case,
// and not again what a person reopened.
func TestARuleAcceptsUntilAPersonReopens(t *testing.T) {
	d := runDemoIn(t, t.TempDir(), "--past-days")
	t.Cleanup(func() {
		if err := d.stop(); err != nil {
			t.Error(err)
		}
	})
	byRule := func() (all []domain.DifferenceAccepted) {
		for _, e := range facts[domain.DifferenceAccepted](t, d) {
			if e.Rule == 1 {
				all = append(all, e)
			}
		}
		return all
	}
	officer := newVisitor(t)
	officer.enterAs(d, "ragioneria", demoStaffPassword)
	officer.visit(d.portal + "/riconciliazione/regole")
	for name, value := range map[string]string{"importo": "60,00", "giorni": "0", "motivo": "Somme piccole"} {
		officer.fill(name, value)
	}
	officer.tick("esito", "importo-diverso")
	officer.press("Prova senza impostare")
	officer.is(http.StatusOK, "Che cosa accetterebbe", "Niente è stato accettato", "flow:")
	if len(byRule()) > 0 {
		t.Fatal("trying accepted")
	}
	officer.press("Imposta la regola")
	officer.is(http.StatusOK, "Regola impostata", "In vigore")
	eventually(t, "the rule to accept", func() bool { return len(byRule()) > 0 })
	accepted := byRule()

	officer.visit(d.portal + "/riconciliazione/flusso?" + url.Values{"id": {accepted[0].Subject.Flow()}}.Encode())
	officer.fill("motivo", "Non è una somma piccola")
	officer.press("Riapri la differenza")
	officer.is(http.StatusOK, "Non è una somma piccola")
	a, err := office{d.portal, demoDeskToken}.post(t.Context(), town+"/reconciliation/run", "again", fields{})
	if err != nil || a.status != http.StatusOK {
		t.Fatalf("%d %s, %v", a.status, a.body, err)
	}
	if again := byRule(); len(again) != len(accepted) {
		t.Errorf("the rule accepts again what a person reopened: %+v", again[len(accepted):])
	}

	officer.visit(d.portal + "/riconciliazione/regole")
	officer.tick("regola", "1")
	officer.fill("perche", "Non serve più")
	officer.press("Ritira la regola")
	officer.is(http.StatusOK, "Ritirata", "da ragioneria: Non serve più")
	d.balanced(t)
}
