package main

import (
	"net/http"
	"testing"
)

// TestAnAuditorReplaysHistoryAndNothingHappens goes through the demonstration's history
// in a browser without scripts: no event, no letter.
func TestAnAuditorReplaysHistoryAndNothingHappens(t *testing.T) {
	d := startDemo(t)
	const written = 4 // when the demonstration begins: welcomes, and what its parents asked
	eventually(t, "the letters of the beginning", func() bool { return d.letters(t) == written })
	d.unchanged(t, func() {
		v := newVisitor(t)
		v.enterAs(d, "revisione", demoStaffPassword)
		v.is(http.StatusOK, "Il registro", "Ultima posizione del registro")
		v.follow("Replay")
		v.is(http.StatusOK, "Evento da 1 a")
		v.follow("Primo")
		v.is(http.StatusOK, "Evento 1 di", "Ente registrato", "L'impronta corrisponde")
		v.follow("Successivo")
		v.is(http.StatusOK, "Evento 2 di")
		v.fill("conto", "receivable:*")
		v.press("Applica")
		v.is(http.StatusOK, "Bollettino emesso", "Crediti verso le famiglie", "Saldo prima")
		v.lacks("Sempronio")
	})
	if now := d.letters(t); now != written {
		t.Errorf("%d letters went out", now-written)
	}
	for username, status := range map[string]int{"ufficio": http.StatusNotFound, "amministratore": http.StatusOK} {
		v := newVisitor(t)
		v.enterAs(d, username, demoStaffPassword)
		v.visit(d.portal + "/revisione/replay")
		v.is(status)
	}
}
