package portal

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/gorilla/mux"
)

// patterns are the expressions in the router's templates; some hold braces too.
var patterns = regexp.MustCompile(`\{(\w+):(?:[^{}]|\{\d+\})*\}`)

func TestEveryPageHasALineInTheWalk(t *testing.T) {
	config := testConfig(newWorld())
	newProxy(&config)
	var known []string
	err := (&site{Config: config, assets: newAssets(nil)}).router().Walk(func(r *mux.Route, _ *mux.Router, _ []*mux.Route) error {
		template, err := r.GetPathTemplate()
		if err != nil {
			return err
		}
		methods, err := r.GetMethods()
		known = append(known, strings.Join(methods, ",")+" "+patterns.ReplaceAllString(template, "{$1}"))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var walked []string
	for _, l := range walk {
		walked = append(walked, l.methods+" "+l.template)
	}
	slices.Sort(known)
	slices.Sort(walked)
	for _, route := range known {
		if !slices.Contains(walked, route) {
			t.Errorf("%s: whom it answers what is not in the walk", route)
		}
	}
	for i, route := range walked {
		if !slices.Contains(known, route) {
			t.Errorf("%s: there is no such route", route)
		}
		if i > 0 && walked[i-1] == route {
			t.Errorf("%s: it is in the walk twice", route)
		}
	}
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
				a.answers(l, l.fill(want, n.names()), method)
				a.isSafe(l)
				if who == owner {
					continue
				}
				a.lacks(theirs...)
				if written := slices.DeleteFunc(n.sent, func(s string) bool { return who == other && s == "Select 1" }); len(written) > 0 {
					t.Errorf("%s: it did %q", a.what, written)
				}
			}
		}
	}
}

// answers checks status and place.
func (a answer) answers(l line, want, method string) {
	a.t.Helper()
	to, back := a.header.Get("Location"), homePath
	if method != http.MethodPost {
		back = strings.Fields(a.what)[1]
	}
	if want == "login" {
		want = "/accesso?" + url.Values{"torna": {back}}.Encode()
	}
	if before, ok := strings.CutSuffix(want, "{new}"); ok {
		if _, err := uuid.Parse(strings.TrimPrefix(to, before)); err == nil {
			want = to
		}
	}
	status, err := strconv.Atoi(want)
	if err != nil {
		a.leadsTo(want)
		return
	}
	a.is(status)
	if to != "" {
		a.t.Errorf("%s: %d, and leads to %q", a.what, a.status, to)
	}
}

// isSafe checks what every answer carries, whatever it says and to whom.
func (a answer) isSafe(l line) {
	a.t.Helper()
	for name, want := range map[string]string{
		"Content-Security-Policy": "default-src 'self'; img-src 'self' data:; font-src 'self' data:; base-uri 'none'; " +
			"frame-ancestors 'none'; form-action 'self' " + checkoutOrigin + " " + proxyOrigin,
		"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
		"Cache-Control":               map[bool]string{true: "public, max-age=31536000, immutable", false: "no-store"}[l.template == "/assets/"],
		"Access-Control-Allow-Origin": "", "Server": "", "X-Powered-By": "",
	} {
		if got := a.header.Get(name); got != want {
			a.t.Errorf("%s: %s is %q, want %q", a.what, name, got, want)
		}
	}
	for _, c := range (&http.Response{Header: a.header}).Cookies() {
		if !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
			a.t.Errorf("%s: the cookie %s", a.what, c)
		}
	}
	if strings.HasPrefix(a.header.Get("Content-Type"), "text/html") && a.status != http.StatusSeeOther {
		hasNothingInline(a.t, a)
	}
}

// asNamed is a page without the names asked for, and without those made for it.
var asNamed = regexp.MustCompile(uuidVar + `|[0-9]{18}|[0-9]{4}( [0-9]{4}){3} [0-9]{2}`)

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
				if err := a.header.Write(&head); err != nil {
					t.Fatal(err)
				}
				same[i] = asNamed.ReplaceAllString(strconv.Itoa(a.status)+"\n"+head.String()+a.body, "…")
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
				a := n.put(who, http.MethodPost, l, n.names(), from...).is(http.StatusForbidden, "La richiesta arriva da un altro sito")
				a.isSafe(l)
				if set := a.header.Values("Set-Cookie"); len(set) > 0 {
					t.Errorf("%s from %q: it set %q", a.what, from, set)
				}
				if g := n.registry; len(n.sent)+len(g.registered)+len(g.recovered)+len(g.changes)+g.links > 0 || g.used || n.secret != password {
					t.Errorf("%s from %q: it was carried out", a.what, from)
				}
			}
			n.renew()
			if a := n.put(who, http.MethodPost, l, n.names(), "Sec-Fetch-Site", "same-origin", "Origin", n.origin); a.status >= http.StatusBadRequest {
				t.Errorf("%s from our own page: %d", a.what, a.status)
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
				a := n.put(who, method, l, n.names()).is(http.StatusMethodNotAllowed, "Pagina non trovata").lacks(theirs[4:]...)
				if got, want := a.header.Get("Allow"), strings.Join(slices.Sorted(slices.Values(methods)), ", "); got != want {
					t.Errorf("%s: Allow %q, want %q", a.what, got, want)
				}
				if len(n.sent) > 0 {
					t.Errorf("%s: it did %q", a.what, n.sent)
				}
			}
		}
	}
}
