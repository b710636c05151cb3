package cmd_test

import (
	"fmt"
	"go/parser"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/saldo-ledger/saldo"

// rooms stand in the order in which imports may run: from a room to itself or to
// one before it.
var rooms = []string{"domain", "eventstore", "projections", "adapters", "cmd"}

// mayImport narrows what a package takes from this module to less than its room
// allows. Its tests are not held to it: an auditor's test may write its history
// through the ledger.
var mayImport = map[string][]string{
	"eventstore":                {},
	"eventstore/embedded":       {"eventstore"},
	"eventstore/storetest":      {"eventstore"},
	"eventstore/wire":           {"domain", "eventstore"},
	"eventstore/ledger":         {"domain", "eventstore", "eventstore/wire"},
	"eventstore/seal":           {"eventstore"},
	"eventstore/audit":          {"domain", "eventstore", "eventstore/seal", "eventstore/wire"},
	"eventstore/audit/archive":  {"eventstore", "eventstore/seal"},
	"eventstore/audit/register": {"domain", "domain/table", "eventstore", "eventstore/audit"},
	"projections":               {"domain", "domain/reconciliation", "eventstore", "eventstore/wire"},
}

// mayRequire names what else than the standard library a package may need.
var mayRequire = map[string][]string{
	"domain":            {"github.com/google/uuid", "github.com/shopspring/decimal"},
	"domain/domaintest": {},
	"eventstore":        {"github.com/google/uuid", "github.com/hashicorp/golang-lru/v2"},
}

// mayNotRequire names what a whole room does without, sub-packages included on
// both sides: the domain does no I/O, tells no random numbers and logs nothing,
// and projections know no SQL.
var mayNotRequire = map[string][]string{
	"domain":      {"os", "net", "log", "database", "syscall", "math/rand", "crypto/rand"},
	"projections": {"database", "github.com/jackc/pgx/v5", "modernc.org/sqlite"},
}

// edge is one import: package from, a folder of the module, imports path to.
type edge struct {
	from, to string
	test     bool // by a test file
}

// breach says which rule of the house an import breaks; "" is none.
func (e edge) breach() string {
	if to, ours := strings.CutPrefix(e.to, module+"/"); ours {
		return e.breachInside(to)
	}
	return e.breachOutside()
}

func (e edge) breachInside(to string) string {
	from, target := slices.Index(rooms, room(e.from)), slices.Index(rooms, room(to))
	narrow, narrowed := mayImport[e.from]
	switch {
	case from < 0 || target < 0:
		return "every package has a room: " + strings.Join(rooms, ", ")
	case target > from:
		return "imports run inwards: " + strings.Join(rooms, " <- ")
	case room(e.from) == "adapters" && room(to) == "adapters" && family(e.from) != family(to):
		return "an adapter imports no other adapter"
	case e.test:
		return ""
	case forTests(to) && !forTests(e.from):
		return "what is made for tests is imported by tests alone"
	case narrowed && !slices.Contains(narrow, to):
		return fmt.Sprintf("%s imports nothing of the module but %q", e.from, narrow)
	}
	return ""
}

func (e edge) breachOutside() string {
	if e.test {
		return ""
	}
	for _, path := range mayNotRequire[room(e.from)] {
		if e.to == path || strings.HasPrefix(e.to, path+"/") {
			return fmt.Sprintf("%s does without %s", room(e.from), path)
		}
	}
	if known, limited := mayRequire[e.from]; limited && !standard(e.to) && !slices.Contains(known, e.to) {
		return fmt.Sprintf("%s needs nothing but the standard library and %q", e.from, known)
	}
	return ""
}

// room is the first element of a package's folder.
func room(pkg string) string {
	first, _, _ := strings.Cut(pkg, "/")
	return first
}

// family is an adapter with its sub-packages: the first two elements.
func family(pkg string) string {
	parts := strings.SplitN(pkg, "/", 3)
	return strings.Join(parts[:min(2, len(parts))], "/")
}

// forTests reports whether a package is made for tests, by its name: domaintest,
// storetest, …
func forTests(pkg string) bool { return strings.HasSuffix(pkg, "test") }

// standard reports whether a path is the standard library's: the others begin
// with a host.
func standard(path string) bool { return !strings.Contains(room(path), ".") }

func TestImportsRunInwards(t *testing.T) {
	for _, s := range sources(t, parser.ImportsOnly) {
		for _, spec := range s.file.Imports {
			to, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if rule := (edge{s.pkg(), to, s.test()}).breach(); rule != "" {
				t.Errorf("%s imports %s: %s", s.at(spec.Pos()), to, rule)
			}
		}
	}
}

func TestImportsThatBreakARuleAreNoticed(t *testing.T) {
	const own, tests = false, true
	for _, c := range []struct {
		edge
		allowed bool
	}{
		{edge{"domain", "time", own}, true},
		{edge{"domain", "github.com/shopspring/decimal", own}, true},
		{edge{"domain", "pgregory.net/rapid", tests}, true},
		{edge{"domain", module + "/domain/domaintest", tests}, true},
		{edge{"eventstore", "github.com/hashicorp/golang-lru/v2", own}, true},
		{edge{"eventstore/audit", module + "/eventstore/wire", own}, true},
		{edge{"eventstore/audit", module + "/eventstore/ledger", tests}, true},
		{edge{"projections/projectionstest", module + "/eventstore/wire", own}, true},
		{edge{"adapters/pagopa/sim", module + "/adapters/pagopa/soap", own}, true},
		{edge{"adapters/sqlstore", "database/sql", own}, true},
		{edge{"cmd/ledgerd", module + "/adapters/portal", own}, true},

		{edge{"domain", "pgregory.net/rapid", own}, false},
		{edge{"domain", "net/http", own}, false},
		{edge{"domain", "math/rand/v2", own}, false},
		{edge{"domain", module + "/domain/domaintest", own}, false},
		{edge{"domain", module + "/eventstore", tests}, false},
		{edge{"eventstore", module + "/domain", own}, false},
		{edge{"eventstore", "github.com/cockroachdb/pebble/v2", own}, false},
		{edge{"eventstore/audit", module + "/eventstore/ledger", own}, false},
		{edge{"eventstore/embedded", module + "/domain", own}, false},
		{edge{"projections", "database/sql", own}, false},
		{edge{"projections", module + "/eventstore/ledger", own}, false},
		{edge{"projections", module + "/adapters/sqlstore", tests}, false},
		{edge{"adapters/portal", module + "/adapters/mail", own}, false},
		{edge{"adapters/portal", module + "/adapters/mail", tests}, false},
		{edge{"adapters/httpapi", module + "/cmd/ledgerd", own}, false},
		{edge{"scripts", module + "/domain", own}, false},
	} {
		if rule := c.breach(); (rule == "") != c.allowed {
			t.Errorf("%+v: allowed is to be %t; rule: %q", c.edge, c.allowed, rule)
		}
	}
}
