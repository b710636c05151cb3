package ledger_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

// kept returns what the log keeps of a receipt: the filings, in their stream, and
// what they led to at the notice.
func (x *town) kept(r ledger.Receipt) (filed []domain.ReceiptFiled, effects []domain.Event) {
	x.Helper()
	for _, f := range x.facts(ledger.ReceiptStream(r.Creditor, r.ID)) {
		filed = append(filed, f.(domain.ReceiptFiled))
	}
	for _, f := range x.facts(ledger.BulletinStream(r.Creditor, r.Notice)) {
		switch f.(type) {
		case domain.PaymentConfirmed, domain.PaymentDuplicated, domain.ReceiptUnmatched:
			effects = append(effects, f)
		}
	}
	return filed, effects
}

func TestAReceiptIsFiledAndClassified(t *testing.T) {
	x := newTown(t)
	open, void, paid := x.sent("open", bulletin(5733)), x.sent("void", bulletin(5733)), x.sent("paid", bulletin(5733))
	notSent := issue(t, x.Ledger, "not sent", bulletin(5733)).Notice
	must(x.Bulletin(t.Context(), by("cancel"), domain.CancelBulletin{Creditor: comune, Notice: void, Reason: "errore", At: at}))(t)
	must(x.Receive(t.Context(), ricevuta("first", paid, 5733)))(t)
	lines := bulletin(5733).Lines
	psp := ricevuta("", "", 0).PSP
	for _, c := range []struct {
		name    string
		notice  domain.NoticeNumber
		amount  domain.Money
		subject uuid.UUID
		want    domain.Event
	}{
		{"confirmed", open, 5733, tizio.UUID, domain.PaymentConfirmed{
			Creditor: comune, Notice: open, Parent: tizio, Receipt: "confirmed", Amount: 5733, Lines: lines, PSP: psp, At: later}},
		{"paid before it was sent", notSent, 5733, tizio.UUID, domain.PaymentConfirmed{
			Creditor: comune, Notice: notSent, Parent: tizio, Receipt: "paid before it was sent", Amount: 5733, Lines: lines, PSP: psp, At: later}},
		{"a second receipt", paid, 5733, tizio.UUID, domain.PaymentDuplicated{
			Creditor: comune, Notice: paid, Parent: tizio, Receipt: "a second receipt", Amount: 5733, PSP: psp, At: later}},
		{"of a wrong amount", x.sent("short", bulletin(5733)), 5732, tizio.UUID, domain.ReceiptUnmatched{
			Creditor: comune, Receipt: "of a wrong amount", Amount: 5732, Reason: domain.WrongAmount, Expected: 5733, PSP: psp, At: later}},
		{"for a cancelled bulletin", void, 5733, tizio.UUID, domain.ReceiptUnmatched{
			Creditor: comune, Notice: void, Receipt: "for a cancelled bulletin", Amount: 5733, Reason: domain.CancelledBulletin, Expected: 5733, PSP: psp, At: later}},
		{"for a notice nobody issued", unissued, 5733, domain.CreditorSubject(comune), domain.ReceiptUnmatched{
			Creditor: comune, Notice: unissued, Receipt: "for a notice nobody issued", Amount: 5733, Reason: domain.UnknownNotice, PSP: psp, At: later}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := ricevuta(domain.ReceiptID(c.name), c.notice, c.amount)
			out := must(x.Receive(t.Context(), r))(t)
			if out.Repeated || out.Position != x.end() {
				t.Errorf("%+v, want the log's last event", out)
			}
			filed, effects := x.kept(r)
			if len(filed) != 1 || !bytes.Equal(filed[0].Raw, r.Raw) || filed[0].Subject != c.subject || filed[0].SHA256 != domain.Hash(r.Raw) {
				t.Errorf("filed %+v", filed)
			}
			if want, ok := c.want.(domain.ReceiptUnmatched); ok {
				want.Notice = c.notice
				c.want = want
			}
			if len(effects) == 0 || fmt.Sprintf("%+v", effects[len(effects)-1]) != fmt.Sprintf("%+v", c.want) {
				t.Errorf("led to %+v, want %+v", effects, c.want)
			}
		})
	}
	x.chained()
}

func TestADeliveredReceiptAgainAddsNothing(t *testing.T) {
	x := newTown(t)
	for i, notice := range []domain.NoticeNumber{x.sent("a", bulletin(5733)), unissued} {
		r := ricevuta(domain.ReceiptID(fmt.Sprint("r", i)), notice, 5733)
		first := must(x.Receive(t.Context(), r))(t)
		end := x.end()
		for name, l := range map[string]*ledger.Ledger{"here": x.Ledger, "after a restart": x.office()} {
			again := must(l.Receive(t.Context(), r))(t)
			if !again.Repeated || again.Position != first.Position || x.end() != end {
				t.Errorf("%s: %+v, the log ends at %d; want %+v and %d", name, again, x.end(), first, end)
			}
		}
	}
}

// The same receipt can come through another station: its bytes are kept too, its
// effect is one.
func TestAReceiptInOtherBytesIsKeptAndHasNoOtherEffect(t *testing.T) {
	x := newTown(t)
	r := ricevuta("r", x.sent("a", bulletin(5733)), 5733)
	must(x.Receive(t.Context(), r))(t)
	r.Raw = append([]byte("<!-- again -->"), r.Raw...)
	if out := must(x.Receive(t.Context(), r))(t); !out.Repeated {
		t.Errorf("%+v, want the first outcome", out)
	}
	if filed, effects := x.kept(r); len(filed) != 2 || len(effects) != 1 {
		t.Errorf("filed %d times with %d effects, want 2 and 1", len(filed), len(effects))
	}
}

func TestAReceiptThatComesWithAnotherNoticePaysTheFirstOnly(t *testing.T) {
	x := newTown(t)
	r := ricevuta("r", x.sent("a", bulletin(5733)), 5733)
	must(x.Receive(t.Context(), r))(t)
	again := ricevuta("r", x.sent("b", bulletin(5733)), 5733)
	again.Raw = append([]byte("<!-- other -->"), again.Raw...)
	must(x.Receive(t.Context(), again))(t)
	if filed, effects := x.kept(r); len(filed) != 2 || len(effects) != 1 {
		t.Errorf("filed %d times with %d effects, want 2 and 1", len(filed), len(effects))
	}
	if _, effects := x.kept(again); len(effects) != 0 {
		t.Errorf("the other bulletin has %d effects, want none", len(effects))
	}
}

func TestAReceiptNamesItsCause(t *testing.T) {
	x := newTown(t)
	r := ricevuta("r", x.sent("a", bulletin(5733)), 5733)
	must(x.Receive(t.Context(), r))(t)
	filed, confirmed := x.entries(ledger.ReceiptStream(comune, "r"))[0], x.entries("")[x.end()-1]
	cause, err := eventstore.ParseMetadata(filed.Metadata)
	if err != nil {
		t.Fatal(err)
	}
	effect, err := eventstore.ParseMetadata(confirmed.Metadata)
	if err != nil {
		t.Fatal(err)
	}
	if effect.Causation != filed.ID || effect.Correlation != cause.Correlation || effect.Actor != "pagopa" {
		t.Errorf("%+v does not follow from %s, %+v", effect, filed.ID, cause)
	}
}

// The line is torn between filing and confirming: the next delivery completes.
func TestAReceiptTornApartIsCompletedByTheNextDelivery(t *testing.T) {
	for _, c := range []struct {
		name, category string
		after          bool
	}{
		{"before it was filed", "receipt", false},
		{"after it was filed", "receipt", true},
		{"before it was confirmed", "bulletin", false},
		{"after it was confirmed", "bulletin", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := newTown(t)
			r := ricevuta("r", x.sent("a", bulletin(5733)), 5733)
			l := ledger.New(&torn{Store: x.log, category: c.category, after: c.after, times: 1}, x.vault, clock)
			if _, err := l.Receive(t.Context(), r); !errors.Is(err, errTorn) {
				t.Fatalf("%v, want %v", err, errTorn)
			}
			for _, next := range []*ledger.Ledger{l, x.office()} {
				must(next.Receive(t.Context(), r))(t)
				if filed, effects := x.kept(r); len(filed) != 1 || len(effects) != 1 {
					t.Errorf("filed %d times with %d effects, want once each", len(filed), len(effects))
				}
			}
			x.chained()
		})
	}
}

func TestManyDeliveriesOfOneReceiptAtOnce(t *testing.T) {
	x := newTown(t)
	r := ricevuta("r", x.sent("a", bulletin(5733)), 5733)
	offices := []*ledger.Ledger{x.office(), x.office()}
	var first atomic.Int32
	crowd(24, func(i int) {
		out, err := offices[i%2].Receive(t.Context(), r)
		if err != nil {
			t.Error(err)
		}
		if !out.Repeated {
			first.Add(1)
		}
	})
	filed, effects := x.kept(r)
	if len(filed) != 1 || len(effects) != 1 || first.Load() != 1 {
		t.Errorf("filed %d times with %d effects, %d were told to be the first; want one each", len(filed), len(effects), first.Load())
	}
	x.chained()
}

func TestManyReceiptsForOneNoticeAtOnce(t *testing.T) {
	x := newTown(t)
	notice := x.sent("a", bulletin(5733))
	offices := []*ledger.Ledger{x.office(), x.office()}
	crowd(8, func(i int) {
		if _, err := offices[i%2].Receive(t.Context(), ricevuta(domain.ReceiptID(fmt.Sprint("r", i)), notice, 5733)); err != nil {
			t.Error(err)
		}
	})
	if a, b := count[domain.PaymentConfirmed](x), count[domain.PaymentDuplicated](x); a != 1 || b != 7 {
		t.Errorf("%d confirm and %d are duplicates, want 1 and 7", a, b)
	}
	x.chained()
}

// The debtor asked to be forgotten. The money came all the same.
func TestAReceiptOfAnErasedDebtorIsFiledForTheCreditor(t *testing.T) {
	x := newTown(t)
	r := ricevuta("r", x.sent("a", bulletin(5733)), 5733)
	x.vault.erase(tizio.UUID)
	must(x.Receive(t.Context(), r))(t)
	filed, effects := x.kept(r)
	if len(filed) != 1 || !bytes.Equal(filed[0].Raw, r.Raw) || filed[0].Subject != domain.CreditorSubject(comune) {
		t.Errorf("filed %+v", filed)
	}
	if len(effects) != 1 {
		t.Errorf("it led to %v", effects)
	}
}

func TestErasingADebtorErasesTheirReceiptsBytes(t *testing.T) {
	x := newTown(t)
	r := ricevuta("r", x.sent("a", bulletin(5733)), 5733)
	must(x.Receive(t.Context(), r))(t)
	x.vault.erase(tizio.UUID)
	filed, effects := x.kept(r)
	if len(filed) != 1 || filed[0].Raw != nil || filed[0].SHA256 != domain.Hash(r.Raw) || len(effects) != 1 {
		t.Errorf("%+v, %v", filed, effects)
	}
	must(x.office().Receive(t.Context(), r))(t) // known by its hash, it is not filed again
	if filed, _ := x.kept(r); len(filed) != 1 {
		t.Errorf("filed %d times", len(filed))
	}
	x.chained()
}

func TestAReceiptWithoutAUsableIDIsRefused(t *testing.T) {
	x := newTown(t)
	for _, id := range []domain.ReceiptID{"", domain.ReceiptID(strings.Repeat("x", 141))} {
		if _, err := x.Receive(t.Context(), ricevuta(id, unissued, 1)); !errors.Is(err, domain.ErrBadReceiptID) {
			t.Errorf("%q: %v, want ErrBadReceiptID", id, err)
		}
	}
}

func TestWhatIsUnreadableIsKept(t *testing.T) {
	for _, c := range []struct {
		name string
		raw  []byte
		why  string
	}{
		{"with the reason", []byte("<receipt>"), "line 1: unexpected EOF"},
		{"when it is nothing", nil, "empty"},
		{"when it is no text", []byte("\xff\x00"), "invalid"},
		{"when the reason is no text", []byte("\xff"), "invalid character '\xff'"},
		{"when the reason is endless", []byte("x"), strings.Repeat("è", 5000)},
		{"when there is none", []byte("y"), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := emptyTown(t)
			first := must(x.KeepUnreadable(t.Context(), domain.ChannelPaForNode, c.raw, errors.New(c.why)))(t)
			for _, l := range []*ledger.Ledger{x.Ledger, x.office()} {
				again := must(l.KeepUnreadable(t.Context(), domain.ChannelPaForNode, c.raw, errors.New(c.why)))(t)
				if !again.Repeated || again.Position != first.Position {
					t.Errorf("%+v, want %+v", again, first)
				}
			}
			all := x.entries("")
			if len(all) != 1 {
				t.Fatalf("%d events", len(all))
			}
			kept := all[0].fact.(domain.UnreadableFiled)
			if !bytes.Equal(kept.Raw, c.raw) || kept.SHA256 != domain.Hash(c.raw) || kept.Channel != domain.ChannelPaForNode {
				t.Errorf("%+v", kept)
			}
			if !utf8.ValidString(kept.Reason) || len(kept.Reason) > 600 || kept.Reason[:min(3, len(c.why))] != c.why[:min(3, len(c.why))] {
				t.Errorf("reason %q, want %q", kept.Reason, c.why)
			}
			if bytes.Contains(all[0].Data, c.raw) && len(c.raw) > 2 {
				t.Errorf("the bytes are seen in %s", all[0].Data)
			}
		})
	}
}
