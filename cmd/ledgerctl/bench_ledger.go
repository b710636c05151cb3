package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/saldo-ledger/saldo/adapters/sqlstore"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
	"github.com/saldo-ledger/saldo/eventstore/embedded"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
	"github.com/saldo-ledger/saldo/eventstore/ledger/town"
	"github.com/saldo-ledger/saldo/projections"
)

func benchCommand(getenv func(string) string) *cobra.Command {
	var p pace
	var events, seed uint64
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Measure the ledger on this machine, each figure beside its limit",
		Long: `Measure the ledger on this machine, each figure beside its limit in the same run.

In a directory of its own, which is removed afterwards, commands are measured on a
young log. Then an invented town lives until its log holds as many events as --events
says: families are entered, bollettini issued, sent and paid, receipts filed, all by
the commands of the ledger, from a seed. What reads the whole of that log is
measured, and issuing once more. Every command is durable when it is counted.

  bare log            the events that IssueBulletin files, of the same bytes, appended
                      jointly to an empty log of the same engine
  IssueBulletin       the command, by so many clients: number assigned, bulletin
                      decided, chained and appended; no HTTP. Its limit is the bare log
  mass issue          the batch door, up to 10,000 bulletins at a time
  bare scan           every event read, and nothing done with it
  balances            the balance of every account, folded; limit: the bare scan
  verify              every chain recomputed; limit: the bare scan
  views               all SQL views built anew

The directory takes about 1.5 GB for each million of events.`,
		Example: `  ledgerctl bench
  ledgerctl bench --events 10000000 --clients 64 --dir /var/tmp --json
  ledgerctl bench http --url http://127.0.0.1:8080`,
		Args: cobra.NoArgs,
	}
	p.flags(cmd)
	cmd.Flags().Uint64Var(&events, "events", 1_000_000, "how many `events` the log is to hold (10000 to 100000000)")
	cmd.Flags().Uint64Var(&seed, "seed", 1, "`number` that the town's history follows from")
	cmd.AddCommand(benchHTTPCommand(getenv), benchPortalCommand(), benchReceiptsCommand(getenv), benchAuditCommand(getenv), benchReconcileCommand(getenv))
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := p.check(); err != nil {
			return err
		}
		if events < 10_000 || events > 100_000_000 {
			return wrongUsage(fmt.Errorf("--events: %d is not between 10000 and 100000000", events))
		}
		rows, err := benchLedger(cmd.Context(), p, events, seed, getenv, cmd.ErrOrStderr())
		if err != nil {
			return outOfReach(err)
		}
		return printRows(cmd.OutOrStdout(), rows, p.json)
	}
	return cmd
}

func benchLedger(ctx context.Context, p pace, events, seed uint64, getenv func(string) string, stderr io.Writer) (rows []row, err error) {
	dir, err := os.MkdirTemp(p.dir, "bench-*")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	b := ledgerBench{pace: p, dir: dir, keys: town.NewKeys(seed), stderr: stderr, getenv: getenv}
	if err := b.young(ctx, seed, families(events)); err != nil {
		return nil, err
	}
	if err := b.old(ctx, seed, events, families(events)); err != nil {
		return nil, err
	}
	return b.rows, nil
}

// ledgerBench measures a ledger on the embedded log in a directory.
type ledgerBench struct {
	pace
	dir    string
	keys   *town.Keys
	stderr io.Writer
	getenv func(string) string
	rows   []row
}

// within opens the log, lets f use it, and closes it.
func (b *ledgerBench) within(name string, f func(*embedded.Log) error) error {
	log, err := embedded.Open(filepath.Join(b.dir, name), embedded.Options{})
	if err != nil {
		return err
	}
	return errors.Join(f(log), log.Close())
}

// young measures commands on a log that holds little.
func (b *ledgerBench) young(ctx context.Context, seed uint64, families int) error {
	return b.within("young", func(log *embedded.Log) error {
		place, err := town.Found(ctx, ledger.New(log, b.keys, time.Now), seed, families)
		if err != nil {
			return err
		}
		return b.acquainted(ctx, log, func(l *ledger.Ledger) error {
			for _, n := range b.clients {
				if err := b.commands(ctx, log, place.On(l), n); err != nil {
					return err
				}
			}
			return b.massIssue(ctx, place.On(l), "mass issue, young log")
		})
	})
}

// old lets a town live until its log is full, measures what goes through all of it
// when it is at rest, and how bulletins are then issued.
func (b *ledgerBench) old(ctx context.Context, seed, events uint64, families int) error {
	var place *town.Town
	if err := b.within("log", func(log *embedded.Log) (err error) {
		if place, err = town.Found(ctx, ledger.New(log, b.keys, time.Now), seed, families); err != nil {
			return err
		}
		return b.grow(ctx, log, place, events)
	}); err != nil {
		return err
	}
	place = place.On(nil) // lets go of what the ledger remembers
	return b.within("log", func(log *embedded.Log) error {
		if err := b.read(ctx, log); err != nil {
			return err
		}
		return b.acquainted(ctx, log, func(l *ledger.Ledger) error {
			return b.massIssue(ctx, place.On(l), "mass issue, full log")
		})
	})
}

// families is how many families make a history of so many events: about a hundred
// events for each, as in two school years.
func families(events uint64) int { return int(min(max(events/100, 100), 100_000)) }

// commands measures n clients that issue bulletins, beside the bare log.
func (b *ledgerBench) commands(ctx context.Context, log *embedded.Log, place *town.Town, n int) error {
	if err := place.IssueOne(ctx, uuid.New()); err != nil {
		return err
	}
	sample, err := lastTwo(ctx, log)
	if err != nil {
		return err
	}
	var bare row
	if err := b.within("bare", func(log *embedded.Log) error {
		bare, err = measure(ctx, "bare log", n, b.length(), func(ctx context.Context) error { return appendLike(ctx, log, sample) })
		return err
	}); err != nil {
		return err
	}
	issue, err := measure(ctx, "IssueBulletin", n, b.length(), func(ctx context.Context) error { return place.IssueOne(ctx, uuid.New()) })
	if err != nil {
		return err
	}
	b.rows = append(b.rows, bare, issue.of(bare))
	return nil
}

// lastTwo are the events of a bulletin just issued: its number and itself.
func lastTwo(ctx context.Context, log eventstore.Store) ([]eventstore.Recorded, error) {
	end, err := log.End(ctx)
	if err != nil {
		return nil, err
	}
	var events []eventstore.Recorded
	for e, err := range log.ReadAll(ctx, end-2) {
		if err != nil {
			return nil, err
		}
		events = append(events, e)
	}
	return events, nil
}

// appendLike begins a stream for each of the events, with the same bytes, jointly as
// the command does.
func appendLike(ctx context.Context, log *embedded.Log, sample []eventstore.Recorded) error {
	writes := make([]eventstore.Write, len(sample))
	for i, e := range sample {
		id := uuid.New()
		writes[i] = eventstore.Write{
			Stream: eventstore.Stream("bench-" + id.String()),
			Events: []eventstore.Proposed{{ID: id, Type: e.Type, Data: e.Data, Metadata: e.Metadata}},
		}
	}
	_, err := log.AppendJointly(ctx, writes...)
	return err
}

// acquainted lets f use a ledger that follows its log, as in the service.
func (b *ledgerBench) acquainted(ctx context.Context, log eventstore.Store, f func(*ledger.Ledger) error) error {
	l := ledger.New(log, b.keys, time.Now)
	following, stop := context.WithCancel(ctx)
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- l.Acquaint(following, func() { close(ready) }) }()
	select {
	case <-ready:
	case err := <-ended:
		stop()
		return err
	}
	err := f(l)
	stop()
	return errors.Join(err, <-ended)
}

// massIssue measures the batch door, a month's bollettini of the town at a time.
func (b *ledgerBench) massIssue(ctx context.Context, place *town.Town, what string) error {
	var issued uint64
	start := time.Now()
	for time.Since(start) < b.length() {
		n, err := place.IssueAll(ctx)
		if err != nil {
			return err
		}
		issued += uint64(n)
	}
	b.rows = append(b.rows, row{What: what, Count: issued, PerSecond: float64(issued) / time.Since(start).Seconds()})
	return nil
}

// grow lets the town live until the log holds so many events.
func (b *ledgerBench) grow(ctx context.Context, log eventstore.Store, place *town.Town, events uint64) error {
	progress := newBar(b.stderr, "the town lives", int64(events), eventsUnit)
	defer progress.end()
	begin, err := log.End(ctx)
	if err != nil {
		return err
	}
	settle()
	start, end := time.Now(), begin
	for uint64(end) < events {
		if err := place.Month(ctx); err != nil {
			return err
		}
		if end, err = log.End(ctx); err != nil {
			return err
		}
		progress.reached(uint64(end))
	}
	if end > begin {
		n := uint64(end - begin)
		b.rows = append(b.rows, row{What: "history by commands, events", Count: n, PerSecond: float64(n) / time.Since(start).Seconds(), Peak: peakMemory()})
	}
	return nil
}

// settle gives back what memory the measurements before left behind.
func settle() {
	debug.FreeOSMemory()
	resetPeak()
}

// read measures what goes through the whole log.
func (b *ledgerBench) read(ctx context.Context, log *embedded.Log) error {
	scan, err := b.pass("bare scan", row{}, func() (uint64, error) { return countEvents(ctx, log) })
	if err != nil {
		return err
	}
	if _, err = b.pass("balances", scan, func() (uint64, error) {
		_, err := audit.BalancesOf(ctx, log, audit.Range{})
		return scan.Count, err
	}); err != nil {
		return err
	}
	if _, err = b.pass("verify", scan, func() (uint64, error) {
		sound, err := audit.Verify(ctx, log, nil)
		return sound.Events, err
	}); err != nil {
		return err
	}
	_, err = b.pass("views", row{}, func() (uint64, error) {
		debug.SetGCPercent(100) // as in the service
		return scan.Count, b.rebuild(ctx, log, eventstore.Position(scan.Count))
	})
	return err
}

// pass measures one way through the log, which returns how many events it met.
func (b *ledgerBench) pass(what string, limit row, through func() (uint64, error)) (row, error) {
	settle()
	defer collectSeldom(b.getenv)()
	start := time.Now()
	n, err := through()
	if err != nil {
		return row{}, fmt.Errorf("%s: %w", what, err)
	}
	r := row{What: what, Count: n, PerSecond: float64(n) / time.Since(start).Seconds(), Peak: peakMemory()}.of(limit)
	b.rows = append(b.rows, r)
	return r, nil
}

func countEvents(ctx context.Context, log eventstore.Reader) (n uint64, err error) {
	for _, err := range log.ReadAll(ctx, 0) {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// rebuild builds all views, up to the end of the log.
func (b *ledgerBench) rebuild(ctx context.Context, log eventstore.Store, end eventstore.Position) error {
	views, err := sqlstore.Open(filepath.Join(b.dir, "views.db"))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	projector := projections.NewProjector(log, views, b.keys, nil)
	ended := make(chan error, 1)
	go func() { ended <- projector.Run(ctx) }()
	err = projector.WaitFor(ctx, end)
	cancel()
	return errors.Join(err, <-ended, views.Close())
}
