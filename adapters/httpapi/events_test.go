package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/adapters/httpapi"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
)

// line is one line of an answer that streams events, as a reader in any language
// has it.
type line struct {
	Position, Revision uint64
	Stream, ID, Type   string
	Data, Metadata     []byte
	End                *uint64
}

// lines takes an answer apart, and fails the test unless its last line, and no
// other, is the end.
func (a answer) lines() []line {
	a.t.Helper()
	if a.status != http.StatusOK || a.header.Get("Content-Type") != "application/x-ndjson" {
		a.t.Fatalf("%s, %s", a.header.Get("Content-Type"), a)
	}
	var all []line
	for text := range bytes.Lines(a.body) {
		var l line
		if err := json.Unmarshal(text, &l); err != nil {
			a.t.Fatalf("%s: %v", text, err)
		}
		all = append(all, l)
	}
	for i, l := range all {
		if (l.End != nil) != (i == len(all)-1) {
			a.t.Fatalf("line %d of %d: end %v", i+1, len(all), l.End)
		}
	}
	return all[:len(all)-1]
}

// recorded is the line as the log has it.
func (l line) recorded() string {
	return strings.Join([]string{strconv.FormatUint(l.Position, 10), l.Stream, strconv.FormatUint(l.Revision, 10), l.ID, l.Type, string(l.Data), string(l.Metadata)}, "|")
}

func recorded(rec eventstore.Recorded) string {
	return line{Position: uint64(rec.Position), Revision: uint64(rec.Revision), Stream: string(rec.Stream), ID: rec.ID.String(), Type: rec.Type, Data: rec.Data, Metadata: rec.Metadata}.recorded()
}

// holds fails the test unless an answer has the very bytes of events.
func (a answer) holds(events []eventstore.Recorded) {
	a.t.Helper()
	lines := a.lines()
	if len(lines) != len(events) {
		a.t.Fatalf("%d events, and %d are to be there", len(lines), len(events))
	}
	for i, l := range lines {
		if l.recorded() != recorded(events[i]) {
			a.t.Errorf("event %d:\ngot  %s\nwant %s", i+1, l.recorded(), recorded(events[i]))
		}
	}
}

func TestTheLogIsReadByteForByte(t *testing.T) {
	d := newDesk(t)
	d.settleAndSelect()
	d.pay(firstNotice, "RT <1> & \"co\"", 5733)
	all := d.events()
	d.do("GET", "/events", "").holds(all)
	d.do("GET", "/events?after=0", "").holds(all)
	d.do("GET", "/events?after=7", "").holds(all[7:])
	d.do("GET", "/events?after="+strconv.Itoa(len(all)), "").holds(nil)
	same(t, d.do("GET", "/events/end", "").object(), object{"end": float64(d.end())})
}

func TestAStreamIsReadByItself(t *testing.T) {
	d := newDesk(t)
	d.settleAndSelect()
	name := "consumer-" + child
	var own []eventstore.Recorded
	for _, rec := range d.events() {
		if string(rec.Stream) == name {
			own = append(own, rec)
		}
	}
	if len(own) < 3 {
		t.Fatalf("%d events in %s", len(own), name)
	}
	d.do("GET", "/streams/"+name+"/events", "").holds(own)
	d.do("GET", "/streams/"+name+"/events?after=2", "").holds(own[2:])
	d.do("GET", "/streams/nothing-here/events", "").holds(nil)
	d.do("GET", "/streams/"+url.PathEscape("odd-a/b%?")+"/events", "").holds(nil)
}

func TestAnEmptyLogIsAnAnswerToo(t *testing.T) {
	d := newDesk(t)
	d.do("GET", "/events", "").holds(nil)
	same(t, d.do("GET", "/events/end", "").object(), object{"end": 0.0})
}

// serve gives the API an address, and returns a reader of its log.
func (d *desk) serve() httpapi.Remote {
	d.t.Helper()
	server := httptest.NewServer(d.handler)
	d.t.Cleanup(server.Close)
	return httpapi.Remote{URL: server.URL + "/", Token: string(httpapi.Auditor), HTTP: server.Client()}
}

// collect reads events until there are no more or one is an error.
func collect(events iter.Seq2[eventstore.Recorded, error]) ([]string, error) {
	var all []string
	for rec, err := range events {
		if err != nil {
			return all, err
		}
		all = append(all, recorded(rec))
	}
	return all, nil
}

func TestARemoteReaderReadsWhatTheLogHolds(t *testing.T) {
	d := newDesk(t)
	d.settleAndSelect()
	remote := d.serve()
	ctx := t.Context()
	for name, read := range map[string]func(eventstore.Reader) iter.Seq2[eventstore.Recorded, error]{
		"all":                  func(r eventstore.Reader) iter.Seq2[eventstore.Recorded, error] { return r.ReadAll(ctx, 0) },
		"all after a position": func(r eventstore.Reader) iter.Seq2[eventstore.Recorded, error] { return r.ReadAll(ctx, 9) },
		"a stream": func(r eventstore.Reader) iter.Seq2[eventstore.Recorded, error] {
			return r.Read(ctx, "consumer-"+child, 0)
		},
		"a stream's later part": func(r eventstore.Reader) iter.Seq2[eventstore.Recorded, error] {
			return r.Read(ctx, "consumer-"+child, 2)
		},
		"a stream of nobody": func(r eventstore.Reader) iter.Seq2[eventstore.Recorded, error] {
			return r.Read(ctx, "odd-a/b%2F?x=1#y", 0)
		},
	} {
		want, err := collect(read(d.log))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := collect(read(remote)); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %d events and %v; %d are in the log", name, len(got), err, len(want))
		}
	}
	if end, err := remote.End(ctx); err != nil || end != d.end() {
		t.Errorf("the end is %d, not %d, %v", d.end(), end, err)
	}
}

func TestVerifyingFromAfarIsVerifyingTheLog(t *testing.T) {
	d := newDesk(t)
	d.settleAndSelect()
	d.pay(firstNotice, "RT-1", 5733)
	near, err := audit.Verify(t.Context(), d.log, nil)
	if err != nil {
		t.Fatal(err)
	}
	far, err := audit.Verify(t.Context(), d.serve(), nil)
	if err != nil || far != near || near.Events == 0 || near.Debits == 0 {
		t.Errorf("near %+v, far %+v, %v", near, far, err)
	}
}

func TestARemoteReaderMayStopEarly(t *testing.T) {
	d := newDesk(t)
	d.settleAndSelect()
	n := 0
	for _, err := range d.serve().ReadAll(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 3 {
			break
		}
	}
}

// frayed is a log that breaks after a number of events.
type frayed struct {
	eventstore.Reader
	events int
}

func (f frayed) ReadAll(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		n := 0
		for rec, err := range f.Reader.ReadAll(ctx, after) {
			if n++; n > f.events {
				yield(eventstore.Recorded{}, errDisk)
				return
			}
			if !yield(rec, err) {
				return
			}
		}
	}
}

func TestHalfAnAnswerNeverLooksWhole(t *testing.T) {
	d := newDesk(t)
	d.settleAndSelect()
	for events, sent := range map[int]bool{1: false, 12: true} { // what little is written waits in a buffer
		d.said.clear()
		d.config.Log = frayed{d.log, events}
		d.open()
		got, err := collect(d.serve().ReadAll(t.Context(), 0))
		if err == nil || isCutShort(err) != sent || len(got) > events {
			t.Errorf("the log broke after %d events; the reader has %d and %v", events, len(got), err)
		}
		if !strings.Contains(d.said.String(), errDisk.Error()) {
			t.Errorf("the service did not log why: %s", d.said)
		}
	}
}
