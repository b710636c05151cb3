package httpapi_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/gorilla/mux"

	"github.com/saldo-ledger/saldo/adapters/httpapi"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/embedded"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

// now is what the clock says in these tests.
var now = time.Date(2020, time.January, 31, 9, 30, 0, 0, time.UTC)

// desk is the API over the real ledger and a log in memory. Everything else around
// it is faked.
type desk struct {
	t       *testing.T
	log     *embedded.Log
	ledger  *ledger.Ledger
	vault   *vault
	views   *views
	secrets *passwords
	said    *journal // what the service logged
	parked  *shelf
	config  httpapi.Config
	handler http.Handler
	keys    int // used by fresh
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	log, err := embedded.Open("log", embedded.Options{FS: vfs.NewMem()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := log.Close(); err != nil {
			t.Error(err)
		}
	})
	clock := func() time.Time { return now }
	d := &desk{t: t, log: log, vault: newVault(), secrets: &passwords{of: make(map[domain.ParentID]string)}, said: &journal{}}
	d.ledger = ledger.New(log, d.vault, clock)
	d.views = &views{log: log, vault: d.vault}
	d.parked = &shelf{}
	d.config = httpapi.Config{
		Ledger: d.ledger, Log: log, Views: d.views, Tokens: tokens{}, Credentials: d.secrets, Activations: paper{d.ledger},
		Backups: &copies{}, Journal: &exchanges{all: sampleExchanges()}, Parked: d.parked, Seal: &wax{}, Reconciled: book{}, Printer: press{}, Intake: intake{d.ledger}, Collector: sources{d}, Clock: clock, Logger: slog.New(slog.NewTextHandler(d.said, nil)),
	}
	d.open()
	return d
}

// open makes the API anew, after a change of its configuration.
func (d *desk) open() {
	d.t.Helper()
	d.handler = httpapi.New(d.config)
}

// end is the position of the last event.
func (d *desk) end() eventstore.Position {
	d.t.Helper()
	end, err := d.log.End(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	return end
}

// events are all events of the log.
func (d *desk) events() []eventstore.Recorded {
	d.t.Helper()
	var all []eventstore.Recorded
	for rec, err := range d.log.ReadAll(d.t.Context(), 0) {
		if err != nil {
			d.t.Fatal(err)
		}
		all = append(all, rec)
	}
	return all
}

// route is one operation of the API as the router has it.
type route struct{ method, template string }

// routes walks the router.
func (d *desk) routes() []route {
	d.t.Helper()
	var all []route
	err := d.handler.(*mux.Router).Walk(func(r *mux.Route, _ *mux.Router, _ []*mux.Route) error {
		template, err := r.GetPathTemplate()
		if err != nil {
			return err
		}
		methods, err := r.GetMethods()
		for _, m := range methods {
			all = append(all, route{m, strings.TrimPrefix(template, "/api/v1")})
		}
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return all
}

// header is one header of a request.
type header struct{ name, value string }

// do makes a request with the administrator's token, unless headers have another.
func (d *desk) do(method, path, body string, headers ...header) answer {
	d.t.Helper()
	return d.doIn(d.t.Context(), method, path, body, headers...)
}

func (d *desk) doIn(ctx context.Context, method, path, body string, headers ...header) answer {
	d.t.Helper()
	r := httptest.NewRequestWithContext(ctx, method, "/api/v1"+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+string(httpapi.Administrator))
	for _, h := range headers {
		r.Header.Set(h.name, h.value)
	}
	w := httptest.NewRecorder()
	d.handler.ServeHTTP(w, r)
	return answer{d.t, w.Code, w.Result().Header, w.Body.Bytes()}
}

// key is the header that makes a command repeatable.
func key(k string) header { return header{"Idempotency-Key", k} }

// atLeast is the header that makes a query wait.
func atLeast(p eventstore.Position) header {
	return header{"Saldo-Min-Position", strconv.FormatUint(uint64(p), 10)}
}

// fresh is a key that no other request of this desk has.
func (d *desk) fresh() header {
	d.keys++
	return key("request " + strconv.Itoa(d.keys))
}

// post carries out a command under a fresh key, and fails the test unless it is
// accepted.
func (d *desk) post(path, body string) map[string]any {
	d.t.Helper()
	a := d.do("POST", path, body, d.fresh())
	if a.status != http.StatusOK {
		d.t.Fatalf("POST %s %s: %s", path, body, a)
	}
	return a.object()
}

// get asks for something up to the end of the log, and fails the test unless it is
// there.
func (d *desk) get(path string) map[string]any {
	d.t.Helper()
	a := d.do("GET", path, "", atLeast(d.end()))
	if a.status != http.StatusOK {
		d.t.Fatalf("GET %s: %s", path, a)
	}
	return a.object()
}

// journal is what a service logged, read while it writes.
type journal struct {
	mu   sync.Mutex
	text strings.Builder
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

func (j *journal) clear() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.text.Reset()
}

// answer is what the API said.
type answer struct {
	t      *testing.T
	status int
	header http.Header
	body   []byte
}

func (a answer) String() string { return strconv.Itoa(a.status) + " " + string(a.body) }

// object is the body as a JSON object.
func (a answer) object() map[string]any {
	a.t.Helper()
	var out map[string]any
	if err := json.Unmarshal(a.body, &out); err != nil {
		a.t.Fatalf("%s: %v", a, err)
	}
	return out
}

// position is the position that the answer's header says.
func (a answer) position() eventstore.Position {
	a.t.Helper()
	p, err := strconv.ParseUint(a.header.Get("Saldo-Position"), 10, 64)
	if err != nil {
		a.t.Fatalf("Saldo-Position: %v", err)
	}
	return eventstore.Position(p)
}

// refuses fails the test unless the answer is a problem of this status that names
// the field and a rule with these words in it.
func (a answer) refuses(status int, field, rule string) {
	a.t.Helper()
	a.isProblem(status)
	p := a.object()
	saidRule, _ := p["rule"].(string)
	if saidField, _ := p["field"].(string); saidField != field || !strings.Contains(saidRule, rule) || rule == "" && saidRule != "" {
		a.t.Errorf("field and rule are to be %q, %q: %s", field, rule, a)
	}
}

// isProblem fails the test unless the answer is problem details of this status.
func (a answer) isProblem(status int) {
	a.t.Helper()
	if a.status != status {
		a.t.Errorf("status %d, not %d: %s", a.status, status, a)
	}
	if typ := a.header.Get("Content-Type"); typ != "application/problem+json" {
		a.t.Errorf("Content-Type %q: %s", typ, a)
	}
	p := a.object()
	if p["status"] != float64(status) || p["title"] == "" || p["type"] != "about:blank" {
		a.t.Errorf("not the problem details of status %d: %s", status, a)
	}
}
