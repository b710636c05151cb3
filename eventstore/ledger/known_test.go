package ledger_test

import (
	"context"
	"errors"
	"iter"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

func TestAParentErasedElsewhereIsNotBilledForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newTown(t)
		issue(t, x.Ledger, "before", bulletin(100))
		must(x.office().EraseParent(t.Context(), by("erase"), domain.EraseParent{Parent: tizio, At: later}))(t)
		time.Sleep(time.Minute)
		if _, err := x.IssueBulletin(t.Context(), by("after"), bulletin(100)); !errors.Is(err, domain.ErrParentErased) {
			t.Errorf("%v, want %v", err, domain.ErrParentErased)
		}
	})
}

func TestAParentErasedHereIsNotBilledAtAll(t *testing.T) {
	x := newTown(t)
	issue(t, x.Ledger, "before", bulletin(100))
	must(x.EraseParent(t.Context(), by("erase"), domain.EraseParent{Parent: tizio, At: later}))(t)
	if _, err := x.IssueBulletin(t.Context(), by("after"), bulletin(100)); !errors.Is(err, domain.ErrParentErased) {
		t.Errorf("%v, want %v", err, domain.ErrParentErased)
	}
}

func TestAKnownConsumerIsStillOfOneCreditorAlone(t *testing.T) {
	x := newTown(t)
	issue(t, x.Ledger, "known", bulletin(100))
	const altrove domain.FiscalCode = "00000000222"
	must(x.Creditor(t.Context(), by("altrove"), domain.RegisterCreditor{At: at, Profile: domain.CreditorProfile{
		FiscalCode: altrove, Name: "Altro Comune", Broker: "00000000111", Station: "00000000111_02",
		Segregation: 2, CBILL: "ABC13", IBAN: "IT60X0542811101000000123456",
	}}))(t)
	must(x.Creditor(t.Context(), by("altrove c"), domain.DefineCategory{Creditor: altrove, Category: refezione, Name: "Servizi", At: at}))(t)
	must(x.Creditor(t.Context(), by("altrove s"), domain.DefineService{
		Creditor: altrove, Code: mensa, Service: domain.Service{Name: "Servizio", Taxonomy: "9/0107101TS/"}, At: at,
	}))(t)
	cmd := bulletin(100)
	cmd.Creditor = altrove
	if _, err := x.IssueBulletin(t.Context(), by("elsewhere"), cmd); !errors.Is(err, domain.ErrUnknownConsumer) {
		t.Errorf("%v, want %v", err, domain.ErrUnknownConsumer)
	}
}

func TestWhoFollowsTheLogKnowsWhoCanBeBilled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newTown(t)
		reads := &counted{Store: x.log}
		l := ledger.New(reads, x.vault, clock)
		ctx, stop := context.WithCancel(t.Context())
		ended, ready := make(chan error, 1), make(chan struct{})
		go func() { ended <- l.Acquaint(ctx, func() { close(ready) }) }()
		<-ready
		issue(t, l, "first", bulletin(100)) // reads the creditor, and its numbers

		before := reads.streams()
		issue(t, l, "second", caias(100))
		if after := reads.streams(); after != before {
			t.Errorf("%d streams were read to bill somebody who was known", after-before)
		}
		must(x.office().EraseParent(t.Context(), by("erase"), domain.EraseParent{Parent: tizio, At: later}))(t)
		synctest.Wait() // no clock moved: the erasure was seen as it was filed
		if _, err := l.IssueBulletin(t.Context(), by("after"), bulletin(100)); !errors.Is(err, domain.ErrParentErased) {
			t.Errorf("%v, want %v", err, domain.ErrParentErased)
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestWhoStopsFollowingTheLogAsksItAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newTown(t)
		l := x.office()
		ctx, stop := context.WithCancel(t.Context())
		ended, ready := make(chan error, 1), make(chan struct{})
		go func() { ended <- l.Acquaint(ctx, func() { close(ready) }) }()
		<-ready
		stop()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		must(x.EraseParent(t.Context(), by("erase"), domain.EraseParent{Parent: tizio, At: later}))(t)
		if _, err := l.IssueBulletin(t.Context(), by("after"), bulletin(100)); !errors.Is(err, domain.ErrParentErased) {
			t.Errorf("%v, want %v", err, domain.ErrParentErased)
		}
	})
}

// counted is a log that counts how often streams are read.
type counted struct {
	eventstore.Store
	n atomic.Int64
}

func (c *counted) Read(ctx context.Context, stream eventstore.Stream, after eventstore.Revision) iter.Seq2[eventstore.Recorded, error] {
	c.n.Add(1)
	return c.Store.Read(ctx, stream, after)
}

func (c *counted) streams() int64 { return c.n.Load() }
