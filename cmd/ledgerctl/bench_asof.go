package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"time"

	"github.com/saldo-ledger/saldo/eventstore/audit"
	"github.com/saldo-ledger/saldo/eventstore/embedded"
)

// asOf measures figures as of dates drawn at random, from snapshots.
func (b *ledgerBench) asOf(ctx context.Context, log *embedded.Log, scan row) (err error) {
	sums, err := audit.OpenSnapshots(filepath.Join(b.dir, snapshotFolder))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sums.Close()) }()
	if _, err := b.pass("snapshots", scan, func() (uint64, error) { return scan.Count, keepAll(ctx, sums, log) }); err != nil {
		return err
	}
	with, err := sums.Over(ctx, log)
	if err != nil {
		return err
	}
	all, err := audit.BalancesOf(ctx, with, audit.Range{})
	if err != nil {
		return err
	}
	var books []audit.Book
	for book := range all {
		if books = append(books, book); len(books) == 1000 {
			break
		}
	}
	draw := newDates(sums)
	for _, question := range []struct {
		what  string
		limit time.Duration
		ask   func(context.Context) error
	}{
		{"balance as of", time.Second, func(ctx context.Context) error {
			_, err := audit.Count(ctx, with, audit.Figure{Account: books[draw.IntN(len(books))].Account, Range: draw.dates()})
			return err
		}},
		{"trial balance as of", 10 * time.Second, func(ctx context.Context) error {
			_, err := audit.TrialBalances(ctx, with, draw.dates())
			return err
		}},
	} {
		settle()
		r, err := measureQuestions(ctx, question.what, b.length(), question.ask)
		if err != nil {
			return err
		}
		r.Peak = peakMemory()
		b.rows = append(b.rows, r.within(question.limit))
	}
	return b.explained(ctx, log, books, draw)
}

// keepAll makes all snapshots of a log.
func keepAll(ctx context.Context, sums *audit.Snapshots, log *embedded.Log) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	err := sums.Keep(ctx, still{log, stop})
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// dateDraw draws dates from those of a log. It is of one client.
type dateDraw struct {
	*rand.Rand
	effective, recorded [2]time.Time
}

func newDates(sums *audit.Snapshots) *dateDraw {
	d := &dateDraw{Rand: rand.New(rand.NewPCG(1, 1))}
	d.effective, d.recorded = sums.Dates()
	return d
}

// dates are the end of a day, and any moment at which something was recorded.
func (d *dateDraw) dates() audit.Range {
	return audit.Range{AsOf: d.within(d.effective).Truncate(24 * time.Hour).Add(-time.Nanosecond), RecordedBy: d.within(d.recorded)}
}

func (d *dateDraw) within(dates [2]time.Time) time.Time {
	return dates[0].Add(time.Duration(d.Int64N(int64(dates[1].Sub(dates[0])) + 1)))
}
