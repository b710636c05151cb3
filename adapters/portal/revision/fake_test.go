package revision

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/adapters/portal/portaltest"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/table"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
	"github.com/saldo-ledger/saldo/eventstore/audit/register"
	"github.com/saldo-ledger/saldo/eventstore/embedded"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
	"github.com/saldo-ledger/saldo/eventstore/seal"
)

// The family of the guide.
var (
	tizio  = domain.ParentID{UUID: uuid.MustParse("11111111-1111-4111-8111-111111111111")}
	utente = domain.ConsumerID{UUID: uuid.MustParse("22222222-2222-4222-8222-222222222222")}
)

// day is nine o'clock, in Italy, of a day of February 2020.
func day(n int) time.Time { return time.Date(2020, 2, n, 8, 0, 0, 0, time.UTC) }

// clear is a vault that seals nothing well; what is in it are invented people.
type clearVault struct{}

func (clearVault) Seal(_ context.Context, _ uuid.UUID, plain, _ []byte) ([]byte, error) {
	return append([]byte("x"), plain...), nil
}

func (clearVault) Open(_ context.Context, _ uuid.UUID, sealed, _ []byte) ([]byte, error) {
	return sealed[1:], nil
}

func (clearVault) ClaimID(kind, value string) string {
	return uuid.NewSHA1(uuid.Nil, []byte(kind+value)).String()
}

func (clearVault) Erase(context.Context, uuid.UUID) error { return nil }

// world is the log of a body with one family, and the auditors' pages over it.
type world struct {
	portaltest.Crowd
	testing.TB
	*ledger.Ledger
	log       *embedded.Log
	now       time.Time
	steps     int
	looks     []frame.Look
	blind     error // of the witness
	erased    bool  // whoever paid
	seal      Seal  // nil where nothing is signed
	snapshots *audit.Snapshots
	shelf     string
	books     func(w io.Writer) error // what a register is, where it is not short
}

func newWorld(t testing.TB) *world {
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
	w := &world{TB: t, log: log, now: day(1), shelf: t.TempDir()}
	w.Crowd.Now = func() time.Time { return day(28) }
	w.Ledger = ledger.New(log, clearVault{}, func() time.Time { return w.now })
	w.family()
	return w
}

// by is the envelope of the next command.
func (w *world) by() eventstore.Envelope {
	w.steps++
	return eventstore.Envelope{Command: uuid.NewSHA1(uuid.Nil, fmt.Append(nil, w.steps)), Actor: "staff:prova"}
}

func (w *world) must(_ ledger.Outcome, err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) family() {
	w.Helper()
	town := portaltest.Body.FiscalCode
	for _, cmd := range []domain.CreditorCommand{
		domain.RegisterCreditor{At: day(1), Profile: domain.CreditorProfile{
			FiscalCode: town, Name: "Comune", Broker: "b", Station: "s", Segregation: 1, CBILL: "ABC12", IBAN: "IT60X0542811101000000123456",
		}},
		domain.DefineCategory{Creditor: town, Category: "REFEZIONE", Name: "Refezione", At: day(1)},
		domain.DefineService{Creditor: town, Code: "MENSA", Service: domain.Service{Name: "Mensa", Taxonomy: "9/0107101TS/"}, At: day(1)},
	} {
		w.must(w.Creditor(w.Context(), w.by(), cmd))
	}
	w.must(w.RegisterParent(w.Context(), w.by(), domain.RegisterParent{Parent: tizio, At: day(1), Person: domain.Person{
		FiscalCode: "SMPTZI80A01F205Q", GivenName: "Tizio", FamilyName: "Sempronio", Email: "tizio@posta.example", Username: "SEMPRONIO80",
	}}))
	w.must(w.Consumer(w.Context(), w.by(), domain.EnrolConsumer{
		Consumer: utente, Creditor: town, Child: domain.Child{GivenName: "UTENTE", FamilyName: "TEST"}, School: "MAT. BORSELLINO", At: day(1),
	}))
	w.must(w.Consumer(w.Context(), w.by(), domain.LinkParent{Consumer: utente, Parent: tizio, At: day(1)}))
}

// owe issues a bulletin on a day, and sends it.
func (w *world) owe(on int, amount domain.Money) domain.NoticeNumber {
	w.Helper()
	return w.oweFor(utente, on, amount)
}

// child is one more child of the family, for whom one euro is owed.
func (w *world) child(n int) {
	w.Helper()
	id := domain.ConsumerID{UUID: uuid.NewSHA1(uuid.Nil, fmt.Appendf(nil, "child %d", n))}
	w.must(w.Consumer(w.Context(), w.by(), domain.EnrolConsumer{
		Consumer: id, Creditor: portaltest.Body.FiscalCode, Child: domain.Child{GivenName: "UTENTE", FamilyName: "TEST"}, School: "MAT. BORSELLINO", At: day(1),
	}))
	w.must(w.Consumer(w.Context(), w.by(), domain.LinkParent{Consumer: id, Parent: tizio, At: day(1)}))
	w.oweFor(id, 2, 100)
}

func (w *world) oweFor(child domain.ConsumerID, on int, amount domain.Money) domain.NoticeNumber {
	w.Helper()
	w.now = day(on)
	town := portaltest.Body.FiscalCode
	issued, err := w.IssueBulletin(w.Context(), w.by(), domain.IssueBulletin{
		Creditor: town, Parent: tizio, Category: "REFEZIONE", Lines: []domain.Line{{Consumer: child, Service: "MENSA", Amount: amount}},
		Period: domain.Period{From: "2020-01-01", To: "2020-01-31"}, Due: "2020-02-20", Causale: "Mensa, gennaio", At: day(on),
	})
	if err != nil {
		w.Fatal(err)
	}
	w.must(w.Bulletin(w.Context(), w.by(), domain.SendBulletin{Creditor: town, Notice: issued.Notice, At: day(on)}))
	return issued.Notice
}

// paid brings a receipt, the day after it was paid.
func (w *world) paid(on int, notice domain.NoticeNumber, amount domain.Money) {
	w.Helper()
	w.received(on, day(on+1), notice, amount)
}

// receiptXML is a receipt with people in it.
const receiptXML = `<?xml version="1.0"?>
<pap:receipt xmlns:pap="urn:pap"><receiptId>RT</receiptId><debtor><fullName>Tizio Sempronio</fullName><!-- Tizio --></debtor><paymentAmount>57.33</paymentAmount><description>Mensa di UTENTE</description></pap:receipt>`

// Messages opens a receipt with the keys of the world.
func (w *world) Messages(ctx context.Context, id domain.ReceiptID) ([]domain.ReceiptFiled, error) {
	file, err := w.KnownReceipt(ctx, portaltest.Body.FiscalCode, id)
	for i := range file.Filed {
		if w.erased {
			file.Filed[i].Raw = nil
		}
	}
	return file.Filed, err
}

// received is paid that comes to be known at a moment.
func (w *world) received(on int, known time.Time, notice domain.NoticeNumber, amount domain.Money) {
	w.Helper()
	w.now = known
	w.must(w.Receive(w.Context(), ledger.Receipt{
		Creditor: portaltest.Body.FiscalCode, ID: domain.ReceiptID("RT-" + string(notice)), Notice: notice, Amount: amount, PSP: domain.PSP{ID: "ABI", Name: "Banca"},
		PaidAt: day(on), Channel: domain.ChannelPaForNode, Raw: []byte(receiptXML),
	}))
}

// winter is two bulletins of January, one of them paid.
func winter(t testing.TB) (*world, domain.NoticeNumber) {
	t.Helper()
	w := newWorld(t)
	first := w.owe(2, 5733)
	w.owe(2, 1250)
	w.paid(3, first, 5733)
	return w, first
}

// open is a site with the auditors' pages over a log.
func (w *world) open(log eventstore.Reader, secure bool) *frame.Site {
	w.Helper()
	site, err := frame.New(frame.Config{
		Body: portaltest.Body, Secure: secure, Clock: w.Crowd.Now, Logger: slog.New(slog.DiscardHandler), Sessions: w, Views: w, Witness: w,
	})
	if err != nil {
		w.Fatal(err)
	}
	desk, err := Open(site, Config{Log: log, Seal: w.seal, Snapshots: w.snapshots, Registers: w, Receipts: w, Temp: w.shelf})
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { _ = desk.Close() })
	return site
}

func (w *world) Await(context.Context, eventstore.Position) error { return nil }

func (w *world) Looked(_ context.Context, l frame.Look) error {
	if w.blind == nil {
		w.looks = append(w.looks, l)
	}
	return w.blind
}

// slow is a log that stops in the middle until it is let on.
type slow struct {
	eventstore.Reader
	on chan struct{}
}

func (s slow) ReadAll(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		for rec, err := range s.Reader.ReadAll(ctx, after) {
			if rec.Position == 5 {
				select {
				case <-s.on:
				case <-ctx.Done():
					yield(eventstore.Recorded{}, ctx.Err())
					return
				}
			}
			if !yield(rec, err) {
				return
			}
		}
	}
}

// sealed signs what the log holds now.
func (w *world) sealed() *world { return w.signed(1) }

// signed is sealed with keys of one's own: each number is another ledger's.
func (w *world) signed(by seeds) *world {
	w.Helper()
	return w.sealedIn(w.TempDir(), by)
}

// sealedIn signs what the log holds now, after what was signed in a directory before.
func (w *world) sealedIn(dir string, by seeds) *world {
	w.Helper()
	s, err := seal.Open(w.Context(), dir, by, func() time.Time { return w.now })
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { _ = s.Close() })
	ctx, stop := context.WithCancel(w.Context())
	if err := s.Run(ctx, soFar{w.log, stop}); !errors.Is(err, context.Canceled) {
		w.Fatal(err)
	}
	w.seal = s
	return w
}

// seeds are the secret halves of keys that everybody can know.
type seeds byte

func (s seeds) SealSeed(_ context.Context, n int) ([]byte, error) {
	return bytes.Repeat([]byte{byte(s), byte(n)}, 16), nil
}

// soFar is a log whose followers are stopped where it ends.
type soFar struct {
	eventstore.Store
	stop func()
}

func (s soFar) Follow(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		for rec, err := range s.ReadAll(ctx, after) {
			if !yield(rec, err) {
				return
			}
		}
		s.stop()
		yield(eventstore.Recorded{}, context.Canceled)
	}
}

// altered is a log in which one event is another.
type altered struct {
	eventstore.Reader
	at eventstore.Position
}

func (a altered) ReadAll(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		for rec, err := range a.Reader.ReadAll(ctx, after) {
			if rec.Position == a.at {
				rec.Data = bytes.Replace(rec.Data, []byte("57.33"), []byte("57.34"), 1)
			}
			if !yield(rec, err) {
				return
			}
		}
	}
}

// Write is a register of one line.
func (w *world) Write(_ context.Context, to io.Writer, q register.Query, f table.Format, _ func(uint64)) (register.Manifest, error) {
	m := register.NewManifest(q, f)
	if w.books != nil {
		return m, w.books(to)
	}
	n, err := fmt.Fprintf(to, "%s\n", q.Heading())
	m.Lines, m.Bytes, m.SHA256 = 1, int64(n), "8d969eef6ecad3c29a3a629280e686cf0c3f5d5a86aff3ca12020c923adc6c92"
	return m, err
}
