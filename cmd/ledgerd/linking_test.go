package main

import (
	"net/http"
	"testing"
)

// The code that the demonstration prints links its second child, once, without
// scripts; a wrong one is told what to do.
func TestACodeLinksTheSecondChildOfTheDemonstration(t *testing.T) {
	d := startDemo(t)
	v := newVisitor(t)
	v.enter(d)
	v.follow("Abbina un altro bambino")
	v.fill("codice", "CCCC-CCCC-CCCC")
	v.press("Abbina")
	v.is(http.StatusUnprocessableEntity, "Questo codice non è valido")
	v.fill("codice", d.code)
	v.press("Abbina")
	v.is(http.StatusOK, "Abbinamento riuscito: ora vedi ALUNNA PROVA", "EL. RODARI", "UTENTE TEST")
	v.visit(d.portal + "/consumatori/abbinamento")
	v.fill("codice", d.code)
	v.press("Abbina")
	v.is(http.StatusUnprocessableEntity, "Questo codice non è valido")
}
