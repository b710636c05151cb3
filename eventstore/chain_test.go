package eventstore

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

var (
	aCommand = uuid.MustParse("7c9e6679-7425-40de-944b-e07fc1f90ae7")
	aCause   = uuid.MustParse("16fd2706-8baf-433b-82eb-8c7fada847da")
	aRequest = uuid.MustParse("3d813cbb-47fb-42ba-91df-831e1593ac29")
	recorded = time.Date(2020, 2, 3, 9, 30, 0, 123456789, time.UTC)
)

// story is two events of one stream as Handle files them.
func story() []Recorded {
	meta := Metadata{Correlation: aRequest, Causation: aCause, Command: aCommand, Actor: "office", Request: "POST /bulletins", Recorded: recorded}
	body := meta.appendBody(nil)
	events := []Recorded{
		{Stream: "bulletin-12345678903-301000000000004285", Type: "bulletin-issued.v1", Data: []byte(`{"amount":"57.33"}`)},
		{Stream: "bulletin-12345678903-301000000000004285", Type: "bulletin-sent.v1", Data: []byte(`{}`)},
	}
	var hash Hash
	for i := range events {
		e := &events[i]
		e.Revision, e.Position, e.ID = Revision(i+1), Position(40+i), EventID(aCommand, e.Stream, i)
		hash = Link(hash, contentOf(e.Stream, e.Revision, e.ID, e.Type, e.Data, body))
		e.Metadata = sealHash(bytes.Clone(body), hash)
	}
	return events
}

// These values are in logs that exist. If one changes, every chain there breaks.
func TestTheChainNeverChanges(t *testing.T) {
	events := story()
	for i, want := range []struct{ id, hash string }{
		{"e8d0a962-b551-5179-934c-4f3fd3f48e8d", "733d6e82eb02ff5d56e192f4a2d903c661e8f2f10765ebab273fb87342d0cf6b"},
		{"637dd35d-9e88-5b65-92e2-cc3f11f55d50", "678c048466b59f81119e9a24b279e694373dd94940c7d55281956e80a977ddd2"},
	} {
		_, hash, err := splitHash(events[i].Metadata)
		if err != nil || hash.String() != want.hash {
			t.Errorf("event %d has hash %s, %v; want %s", i, hash, err, want.hash)
		}
		if id := events[i].ID.String(); id != want.id {
			t.Errorf("event %d has id %s, want %s", i, id, want.id)
		}
	}
}

func TestVerifyLinkFollowsTheChain(t *testing.T) {
	var hash Hash
	for _, e := range story() {
		next, err := VerifyLink(hash, e)
		if err != nil {
			t.Fatal(err)
		}
		if next == hash {
			t.Error("an event has the hash of the one before it")
		}
		hash = next
	}
}

func TestVerifyLinkNamesAnEventThatDoesNotFollow(t *testing.T) {
	first, err := VerifyLink(Hash{}, story()[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		prev  Hash
		alter func(*Recorded)
	}{
		{"another predecessor", Hash{1}, func(*Recorded) {}},
		{"another stream", first, func(e *Recorded) { e.Stream += "0" }},
		{"another place in it", first, func(e *Recorded) { e.Revision++ }},
		{"another id", first, func(e *Recorded) { e.ID[15] ^= 1 }},
		{"another type", first, func(e *Recorded) { e.Type = "bulletin-cancelled.v1" }},
		{"other data", first, func(e *Recorded) { e.Data = []byte(`{"amount":"0.33"}`) }},
		{"bytes moved from the type to the data", first, func(e *Recorded) {
			e.Type, e.Data = e.Type[:len(e.Type)-1], append([]byte("1"), e.Data...)
		}},
		{"another actor", first, func(e *Recorded) { e.Metadata = bytes.Replace(e.Metadata, []byte("office"), []byte("nobody"), 1) }},
		{"another hash", first, func(e *Recorded) { e.Metadata[len(e.Metadata)-3] ^= 1 }},
		{"metadata of another make", first, func(e *Recorded) { e.Metadata = []byte(`{"actor":"office"}`) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := story()[1]
			c.alter(&e)
			_, err := VerifyLink(c.prev, e)
			var broken *ChainError
			if !errors.As(err, &broken) {
				t.Fatalf("%v, want a ChainError", err)
			}
			if broken.Stream != e.Stream || broken.Revision != e.Revision || broken.Position != e.Position {
				t.Errorf("%+v is not revision %d of %s, position %d", broken, e.Revision, e.Stream, e.Position)
			}
			if text := err.Error(); !strings.Contains(text, string(e.Stream)) || !strings.Contains(text, "position 41") {
				t.Errorf("%q does not say where", text)
			}
			if badMetadata := errors.Is(err, ErrBadMetadata); badMetadata != (broken.Expected == broken.Found) {
				t.Errorf("%v: expected %s, found %s", err, broken.Expected, broken.Found)
			}
		})
	}
}

// A copy of the log elsewhere, at other positions, proves the same.
func TestAPositionIsNotPartOfTheChain(t *testing.T) {
	e := story()[0]
	e.Position = 7
	if _, err := VerifyLink(Hash{}, e); err != nil {
		t.Error(err)
	}
}

func TestEventIDsFollowFromCommandStreamAndPlace(t *testing.T) {
	seen := make(map[uuid.UUID]bool)
	for _, command := range []uuid.UUID{aCommand, aCause} {
		for _, stream := range []Stream{"hall-1", "hall-11", "hall-2"} {
			for i := range 12 {
				id := EventID(command, stream, i)
				if seen[id] || id != EventID(command, stream, i) {
					t.Errorf("event %d of %s by %s has id %s, which is another's or changes", i, stream, command, id)
				}
				seen[id] = true
			}
		}
	}
}

func TestStreamNames(t *testing.T) {
	for _, c := range []struct {
		stream   Stream
		category string
		usable   bool
	}{
		{"bulletin-12345678903-301000000000004285", "bulletin", true},
		{"a-b", "a", true},
		{"a--", "a", true},
		{"long-" + Stream(strings.Repeat("x", 195)), "long", true},
		{"long-" + Stream(strings.Repeat("x", 196)), "long", false},
		{"", "", false},
		{"-", "", false},
		{"-id", "", false},
		{"bulletin", "bulletin", false},
		{"bulletin-", "bulletin", false},
		{"$bulletin-1", "$bulletin", false},
		{"bulletin-a b", "bulletin", false},
		{"bulletin-caffè", "bulletin", false},
		{"bulletin-\x7f", "bulletin", false},
	} {
		if got := c.stream.Category(); got != c.category {
			t.Errorf("%q is of category %q, want %q", c.stream, got, c.category)
		}
		if err := c.stream.Check(); (err == nil) != c.usable || (err != nil && !errors.Is(err, ErrBadStream)) {
			t.Errorf("%q: %v, want usable: %v", c.stream, err, c.usable)
		}
	}
}

func TestAConflictSaysWhereTheStreamIs(t *testing.T) {
	err := &ConflictError{Stream: "hall-1", Expected: 3, Actual: 5}
	if want := "eventstore: stream hall-1 is at revision 5, not 3"; err.Error() != want {
		t.Errorf("%q, want %q", err, want)
	}
}
