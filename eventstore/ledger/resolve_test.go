package ledger_test

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

// consortium is a body whose notices can have transfers to comune.
const consortium domain.FiscalCode = "77777777777"

// came brings a receipt, changed as the case wants it.
func (x *town) came(r ledger.Receipt, change ...func(*ledger.Receipt)) ledger.Receipt {
	x.Helper()
	for _, c := range change {
		c(&r)
	}
	must(x.Receive(x.Context(), r))(x.T)
	return r
}

func abroad(r *ledger.Receipt) { r.Issuer = consortium }

func apply(id domain.ReceiptID, to domain.NoticeNumber) domain.ApplyReceipt {
	return domain.ApplyReceipt{Creditor: comune, Receipt: id, To: to, Reason: "come da richiesta", At: later}
}

func refund(id domain.ReceiptID) domain.RefundReceipt {
	return domain.RefundReceipt{Creditor: comune, Receipt: id, Reason: "come da richiesta", At: later}
}

func disown(id domain.ReceiptID) domain.DisownReceipt {
	return domain.DisownReceipt{Creditor: comune, Receipt: id, Reason: "di altri", At: later}
}

func given(id domain.ReceiptID) domain.RecordRefund {
	return domain.RecordRefund{Creditor: comune, Receipt: id, Order: "CRO 1", At: later}
}

// adds fails the test unless a command adds events of these types, and none when it
// is given again, by its id or anew, here or by another process.
func (x *town) adds(word string, cmd domain.BulletinCommand, types ...string) {
	x.Helper()
	end := x.end()
	out := must(x.ResolveReceipt(x.Context(), by(word), cmd))(x.T)
	var got []string
	for _, e := range x.entries("")[end:] {
		got = append(got, reflect.TypeOf(e.fact).Name())
	}
	if !slices.Equal(got, types) {
		x.Errorf("%s adds %v, want %v", word, got, types)
	}
	if len(types) > 0 && out.Position != x.end() {
		x.Errorf("%s: position %d, and the log ends at %d", word, out.Position, x.end())
	}
	end = x.end()
	again := must(x.office().ResolveReceipt(x.Context(), by(word), cmd))(x.T)
	if len(types) > 0 && (!again.Repeated || again.Position != out.Position) {
		x.Errorf("%s again: %+v, want the first outcome %+v", word, again, out)
	}
	if x.end() != end {
		x.Errorf("%s again adds %d events", word, x.end()-end)
	}
	x.balanced()
}

// refuses fails the test unless a command is refused, and adds nothing.
func (x *town) refuses(cmd domain.BulletinCommand, want *domain.Refusal, words ...string) {
	x.Helper()
	end := x.end()
	_, err := x.ResolveReceipt(x.Context(), by(fmt.Sprint("refused", end, cmd)), cmd)
	if !errors.Is(err, want) || x.end() != end {
		x.Errorf("%v, %d events; want %v and none", err, x.end()-end, want)
	}
	for _, w := range words {
		if err != nil && !strings.Contains(err.Error(), w) {
			x.Errorf("%v does not say %q", err, w)
		}
	}
}

// balanced checks that what is in suspense is what waits on the streams, to the
// cent, and that debits equal credits.
func (x *town) balanced() {
	x.Helper()
	var suspense, all domain.Money
	waits := map[domain.ReceiptID]domain.Money{}
	for _, e := range x.entries("") {
		for _, p := range domain.Postings(e.fact) {
			if all += p.Debit - p.Credit; p.Account == domain.AccountSuspense {
				suspense += p.Credit - p.Debit
			}
		}
		switch f := e.fact.(type) {
		case domain.ReceiptUnmatched:
			waits[f.Receipt] += f.Amount
		case domain.ReceiptApplied:
			waits[f.Receipt] -= f.Amount
		case domain.ReceiptReassigned:
			waits[f.Receipt] -= f.Amount
		case domain.RefundDue:
			waits[f.Receipt] -= f.Amount
		case domain.ReceiptDisowned:
			waits[f.Receipt] -= f.Amount
		}
	}
	for id, m := range waits {
		if suspense -= m; m < 0 {
			x.Errorf("receipt %s was resolved for more than it brought: %s", id, m)
		}
	}
	if all != 0 || suspense != 0 {
		x.Errorf("the books differ by %s, suspense is unexplained by %s", all, suspense)
	}
}

func TestAReceiptOfAnotherBodysNoticeIsNeverABulletins(t *testing.T) {
	x := newTown(t)
	ours := x.sent("ours", bulletin(5733))
	r := x.came(ricevuta("theirs", ours, 5733), abroad)
	x.came(r, func(r *ledger.Receipt) { r.Raw = append([]byte("<!-- copy -->"), r.Raw...) }) // through another station
	filed, effects := x.kept(r)
	if len(filed) != 2 || filed[0].Issuer != consortium || filed[0].Subject != domain.CreditorSubject(comune) || len(effects) != 0 {
		t.Errorf("filed %+v, at our bulletin %+v", filed, effects)
	}
	facts := x.facts(ledger.ForeignStream(comune, consortium, ours))
	if len(facts) != 1 {
		t.Fatalf("%d effects, want one: %+v", len(facts), facts)
	}
	if u := facts[0].(domain.ReceiptUnmatched); u.Reason != domain.ForeignNotice || u.Issuer != consortium || u.Amount != 5733 {
		t.Errorf("%+v", u)
	}
	if b, err := x.KnownBulletin(t.Context(), comune, ours); err != nil || !b.Payable() || len(b.Takings) != 0 {
		t.Errorf("our bulletin is %+v, %v", b, err)
	}
	x.balanced()
	if _, err := x.Receive(t.Context(), ledger.Receipt{Creditor: comune, ID: "x", Issuer: "a b", Notice: ours, Raw: []byte("x")}); !errors.Is(err, domain.ErrBadBodyCode) {
		t.Errorf("an issuer that is none: %v", err)
	}
}

func TestThatAPaymentWasInStandInIsKept(t *testing.T) {
	x := newTown(t)
	r := x.came(ricevuta("r", x.sent("a", bulletin(5733)), 5733), func(r *ledger.Receipt) { r.StandIn, r.Issuer = true, comune })
	if _, effects := x.kept(r); len(effects) != 1 || !effects[0].(domain.PaymentConfirmed).StandIn {
		t.Errorf("%+v", effects)
	}
}

func TestAReceiptIsAppliedToAnotherNotice(t *testing.T) {
	for _, c := range []struct {
		name   string
		amount domain.Money
		paid   bool
		change func(*ledger.Receipt)
		effect string
	}{
		{"which it pays", 5733, false, nil, "PaymentConfirmed"},
		{"of another body's notice, which it pays", 5733, false, abroad, "PaymentConfirmed"},
		{"which is paid already", 5733, true, nil, "PaymentDuplicated"},
		{"which it is less than", 5000, false, nil, "ReceiptUnmatched"},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := newTown(t)
			to := x.sent("a", bulletin(5733))
			if c.paid {
				x.came(ricevuta("first", to, 5733))
			}
			r := ricevuta("r", unissued, c.amount)
			if c.change != nil {
				c.change(&r)
			}
			x.came(r)
			x.adds("apply", apply("r", to), "ReceiptReassigned", c.effect)
			x.came(r) // the platform sends it again
			if got := len(x.facts(ledger.BulletinStream(comune, to))); got != 3+map[bool]int{true: 1}[c.paid] {
				t.Errorf("%d events at the bulletin", got)
			}
			x.chained()
		})
	}
}

func TestAReceiptIsResolvedWhereItWentTo(t *testing.T) {
	x := newTown(t)
	a, b := x.sent("a", bulletin(5733)), x.sent("b", bulletin(8000))
	x.came(ricevuta("r", unissued, 6000))
	x.adds("to b", apply("r", b), "ReceiptReassigned", "ReceiptUnmatched")
	x.refuses(apply("r", b), domain.ErrBadWriteOff, "20.00")
	x.adds("to a", apply("r", a), "ReceiptReassigned", "ReceiptUnmatched")
	x.adds("back to b", apply("r", b), "ReceiptReassigned", "ReceiptUnmatched")
	x.adds("back to a", apply("r", a), "ReceiptReassigned", "ReceiptUnmatched")
	end := x.end()
	must(x.ResolveReceipt(t.Context(), by("to b"), apply("r", b)))(t) // the very first command
	if x.end() != end {
		t.Error("the first move again moves the money again")
	}
	file, err := x.KnownReceipt(t.Context(), comune, "r")
	if err != nil || file.Notice != a || file.Held == nil || file.Held.Moves != 4 || len(file.Filed) != 1 || !bytes.Equal(file.Filed[0].Raw, ricevuta("r", unissued, 6000).Raw) {
		t.Errorf("%+v, %v", file, err)
	}
	x.adds("closes a", apply("r", a), "ReceiptApplied")
	x.adds("closes a, anew", apply("r", a))
	x.refuses(disown("r"), domain.ErrReceiptResolved)
	x.adds("is refunded already", refund("r")) // the surplus
	x.adds("given back", given("r"), "PaymentRefunded")
	x.refuses(apply("r", b), domain.ErrReceiptResolved, "CRO 1")
	x.chained()
}

func TestWhatDoesNotFitIsRefusedWithWhatIsWrong(t *testing.T) {
	x := newTown(t)
	a, void := x.sent("a", bulletin(5733)), x.sent("void", bulletin(5733))
	must(x.Bulletin(t.Context(), by("cancel"), domain.CancelBulletin{Creditor: comune, Notice: void, Reason: "emesso due volte", At: at}))(t)
	x.came(ricevuta("short", a, 5000))
	x.came(ricevuta("void", void, 5733))
	x.refuses(apply("short", a), domain.ErrBadWriteOff, "50.00", "57.33", "7.33")
	x.refuses(apply("short", void), domain.ErrCancelled, "emesso due volte")
	x.refuses(apply("void", void), domain.ErrCancelled, "emesso due volte")
	x.refuses(apply("short", unissued), domain.ErrUnknownBulletin)
	x.refuses(apply("short", "12 34"), domain.ErrBadNoticeNumber)
	x.refuses(apply("nobody's", a), domain.ErrUnknownReceipt)
	x.refuses(given("short"), domain.ErrNotToRefund)
	forgiving := apply("short", a)
	forgiving.WriteOff = 733
	x.adds("with the rest given up", forgiving, "ReceiptApplied")
	x.adds("the cancelled one's money", refund("void"), "RefundDue")
	if out, err := x.Bulletin(t.Context(), by("by the other door"), given("void")); err != nil || out.Position != x.end() {
		t.Errorf("%+v, %v", out, err)
	}
	x.chained()
}

func TestADuplicateIsGivenBackAndAStrangersMoneyDisowned(t *testing.T) {
	x := newTown(t)
	a := x.sent("a", bulletin(5733))
	x.came(ricevuta("first", a, 5733))
	x.came(ricevuta("second", a, 5733))
	x.came(ricevuta("theirs", a, 100), abroad)
	x.refuses(disown("first"), domain.ErrNothingHeld)
	x.adds("the second", given("second"), "PaymentRefunded")
	x.adds("theirs", disown("theirs"), "ReceiptDisowned")
	x.adds("theirs, anew", disown("theirs"))
	if file, err := x.KnownReceipt(t.Context(), comune, "theirs"); err != nil || file.Issuer != consortium || file.Held.Standing != domain.NotOurs {
		t.Errorf("%+v, %v", file, err)
	}
	if file, err := x.KnownReceipt(t.Context(), comune, "first"); err != nil || file.Held != nil || file.Notice != a {
		t.Errorf("%+v, %v", file, err)
	}
	if _, err := x.KnownReceipt(t.Context(), comune, "none"); !errors.Is(err, domain.ErrUnknownReceipt) {
		t.Errorf("%v", err)
	}
}

// The line is torn when the receipt has left one notice and not yet come to the
// other.
func TestAMoveThatIsCutShortIsCompleted(t *testing.T) {
	for _, after := range []bool{false, true} {
		for name, complete := range map[string]func(*town, domain.NoticeNumber) error{
			"by the reaction": func(x *town, _ domain.NoticeNumber) error {
				for _, e := range x.entries("") {
					if err := x.office().FinishMoves(x.Context(), e.Recorded, e.fact); err != nil && !errors.Is(err, ledger.ErrNoReaction) {
						return err
					}
				}
				return nil
			},
			"by the command again": func(x *town, to domain.NoticeNumber) error {
				_, err := x.office().ResolveReceipt(x.Context(), by("apply"), apply("r", to))
				return err
			},
			"by the command anew": func(x *town, to domain.NoticeNumber) error {
				_, err := x.office().ResolveReceipt(x.Context(), by("another"), apply("r", to))
				return err
			},
		} {
			t.Run(fmt.Sprint(name, ", lost after it was filed: ", after), func(t *testing.T) {
				x := newTown(t)
				to := x.sent("a", bulletin(5733))
				x.came(ricevuta("r", to, 5733), abroad)
				l := ledger.New(&torn{Store: x.log, category: "bulletin", after: after, times: 1}, x.vault, clock)
				if _, err := l.ResolveReceipt(t.Context(), by("apply"), apply("r", to)); !errors.Is(err, errTorn) {
					t.Fatalf("%v, want %v", err, errTorn)
				}
				for range 2 {
					if err := complete(x, to); err != nil {
						t.Fatal(err)
					}
				}
				if a, b := count[domain.ReceiptReassigned](x), count[domain.PaymentConfirmed](x); a != 1 || b != 1 {
					t.Errorf("moved %d times, paid %d times", a, b)
				}
				if b, err := x.KnownBulletin(t.Context(), comune, to); err != nil || b.Status != domain.BulletinPaid {
					t.Errorf("%+v, %v", b, err)
				}
				x.balanced()
				x.chained()
			})
		}
	}
}

func TestTwoOfficersAtOnceResolveAReceiptOnce(t *testing.T) {
	x := newTown(t)
	a := x.sent("a", bulletin(5733))
	x.came(ricevuta("r", unissued, 5733))
	offices := []*ledger.Ledger{x.office(), x.office()}
	crowd(12, func(i int) {
		cmd := []domain.BulletinCommand{apply("r", a), refund("r"), disown("r")}[i%3]
		_, err := offices[i%2].ResolveReceipt(t.Context(), by(fmt.Sprint(i)), cmd)
		if no := (*domain.Refusal)(nil); err != nil && !errors.As(err, &no) {
			t.Error(err)
		}
	})
	if n := count[domain.ReceiptReassigned](x) + count[domain.RefundDue](x) + count[domain.ReceiptDisowned](x); n != 1 {
		t.Errorf("resolved %d times", n)
	}
	x.balanced()
	x.chained()
}

func TestACartIsCompletedWhenAReceiptIsAppliedToItsBulletin(t *testing.T) {
	x := newTown(t)
	a := x.sent("a", bulletin(5733))
	must(x.Select(t.Context(), by("it"), ticked("it", a)))(t)
	x.came(ricevuta("r", a, 6000))
	x.adds("apply", apply("r", a), "ReceiptApplied")
	x.react()
	if !x.completed("it") {
		t.Error("its bulletin is paid, and it is open")
	}
}
