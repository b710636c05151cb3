package wire

import (
	"bytes"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// bookkeeping is the short name of what Read answers.
type bookkeeping struct {
	at       time.Time
	postings []domain.Posting
	failed   bool
}

func (b bookkeeping) is(o bookkeeping) bool {
	return b.failed == o.failed && b.at.Equal(o.at) && slices.Equal(b.postings, o.postings)
}

// slowly reads an event in full.
func slowly(t testing.TB, rec eventstore.Recorded) bookkeeping {
	fact, err := inFull(t, rec)
	if err != nil {
		return bookkeeping{failed: true}
	}
	return bookkeeping{fact.OccurredAt(), domain.Postings(fact), false}
}

func quickly(t testing.TB, b *Books, rec eventstore.Recorded) bookkeeping {
	at, postings, err := b.Read(t.Context(), rec)
	return bookkeeping{at, slices.Clone(postings), err != nil}
}

// Names that are written no more are among them.
func TestTheBooksOfEveryStoredNameAreReadAsTheEventSays(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) < len(Names()) {
		t.Fatalf("%d files, %v", len(files), err)
	}
	books, kept := NewBooks(), make(map[string]bool)
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".json")
		kept[name] = true
		rec := golden(t, name)
		want := slowly(t, rec)
		if got := quickly(t, books, rec); want.failed || !got.is(want) {
			t.Errorf("%s: read\n%+v\nwant\n%+v", name, got, want)
		}
		if len(want.postings) > 0 && !Moves(name) {
			t.Errorf("%s has postings, and is said to have none", name)
		}
		if len(want.postings) > 0 && forms[name] == nil && slices.Contains(Names(), name) {
			t.Errorf("%s has postings, and is not among the forms", name)
		}
	}
	for name := range still {
		if !kept[name] {
			t.Errorf("%s moves nothing, and never was a stored name", name)
		}
	}
	if Moves("bulletin-sent.v1") || !Moves("thing-happened.v9") {
		t.Error("a sent bulletin moves nothing; of a name nobody knows nobody can say so")
	}
}

// Encode's own form must be the one that is known, or reading is slow.
func TestWhatEncodeWritesIsReadInOnePass(t *testing.T) {
	for name, read := range forms {
		c := cursor{rest: golden(t, name).Data}
		if read(NewBooks(), &c); !c.whole() {
			t.Errorf("%s is not in its form from %q on", name, c.rest)
		}
	}
}

// A form that is all but right is not taken for right.
func TestAnyOtherByteIsReadAsDecodeReadsIt(t *testing.T) {
	books := NewBooks()
	for name := range forms {
		whole := golden(t, name)
		for i := range whole.Data {
			for _, mask := range []byte{0x01, 0x20, 0x7e, 0x80} {
				rec := whole
				rec.Data = bytes.Clone(whole.Data)
				rec.Data[i] ^= mask
				if got, want := quickly(t, books, rec), slowly(t, rec); !got.is(want) {
					t.Fatalf("%s: %s\nread\n%+v\nwant\n%+v", name, rec.Data, got, want)
				}
			}
			rec := whole
			rec.Data = slices.Delete(bytes.Clone(whole.Data), i, i+1)
			if got, want := quickly(t, books, rec), slowly(t, rec); !got.is(want) {
				t.Fatalf("%s: %s\nread\n%+v\nwant\n%+v", name, rec.Data, got, want)
			}
		}
	}
}

func TestTheBooksOfRandomEvents(t *testing.T) {
	reg, books := New(nil), NewBooks()
	rapid.Check(t, func(rt *rapid.T) {
		e := randomEvent(rt)
		name, data, err := reg.Encode(t.Context(), goldenStream, goldenID, e)
		if err != nil {
			rt.Fatal(err)
		}
		rec := eventstore.Recorded{Stream: goldenStream, Position: 1, ID: goldenID, Type: name, Data: data}
		want := slowly(t, rec)
		if got := quickly(t, books, rec); want.failed || !got.is(want) {
			rt.Fatalf("%s\nread\n%+v\nwant\n%+v", data, got, want)
		}
	})
}

func randomEvent(t *rapid.T) domain.Event {
	text := func() string { return rapid.String().Draw(t, "text") }
	money := func() domain.Money { return domain.Money(rapid.Int64Range(-1e13, 1e13).Draw(t, "money")) }
	id := func() (id uuid.UUID) {
		copy(id[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
		return id
	}
	at := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "at"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanos")).UTC()
	var lines []domain.Line
	for range rapid.IntRange(0, 4).Draw(t, "lines") {
		lines = append(lines, domain.Line{Consumer: domain.ConsumerID{UUID: id()}, Service: domain.ServiceCode(text()), Amount: money()})
	}
	creditor, notice, parent := domain.FiscalCode(text()), domain.NoticeNumber(text()), domain.ParentID{UUID: id()}
	child, psp, receipt := domain.ConsumerID{UUID: id()}, domain.PSP{ID: text(), Name: text(), Method: text()}, domain.ReceiptID(text())
	parts := []domain.Instalment{{Notice: notice, Amount: money(), Due: domain.Date(text())}, {Amount: money()}}
	left := []domain.NoticeNumber{notice, domain.NoticeNumber(text())}
	return []domain.Event{
		domain.BulletinIssued{Creditor: creditor, Notice: notice, Parent: parent, Category: "C", Lines: lines, Amount: money(), Causale: text(), At: at, Instalments: parts},
		domain.PaymentConfirmed{Creditor: creditor, Notice: notice, Parent: parent, Receipt: receipt, Amount: money(), Lines: lines, PSP: psp, At: at, Bulletin: notice, Left: left},
		domain.ReceiptApplied{Creditor: creditor, Notice: notice, Parent: parent, Receipt: receipt, Amount: money(), Lines: lines, PSP: psp, PaidAt: at, Reason: text(), At: at, Bulletin: notice, Left: left},
		domain.BulletinIssued{Creditor: creditor, Notice: notice, Parent: parent, Category: "C", Lines: lines, Amount: money(), Causale: text(), At: at},
		domain.BulletinCancelled{Creditor: creditor, Notice: notice, Parent: parent, Amount: money(), Lines: lines, Reason: text(), At: at},
		domain.PaymentConfirmed{Creditor: creditor, Notice: notice, Parent: parent, Receipt: receipt, Amount: money(), Lines: lines, PSP: psp, At: at},
		domain.PaymentDuplicated{Creditor: creditor, Notice: notice, Parent: parent, Receipt: receipt, Amount: money(), PSP: psp, At: at},
		domain.ReceiptUnmatched{Creditor: creditor, Notice: notice, Receipt: receipt, Amount: money(), Reason: domain.WrongAmount, Expected: money(), PSP: psp, At: at},
		domain.ReceiptUnmatched{Creditor: creditor, Notice: notice, Receipt: receipt, Amount: money(), Reason: domain.ForeignNotice, Issuer: creditor, Move: 12, PSP: psp, StandIn: true, At: at},
		domain.ReceiptApplied{Creditor: creditor, Notice: notice, Parent: parent, Receipt: receipt, Amount: money(), Lines: lines, Surplus: money(), PSP: psp, PaidAt: at, Reason: text(), At: at},
		domain.ReceiptApplied{Creditor: creditor, Notice: notice, Parent: parent, Receipt: receipt, Amount: money(), Lines: lines, WrittenOff: lines, PSP: psp, StandIn: true, PaidAt: at, Reason: text(), At: at},
		domain.ReceiptReassigned{Creditor: creditor, Notice: notice, Receipt: receipt, Amount: money(), To: notice, Move: 1, PSP: psp, PaidAt: at, Reason: text(), At: at},
		domain.RefundDue{Creditor: creditor, Notice: notice, Receipt: receipt, Amount: money(), Reason: text(), At: at},
		domain.RefundDue{Creditor: creditor, Notice: notice, Parent: parent, Receipt: receipt, Amount: money(), Reason: text(), At: at},
		domain.ReceiptDisowned{Creditor: creditor, Notice: notice, Receipt: receipt, Amount: money(), Reason: text(), At: at},
		domain.PaymentRefunded{Creditor: creditor, Notice: notice, Parent: parent, Receipt: receipt, Amount: money(), Order: text(), At: at},
		domain.PaymentRefunded{Creditor: creditor, Notice: notice, Receipt: receipt, Amount: money(), Order: text(), At: at},
		domain.WalletCredited{Creditor: creditor, Consumer: child, Year: "2019-2020", Credit: id(), Amount: money(), At: at},
		domain.NumberAssigned{Creditor: creditor, Notice: notice, At: at},
		domain.BulletinSent{Creditor: creditor, Notice: notice, Parent: parent, At: at},
		domain.MealCharged{Creditor: creditor, Consumer: child, Year: "2019-2020", Service: domain.ServiceCode(text()), Day: "2020-02-03", Amount: money(), At: at},
	}[rapid.IntRange(0, 20).Draw(t, "event")]
}

// The strings of postings outlive the reader's buffers.
func TestPostingsKeepTheirNames(t *testing.T) {
	books, rec := NewBooks(), golden(t, "bulletin-issued.v1")
	rec.Data = bytes.Clone(rec.Data)
	want := slowly(t, rec)
	got := quickly(t, books, rec)
	for i := range rec.Data {
		rec.Data[i] = byte(rand.Uint32())
	}
	for range namesKept + 1 {
		books.name([]byte(uuid.NewString()))
	}
	if !got.is(want) || len(books.names) > namesKept {
		t.Errorf("the postings became\n%+v\nwant\n%+v", got, want)
	}
}

func FuzzTheBooksAreReadAsTheEventSays(f *testing.F) {
	var names []string
	for name := range forms {
		names = append(names, name)
	}
	slices.Sort(names)
	for i, name := range names {
		f.Add(i, golden(f, name).Data)
	}
	f.Fuzz(func(t *testing.T, i int, data []byte) {
		rec := eventstore.Recorded{Stream: goldenStream, Position: 1, ID: goldenID, Type: names[uint(i)%uint(len(names))], Data: data}
		if got, want := quickly(t, NewBooks(), rec), slowly(t, rec); !got.is(want) {
			t.Errorf("%s: %q\nread\n%+v\nwant\n%+v", rec.Type, data, got, want)
		}
	})
}
