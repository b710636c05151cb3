package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore/embedded"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
	"github.com/saldo-ledger/saldo/eventstore/ledger/town"
)

// reconcilePace is how large the day is that is reconciled.
type reconcilePace struct {
	lines, flows, older int
	statementFirst      bool
	seed                uint64
	dir                 string
	json                bool
}

func (p *reconcilePace) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.IntVar(&p.lines, "lines", 1_000_000, "how many `lines` the day's flows have together, a receipt for each (1000 to 10000000)")
	f.IntVar(&p.flows, "flows", 4_000, "in how many `flows`, a bank entry for each (1 to 100000)")
	f.IntVar(&p.older, "older", 1, "reconcile another such day when the log is so many `times` as long (1 to 100; 1: no other day)")
	f.BoolVar(&p.statementFirst, "statement-first", false, "the treasurer's statement comes before the flows, and not after them")
	f.Uint64Var(&p.seed, "seed", 1, "`number` that the town and its day follow from")
	f.StringVar(&p.dir, "dir", ".", "`directory` on the disk to measure; what is made in it is removed")
	f.BoolVar(&p.json, "json", false, "print JSON")
}

func (p *reconcilePace) check() error {
	switch {
	case p.lines < 1000 || p.lines > 10_000_000:
		return wrongUsage(fmt.Errorf("--lines: %d is not between 1000 and 10000000", p.lines))
	case p.flows < 1 || p.flows > 100_000 || p.flows > p.lines:
		return wrongUsage(fmt.Errorf("--flows: %d is not between 1 and 100000, and at most one for each line", p.flows))
	case p.older < 1 || p.older > 100:
		return wrongUsage(fmt.Errorf("--older: %d is not between 1 and 100", p.older))
	}
	return nil
}

// families is how many families the town has: each pays ten bollettini on the day, or
// more where the day is very large.
func (p *reconcilePace) families() int { return min(max(p.lines/10, 100), 100_000) }

func benchReconcileCommand(getenv func(string) string) *cobra.Command {
	var p reconcilePace
	cmd := &cobra.Command{
		Use:   "reconcile",
		Short: "Measure a day's reconciliation, from the files to the report",
		Long: `Measure a day's reconciliation, from the files to the report.

In a directory of its own, which is removed afterwards, an invented town is sent its
bollettini and pays all of them, each with its receipt, by the commands of the ledger.
The PSPs' flows of that day (FdR, XML) and the treasurer's statement (camt.053) are
written as files. All of that is prepared. Then, by the very parts of the service,

  bare log            the events that the day brings, of the same bytes, appended
                      jointly to an empty log of the same engine
  bare scan           the same events read
  day, reconciled     files read, filed and sealed; flows, credits and receipts matched;
                      each payment reported and settled (bank ← transit), durable; all
                      SQL views up to date. Limit: the bare log
  of which taking in  until the last file is durable; the rest goes on meanwhile
  report              the day read from the views, and every outcome named

each counted in lines of flows. With --older the town lives on, and another such day is
reconciled: its cost should be that of the first. Every flow must be squared and the
bank's account hold all that was credited, or the exit code is 1.

1,000,000 lines take about 12 GB in the directory.`,
		Example: `  ledgerctl bench reconcile
  ledgerctl bench reconcile --lines 50000 --flows 200 --older 10 --json`,
		Args: cobra.NoArgs,
	}
	p.flags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := p.check(); err != nil {
			return err
		}
		f, err := benchReconcile(cmd.Context(), p, getenv, cmd.ErrOrStderr())
		return report(cmd.OutOrStdout(), f, err, p.json)
	}
	return cmd
}

// reconcileFigures are what was measured.
type reconcileFigures struct {
	Days []dayFigures `json:"days"`
	Rows []row        `json:"rows"`
}

// dayFigures are a day that was reconciled.
type dayFigures struct {
	Before     uint64        `json:"eventsBefore"` // in the log, the day's receipts included
	Events     uint64        `json:"events"`       // that reconciling added
	Lines      int           `json:"lines"`
	Took       time.Duration `json:"took"`       // nanoseconds
	Processors time.Duration `json:"processors"` // the time that processors worked, all of them together
	Peak       uint64        `json:"peakBytes"`
	Squared    int           `json:"squared"`  // flows
	Others     int           `json:"others"`   // flows, receipts and credits that do not fit
	Credited   domain.Money  `json:"credited"` // by the treasurer, of this day and those before
	Booked     domain.Money  `json:"booked"`   // on the account bank, which must be the same
}

func (f reconcileFigures) check() error {
	for _, d := range f.Days {
		if d.Others > 0 || d.Booked != d.Credited {
			return found(fmt.Errorf("of a day that fits %d do not, and of %s credited %s are booked", d.Others, d.Credited, d.Booked))
		}
	}
	return nil
}

func (f reconcileFigures) print(w io.Writer, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(w).Encode(f)
	}
	for _, d := range f.Days {
		if _, err := fmt.Fprintf(w, "%d lines (%d flows in the report), on a log of %d events: %s (processors %s) for %d events, at most %d MiB of memory\n",
			d.Lines, d.Squared+d.Others, d.Before, d.Took.Round(10*time.Millisecond), d.Processors.Round(10*time.Millisecond), d.Events, d.Peak>>20); err != nil {
			return err
		}
	}
	return printRows(w, f.Rows, false)
}

// reconcileBench measures days on the embedded log in a directory.
type reconcileBench struct {
	ledgerBench
	size     reconcilePace
	figures  reconcileFigures
	credited domain.Money // by the days so far
}

func benchReconcile(ctx context.Context, p reconcilePace, getenv func(string) string, stderr io.Writer) (_ reconcileFigures, err error) {
	dir, err := os.MkdirTemp(p.dir, "bench-*")
	if err != nil {
		return reconcileFigures{}, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	b := reconcileBench{size: p, ledgerBench: ledgerBench{dir: dir, keys: town.NewKeys(p.seed), stderr: stderr, getenv: getenv}}
	var place *town.Town
	if err := b.within("log", func(log *embedded.Log) (err error) {
		place, err = town.Found(ctx, ledger.New(log, b.keys, time.Now), p.seed, p.families())
		return err
	}); err != nil {
		return b.figures, err
	}
	if err := b.day(ctx, place, "day"); err != nil || p.older == 1 {
		return b.figures, err
	}
	first := b.figures.Days[0]
	if err := b.within("log", func(log *embedded.Log) error {
		place = place.On(ledger.New(log, b.keys, time.Now))
		return b.grow(ctx, log, place, uint64(p.older)*first.Before)
	}); err != nil {
		return b.figures, err
	}
	b.rows = nil // how the town lived is not what is measured
	err = b.day(ctx, place, "later day")
	return b.figures, err
}
