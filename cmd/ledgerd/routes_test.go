package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// request is what somebody sends who has no account, no token and no certificate.
// The target goes as it is written: no client tidies it.
type request struct{ method, target string }

// reply is which door answered, how, and where it leads.
type reply struct {
	door, place string
	status      int
	header      http.Header
	body        string
}

func (r reply) String() string {
	return strings.TrimSpace(fmt.Sprintf("%s %d %s", r.door, r.status, r.place))
}

// knock sends a request and reads the answer.
func (d *demo) knock(t *testing.T, q request, headers ...string) reply {
	t.Helper()
	host := strings.TrimPrefix(d.portal, "http://")
	conn, err := net.DialTimeout("tcp", host, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	lines := slices.Concat([]string{q.method + " " + q.target + " HTTP/1.1", "Host: " + host, "Connection: close"}, headers, []string{"", ""})
	if _, err := io.WriteString(conn, strings.Join(lines, "\r\n")); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: q.method})
	if err != nil {
		t.Fatalf("%s %s: %v", q.method, q.target, err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", q.method, q.target, err)
	}
	return reply{doorOf(answer.Header, string(body)), answer.Header.Get("Location"), answer.StatusCode, answer.Header, string(body)}
}

// doorOf tells the doors apart by what each alone puts into its answers.
func doorOf(h http.Header, body string) string {
	policy, kind := h.Get("Content-Security-Policy"), h.Get("Content-Type")
	switch {
	case strings.Contains(policy, "form-action 'self'"):
		return "portal"
	case strings.Contains(policy, "form-action 'none'"):
		return "mailbox"
	case strings.HasPrefix(kind, "application/problem+json"), kind == "application/json":
		return "api"
	case strings.Contains(body, "soapenv:Fault"):
		return "node"
	case strings.HasPrefix(kind, "text/plain") && (body == "ok\n" || strings.HasPrefix(body, "ready at")):
		return "health"
	case strings.HasPrefix(kind, "text/plain") && strings.Contains(body, "\nsaldo_log_position "):
		return "meters"
	}
	return "none"
}

// routine is what the doors answer to nobody: in the demonstration, and in the
// service of a body where that differs.
type routine struct {
	request
	demo, served string
}

var routines = []routine{
	// Each door, at home.
	{request{"GET", "/"}, "portal 303 /accesso", ""},
	{request{"GET", "/accesso"}, "portal 200", ""},
	{request{"GET", "/stato"}, "portal 200", ""},
	{request{"GET", "/consumatori"}, "portal 303 /accesso?torna=%2Fconsumatori", ""},
	{request{"GET", "/paga"}, "portal 303 /accesso?torna=%2Fpaga", ""},
	{request{"POST", "/paga/riepilogo"}, "portal 303 /accesso?torna=%2F", ""},
	{request{"GET", "/api/v1/openapi.json"}, "api 200", ""},
	{request{"GET", "/api/v1/events/end"}, "api 401", ""},
	{request{"POST", "/api/v1/payments"}, "api 401", ""},
	{request{"GET", "/api/v1/backup"}, "api 401", ""},
	{request{"GET", nodePath}, "node 405", ""},
	{request{"POST", nodePath}, "node 415", ""},
	{request{"GET", "/healthz"}, "health 200", ""},
	{request{"GET", "/readyz"}, "health 200", ""},
	{request{"GET", metricsPath}, "meters 200", "portal 404"},
	{request{"GET", "/posta/"}, "mailbox 200", "portal 404"},
	{request{"GET", "/posta/stile.css"}, "mailbox 200", "portal 404"},

	// What is not there.
	{request{"GET", "/dove"}, "portal 404", ""},
	{request{"GET", "/api"}, "portal 404", ""},
	{request{"GET", "/api/v1"}, "none 307 /api/v1/", ""},
	{request{"GET", "/api/v1/"}, "api 404", ""},
	{request{"GET", "/api/v1/dove"}, "api 404", ""},
	{request{"GET", "/api/v1/events/end/"}, "api 404", ""},
	{request{"GET", "/api/v2/events"}, "portal 404", ""},
	{request{"GET", "/API/v1/events"}, "portal 404", ""},
	{request{"GET", "/pagopa"}, "portal 404", ""},
	{request{"GET", nodePath + "/"}, "portal 404", ""},
	{request{"GET", "/posta"}, "none 307 /posta/", "portal 404"},
	{request{"GET", "/posta/dove"}, "mailbox 404", "portal 404"},
	{request{"GET", "/healthz/"}, "portal 404", ""},
	{request{"GET", "/debug/pprof/"}, "portal 404", ""},
	{request{"GET", "/.git/config"}, "portal 404", ""},
	{request{"GET", "/saldo.yaml"}, "portal 404", ""},

	// Paths written so that one door might take them for another's. What is
	// tidied is sent back to its right address, on this site.
	{request{"GET", "//paga"}, "none 307 /paga", ""},
	{request{"GET", "//altrove.example/"}, "none 307 /altrove.example/", ""},
	{request{"GET", "///altrove.example/%2e%2e"}, "none 307 /altrove.example/%252e%252e", ""},
	{request{"GET", "/%2f%2faltrove.example/"}, "portal 404", ""},
	{request{"GET", "/%2f%2faltrove.example/.."}, "none 307 /", ""},
	{request{"GET", "/%5caltrove.example/"}, "portal 404", ""},
	{request{"GET", "/paga/%2f%2faltrove.example"}, "portal 404", ""},
	{request{"GET", "http://altrove.example/paga"}, "portal 303 /accesso?torna=%2Fpaga", ""},
	{request{"GET", "http://altrove.example//paga"}, "none 307 /paga", ""},
	{request{"GET", "/paga/../api/v1/events"}, "none 307 /api/v1/events", ""},
	{request{"POST", "/paga/../api/v1/payments"}, "none 307 /api/v1/payments", ""},
	{request{"GET", "/paga/..%2fapi/v1/events"}, "portal 404", ""},
	{request{"GET", "/paga/%2e%2e/api/v1/events"}, "portal 404", ""},
	{request{"GET", "/paga%2f..%2fapi"}, "portal 404", ""},
	{request{"GET", "/accesso/%252e%252e/api"}, "portal 404", ""},
	{request{"GET", "/consumatori/..%5c..%5capi"}, "portal 404", ""},
	{request{"GET", "/api%2fv1/events"}, "portal 404", ""},
	{request{"GET", "/api/v1%2fevents"}, "portal 404", ""},
	{request{"GET", "/%61pi/v1/events/end"}, "api 404", ""},
	{request{"GET", "/api/v1//events/end"}, "none 307 /api/v1/events/end", ""},
	{request{"GET", "/api/v1/../../posta/"}, "none 307 /posta/", ""},
	{request{"GET", "/api/v1/%2e%2e/%2e%2e/posta/"}, "api 404", ""},
	{request{"GET", "/healthz/../api/v1/events"}, "none 307 /api/v1/events", ""},
	{request{"GET", "/pagopa%2fpaForNode"}, "portal 404", ""},
	{request{"GET", "/posta/%2e%2e/api/v1/events"}, "mailbox 404", "portal 404"},
	{request{"GET", "/posta/..%2f..%2fmaster.key"}, "mailbox 404", "portal 404"},
	{request{"GET", "/posta/..%2fapi%2fv1%2fevents"}, "mailbox 404", "portal 404"},
	{request{"GET", "/posta/..;/api/v1/events"}, "mailbox 404", "portal 404"},
	{request{"GET", "/paga%00"}, "portal 404", ""},
	{request{"GET", "/paga;a=1"}, "portal 404", ""},
	{request{"GET", "/paga%3f"}, "portal 404", ""},
	{request{"GET", "/../../etc/passwd"}, "none 307 /etc/passwd", ""},
	{request{"GET", "/%2e%2e/%2e%2e/etc/passwd"}, "portal 404", ""},
	{request{"GET", "/assets/x/%2e%2e%2f%2e%2e%2fpage.go"}, "portal 404", ""},
	{request{"GET", "/assets/x/../../../etc/passwd"}, "none 307 /etc/passwd", ""},

	// No address at all.
	{request{"OPTIONS", "*"}, "none 200", ""},
	{request{"GET", "*"}, "none 400", ""},
	{request{"GET", "127.0.0.1:22"}, "none 400", ""},
	{request{"CONNECT", "127.0.0.1:22"}, "none 404", ""},
}

// others are the methods that no door knows, and what each door answers them.
var others = map[string]string{"/paga": "portal 405", "/dove": "portal 404", "/api/v1/events/end": "api 405", nodePath: "node 405", "/healthz": "portal 404", "/readyz": "portal 404"}

func TestEachDoorAnswersNobodyAsItsTableSays(t *testing.T) {
	platform := closedPort(t)
	demo, served := startDemo(t), startService(t, exampleConfig(t, map[string]any{
		"data": filepath.Join(t.TempDir(), "data"), "listen": "127.0.0.1:0", "masterKeyFile": masterKey(t), "nats.url": "",
		"checkout.api": platform + "/checkout/ec/v1", "checkout.origin": platform,
	}))
	lines := slices.Clone(routines)
	for target, want := range others {
		for _, method := range []string{"PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get"} {
			lines = append(lines, routine{request{method, target}, want, ""})
		}
	}
	demo.unchanged(t, func() {
		for _, l := range lines {
			l.check(t, demo.knock(t, l.request, secret), l.demo)
			l.check(t, served.knock(t, l.request, secret), cmp.Or(l.served, l.demo))
		}
	})
}

// secret is a header that no answer may repeat.
const secret = "X-Segreto: non-dirlo-a-nessuno"

func (l routine) check(t *testing.T, got reply, want string) {
	t.Helper()
	if got.String() != want {
		t.Errorf("%s %s: %s, want %s", l.method, l.target, got, want)
	}
	if got.header.Get("Set-Cookie") != "" || strings.Contains(got.body, "non-dirlo") || strings.HasPrefix(got.place, "//") || strings.Contains(got.place, ":") {
		t.Errorf("%s %s: %v\n%s", l.method, l.target, got.header, got.body)
	}
	policy := got.header.Get("Content-Security-Policy")
	switch got.door {
	case "portal", "mailbox":
		if !strings.Contains(policy, "default-src 'self'") || !strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(policy, "unsafe") ||
			got.header.Get("X-Content-Type-Options") != "nosniff" || got.header.Get("Referrer-Policy") != "same-origin" || got.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s %s: it lacks a header of all pages: %v", l.method, l.target, got.header)
		}
	case "api":
		if got.status == http.StatusUnauthorized && (got.header.Get("WWW-Authenticate") == "" || got.header.Get("Cache-Control") != "no-store") {
			t.Errorf("%s %s: %v", l.method, l.target, got.header)
		}
	}
	if got.status == http.StatusMethodNotAllowed && got.header.Get("Allow") == "" {
		t.Errorf("%s %s: 405 does not say which methods are allowed", l.method, l.target)
	}
	if got.status == http.StatusNotFound && got.door == "portal" && !strings.HasPrefix(l.target, "/assets/") && !strings.Contains(got.body, "Pagina non trovata") {
		t.Errorf("%s %s: the page is not ours:\n%s", l.method, l.target, got.body)
	}
}

func TestACommandFromAnotherSiteStopsAtTheDoor(t *testing.T) {
	d := startDemo(t)
	d.unchanged(t, func() {
		for _, from := range []string{"Origin: https://altrove.example", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site", "Origin: null"} {
			for target, want := range map[string]string{
				"/accesso": "portal 403", "/esci": "portal 403", "/paga/avvio": "portal 403", "/registrazione": "portal 403", "/dove": "portal 403",
				"/api/v1/payments": "api 401", nodePath: "node 415", "/posta/": "mailbox 405",
			} {
				l := routine{request{"POST", target}, want, ""}
				l.check(t, d.knock(t, l.request, from, "Content-Type: application/x-www-form-urlencoded", "Content-Length: 0"), want)
			}
		}
	})
}

// TestEveryDoorHasItsLines reads the doors off the source that opens them.
func TestEveryDoorHasItsLines(t *testing.T) {
	source, err := os.ReadFile("http.go")
	if err != nil {
		t.Fatal(err)
	}
	homes := map[string]string{
		`"/"`: "/accesso", `"/api/v1/"`: "/api/v1/events/end", `nodePath`: nodePath, `mailboxPath+"/"`: "/posta/",
		`"GET /healthz"`: "/healthz", `"GET /readyz"`: "/readyz", `"GET "+metricsPath`: metricsPath,
	}
	found := regexp.MustCompile(`mux\.Handle(?:Func)?\(([^,]+),`).FindAllStringSubmatch(string(source), -1)
	if len(found) != len(homes) {
		t.Errorf("%d doors in http.go, %d known here", len(found), len(homes))
	}
	for _, m := range found {
		home, known := homes[m[1]]
		if !known || !slices.ContainsFunc(routines, func(l routine) bool { return l.target == home }) {
			t.Errorf("the door at %s: what it answers to nobody is not in the table", m[1])
		}
	}
}
