package domain_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/domaintest"
)

// TestRandomHistories lets small towns live (see town_test.go), and holds their
// books against what each town remembers after every step.
func TestRandomHistories(t *testing.T) {
	happened := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		w := newTown(happened)
		for range rapid.IntRange(3, 30).Draw(t, "days") {
			for _, deed := range rapid.Permutation(deeds).Draw(t, "day") {
				w.do(t, deed)
				w.check(t)
			}
		}
		w.clear(t)
	})
	if testing.Short() || t.Failed() {
		return
	}
	for _, name := range []string{
		"ParentRegistered", "ProfileChanged", "ConsumerEnrolled", "ParentLinked", "ServiceActivated", "DietChanged",
		"BulletinIssued", "BulletinSent", "PaymentActivated", "PaymentConfirmed", "PaymentDuplicated", "ReceiptUnmatched", "BulletinCancelled",
		"ReceiptApplied", "ReceiptReassigned", "RefundDue", "ReceiptDisowned", "PaymentRefunded",
		"BulletinsSelected", "CheckoutStarted", "NoticesRequested", "CheckoutReturned", "PaymentCompleted",
		"ReceiptFiled", "WalletCredited", "MealCharged",
	} {
		if happened[name] == 0 {
			t.Errorf("in no town a %s ever happened: the histories are too poor", name)
		}
	}
}

// deeds are what people do every day, in any order.
var deeds = []string{
	"register", "enrol", "issue", "issue", "send", "send", "send", "activate", "select", "select", "go to pay", "pay", "pay",
	"pay a cart", "pay abroad", "resolve", "resolve", "resolve", "complete", "cancel", "top up", "eat", "do again", "do again", "wait",
}

func (w *town) do(t *rapid.T, deed string) {
	map[string]func(*rapid.T){
		"register": w.register, "enrol": w.enrol, "issue": w.issue, "send": w.send, "activate": w.activate, "pay": w.pay, "pay a cart": w.payCart, "pay abroad": w.receiveAbroad, "resolve": w.resolve,
		"cancel": w.cancel, "select": w.choose, "go to pay": w.goToPay, "complete": w.complete, "top up": w.topUp, "eat": w.eat,
		"do again": w.doAgain, "wait": w.wait,
	}[deed](t)
}

// give carries cmd to the stream of key, enters its events in the books, and
// gives it again, when it may add nothing.
func give[S domaintest.Decider[S, C, E], K comparable, C any, E domain.Event](t *rapid.T, w *town, streams map[K]S, key K, cmd C) ([]E, error) {
	decided, err := streams[key].Decide(cmd)
	if err != nil {
		if len(decided) > 0 {
			t.Fatalf("%+v is refused (%v) and gives %+v", cmd, err, decided)
		}
		return nil, err
	}
	for _, e := range decided {
		streams[key] = streams[key].Evolve(e)
		w.enter(t, e)
	}
	if more, err := streams[key].Decide(cmd); err != nil || len(more) > 0 {
		t.Fatalf("%+v given again adds %+v (%v)", cmd, more, err)
	}
	return decided, nil
}

// giveForGood is give for a command that may add nothing however much later it
// is given again. By then it may be refused.
func giveForGood[S domaintest.Decider[S, C, E], K comparable, C any, E domain.Event](t *rapid.T, w *town, streams map[K]S, key K, cmd C) ([]E, error) {
	decided, err := give(t, w, streams, key, cmd)
	if err == nil {
		w.given = append(w.given, func(t *rapid.T) {
			if more, _ := streams[key].Decide(cmd); len(more) > 0 {
				t.Fatalf("%+v given again later adds %+v", cmd, more)
			}
		})
	}
	return decided, err
}

// wantEvents fails the history unless decided are the events wanted.
func wantEvents[E any](t *rapid.T, decided []E, err error, want ...E) {
	t.Helper()
	if err != nil || !slices.EqualFunc(decided, want, func(a, b E) bool { return reflect.DeepEqual(a, b) }) {
		t.Fatalf("decided\n%+v (%v), want\n%+v", decided, err, want)
	}
}

// some draws one of values.
func some[T any](t *rapid.T, label string, values ...T) T {
	return rapid.SampledFrom(values).Draw(t, label)
}

// minutes draws a span of time.
func minutes(t *rapid.T) time.Duration {
	return time.Duration(rapid.IntRange(1, 90).Draw(t, "minutes")) * time.Minute
}
