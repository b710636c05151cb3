package town_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/saldo-ledger/saldo/eventstore/audit"
	"github.com/saldo-ledger/saldo/eventstore/embedded"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
	"github.com/saldo-ledger/saldo/eventstore/ledger/town"
)

// history lets a town of 600 families live for two months.
func history(t *testing.T, seed uint64) *embedded.Log {
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
	town, err := town.Found(t.Context(), ledger.New(log, town.NewKeys(seed), time.Now), seed, 600)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := town.Month(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return log
}

func TestATownsHistoryIsSoundAndOfEveryKind(t *testing.T) {
	log := history(t, 1)
	sound, err := audit.Verify(t.Context(), log, nil)
	if err != nil || sound.Debits != sound.Credits || sound.Debits == 0 {
		t.Fatalf("%+v, %v", sound, err)
	}
	kinds := make(map[string]int)
	for e, err := range log.ReadAll(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		kinds[e.Type]++
	}
	if kinds["bulletin-issued.v1"] != 1200 || kinds["parent-registered.v1"] != 600 {
		t.Errorf("%v", kinds)
	}
	for _, kind := range []string{"bulletin-sent.v1", "payment-activated.v1", "receipt-filed.v1", "payment-confirmed.v1",
		"payment-duplicated.v1", "receipt-unmatched.v1", "bulletins-selected.v1", "checkout-returned.v1", "payment-completed.v1"} {
		if kinds[kind] == 0 {
			t.Errorf("no %s among %v", kind, kinds)
		}
	}
}

func TestATownFollowsFromItsSeed(t *testing.T) {
	balances := func(seed uint64) string {
		b, err := audit.BalancesOf(t.Context(), history(t, seed), audit.Range{})
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(b)
	}
	seventh := balances(7)
	if balances(7) != seventh {
		t.Error("the same seed gives two histories")
	}
	if balances(8) == seventh {
		t.Error("two seeds give the same history")
	}
}

func TestWhatIsSentToAllCanBePaidByEveryParent(t *testing.T) {
	ctx := t.Context()
	log, err := embedded.Open("log", embedded.Options{FS: vfs.NewMem()})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	place, err := town.Found(ctx, ledger.New(log, town.NewKeys(1), time.Now), 1, 3)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := place.SendAll(ctx); n != 3 || err != nil {
		t.Fatalf("%d bulletins, %v", n, err)
	}
	kinds := make(map[string]int)
	for e, err := range log.ReadAll(ctx, 0) {
		if err != nil {
			t.Fatal(err)
		}
		kinds[e.Type]++
		for _, parent := range place.Parents() {
			if e.Stream == ledger.ParentStream(parent) {
				kinds["of a parent"]++
			}
		}
	}
	if kinds["bulletin-issued.v1"] != 3 || kinds["bulletin-sent.v1"] != 3 || kinds["of a parent"] != 3 {
		t.Errorf("%v", kinds)
	}
}
