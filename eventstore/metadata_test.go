package eventstore

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// stored is metadata as Handle files them, with the hash given.
func stored(m Metadata) []byte { return sealHash(m.appendBody(nil), m.Hash) }

func TestMetadataAreJSONInAFixedOrder(t *testing.T) {
	m := Metadata{Correlation: aRequest, Causation: aCause, Command: aCommand, Actor: "office", Request: "print", Recorded: recorded, Hash: Hash{0xab, 31: 0x01}}
	want := `{"$correlationId":"3d813cbb-47fb-42ba-91df-831e1593ac29","$causationId":"16fd2706-8baf-433b-82eb-8c7fada847da",` +
		`"command":"7c9e6679-7425-40de-944b-e07fc1f90ae7","actor":"office","request":"print","recorded":"2020-02-03T09:30:00.123456789Z",` +
		`"hash":"ab00000000000000000000000000000000000000000000000000000000000001"}`
	if got := string(stored(m)); got != want {
		t.Errorf("stored as\n%s\nwant\n%s", got, want)
	}
	m.Causation, m.Request = uuid.Nil, ""
	want = `{"$correlationId":"3d813cbb-47fb-42ba-91df-831e1593ac29","command":"7c9e6679-7425-40de-944b-e07fc1f90ae7",` +
		`"actor":"office","recorded":"2020-02-03T09:30:00.123456789Z",` +
		`"hash":"ab00000000000000000000000000000000000000000000000000000000000001"}`
	if got := string(stored(m)); got != want {
		t.Errorf("without a cause and a request stored as\n%s\nwant\n%s", got, want)
	}
}

func TestMetadataAreReadBackAsTheyWere(t *testing.T) {
	full := Metadata{Correlation: aRequest, Causation: aCause, Command: aCommand, Actor: "office", Request: "print", Recorded: recorded, Hash: Hash{1, 2, 3}}
	for _, c := range []struct {
		name  string
		alter func(*Metadata)
	}{
		{"in full", func(*Metadata) {}},
		{"without a cause", func(m *Metadata) { m.Causation = uuid.Nil }},
		{"without a request", func(m *Metadata) { m.Request = "" }},
		{"without an actor", func(m *Metadata) { m.Actor = "" }},
		{"with the zero hash", func(m *Metadata) { m.Hash = Hash{} }},
		{"recorded in another zone", func(m *Metadata) { m.Recorded = recorded.In(time.FixedZone("CET", 3600)) }},
		{"recorded on the second", func(m *Metadata) { m.Recorded = recorded.Truncate(time.Second) }},
		{"by an actor with quotes", func(m *Metadata) { m.Actor = `the "office" \ school` }},
		{"by an actor with lines", func(m *Metadata) { m.Actor = "the\r\noffice\t\x00\x1b" }},
		{"by an actor with accents", func(m *Metadata) { m.Actor = "Niccolò Ùrbani ✓ \U0001F3EB \u2028" }},
		{"by an actor with markup", func(m *Metadata) { m.Actor = "<b>&office</b>" }},
		{"by an actor who writes a hash", func(m *Metadata) { m.Actor = `x","hash":"` + strings.Repeat("0", 64) + `"}` }},
		{"for a request with quotes", func(m *Metadata) { m.Request = `"}{"` }},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := full
			c.alter(&want)
			text := stored(want)
			if !json.Valid(text) {
				t.Errorf("%s is not JSON", text)
			}
			got, err := ParseMetadata(text)
			if err != nil {
				t.Fatal(err)
			}
			if !same(got, want) {
				t.Errorf("read back as\n%+v\nwant\n%+v", got, want)
			}
		})
	}
}

// same compares metadata, the times as moments.
func same(a, b Metadata) bool {
	moment := a.Recorded.Equal(b.Recorded)
	a.Recorded = b.Recorded
	return moment && a == b
}

// An actor's name comes from outside; bytes that are no text must not keep a
// command from the log.
func TestAnActorThatIsNoTextIsStoredAsText(t *testing.T) {
	text := stored(Metadata{Command: aCommand, Actor: "of\xfffice", Recorded: recorded})
	m, err := ParseMetadata(text)
	if err != nil || m.Actor != "of\ufffdfice" {
		t.Errorf("actor %q, %v", m.Actor, err)
	}
}

func TestMetadataNotWrittenByHandleAreBad(t *testing.T) {
	sound := string(stored(Metadata{Correlation: aRequest, Command: aCommand, Actor: "office", Recorded: recorded, Hash: Hash{0xab, 0xcd}}))
	digits := sound[len(sound)-66 : len(sound)-2]
	for _, c := range []struct{ name, text string }{
		{"nothing", ""},
		{"an empty object", "{}"},
		{"no hash", `{"command":"7c9e6679-7425-40de-944b-e07fc1f90ae7"}` + strings.Repeat(" ", 80)},
		{"only a hash's end", sound[len(sound)-70:]},
		{"a hash cut short", strings.Replace(sound, "ab", "", 1)},
		{"a hash too long", sound[:len(sound)-2] + `00"}`},
		{"a hash with letters that are no digits", strings.Replace(sound, digits, "g"+digits[1:], 1)},
		{"a hash in capitals, a second spelling", strings.Replace(sound, digits, strings.ToUpper(digits), 1)},
		{"a hash under another name", strings.Replace(sound, `"hash"`, `"Hash"`, 1)},
		{"something after the hash", sound + " "},
		{"something else instead of the last bracket", sound[:len(sound)-1] + "]"},
		{"something else instead of the last quote", sound[:len(sound)-2] + "'}"},
		{"a body that is not JSON", "x" + sound[1:]},
		{"a command that is no id", strings.Replace(sound, "7c9e6679", "nobody's", 1)},
		{"a command in capitals, a second spelling", strings.Replace(sound, "7c9e6679", "7C9E6679", 1)},
		{"another order", strings.Replace(sound, `"actor"`, `"recorded"`, 1)},
		{"a member nobody knows", strings.Replace(sound, `,"actor"`, `,"also":1,"actor"`, 1)},
		{"a member twice", strings.Replace(sound, `,"actor":"office"`, `,"actor":"office","actor":"office"`, 1)},
		{"a blank", strings.Replace(sound, `:`, `: `, 1)},
		{"an actor that does not end", strings.Replace(sound, `office"`, `office\"`, 1)},
		{"a request that is none", strings.Replace(sound, `,"recorded"`, `,"request":"\x","recorded"`, 1)},
		{"a date that is none", strings.Replace(sound, "2020-02-03", "2020-02-30", 1)},
	} {
		t.Run(c.name, func(t *testing.T) {
			if m, err := ParseMetadata([]byte(c.text)); !errors.Is(err, ErrBadMetadata) {
				t.Errorf("%q was read as %+v, %v", c.text, m, err)
			}
		})
	}
}

func FuzzParseMetadata(f *testing.F) {
	f.Add(stored(Metadata{Correlation: aRequest, Causation: aCause, Command: aCommand, Actor: `"of\fice"`, Request: "print", Recorded: recorded}))
	f.Add([]byte(`{"actor":1,"hash":"` + strings.Repeat("0", 64) + `"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := ParseMetadata(text)
		if err != nil {
			if !errors.Is(err, ErrBadMetadata) {
				t.Errorf("%q: %v, want ErrBadMetadata", text, err)
			}
			return
		}
		if year := m.Recorded.UTC().Year(); year < 0 || year > 9999 {
			return // no clock says so, and it has no spelling
		}
		again, err := ParseMetadata(stored(m))
		if err != nil || !same(again, m) {
			t.Errorf("%q is %+v, and written and read again %+v, %v", text, m, again, err)
		}
	})
}

// parseJSON reads metadata as any program that knows JSON can.
func parseJSON(metadata []byte) (Metadata, error) {
	_, hash, err := splitHash(metadata)
	if err != nil {
		return Metadata{}, err
	}
	var m struct {
		Correlation uuid.UUID `json:"$correlationId"`
		Causation   uuid.UUID `json:"$causationId"`
		Command     uuid.UUID `json:"command"`
		Actor       string    `json:"actor"`
		Request     string    `json:"request"`
		Recorded    time.Time `json:"recorded"`
	}
	err = json.Unmarshal(metadata, &m)
	return Metadata{m.Correlation, m.Causation, m.Command, m.Actor, m.Request, m.Recorded, hash}, err
}

// Whatever is read is read as JSON says it; whatever Handle writes is read.
func FuzzMetadataAreReadAsJSON(f *testing.F) {
	f.Add("office", "print", int64(1), stored(Metadata{Correlation: aRequest, Causation: aCause, Command: aCommand, Actor: "caff\u00e8 \\ \"", Request: "print", Recorded: recorded}))
	f.Add("x\",\"hash\":\"", "\xff\u2028", int64(-1), stored(Metadata{Command: aCommand, Actor: "\xff", Recorded: recorded}))
	f.Add("", "", int64(0), []byte(`{"$correlationId":"`+aRequest.String()+`","command":"`+aRequest.String()+`","actor":"\u0041\ud800","recorded":"2020-02-03T09:30:00+01:00","hash":"`+strings.Repeat("0", 64)+`"}`))
	f.Fuzz(func(t *testing.T, actor, request string, nanos int64, text []byte) {
		if got, err := ParseMetadata(text); err == nil {
			if want, err := parseJSON(text); err != nil || !same(got, want) {
				t.Errorf("%q is read as\n%+v, and as JSON as\n%+v, %v", text, got, want, err)
			}
		}
		written := stored(Metadata{Correlation: aRequest, Command: aCommand, Actor: actor, Request: request, Recorded: time.Unix(nanos, nanos), Hash: Hash{1}})
		if year := time.Unix(nanos, nanos).UTC().Year(); year < 0 || year > 9999 {
			return // no clock says so, and it has no spelling
		}
		got, err := ParseMetadata(written)
		if want, jsonErr := parseJSON(written); err != nil || jsonErr != nil || !same(got, want) {
			t.Errorf("%q is read as\n%+v, %v, and as JSON as\n%+v, %v", written, got, err, want, jsonErr)
		}
	})
}

func FuzzSplitHash(f *testing.F) {
	f.Add(stored(Metadata{Command: aCommand, Recorded: recorded, Hash: Hash{0xab}}))
	f.Add([]byte(hashMember + strings.Repeat("F", 64) + `"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		body, hash, err := splitHash(text)
		if err != nil {
			return
		}
		if again := sealHash(bytes.Clone(body), hash); !bytes.Equal(again, text) {
			t.Errorf("%q was split, and put together again is %q", text, again)
		}
	})
}
