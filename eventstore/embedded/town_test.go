package embedded

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// How much room events take, and how fast they go by, depends on what is in
// them. So the tests of that use what a town's school office files: the life of
// bollettini, decided by the domain, encoded by the wire and chained by Handle.
// Events in great numbers are copies of these with other ids, hashes, notice
// numbers and times. Every id of a copy is drawn anew, although in a town the
// same parents and consumers come again and again: what is measured here is
// never smaller than in life.

const townCode domain.FiscalCode = "12345678903"

// filing is an event and where it belongs.
type filing struct {
	stream   eventstore.Stream
	expected eventstore.Revision
	event    eventstore.Proposed
}

// rawSize is what f takes as plain JSON: its type, data and metadata.
func (f filing) rawSize() int { return len(f.event.Type) + len(f.event.Data) + len(f.event.Metadata) }

// bollettino is the life of one bulletin, as the ledger files it: its number
// assigned, the bulletin issued, sent and paid.
func bollettino(t testing.TB) []filing {
	t.Helper()
	l := open(t, "bollettino", Options{FS: vfs.NewMem()})
	const notice domain.NoticeNumber = "301000000000004285"
	at, issue, paid := clock(), order("office:17"), order("pagopa:paSendRTV2")
	assign := door[domain.NumberAssignment, domain.AssignmentCommand, domain.AssignmentEvent](t, l)
	assign(eventstore.Stream("numbers-"+string(townCode)+"-"+issue.Command.String()), issue,
		domain.AssignNumber{Creditor: townCode, Notice: notice, At: at})
	carry := door[domain.Bulletin, domain.BulletinCommand, domain.BulletinEvent](t, l)
	stream := eventstore.Stream("bulletin-" + string(townCode) + "-" + string(notice))
	carry(stream, issue, domain.IssueBulletin{
		Creditor: townCode, Notice: notice, Parent: domain.ParentID{UUID: uuid.New()}, Category: "REFEZIONE",
		Lines: []domain.Line{
			{Consumer: domain.ConsumerID{UUID: uuid.New()}, Service: "MENSA", Amount: 4500},
			{Consumer: domain.ConsumerID{UUID: uuid.New()}, Service: "POST-SCUOLA", Amount: 1233},
		},
		Period: domain.Period{From: "2026-01-01", To: "2026-01-31"}, Due: "2026-02-20",
		Causale: "Servizi vari, periodo dal 01/01/2026 al 31/01/2026", At: at,
	})
	carry(stream, order("office:17"), domain.SendBulletin{Creditor: townCode, Notice: notice, At: at})
	carry(stream, paid, domain.ConfirmPayment{
		Creditor: townCode, Notice: notice, Receipt: domain.ReceiptID(paid.Command.String()), Amount: 5733,
		PSP: domain.PSP{ID: "ABI03069", Name: "Banca d'Esempio", Method: "creditCard"}, At: at,
	})
	var all []filing
	for e, err := range l.ReadAll(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, filing{e.Stream, e.Revision - 1, eventstore.Proposed{ID: e.ID, Type: e.Type, Data: e.Data, Metadata: e.Metadata}})
	}
	return all
}

func clock() time.Time { return time.Date(2026, 2, 3, 9, 30, 7, rand.IntN(1e9)|1, time.UTC) }

// order is an envelope as an adapter makes it.
func order(actor string) eventstore.Envelope {
	fingerprint := sha256.Sum256([]byte(actor))
	return eventstore.Envelope{Command: uuid.New(), Actor: actor, Request: hex.EncodeToString(fingerprint[:])}
}

// door returns a function that carries commands to streams of l through Handle.
func door[S eventstore.Decider[S, C, E], C any, E domain.Event](
	t testing.TB, l *Log,
) func(stream eventstore.Stream, env eventstore.Envelope, cmd C) {
	h := eventstore.NewHandler[S, C](l, wire.Of[E]{Registry: wire.New(nil)}, 1, func(E) error { return nil }, clock)
	return func(stream eventstore.Stream, env eventstore.Envelope, cmd C) {
		t.Helper()
		if out, err := h.Handle(t.Context(), stream, env, cmd); err != nil || len(out.Events) != 1 {
			t.Fatalf("%T: %d events, %v", cmd, len(out.Events), err)
		}
	}
}

// town makes bollettini without end: copies of one, event by event.
type town struct {
	forms []form
	made  int
	rng   *rand.ChaCha8
}

func newTown(t testing.TB) *town {
	t.Helper()
	w := &town{rng: rand.NewChaCha8([32]byte{1})}
	for _, f := range bollettino(t) {
		w.forms = append(w.forms, newForm(f))
	}
	return w
}

// next makes the next event.
func (w *town) next() filing {
	f, n := w.forms[w.made%len(w.forms)], w.made/len(w.forms)
	w.made++
	return f.fill(n, w.rng)
}

// form is an event with blanks: what differs from one to the next.
type form struct {
	filing
	text   []byte // stream, type, data and metadata, one after the other
	blanks []blank
}

// blank is the places in which one id, hash, number or fraction of a second
// stands.
type blank struct {
	at     []int
	size   int
	notice bool
	digits bool
}

var blanks = regexp.MustCompile(`3010\d{14}|[0-9a-f]{64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\.\d{1,9}Z`)

func newForm(f filing) form {
	text := slices.Concat([]byte(f.stream), []byte(f.event.Type), f.event.Data, f.event.Metadata)
	places := map[string]*blank{}
	var order []string
	for _, m := range blanks.FindAllIndex(text, -1) {
		was := string(text[m[0]:m[1]])
		b := places[was]
		if b == nil {
			b = &blank{size: len(was), notice: strings.HasPrefix(was, "3010"), digits: strings.HasPrefix(was, ".")}
			places[was], order = b, append(order, was)
		}
		b.at = append(b.at, m[0])
	}
	made := form{filing: f, text: text}
	for _, was := range order {
		made.blanks = append(made.blanks, *places[was])
	}
	return made
}

// fill makes the event of the n-th bulletin.
func (f form) fill(n int, rng *rand.ChaCha8) filing {
	text := bytes.Clone(f.text)
	var value [64]byte
	for _, b := range f.blanks {
		first := text[b.at[0] : b.at[0]+b.size]
		switch {
		case b.notice:
			copy(first, fmt.Appendf(value[:0], "3010%014d", n))
		default:
			draw(first, b.digits, rng)
		}
		for _, at := range b.at[1:] {
			copy(text[at:], first)
		}
	}
	cut := func(n int) (part []byte) {
		part, text = text[:n:n], text[n:]
		return part
	}
	made := f.filing
	made.stream = eventstore.Stream(cut(len(f.stream)))
	made.event.Type = string(cut(len(f.event.Type)))
	made.event.Data, made.event.Metadata = cut(len(f.event.Data)), cut(len(f.event.Metadata))
	_, _ = rng.Read(made.event.ID[:]) // never fails
	return made
}

// draw writes random hexadecimal or decimal digits over those in b.
func draw(b []byte, decimal bool, rng *rand.ChaCha8) {
	var bits uint64
	for i, c := range b {
		if i%8 == 0 {
			bits = rng.Uint64()
		}
		switch {
		case c == '-' || c == '.' || c == 'Z':
		case decimal:
			b[i] = '0' + byte(bits%10)
		default:
			b[i] = "0123456789abcdef"[bits&15]
		}
		bits >>= 8
	}
}
