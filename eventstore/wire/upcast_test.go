package wire

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// What the tables may look like one day: bulletin-sent has had two shapes before
// (its notice was called iuv, and it had no parent), and parent-registered one.
var (
	oneDay = []entry{
		plain[domain.BulletinSent]("bulletin-sent.v3"),
		sealed("parent-registered.v2", func(e *domain.ParentRegistered) (uuid.UUID, *domain.Person) { return e.Parent.UUID, &e.Person }),
	}
	oneDaysUpcasts = []retired{
		{"bulletin-sent.v1", "bulletin-sent.v2", func(m members) error { return rename(m, "iuv", "notice") }},
		{"bulletin-sent.v2", "bulletin-sent.v3", func(m members) error {
			m["parent"] = jsontext.Value(`"` + uuid.Max.String() + `"`)
			return nil
		}},
		{"parent-registered.v1", "parent-registered.v2", func(m members) error { return rename(m, "adult", "parent") }},
		{"broken.v1", "bulletin-sent.v3", func(members) error { return errRename }},
		{"nowhere.v1", "nowhere.v2", func(members) error { return nil }},
	}
	errRename = errors.New("no such member")
)

func rename(m members, from, to string) error {
	value, ok := m[from]
	if !ok {
		return errRename
	}
	delete(m, from)
	m[to] = value
	return nil
}

func TestAnEventOfAnOlderVersionIsReadAsTodays(t *testing.T) {
	today, err := New(keys{}).Decode(t.Context(), golden(t, "bulletin-sent.v1"))
	if err != nil {
		t.Fatal(err)
	}
	want := today.(domain.BulletinSent)
	want.Parent = domain.ParentID{UUID: uuid.Max}
	reg := newRegistry(keys{}, oneDay, oneDaysUpcasts)
	for name, notice := range map[string]string{"bulletin-sent.v2": "notice", "bulletin-sent.v1": "iuv"} {
		rec := golden(t, "bulletin-sent.v1")
		rec.Type = name
		rec.Data = bytes.Replace(rec.Data, []byte(`"notice"`), []byte(`"`+notice+`"`), 1)
		rec.Data = bytes.Replace(rec.Data, []byte(`"parent"`), []byte(`"family"`), 1)
		before := bytes.Clone(rec.Data)
		got, err := reg.Decode(t.Context(), rec)
		if err != nil || got != want {
			t.Errorf("%s is read as %+v, %v; want %+v", name, got, err, want)
		}
		if !bytes.Equal(rec.Data, before) {
			t.Errorf("%s: reading changed what is stored to %s", name, rec.Data)
		}
		if written, _, err := reg.Encode(t.Context(), goldenStream, goldenID, got); err != nil || written != "bulletin-sent.v3" {
			t.Errorf("written back it is %s, %v", written, err)
		}
	}
}

func TestPersonalDataOfAnOlderVersionAreOpened(t *testing.T) {
	rec := golden(t, "parent-registered.v1")
	want, err := New(keys{}).Decode(t.Context(), rec)
	if err != nil {
		t.Fatal(err)
	}
	rec.Data = bytes.Replace(rec.Data, []byte(`"parent"`), []byte(`"adult"`), 1)
	if got, err := newRegistry(keys{}, oneDay, oneDaysUpcasts).Decode(t.Context(), rec); err != nil || got != want {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
	parent := want.(domain.ParentRegistered).Parent.UUID
	erased := newRegistry(keys{erased: map[uuid.UUID]bool{parent: true}}, oneDay, oneDaysUpcasts)
	if got, err := erased.Decode(t.Context(), rec); err != nil || got.(domain.ParentRegistered).Person != (domain.Person{}) {
		t.Errorf("of an erased parent: %+v, %v", got, err)
	}
}

func TestAnOlderVersionThatCannotBeReadIsAnError(t *testing.T) {
	reg := newRegistry(keys{}, oneDay, oneDaysUpcasts)
	for _, c := range []struct {
		name, data string
		want       error
	}{
		{"bulletin-sent.v4", "{}", ErrUnknownName},
		{"nowhere.v1", "{}", ErrUnknownName},
		{"nowhere.v2", "{}", ErrUnknownName},
		{"broken.v1", "{}", errRename},
		{"bulletin-sent.v1", `{"notice":"301000000000004285"}`, errRename},
		{"bulletin-sent.v2", "[]", nil},
		{"bulletin-sent.v2", `{"at":"3/2/2020"}`, nil},
	} {
		e, err := reg.Decode(t.Context(), eventstore.Recorded{Type: c.name, Position: 77, Data: []byte(c.data)})
		if err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s %s is read as %+v, %v; want %v", c.name, c.data, e, err, c.want)
		} else if !strings.Contains(err.Error(), "position 77") || !errors.Is(err, ErrUnknownName) && !strings.Contains(err.Error(), c.name) {
			t.Errorf("%s %s: %v does not say where", c.name, c.data, err)
		}
	}
}

// Each retired name leads, by one way, to a name of the table, and keeps its file.
func TestEveryRetiredNameLeadsToTodays(t *testing.T) {
	next := make(map[string]string)
	for _, u := range upcasts {
		if next[u.name] != "" {
			t.Errorf("%s is retired twice", u.name)
		}
		next[u.name] = u.next
	}
	reg := New(keys{})
	for name := range next {
		if _, current := reg.byName[name]; current {
			t.Errorf("%s is retired, and in the table", name)
		}
		at := name
		for range len(next) {
			if next[at] != "" {
				at = next[at]
			}
		}
		en, ok := reg.byName[at]
		if !ok {
			t.Errorf("%s leads to %s, which is not in the table", name, at)
			continue
		}
		fact, err := reg.Decode(t.Context(), golden(t, name))
		if err != nil || reflect.TypeOf(fact) != en.typ || evolve(fact) != 1 {
			t.Errorf("%s is read as %+v, %v", name, fact, err)
		}
	}
}

// everyName are the stored names that are in logs: today's, and those retired.
func everyName() []string {
	names := Names()
	for _, u := range upcasts {
		names = append(names, u.name)
	}
	return names
}

func TestSubjectsAreKnownWithoutKeys(t *testing.T) {
	for _, s := range secrets(t) {
		if got, ok := New(nil).Subject(without(t, s)); !ok || got != s.subject {
			t.Errorf("%s is about %s, %t; want %s", s.name, got, ok, s.subject)
		}
	}
	for _, e := range []domain.Event{nil, domain.BulletinSent{}, domain.ParentErased{}} {
		if got, ok := New(nil).Subject(e); ok {
			t.Errorf("%T is about %s", e, got)
		}
	}
}
