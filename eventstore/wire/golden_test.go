package wire

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// Where the events of testdata were sealed. Each file there is the data of one
// event as a log holds it. Files are only added: logs with these bytes exist.
const goldenStream eventstore.Stream = "golden-1"

var goldenID = uuid.MustParse("16fd2706-8baf-433b-82eb-8c7fada847da")

// golden returns the recorded event of a stored name.
func golden(t testing.TB, name string) eventstore.Recorded {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	if err != nil {
		t.Fatalf("an event of each stored name is kept in testdata: %v", err)
	}
	return eventstore.Recorded{Stream: goldenStream, Revision: 1, Position: 1, ID: goldenID, Type: name, Data: bytes.TrimSuffix(data, []byte("\n"))}
}

func TestEveryStoredNameIsReadAndWrittenBackUnchanged(t *testing.T) {
	for _, e := range table {
		t.Run(e.name, func(t *testing.T) {
			rec := golden(t, e.name)
			fact, err := New(keys{}).Decode(t.Context(), rec)
			if err != nil {
				t.Fatal(err)
			}
			if reflect.TypeOf(fact) != e.typ {
				t.Fatalf("it is read as %T, want %s", fact, e.typ)
			}
			if fact.OccurredAt().IsZero() {
				t.Error("it took place at no time")
			}
			for _, field := range empty(reflect.ValueOf(fact), e.typ.Name()) {
				t.Errorf("the file says nothing of %s: nobody would see it renamed", field)
			}
			name, data, err := New(keys{}).Encode(t.Context(), goldenStream, goldenID, fact)
			if err != nil || name != e.name || !bytes.Equal(data, rec.Data) {
				t.Errorf("written back as %s, %v\n%s\nwant\n%s", name, err, data, rec.Data)
			}
			if n := evolve(fact); n != 1 {
				t.Errorf("it is of %d aggregates, want one that evolves with it", n)
			}
		})
	}
}

// Members were added to some events after logs were written without them: those
// bytes are read and written as ever.
func TestWhatWasWrittenBeforeAMemberWasAddedIsWrittenBackUnchanged(t *testing.T) {
	files, err := filepath.Glob("testdata/before*/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".json")
		rec := golden(t, filepath.Join(filepath.Base(filepath.Dir(f)), name))
		rec.Type = name
		fact, err := New(keys{}).Decode(t.Context(), rec)
		if err != nil {
			t.Fatal(err)
		}
		again, data, err := New(keys{}).Encode(t.Context(), goldenStream, goldenID, fact)
		if err != nil || again != name || !bytes.Equal(data, rec.Data) {
			t.Errorf("written back as %s, %v\n%s\nwant\n%s", again, err, data, rec.Data)
		}
		if got, want := quickly(t, NewBooks(), rec), slowly(t, rec); !got.is(want) {
			t.Errorf("%s: the books read\n%+v\nwant\n%+v", name, got, want)
		}
		read, has := forms[name]
		if !has {
			continue // it is read by Decode alone
		}
		c := cursor{rest: rec.Data}
		if read(NewBooks(), &c); !c.whole() {
			t.Errorf("%s is not in its form from %q on", name, c.rest)
		}
	}
}

// empty lists the fields of v, and of what it holds, that are zero.
func empty(v reflect.Value, path string) []string {
	switch {
	case v.IsZero():
		return []string{path}
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct:
		var fields []string
		for i := range v.Len() {
			fields = append(fields, empty(v.Index(i), path)...)
		}
		return fields
	case v.Kind() == reflect.Struct && strings.HasSuffix(v.Type().PkgPath(), "/domain"):
		var fields []string
		for i := range v.NumField() {
			fields = append(fields, empty(v.Field(i), path+"."+v.Type().Field(i).Name)...)
		}
		return fields
	}
	return nil
}

// evolve gives a fact to the aggregates it is of, and counts them.
func evolve(fact domain.Event) (n int) {
	n += evolves[domain.Creditor](fact)
	n += evolves[domain.Parent](fact)
	n += evolves[domain.Claim](fact)
	n += evolves[domain.Consumer](fact)
	n += evolves[domain.LinkRequest](fact)
	n += evolves[domain.Wallet](fact)
	n += evolves[domain.Bulletin](fact)
	n += evolves[domain.Payment](fact)
	n += evolves[domain.Receipt](fact)
	n += evolves[domain.Numbers](fact)
	n += evolves[domain.NumberAssignment](fact)
	n += evolves[domain.Inquiry](fact)
	n += evolves[domain.News](fact)
	n += evolves[domain.Closing](fact)
	n += evolves[domain.ClosingList](fact)
	n += evolves[domain.Document](fact)
	n += evolves[domain.Flow](fact)
	n += evolves[domain.Statement](fact)
	n += evolves[domain.Case](fact)
	n += evolves[domain.Rules](fact)
	return n
}

func evolves[S interface{ Evolve(E) S }, E domain.Event](fact domain.Event) int {
	e, ok := fact.(E)
	if !ok {
		return 0
	}
	var state S
	state.Evolve(e) // it panics at a fact it does not know
	return 1
}

func TestEveryFileIsOfAStoredName(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".json")
		if !slices.Contains(everyName(), name) {
			t.Errorf("%s: a stored name that once was is in the table or retired, for ever", f)
		}
	}
	if len(files) != len(everyName()) {
		t.Errorf("%d files, %d stored names", len(files), len(everyName()))
	}
}

func TestStoredNamesAreOnesOwn(t *testing.T) {
	form := regexp.MustCompile(`^[a-z]+(-[a-z]+)*\.v[1-9][0-9]*$`)
	names := make(map[string]bool)
	for _, n := range Names() {
		if !form.MatchString(n) {
			t.Errorf("%q is not written like bulletin-issued.v1", n)
		}
		if names[n] {
			t.Errorf("%s is in the table twice", n)
		}
		names[n] = true
	}
}

// A domain event that is not in the table could be decided and never filed.
func TestEveryDomainEventHasAStoredName(t *testing.T) {
	stored := make(map[string]bool)
	for _, e := range table {
		stored[e.typ.Name()] = true
	}
	events := domainEvents(t)
	for _, name := range events {
		if !stored[name] {
			t.Errorf("domain.%s is not in the table", name)
		}
	}
	if len(events) == 0 || len(events) > len(stored) {
		t.Errorf("%d domain events were found for %d in the table", len(events), len(stored))
	}
}

// domainEvents lists the types of package domain with the method event.
func domainEvents(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../domain/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), f, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			method, ok := d.(*ast.FuncDecl)
			if !ok || method.Recv == nil || method.Name.Name != "event" {
				continue
			}
			receiver := method.Recv.List[0].Type
			if star, ok := receiver.(*ast.StarExpr); ok {
				receiver = star.X
			}
			names = append(names, receiver.(*ast.Ident).Name)
		}
	}
	return names
}
