package portaltest

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
)

// patterns are the expressions in the router's templates; some hold braces too.
var patterns = regexp.MustCompile(`\{(\w+):(?:[^{}]|\{\d+\})*\}`)

// HasEachRoute checks that walked, lines such as "GET,HEAD /paga/esito/{payment}", are
// the routes of a site, each once: nothing is served that no test has asked for.
func HasEachRoute(t *testing.T, site *frame.Site, walked []string) {
	t.Helper()
	routes, err := site.Routes()
	if err != nil {
		t.Fatal(err)
	}
	for i, route := range routes {
		routes[i] = patterns.ReplaceAllString(route, "{$1}")
		if !slices.Contains(walked, routes[i]) {
			t.Errorf("%s: whom it answers what is not in the walk", routes[i])
		}
	}
	walked = slices.Sorted(slices.Values(walked))
	for i, route := range walked {
		if !slices.Contains(routes, route) {
			t.Errorf("%s: there is no such route", route)
		}
		if i > 0 && walked[i-1] == route {
			t.Errorf("%s: it is in the walk twice", route)
		}
	}
}

// Answers checks what one line of a walk says: a status, or where it leads with 303.
// "login" leads to Accesso and then back; "{new}" at the end is an id made just now.
func (a Answer) Answers(want, back string) {
	a.T.Helper()
	to := a.Header.Get("Location")
	if want == "login" {
		want = frame.LoginPath + "?" + url.Values{"torna": {back}}.Encode()
	}
	if before, ok := strings.CutSuffix(want, "{new}"); ok {
		if _, err := uuid.Parse(strings.TrimPrefix(to, before)); err == nil {
			want = to
		}
	}
	status, err := strconv.Atoi(want)
	if err != nil {
		a.LeadsTo(want)
		return
	}
	a.Is(status)
	if to != "" {
		a.T.Errorf("%s: %d, and leads to %q", a.What, a.Status, to)
	}
}
