package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/saldo-ledger/saldo/adapters/pagopa/fdr"
	"github.com/saldo-ledger/saldo/adapters/sqlstore"
	"github.com/saldo-ledger/saldo/adapters/treasury"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/reconciliation"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/embedded"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
	"github.com/saldo-ledger/saldo/eventstore/ledger/town"
	"github.com/saldo-ledger/saldo/eventstore/wire"
	"github.com/saldo-ledger/saldo/projections"
)

// day prepares a day, reconciles it, and measures its limits.
func (b *reconcileBench) day(ctx context.Context, place *town.Town, name string) error {
	files, err := b.prepare(ctx, place, name)
	if err != nil {
		return err
	}
	settle()
	return b.within("log", func(log *embedded.Log) error {
		return b.acquainted(ctx, log, func(l *ledger.Ledger) error {
			day, err := b.reconcile(ctx, log, l, files, name)
			if err != nil {
				return err
			}
			b.figures.Days = append(b.figures.Days, day)
			return b.bare(ctx, log, files.before, name)
		})
	})
}

// reconcile takes a day's files in and waits until all of it is reconciled and shown.
func (b *reconcileBench) reconcile(ctx context.Context, log eventstore.Store, l *ledger.Ledger, files dayFiles, name string) (day dayFigures, err error) {
	views, err := sqlstore.Open(filepath.Join(b.dir, "views.db"))
	if err != nil {
		return day, err
	}
	defer func() { err = errors.Join(err, views.Close()) }()
	running, stop := context.WithCancel(ctx)
	var works sync.WaitGroup
	ended := make(chan error, 2)
	defer func() {
		stop()
		works.Wait()
		err = errors.Join(err, <-ended, <-ended)
	}()
	projector := projections.NewProjector(log, views, b.keys, nil)
	done := &settledFlows{left: b.size.flows, all: make(chan struct{})}
	start, worked := time.Now(), processorTime()
	works.Go(func() { ended <- projector.Run(running) })
	works.Go(func() { ended <- b.reactor(log, done.count(l.Reconcile), files.before).Run(running) })

	all := append(files.flows, files.statement)
	if b.size.statementFirst {
		all = append([]string{files.statement}, files.flows...)
	}
	if err := takeFiles(ctx, l, all); err != nil {
		return day, err
	}
	taken := time.Since(start)
	select {
	case <-done.all:
	case <-ctx.Done():
		return day, ctx.Err()
	}
	end, err := log.End(ctx)
	if err == nil {
		err = projector.WaitFor(ctx, end)
	}
	day = dayFigures{
		Before: uint64(files.before), Events: uint64(end - files.before), Lines: b.size.lines,
		Took: time.Since(start), Processors: processorTime() - worked, Peak: peakMemory(), Credited: b.credited + files.total,
	}
	b.credited = day.Credited
	b.lines(name+", reconciled", day.Took, day.Peak)
	b.lines("of which taking in", taken, 0)
	if err == nil {
		err = b.report(ctx, views, &day)
	}
	return day, err
}

// lines notes how long something took for the lines of a day.
func (b *reconcileBench) lines(what string, took time.Duration, peak uint64) {
	b.figures.Rows = append(b.figures.Rows, row{What: what, Count: uint64(b.size.lines), PerSecond: float64(b.size.lines) / took.Seconds(), Peak: peak})
}

// reactor is the service's, without a vault for its checkpoint.
func (b *reconcileBench) reactor(log eventstore.Store, react ledger.Reaction, after eventstore.Position) ledger.Reactor {
	return ledger.Reactor{
		Name: "reconcile", Store: log, Registry: wire.New(b.keys), Checkpoints: beginAt(after), React: react, To: ledger.Reconciled(), Key: ledger.ReconciledKey,
		Logger: slog.New(slog.NewTextHandler(b.stderr, nil)),
	}
}

// beginAt is the checkpoint of a reaction that begins there and is not continued.
type beginAt eventstore.Position

// Checkpoint is where the reaction begins.
func (at beginAt) Checkpoint(context.Context, string) (uint64, error) { return uint64(at), nil }

// SaveCheckpoint forgets it.
func (beginAt) SaveCheckpoint(context.Context, string, uint64) error { return nil }

// settledFlows counts the flows whose payments are all settled.
type settledFlows struct {
	mu   sync.Mutex
	left int
	all  chan struct{} // closed when none is left
}

func (s *settledFlows) count(react ledger.Reaction) ledger.Reaction {
	return func(ctx context.Context, rec eventstore.Recorded, e domain.Event) error {
		err := react(ctx, rec, e)
		if _, settled := e.(domain.RemittanceSettled); settled && err == nil {
			s.mu.Lock()
			defer s.mu.Unlock()
			if s.left--; s.left == 0 {
				close(s.all)
			}
		}
		return err
	}
}

// takeFiles files documents, one after the other as they are collected.
func takeFiles(ctx context.Context, l *ledger.Ledger, files []string) error {
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		got, err := l.Import(ctx, "bench", ledger.Document{
			Creditor: town.Creditor, Name: filepath.Base(file), Channel: domain.ChannelFolder, Raw: raw, At: time.Now().UTC(),
		}, fdr.ReadDocument, treasury.ReadGiornale, treasury.ReadCamt053)
		if err == nil && got.Quarantined != "" {
			err = fmt.Errorf("%s: %s", file, got.Quarantined)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// report names the outcome of everything of the day.
func (b *reconcileBench) report(ctx context.Context, views *sqlstore.Store, day *dayFigures) error {
	start := time.Now()
	facts, _, err := views.ReconciliationFacts(ctx, town.Creditor, domain.Period{From: benchDate, To: benchDate})
	if err != nil {
		return err
	}
	book := reconciliation.Match(facts, reconciliation.Terms{Segregation: 1, Now: time.Now()})
	b.lines("report", time.Since(start), peakMemory())
	for _, f := range book.Flows {
		if f.Outcome == reconciliation.Squared {
			day.Squared++
		} else {
			day.Others++
		}
	}
	day.Others += len(book.Receipts) + len(book.Credits)
	accounts, _, err := views.Accounts(ctx, town.Creditor)
	for _, a := range accounts {
		if a.Account == domain.AccountBank {
			day.Booked = a.Debit - a.Credit
		}
	}
	return err
}

// bareChunk is how many events are held in memory while they are appended again.
const bareChunk = 20_000

// bare appends the events that reconciling added to an empty log, and measures that and
// reading them.
func (b *reconcileBench) bare(ctx context.Context, log eventstore.Store, after eventstore.Position, name string) error {
	var appending time.Duration
	err := b.within("bare "+name, func(bare *embedded.Log) error {
		heads := make(map[eventstore.Stream]eventstore.Revision)
		chunk := make([]eventstore.Recorded, 0, bareChunk)
		flush := func() error {
			start := time.Now()
			defer func() { appending += time.Since(start) }()
			err := appendAll(ctx, bare, heads, chunk)
			chunk = chunk[:0]
			return err
		}
		for e, err := range log.ReadAll(ctx, after) {
			if err != nil {
				return err
			}
			if chunk = append(chunk, e); len(chunk) == bareChunk {
				if err := flush(); err != nil {
					return err
				}
			}
		}
		return flush()
	})
	if err != nil {
		return err
	}
	b.lines("bare log, the "+name+"'s events", appending, 0)
	start := time.Now()
	for _, err := range log.ReadAll(ctx, after) {
		if err != nil {
			return err
		}
	}
	b.lines("bare scan, the same", time.Since(start), 0)
	return nil
}

// jointly is how many events are appended with one flush.
const jointly = 1000

// appendAll appends events to streams of the same names, many with one flush.
func appendAll(ctx context.Context, log *embedded.Log, heads map[eventstore.Stream]eventstore.Revision, all []eventstore.Recorded) error {
	for len(all) > 0 {
		at := make(map[eventstore.Stream]int)
		var writes []eventstore.Write
		n := min(jointly, len(all))
		for _, e := range all[:n] {
			i, ok := at[e.Stream]
			if !ok {
				i = len(writes)
				at[e.Stream] = i
				writes = append(writes, eventstore.Write{Stream: e.Stream, Expected: heads[e.Stream]})
			}
			writes[i].Events = append(writes[i].Events, eventstore.Proposed{ID: e.ID, Type: e.Type, Data: e.Data, Metadata: e.Metadata})
			heads[e.Stream]++
		}
		if _, err := log.AppendJointly(ctx, writes...); err != nil {
			return err
		}
		all = all[n:]
	}
	return nil
}
