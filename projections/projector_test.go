package projections_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/wire"
	"github.com/saldo-ledger/saldo/projections"
	"github.com/saldo-ledger/saldo/projections/projectionstest"
)

// year is a log of some hundred events.
func year() *projectionstest.Log {
	return projectionstest.NewLog(slices.Collect(projectionstest.Year(5))...)
}

// start runs a Projector until the test ends; the error it ends with is awaited on
// the channel.
func start(t *testing.T, p *projections.Projector) (stop context.CancelFunc, ended <-chan error) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	t.Cleanup(cancel)
	return cancel, done
}

func end(t *testing.T, log *projectionstest.Log) eventstore.Position {
	at, err := log.End(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// more is an event to be filed while a Projector runs.
func more(n uint64) projectionstest.Fact {
	notice, err := domain.NewNoticeNumber(2, n)
	if err != nil {
		panic(err)
	}
	e := issued
	e.Notice = notice
	return projectionstest.Fact{Stream: "bulletin-more", Event: e}
}

func TestAProjectorCatchesUpAndGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, rows := year(), &projectionstest.Rows{}
		p := projections.NewProjector(log, rows, log.Keys, nil)
		stop, ended := start(t, p)
		if err := p.WaitFor(t.Context(), end(t, log)); err != nil {
			t.Fatal(err)
		}
		for n := range uint64(3) {
			if err := p.WaitFor(t.Context(), log.File(more(n))); err != nil {
				t.Fatal(err)
			}
		}
		stop()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}

		again := &projectionstest.Rows{}
		q := projections.NewProjector(log, again, log.Keys, nil)
		start(t, q)
		if err := q.WaitFor(t.Context(), end(t, log)); err != nil {
			t.Fatal(err)
		}
		if rows.Dump() != again.Dump() {
			t.Errorf("as it came:\n%s\nrebuilt:\n%s", rows.Dump(), again.Dump())
		}
	})
}

// gate is a sink that holds each batch until it is let through.
type gate struct {
	projectionstest.Rows
	arrived chan int // events in a batch
	through chan struct{}
}

func (g *gate) Apply(ctx context.Context, from, to eventstore.Position, b *projections.Batch) error {
	g.arrived <- b.Events()
	<-g.through
	return g.Rows.Apply(ctx, from, to, b)
}

func TestWhatArrivesWhileABatchIsWrittenIsTheNextBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := projectionstest.NewLog()
		sink := &gate{arrived: make(chan int), through: make(chan struct{})}
		start(t, projections.NewProjector(log, sink, log.Keys, nil))

		log.File(more(1))
		if n := <-sink.arrived; n != 1 {
			t.Fatalf("the first batch has %d events, want 1", n)
		}
		log.File(more(2), more(3), more(4))
		synctest.Wait()
		sink.through <- struct{}{}
		if n := <-sink.arrived; n != 3 {
			t.Fatalf("the second batch has %d events, want 3", n)
		}
		sink.through <- struct{}{}
	})
}

func TestWaitingEndsWithTheViewsOrTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := projectionstest.NewLog()
		sink := &gate{arrived: make(chan int), through: make(chan struct{})}
		p := projections.NewProjector(log, sink, log.Keys, nil)
		start(t, p)
		if err := p.WaitFor(t.Context(), 0); err != nil {
			t.Fatalf("waiting for nothing: %v", err)
		}
		at := log.File(more(1))
		<-sink.arrived

		var readers sync.WaitGroup
		for range 3 {
			readers.Go(func() {
				if err := p.WaitFor(t.Context(), at); err != nil {
					t.Error(err)
				}
			})
		}
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := p.WaitFor(short, at); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("before the views are there: %v", err)
		}
		sink.through <- struct{}{}
		readers.Wait()
	})
}

func TestAnUnknownEventStopsTheViewsBeforeIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, rows := projectionstest.NewLog(more(1)), &projectionstest.Rows{}
		last := end(t, log)
		p := projections.NewProjector(log, rows, log.Keys, nil)
		_, ended := start(t, p)
		if err := p.WaitFor(t.Context(), last); err != nil {
			t.Fatal(err)
		}
		foreign := log.FileForeign("from-the-future.v9")
		log.File(more(2))

		if err := <-ended; !errors.Is(err, wire.ErrUnknownName) {
			t.Fatalf("the projector ended with %v", err)
		}
		if at, _ := rows.Position(t.Context()); at != last {
			t.Errorf("the views are at %d, want %d", at, last)
		}
		if err := p.WaitFor(t.Context(), last); err != nil {
			t.Errorf("what was applied cannot be read: %v", err)
		}
		if err := p.WaitFor(t.Context(), foreign); !errors.Is(err, wire.ErrUnknownName) {
			t.Errorf("waiting for what never comes: %v", err)
		}
	})
}

// held is a sink whose catching up ends when it is let through.
type held struct {
	projectionstest.Rows
	through chan struct{}
}

func (h *held) CaughtUp(context.Context) error {
	<-h.through
	return nil
}

func TestNobodyReadsViewsThatHaveNotCaughtUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, sink := projectionstest.NewLog(more(1)), &held{through: make(chan struct{})}
		p := projections.NewProjector(log, sink, log.Keys, nil)
		start(t, p)
		synctest.Wait()
		for _, at := range []eventstore.Position{0, end(t, log)} {
			short, cancel := context.WithTimeout(t.Context(), time.Second)
			if err := p.WaitFor(short, at); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("position %d, while the views are being made: %v", at, err)
			}
			cancel()
		}
		close(sink.through)
		if err := p.WaitFor(t.Context(), end(t, log)); err != nil {
			t.Error(err)
		}
	})
}

func TestAStoppedProjectorLetsNobodyWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := projectionstest.NewLog()
		p := projections.NewProjector(log, &projectionstest.Rows{}, log.Keys, nil)
		stop, ended := start(t, p)
		waited := make(chan error)
		go func() { waited <- p.WaitFor(t.Context(), 10) }()
		synctest.Wait()
		stop()
		if err := <-ended; err != nil {
			t.Errorf("told to stop, it ended with %v", err)
		}
		if err := <-waited; !errors.Is(err, projections.ErrStopped) {
			t.Errorf("the waiter got %v", err)
		}
	})
}

func TestViewsOfAnotherLogAreRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rows := &projectionstest.Rows{}
		if err := rows.Apply(t.Context(), 0, 1000, &projections.Batch{}); err != nil {
			t.Fatal(err)
		}
		log := projectionstest.NewLog(more(1))
		_, ended := start(t, projections.NewProjector(log, rows, log.Keys, nil))
		if err := <-ended; !errors.Is(err, projections.ErrAhead) {
			t.Errorf("the projector ended with %v", err)
		}
	})
}

// failing is a sink that fails at its n-th batch, before or after writing it.
type failing struct {
	*projectionstest.Rows
	batches int
	after   bool
}

var errDisk = errors.New("no space left on device")

func (f *failing) Apply(ctx context.Context, from, to eventstore.Position, b *projections.Batch) error {
	if f.batches--; f.batches == 0 {
		if f.after {
			return errors.Join(f.Rows.Apply(ctx, from, to, b), errDisk)
		}
		return errDisk
	}
	return f.Rows.Apply(ctx, from, to, b)
}

func TestAfterAFailureTheNextProjectorGoesOn(t *testing.T) {
	for name, after := range map[string]bool{"before the batch was written": false, "after the batch was written": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				log, rows := projectionstest.NewLog(), &projectionstest.Rows{}
				p := projections.NewProjector(log, &failing{rows, 2, after}, log.Keys, nil)
				_, ended := start(t, p)
				if err := p.WaitFor(t.Context(), log.File(more(1))); err != nil {
					t.Fatal(err)
				}
				at := log.File(more(2))
				if err := <-ended; !errors.Is(err, errDisk) {
					t.Fatalf("the projector ended with %v", err)
				}

				q := projections.NewProjector(log, rows, log.Keys, nil)
				start(t, q)
				if err := q.WaitFor(t.Context(), at); err != nil {
					t.Fatal(err)
				}
				want := &projectionstest.Rows{}
				unbroken := projections.NewProjector(log, want, log.Keys, nil)
				start(t, unbroken)
				if err := unbroken.WaitFor(t.Context(), at); err != nil {
					t.Fatal(err)
				}
				if rows.Dump() != want.Dump() {
					t.Errorf("%s\nwant\n%s", rows.Dump(), want.Dump())
				}
			})
		})
	}
}

func TestProgressIsReportedUntilTheViewsHaveCaughtUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := year()
		var reports []projections.Progress
		p := projections.NewProjector(log, &projectionstest.Rows{}, log.Keys, func(r projections.Progress) { reports = append(reports, r) })
		caughtUp := end(t, log)
		start(t, p)
		if err := p.WaitFor(t.Context(), caughtUp); err != nil {
			t.Fatal(err)
		}
		if err := p.WaitFor(t.Context(), log.File(more(1))); err != nil {
			t.Fatal(err)
		}
		last := reports[len(reports)-1]
		if last.Position != caughtUp || last.End != caughtUp || last.Events != int(caughtUp)/10 {
			t.Errorf("the last report is %+v, the log ended at %d", last, caughtUp)
		}
	})
}

// watched are keys that note whose data were opened.
type watched struct {
	projectionstest.Keys
	opened map[uuid.UUID]bool
}

func (w *watched) Open(ctx context.Context, subject uuid.UUID, sealed, bound []byte) ([]byte, error) {
	w.opened[subject] = true
	return w.Keys.Open(ctx, subject, sealed, bound)
}

func TestTheBytesOfReceiptsAreNotOpened(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		debtor := uuid.MustParse(otherHex)
		log := projectionstest.NewLog(
			projectionstest.Fact{Stream: "parent-1", Event: domain.ParentRegistered{Parent: parent, Person: domain.Person{Email: "t@example.com"}, At: noon}},
			projectionstest.Fact{Stream: "receipt-1", Event: domain.ReceiptFiled{Creditor: body, Receipt: "r1", Raw: []byte("<xml/>"), Subject: debtor, At: noon}},
		)
		keys := &watched{opened: make(map[uuid.UUID]bool)}
		p := projections.NewProjector(log, &projectionstest.Rows{}, keys, nil)
		start(t, p)
		if err := p.WaitFor(t.Context(), end(t, log)); err != nil {
			t.Fatal(err)
		}
		if !keys.opened[parent.UUID] || keys.opened[debtor] {
			t.Errorf("opened: %v", keys.opened)
		}
	})
}

func TestABusyLogIsCarriedInFewBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := projectionstest.NewLog()
		sink := &gate{arrived: make(chan int, 100), through: make(chan struct{})}
		close(sink.through)
		p := projections.NewProjector(log, sink, log.Keys, nil)
		start(t, p)
		synctest.Wait()
		for n := range uint64(8) { // eight events in eight milliseconds
			log.File(more(n))
			synctest.Wait()
			time.Sleep(time.Millisecond)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		close(sink.arrived)
		var sizes []int
		for n := range sink.arrived {
			sizes = append(sizes, n)
		}
		if !slices.Equal(sizes, []int{1, 4, 3}) && !slices.Equal(sizes, []int{1, 5, 2}) {
			t.Errorf("batches of %v: the first at once, the others each after 5 ms", sizes)
		}
	})
}

func TestWhoWaitsForTheViewsIsNotKeptByTheirRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, rows := projectionstest.NewLog(), &projectionstest.Rows{}
		p := projections.NewProjector(log, rows, log.Keys, nil)
		start(t, p)
		began := time.Now()
		for n := range uint64(3) {
			if err := p.WaitFor(t.Context(), log.File(more(n))); err != nil {
				t.Fatal(err)
			}
		}
		if rested := time.Since(began); rested != 0 {
			t.Errorf("waited for %v of a clock that stands still", rested)
		}
	})
}
