package portal

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/adapters/portal/portaltest"
)

func TestEveryPageHasALineInTheWalk(t *testing.T) {
	config := prepared(newWorld())
	newProxy(&config)
	var walked []string
	for _, l := range walk {
		walked = append(walked, l.methods+" "+l.template)
	}
	portaltest.HasEachRoute(t, config.mustOpen(t), walked)
}

// theirs are words that only the guide's family may read.
var theirs = []string{"UTENTE TEST", "Tizio Sempronio", "tiziosempronio", "BORSELLINO", "57,33", "39,13", "RT-41", "%PDF"}

func TestEveryRouteAnswersEachAsTheWalkSays(t *testing.T) {
	n := newTown(t)
	for _, l := range walk {
		whom := map[string]string{nobody: l.nobody, owner: l.owner, other: l.other}
		for _, role := range staff {
			whom[role] = l.staff
		}
		for who, want := range whom {
			for method := range strings.SplitSeq(l.methods, ",") {
				n.renew()
				a := n.put(who, method, l, n.names())
				back := "/"
				if method != http.MethodPost {
					back = strings.Fields(a.What)[1]
				}
				a.Answers(l.fill(want, n.names()), back)
				l.isSafe(a)
				if who == owner {
					continue
				}
				a.Lacks(theirs...)
				if written := slices.DeleteFunc(n.sent, func(s string) bool { return who == other && (s == "Select 1" || s == "Ask ") }); len(written) > 0 {
					t.Errorf("%s: it did %q", a.What, written)
				}
			}
		}
	}
}

// isSafe checks what every answer carries.
func (l line) isSafe(a portaltest.Answer) {
	a.T.Helper()
	a.IsSafe(l.template == "/assets/", checkoutOrigin, proxyOrigin)
}

// asNamed is a page without the names asked for, and without those made for it.
var asNamed = regexp.MustCompile(frame.UUIDVar + `|[0-9]{18}|[0-9]{4}( [0-9]{4}){3} [0-9]{2}`)

// TestWhatIsAnothersIsAsIfItDidNotExist asks for the guide's family's as another
// parent, and for what nobody has.
func TestWhatIsAnothersIsAsIfItDidNotExist(t *testing.T) {
	n := newTown(t)
	for _, l := range private() {
		for method := range strings.SplitSeq(l.methods, ",") {
			var same [2]string
			for i, of := range []names{n.names(), unheardOf} {
				n.renew()
				a := n.put(other, method, l, of)
				var head strings.Builder
				if err := a.Header.Write(&head); err != nil {
					t.Fatal(err)
				}
				same[i] = asNamed.ReplaceAllString(strconv.Itoa(a.Status)+"\n"+head.String()+a.Body, "…")
			}
			if same[0] != same[1] {
				t.Errorf("%s %s: what is another's is told apart:\n%s\n\nand what is nobody's:\n%s", method, l.template, same[0], same[1])
			}
		}
	}
	if many := len(private()); many < 11 {
		t.Errorf("%d lines hang on whose the data is; the walk has lost some", many)
	}
}

func TestNoCommandOfAnotherSiteIsCarriedOut(t *testing.T) {
	n := newTown(t)
	for _, l := range walk {
		if l.methods != does {
			continue
		}
		for _, who := range []string{nobody, owner} {
			for _, from := range [][]string{
				{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://altrove.example"},
				{"Origin", "null"}, {"Sec-Fetch-Site", "cross-site", "Origin", n.origin},
			} {
				n.renew()
				a := n.put(who, http.MethodPost, l, n.names(), from...).Is(http.StatusForbidden, "La richiesta arriva da un altro sito")
				l.isSafe(a)
				if set := a.Header.Values("Set-Cookie"); len(set) > 0 {
					t.Errorf("%s from %q: it set %q", a.What, from, set)
				}
				if g := n.registry; len(n.sent)+len(g.registered)+len(g.recovered)+len(g.changes)+g.links > 0 || g.used || n.secret != password {
					t.Errorf("%s from %q: it was carried out", a.What, from)
				}
			}
			n.renew()
			if a := n.put(who, http.MethodPost, l, n.names(), "Sec-Fetch-Site", "same-origin", "Origin", n.origin); a.Status >= http.StatusBadRequest {
				t.Errorf("%s from our own page: %d", a.What, a.Status)
			}
		}
	}
}

func TestOtherMethodsAreRefusedWithThoseThatAreNot(t *testing.T) {
	n := newTown(t)
	may := map[string][]string{}
	for _, l := range walk {
		may[l.template] = append(may[l.template], strings.Split(l.methods, ",")...)
	}
	for template, methods := range may {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get"} {
			if slices.Contains(methods, method) {
				continue
			}
			for _, who := range []string{nobody, owner} {
				n.renew()
				l := line{template: template}
				a := n.put(who, method, l, n.names()).Is(http.StatusMethodNotAllowed, "Pagina non trovata").Lacks(theirs[4:]...)
				if got, want := a.Header.Get("Allow"), strings.Join(slices.Sorted(slices.Values(methods)), ", "); got != want {
					t.Errorf("%s: Allow %q, want %q", a.What, got, want)
				}
				if len(n.sent) > 0 {
					t.Errorf("%s: it did %q", a.What, n.sent)
				}
			}
		}
	}
}
