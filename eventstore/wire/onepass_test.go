package wire

import (
	"bytes"
	"reflect"
	"slices"
	"testing"

	"github.com/go-json-experiment/json"
	"pgregory.net/rapid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// passing lists the stored names that are read in one pass.
var passing = []string{
	"bulletin-issued.v1", "bulletin-sent.v1", "payment-confirmed.v1", "payment-reported.v1", "payment-settled.v1", "flow-lines-filed.v1",
}

// inFull reads an event with the decoder of JSON, whatever its name is.
func inFull(t testing.TB, rec eventstore.Recorded) (domain.Event, error) {
	r := New(nil)
	en, ok := r.byName[rec.Type]
	if !ok || !slices.Contains(passing, rec.Type) {
		return r.Decode(t.Context(), rec)
	}
	e := reflect.New(en.typ)
	err := json.Unmarshal(rec.Data, e.Interface())
	return e.Elem().Interface().(domain.Event), err
}

// readAlike checks that an event is read as its JSON says.
func readAlike(t testing.TB, rec eventstore.Recorded) {
	t.Helper()
	want, wantErr := inFull(t, rec)
	got, err := New(nil).Decode(t.Context(), rec)
	if (err == nil) != (wantErr == nil) || err == nil && !reflect.DeepEqual(got, want) {
		t.Fatalf("%s: %s\nread %+v, %v\nwant %+v, %v", rec.Type, rec.Data, got, err, want, wantErr)
	}
}

func TestWhatIsReadInOnePassIsReadAsItsJSONSays(t *testing.T) {
	for _, name := range passing {
		whole := golden(t, name)
		readAlike(t, whole)
		for i := range whole.Data {
			for _, mask := range []byte{0x01, 0x02, 0x20, 0x7e, 0x80} {
				rec := whole
				rec.Data = bytes.Clone(whole.Data)
				rec.Data[i] ^= mask
				readAlike(t, rec)
			}
			for _, now := range []string{"", "0", "00", `"`, ",", "null"} {
				rec := whole
				rec.Data = slices.Concat(whole.Data[:i], []byte(now), whole.Data[i+1:])
				readAlike(t, rec)
			}
		}
	}
}

// Encode's own form must be the one that is known, or reading is slow.
func TestWhatEncodeWritesIsReadWithoutTheDecoder(t *testing.T) {
	plainly := map[string]func(*cursor){
		"bulletin-issued.v1":   func(c *cursor) { c.bulletinIssued() },
		"bulletin-sent.v1":     func(c *cursor) { c.bulletinSent() },
		"payment-confirmed.v1": func(c *cursor) { c.paymentConfirmed() },
		"payment-reported.v1":  func(c *cursor) { c.paymentReported() },
		"payment-settled.v1":   func(c *cursor) { c.paymentSettled() },
		"flow-lines-filed.v1":  func(c *cursor) { c.flowLinesFiled() },
	}
	for _, name := range passing {
		c := cursor{rest: golden(t, name).Data}
		if plainly[name](&c); !c.whole() {
			t.Errorf("%s is not in its form from %q on", name, c.rest)
		}
	}
}

func TestRandomEventsAreReadInOnePassAsTheirJSONSays(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		name, data, err := New(nil).Encode(t.Context(), goldenStream, goldenID, randomEvent(rt))
		if err != nil {
			rt.Fatal(err)
		}
		readAlike(t, eventstore.Recorded{Stream: goldenStream, Position: 1, ID: goldenID, Type: name, Data: data})
	})
}

func FuzzWhatIsReadInOnePassIsReadAsItsJSONSays(f *testing.F) {
	for i, name := range passing {
		f.Add(i, golden(f, name).Data)
	}
	f.Fuzz(func(t *testing.T, i int, data []byte) {
		name := passing[uint(i)%uint(len(passing))]
		readAlike(t, eventstore.Recorded{Stream: goldenStream, Position: 1, ID: goldenID, Type: name, Data: data})
	})
}

func BenchmarkDecode(b *testing.B) {
	for _, name := range passing {
		rec, reg := golden(b, name), New(nil)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := reg.Decode(b.Context(), rec); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
