package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/pagopa/bizevents"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/projections"
)

// watched runs a lookout for so long, in a bubble of its own, and returns when it
// asked, since its start. replies are what the platform says, the last for ever.
func watched(t *testing.T, long time.Duration, deliver error, replies ...error) (asked []time.Duration, l *lookout) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		here := false
		l = &lookout{bodies: []domain.FiscalCode{demoCreditor}, now: time.Now, logger: slog.New(slog.DiscardHandler)}
		l.expected = func(context.Context, domain.FiscalCode) ([]projections.Expectation, error) {
			all := []projections.Expectation{{Cause: projections.ReturnedOK, Notice: "301000000000000144"}} // nobody knows its IUR
			if !here {
				all = append(all, projections.Expectation{Cause: projections.AskedFor, Receipt: "iur-1", IUV: "01000000000000144"})
			}
			return all, nil
		}
		l.ask = func(_ context.Context, w bizevents.Wanted) ([]byte, error) {
			if w != (bizevents.Wanted{Creditor: demoCreditor, Receipt: "iur-1", IUV: "01000000000000144"}) {
				t.Errorf("asked for %+v", w)
			}
			asked = append(asked, time.Since(began))
			return []byte("{}"), replies[min(len(asked), len(replies))-1]
		}
		l.deliver = func(context.Context, domain.FiscalCode, []byte) error {
			here = deliver == nil
			return deliver
		}
		ctx, cancel := context.WithTimeout(t.Context(), long)
		defer cancel()
		if err := l.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	return asked, l
}

func TestALateReceiptIsAskedForLessAndLessOften(t *testing.T) {
	asked, l := watched(t, 20*24*time.Hour+time.Second, nil, bizevents.ErrNotThere)
	want := []time.Duration{0, 1 * time.Minute, 3 * time.Minute, 7 * time.Minute, 15 * time.Minute}
	if !slices.Equal(asked[:5], want) {
		t.Errorf("asked at %v, want %v", asked[:5], want)
	}
	if n := len(asked); n > 35 || asked[n-1]-asked[n-2] != 24*time.Hour {
		t.Errorf("%d times, at last after %v", n, asked[n-1]-asked[n-2])
	}
	try, ok := l.LastTry(demoCreditor, "iur-1")
	if !ok || try.Outcome != "not-there" || try.Times != len(asked) || !try.Next.After(try.At) {
		t.Errorf("%+v", try)
	}
}

func TestAReceiptThatCameIsNotAskedForAgain(t *testing.T) {
	asked, l := watched(t, time.Hour, nil, bizevents.ErrBusy, bizevents.ErrUnavailable, nil)
	if want := []time.Duration{0, time.Minute, 2 * time.Minute}; !slices.Equal(asked, want) {
		t.Errorf("asked at %v, want %v", asked, want)
	}
	if try, ok := l.LastTry(demoCreditor, "iur-1"); ok {
		t.Errorf("remembered after it came: %+v", try)
	}
}

func TestWhatTheLedgerCouldNotTakeIsFetchedAgain(t *testing.T) {
	asked, _ := watched(t, 3*time.Minute-time.Second, errors.New("the bus is away"), nil)
	if len(asked) != 3 {
		t.Errorf("asked at %v", asked)
	}
}

func TestAMistakeIsNotRepeatedEveryMinute(t *testing.T) {
	asked, _ := watched(t, 3*time.Hour-time.Second, nil, &bizevents.RefusedError{Status: 401})
	if want := []time.Duration{0, time.Hour, 2 * time.Hour}; !slices.Equal(asked, want) {
		t.Errorf("asked at %v, want %v", asked, want)
	}
}

// officer is somebody who reconciles, in front of the API.
func (d *demo) officer(t *testing.T) office {
	t.Helper()
	token, err := makeToken(t.Context(), demoConfig(d.data, "", ""), "ragioneria", []string{string(domain.RoleReconciler)}, "")
	if err != nil {
		t.Fatal(err)
	}
	return office{d.portal, token}
}

// expectation is as much of one as these tests look at.
type expectation struct {
	Notice             domain.NoticeNumber
	IUV                domain.IUV
	Cause, Urgency     string
	Cart, Why, Next    string
	Amount             domain.Money
	Since, SeriousFrom time.Time
}

func (d *demo) expectations(t *testing.T) []expectation {
	t.Helper()
	var list struct{ Expectations []expectation }
	d.look(t, town+"/expectations", &list)
	return list.Expectations
}

// lastIUR is the id of the receipt that the platform issued last.
func (d *demo) lastIUR(t *testing.T) domain.ReceiptID {
	t.Helper()
	res, err := http.Get(d.platform + "/api/receipts")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var all []struct{ ReceiptID domain.ReceiptID }
	if err := json.NewDecoder(res.Body).Decode(&all); err != nil || len(all) == 0 {
		t.Fatal(all, err)
	}
	return all[0].ReceiptID
}

// fetch is an officer's command, and how it went.
func (d *demo) fetch(t *testing.T, o office, iur domain.ReceiptID, iuv domain.IUV) string {
	t.Helper()
	a, err := o.post(t.Context(), town+"/receipts/fetch", uuid.NewString(), fields{"iur": iur, "iuv": iuv})
	if err != nil {
		t.Fatal(err)
	}
	var out struct{ Outcome string }
	a.read(t, "fetch", &out)
	d.upToDate(t)
	return out.Outcome
}

func TestALostReceiptIsFetchedByItsIUR(t *testing.T) {
	d := startDemo(t)
	officer := d.officer(t)
	d.switches(t, `{"always":{},"next":{"receiptLost":true},"busy":2}`)
	v := newVisitor(t)
	v.enter(d)
	v.cart(d)
	v.press("Paga tramite pagoPA")
	v.payWithCard()
	v.follow("Torna al sito")
	v.is(http.StatusOK, "In verifica")
	outcome := v.url.String()

	v.visit(d.portal + "/consumatori")
	v.is(http.StatusOK, debt, "In verifica", "di cui in verifica "+owed) // neither debt alone nor paid
	v.dues(d)
	v.is(http.StatusOK, "Aspettiamo la conferma del pagamento", "Saldo bollettini "+debt+" di cui in verifica "+owed)
	v.tick("bollettino", "") // nothing is locked, and nothing is paid twice by mistake
	v.press("Paga online")
	v.is(http.StatusUnprocessableEntity, "Hai già pagato il bollettino")

	waiting := d.expectations(t)
	if len(waiting) != 1 || waiting[0].Cause != "returned-ok" || waiting[0].Urgency != "usual" || waiting[0].Cart == "" || waiting[0].Next == "" {
		t.Fatalf("%+v", waiting)
	}
	iur := d.lastIUR(t)
	if got := d.fetch(t, officer, "altro", waiting[0].IUV); got != "not-there" { // after the platform was busy twice
		t.Errorf("a receipt that does not exist: %s", got)
	}
	end := d.end(t)
	if got := d.fetch(t, officer, iur, waiting[0].IUV); got != "filed" {
		t.Fatalf("outcome %s", got)
	}
	if got, want := d.after(t, end), []string{"ReceiptExpected", "ReceiptFiled", "ExpectationMet", "PaymentConfirmed"}; !slices.Equal(got[:min(4, len(got))], want) {
		t.Errorf("wrote %v, want %v and what follows", got, want)
	}
	filed := facts[domain.ReceiptFiled](t, d)
	if last := filed[len(filed)-1]; last.Channel != domain.ChannelBizEvents || last.Receipt != iur {
		t.Errorf("filed as %s by %s", last.Receipt, last.Channel)
	}
	v.visit(outcome)
	v.until("Hai pagato " + owed)
	v.visit(d.portal + "/consumatori")
	v.is(http.StatusOK, "Saldo bollettini della famiglia "+zero)
	v.lacks("In verifica")
	if left := d.expectations(t); len(left) != 1 || left[0].Cause != "asked-for" || left[0].IUV != waiting[0].IUV {
		t.Errorf("left is what does not exist: %+v", left)
	}

	eventually(t, "the cart to be completed", func() bool { return len(facts[domain.PaymentCompleted](t, d)) == 1 })
	end = d.end(t)
	v.visit(d.platform + "/stato") // days later, the Node sends it after all
	v.press("Invia ora")
	eventually(t, "the Node's receipt", func() bool { return len(d.after(t, end)) > 0 })
	d.upToDate(t)
	if got := d.after(t, end); !slices.Equal(got, []string{"ReceiptFiled"}) {
		t.Errorf("the Node's own message is kept, and has no effect: wrote %v", got)
	}
	if got := d.fetch(t, officer, iur, waiting[0].IUV); got != "filed" {
		t.Errorf("fetched again: %s", got)
	}
	d.balanced(t)
	d.sound(t)
}
