package revision

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/adapters/portal/portaltest"
	"github.com/saldo-ledger/saldo/domain"
)

// walk is every route of the auditors' pages, each asked for what exists. Auditors and
// administrators are answered 200, others 404.
var walk = []string{homePath, replayPath}

// framed are the routes that every site has.
var framed = []string{"GET,HEAD /assets/", "GET,HEAD /", "POST /sessione"}

func TestEveryPageOfAuditorsHasALineInTheWalk(t *testing.T) {
	walked := slices.Clone(framed)
	for _, path := range walk {
		walked = append(walked, "GET,HEAD "+path)
	}
	w := newWorld(t)
	portaltest.HasEachRoute(t, w.open(w.log, true), walked)
}

func TestEveryRouteOfAuditorsAnswersEachAsTheWalkSays(t *testing.T) {
	whom := []string{portaltest.Nobody, string(domain.RoleParent), "custode"}
	for _, role := range domain.Roles {
		whom = append(whom, string(role))
	}
	w, _ := winter(t)
	site := w.open(w.log, true)
	for _, path := range walk {
		for _, who := range whom {
			want := "404"
			switch {
			case who == portaltest.Nobody:
				want = "login"
			case slices.Contains(auditors, domain.Role(who)):
				want = "200"
			}
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				w.looks = nil
				a := portaltest.Ask(t, site, who, method, path, nil)
				a.Answers(want, path)
				a.IsSafe(false)
				if want != "200" {
					a.Lacks(tizio.String(), utente.String(), "12,50")
					if len(w.looks) > 0 {
						t.Errorf("%s: it saw %v", a.What, w.looks)
					}
				}
			}
		}
	}
}

func TestAuditorsBeginWithTheLog(t *testing.T) {
	w := newWorld(t)
	site := w.open(w.log, true)
	ask(t, site, "/").LeadsTo(homePath)
	ask(t, site, homePath).Is(http.StatusOK, "Il registro", "Ultima posizione").Has(`aria-current="page"`)
	if strings.Contains(ask(t, site, homePath).Body, "Verifica") {
		t.Error("the menu leads to a page that is not there")
	}
}
