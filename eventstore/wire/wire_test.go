package wire

import (
	"bytes"
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

func TestAnUnknownNameIsAnError(t *testing.T) {
	rec := golden(t, "bulletin-sent.v1")
	for _, name := range []string{"", "bulletin-sent", "bulletin-sent.v2", "Bulletin-sent.v1", "BulletinSent"} {
		rec.Type = name
		if e, err := New(keys{}).Decode(t.Context(), rec); !errors.Is(err, ErrUnknownName) {
			t.Errorf("%q is read as %#v, %v", name, e, err)
		}
	}
}

func TestAnEventThatIsNotInTheTableIsNotWritten(t *testing.T) {
	for _, e := range []domain.Event{nil, &domain.BulletinSent{}} {
		if name, data, err := New(keys{}).Encode(t.Context(), goldenStream, goldenID, e); !errors.Is(err, ErrUnknownName) {
			t.Errorf("%T is written as %s %s, %v", e, name, data, err)
		}
	}
}

func TestDataThatAreNotTheEventsAreAnError(t *testing.T) {
	for _, data := range []string{"", "null x", "[]", `{"amount":"57.33"`, `{"amount":57.33}`, `{"amount":"57,33"}`, `{"at":"3/2/2020"}`, `{"parent":"nobody"}`, "{\"notice\":\"\xff\"}"} {
		rec := golden(t, "payment-confirmed.v1")
		rec.Data, rec.Position = []byte(data), 77
		e, err := New(keys{}).Decode(t.Context(), rec)
		if err == nil {
			t.Errorf("%q is read as %+v", data, e)
		} else if !strings.Contains(err.Error(), "payment-confirmed.v1 at position 77") {
			t.Errorf("%q does not say where", err)
		}
	}
}

// A newer program of the same shape may have added members.
func TestMembersNotKnownAreLeftOut(t *testing.T) {
	rec := golden(t, "bulletin-sent.v1")
	want, err := New(nil).Decode(t.Context(), rec)
	if err != nil {
		t.Fatal(err)
	}
	rec.Data = append(bytes.TrimSuffix(rec.Data, []byte("}")), `,"channel":"mail"}`...)
	if got, err := New(nil).Decode(t.Context(), rec); err != nil || got != want {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
}

func TestAnAggregateReadsItsOwnEventsOnly(t *testing.T) {
	bulletins := Of[domain.BulletinEvent]{New(keys{})}
	e, err := bulletins.Decode(t.Context(), golden(t, "bulletin-sent.v1"))
	if _, ok := e.(domain.BulletinSent); !ok || err != nil {
		t.Errorf("%#v, %v", e, err)
	}
	name, data, err := bulletins.Encode(t.Context(), goldenStream, goldenID, e)
	if err != nil || name != "bulletin-sent.v1" || !bytes.Equal(data, golden(t, name).Data) {
		t.Errorf("%s %s, %v", name, data, err)
	}
	if e, err := bulletins.Decode(t.Context(), golden(t, "parent-registered.v1")); !errors.Is(err, ErrUnknownName) {
		t.Errorf("a parent's event is read as a bulletin's: %#v, %v", e, err)
	}
	if e, err := bulletins.Decode(t.Context(), eventstore.Recorded{Type: "nothing.v1"}); !errors.Is(err, ErrUnknownName) {
		t.Errorf("an unknown event is read as a bulletin's: %#v, %v", e, err)
	}
}

// secret is an event with personal data.
type secret struct {
	name     string
	fact     domain.Event
	subject  uuid.UUID
	personal any
	texts    []string // what must not be seen
}

// secrets are the sealed events of testdata.
func secrets(t testing.TB) []secret {
	t.Helper()
	var all []secret
	for _, e := range table {
		if e.personal == nil {
			continue
		}
		fact, err := New(keys{}).Decode(context.Background(), golden(t, e.name))
		if err != nil {
			t.Fatal(err)
		}
		s := secret{name: e.name, fact: fact}
		s.subject, s.personal = e.personal(fact)
		s.texts = texts(reflect.ValueOf(s.personal))
		all = append(all, s)
	}
	return all
}

// texts lists the texts in personal data.
func texts(v reflect.Value) []string {
	switch v.Kind() {
	case reflect.String:
		return []string{v.String()}
	case reflect.Int:
		return nil // the number of a line is nobody's
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return []string{string(v.Bytes())}
		}
		var all []string
		for i := range v.Len() {
			all = append(all, texts(v.Index(i))...)
		}
		return all
	}
	var all []string
	for i := range v.NumField() {
		all = append(all, texts(v.Field(i))...)
	}
	return all
}

func TestPersonalDataAreNotSeenInWhatIsStored(t *testing.T) {
	all := secrets(t)
	if len(all) < 6 {
		t.Fatalf("%d events with personal data, want more", len(all))
	}
	for _, s := range all {
		t.Run(s.name, func(t *testing.T) {
			_, data, err := New(keys{}).Encode(t.Context(), goldenStream, goldenID, s.fact)
			if err != nil {
				t.Fatal(err)
			}
			for _, text := range s.texts {
				if text == "" || bytes.Contains(data, []byte(text)) {
					t.Errorf("%q is seen in %s", text, data)
				}
			}
		})
	}
}

func TestWhoseKeySealsWhat(t *testing.T) {
	for _, s := range secrets(t) {
		var want uuid.UUID
		switch e := s.fact.(type) {
		case domain.ParentRegistered:
			want = e.Parent.UUID
		case domain.ProfileChanged:
			want = e.Parent.UUID
		case domain.ConsumerEnrolled:
			want = e.Consumer.UUID
		case domain.DietChanged:
			want = e.Consumer.UUID
		case domain.ParentUnlinked:
			want = e.Parent.UUID
		case domain.LinkRequested:
			want = e.Parent.UUID
		case domain.LinkRefused:
			want = e.Parent.UUID
		case domain.ReceiptFiled:
			want = e.Subject
		case domain.UnreadableFiled:
			want = e.Subject
		case domain.InquiryOpened:
			want = e.Parent.UUID
		case domain.InquiryContinued:
			want = e.Parent.UUID
		case domain.InquiryAnswered:
			want = e.Parent.UUID
		case domain.DocumentPart:
			want = e.Subject
		case domain.MovementsFiled:
			want = e.Subject
		case domain.CaseNoteAdded:
			want = e.Holder
		}
		if s.subject != want || want == uuid.Nil {
			t.Errorf("%s is sealed for %s, want %s", s.name, s.subject, want)
		}
	}
}

func TestSealedDataCannotBeMoved(t *testing.T) {
	for _, s := range secrets(t) {
		t.Run(s.name, func(t *testing.T) {
			for _, c := range []struct {
				to   string
				move func(*eventstore.Recorded)
			}{
				{"another event of the stream", func(r *eventstore.Recorded) { r.ID = uuid.New() }},
				{"another stream", func(r *eventstore.Recorded) { r.Stream = "golden-2" }},
				{"another person", func(r *eventstore.Recorded) {
					r.Data = bytes.ReplaceAll(r.Data, []byte(s.subject.String()), []byte(uuid.NewString()))
				}},
				{"a place where a byte changes", func(r *eventstore.Recorded) {
					at := bytes.Index(r.Data, []byte(`"personal":"`)) + 40
					r.Data = bytes.Clone(r.Data)
					r.Data[at] ^= 1
				}},
				{"nowhere", func(r *eventstore.Recorded) {
					r.Data = append(r.Data[:bytes.Index(r.Data, []byte(`,"personal"`))], '}')
				}},
			} {
				rec := golden(t, s.name)
				c.move(&rec)
				if e, err := New(keys{}).Decode(t.Context(), rec); err == nil {
					t.Errorf("moved to %s they are read as %+v", c.to, e)
				}
			}
		})
	}
}

// without returns the event of s with no personal data.
func without(t *testing.T, s secret) domain.Event {
	t.Helper()
	blank := reflect.New(reflect.TypeOf(s.fact)).Elem()
	blank.Set(reflect.ValueOf(s.fact))
	for _, name := range []string{"Person", "Child", "Diet", "Raw", "Question", "Text", "Answer", "Packed", "Texts", "Sought", "Reason"} {
		if f := blank.FieldByName(name); f.IsValid() {
			f.SetZero()
			return blank.Interface().(domain.Event)
		}
	}
	t.Fatalf("%T has personal data in a field not known here", s.fact)
	return nil
}

func TestAnErasedPersonsEventsAreReadWithoutTheirData(t *testing.T) {
	for _, s := range secrets(t) {
		t.Run(s.name, func(t *testing.T) {
			erased := New(keys{erased: map[uuid.UUID]bool{s.subject: true}})
			got, err := erased.Decode(t.Context(), golden(t, s.name))
			if err != nil || !reflect.DeepEqual(got, without(t, s)) {
				t.Errorf("%+v, %v; want %+v", got, err, without(t, s))
			}
			if _, _, err := erased.Encode(t.Context(), goldenStream, goldenID, s.fact); !errors.Is(err, ErrErased) {
				t.Errorf("new data of an erased person: %v, want ErrErased", err)
			}
		})
	}
}

func TestWithoutAKeyring(t *testing.T) {
	reader := New(nil)
	for _, s := range secrets(t) {
		t.Run(s.name+" is read without its personal data and not written", func(t *testing.T) {
			got, err := reader.Decode(t.Context(), golden(t, s.name))
			if err != nil || !reflect.DeepEqual(got, without(t, s)) {
				t.Errorf("%+v, %v; want %+v", got, err, without(t, s))
			}
			if _, data, err := reader.Encode(t.Context(), goldenStream, goldenID, s.fact); err == nil || data != nil {
				t.Errorf("it is written in the clear: %s", data)
			}
		})
	}
	t.Run("an event without personal data is written", func(t *testing.T) {
		rec := golden(t, "bulletin-sent.v1")
		e, err := reader.Decode(t.Context(), rec)
		if err != nil {
			t.Fatal(err)
		}
		if _, data, err := reader.Encode(t.Context(), goldenStream, goldenID, e); err != nil || !bytes.Equal(data, rec.Data) {
			t.Errorf("%s, %v", data, err)
		}
	})
}

func TestAKeyringOutOfReachIsAnError(t *testing.T) {
	away := errors.New("the vault is away")
	reg := New(keys{broken: away})
	for _, s := range secrets(t) {
		if e, err := reg.Decode(t.Context(), golden(t, s.name)); !errors.Is(err, away) {
			t.Errorf("%s is read as %+v, %v", s.name, e, err)
		}
		if _, data, err := reg.Encode(t.Context(), goldenStream, goldenID, s.fact); !errors.Is(err, away) || data != nil {
			t.Errorf("%s is written as %s, %v", s.name, data, err)
		}
	}
}

// FuzzDecode reads what a log might hold as any event. What can be read can be
// written, and is then read as the same.
func FuzzDecode(f *testing.F) {
	for i, name := range Names() {
		f.Add(uint8(i), golden(f, name).Data)
	}
	reg := New(keys{})
	f.Fuzz(func(t *testing.T, i uint8, data []byte) {
		rec := eventstore.Recorded{Stream: goldenStream, ID: goldenID, Type: Names()[int(i)%len(Names())], Data: data}
		e, err := reg.Decode(t.Context(), rec)
		if err != nil {
			return
		}
		name, once, err := reg.Encode(t.Context(), rec.Stream, rec.ID, e)
		if err != nil || name != rec.Type {
			t.Fatalf("%s %s is read as %+v and written as %s, %v", rec.Type, data, e, name, err)
		}
		rec.Data = once
		again, err := reg.Decode(t.Context(), rec)
		if err != nil {
			t.Fatalf("%s %s is not read back: %v", name, once, err)
		}
		if _, twice, err := reg.Encode(t.Context(), rec.Stream, rec.ID, again); err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%s is written as\n%s and then\n%s, %v", name, once, twice, err)
		}
	})
}
