package httpapi_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/adapters/httpapi"
)

// everybodys are the routes that are of no one body: only a token of all may use them.
var everybodys = []string{
	"/creditors", "/parents/{parent}/erase", "/receipts/parked/{sequence}/replay", "/receipts/parked", "/receipts/unreadable",
	"/events", "/events/end", "/streams/{stream}/events", "/seal/checkpoints", "/seal/proofs/{position}", "/seal/continuations/{size}",
	"/seal/rotate", "/backup", "/journal", "/journal/export",
}

// TestATokenOfOneBodyReachesNothingElse asks each route with a token of the town, and
// with one of another town, both of whoever may do everything.
func TestATokenOfOneBodyReachesNothingElse(t *testing.T) {
	d := newDesk(t)
	d.settleAndSelect()
	for _, template := range everybodys {
		if !slices.ContainsFunc(d.routes(), func(r route) bool { return r.template == template }) {
			t.Errorf("%s: there is no such route", template)
		}
	}
	ask := func(r route, body string) answer {
		return d.do(r.method, r.path(), valid[r.path()], d.fresh(), header{"Authorization", "Bearer " + string(httpapi.Administrator) + "@" + body})
	}
	for r := range access {
		if slices.Contains(everybodys, r.template) {
			ask(r, townCode).isProblem(http.StatusForbidden)
			continue
		}
		if r.template == "/parents" { // a person is no body's: see below
			continue
		}
		if a := ask(r, "97654321006"); a.status != http.StatusForbidden && a.status != http.StatusNotFound {
			t.Errorf("%s %s with another body's token: %s", r.method, r.template, a)
		}
		if a := ask(r, townCode); a.status != http.StatusOK && a.status != http.StatusConflict {
			t.Errorf("%s %s with the body's token: %s", r.method, r.template, a)
		}
	}
}

func TestAPersonRegisteredWithABodysTokenIsItsOwn(t *testing.T) {
	d := newDesk(t)
	d.settle()
	const person = `{"fiscalCode":"RSSMRA85T10A562S","givenName":"Mario","familyName":"Rossi","email":"mario@posta.example","username":"mario85","at":"2020-01-07"%s}`
	at := func(creditor string) answer {
		return d.do("POST", "/parents", strings.Replace(person, "%s", creditor, 1), d.fresh(), header{"Authorization", "Bearer " + string(httpapi.Office) + "@" + townCode})
	}
	at(`,"creditor":"97654321006"`).isProblem(http.StatusForbidden)
	if a := at(""); a.status != http.StatusOK {
		t.Errorf("the body's own person: %s", a)
	}
}
