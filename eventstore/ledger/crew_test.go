package ledger_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

func TestEventsOfOneKeyAreAnsweredInOrderAndOthersMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var order []uint64
		m := &marks{}
		r := reactor(recordedTape(5), m, &script{})
		n := 0
		r.Key = func(domain.Event) string { n++; return []string{"slow", "slow", "quick", "quick", "slow"}[n-1] }
		r.React = func(_ context.Context, rec eventstore.Recorded, _ domain.Event) error {
			if rec.Position == 10 {
				time.Sleep(time.Minute) // of the bubble
			}
			mu.Lock()
			defer mu.Unlock()
			order = append(order, uint64(rec.Position))
			return nil
		}
		runs(t, r, time.Hour)
		if !slices.Equal(order[:2], []uint64{30, 40}) || !slices.Equal(order[2:], []uint64{10, 20, 50}) || m.at != 50 {
			t.Errorf("answered in the order %v, saved %d", order, m.at)
		}
	})
}

func TestTheCheckpointStaysBeforeWhatIsNotAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &marks{}
		r := reactor(recordedTape(4), m, &script{does: func(at uint64) error {
			if at == 20 {
				return errors.New("not now")
			}
			return nil
		}})
		n := 0
		r.Key = func(domain.Event) string { n++; return string(rune('a' + n)) }
		var mu sync.Mutex
		react := r.React
		r.React = func(ctx context.Context, rec eventstore.Recorded, e domain.Event) error {
			mu.Lock()
			defer mu.Unlock()
			return react(ctx, rec, e)
		}
		runs(t, r, time.Minute)
		if m.at != 10 {
			t.Errorf("saved %d though the event at 20 was never answered", m.at)
		}
	})
}

func TestAFlowAndItsSettlingAreAnsweredInOrder(t *testing.T) {
	subject := domain.SubjectOfFlow("F-1")
	keys := make(map[string]bool)
	for _, e := range []domain.Event{
		domain.FlowFiled{Creditor: comune, ID: "F-1"}, domain.RemittanceSettled{Creditor: comune, Subject: subject},
		domain.RemittanceReopened{Creditor: comune, Subject: subject},
	} {
		keys[ledger.ReconciledKey(e)] = true
	}
	other := ledger.ReconciledKey(domain.FlowFiled{Creditor: comune, ID: "F-2"})
	statement := ledger.ReconciledKey(domain.MovementsFiled{Statement: domain.StatementID{UUID: named("statement")}})
	if len(keys) != 1 || keys[other] || keys[statement] || statement == "" {
		t.Errorf("%v, of another flow %q, of a statement %q", keys, other, statement)
	}
}
