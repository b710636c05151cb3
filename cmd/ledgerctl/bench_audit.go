package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
	"github.com/saldo-ledger/saldo/eventstore/audit/archive"
	"github.com/saldo-ledger/saldo/eventstore/embedded"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
	"github.com/saldo-ledger/saldo/eventstore/ledger/town"
	"github.com/saldo-ledger/saldo/eventstore/seal"
)

func benchAuditCommand(getenv func(string) string) *cobra.Command {
	var p pace
	var events, seed uint64
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "Measure what auditors do, and what the seal costs those who write",
		Long: `Measure what auditors do, and what the seal costs those who write.

An invented town lives until its log holds as many events as --events says. It is let
go of, so that the peaks of memory are what each measurement takes itself. Then

  bare scan              every event read, and nothing done with it
  SHA-256, same bytes    every event read, its data and metadata hashed once
  sealing                the Merkle tree of the whole log made from nothing, and signed
  verify                 every chain recomputed; limit: the bare scan
  verify, with the seal  and the tree held against what was signed; limit: the bare scan
  export                 an archive written, of the first million events at most; limit: the
                         bare scan
  export, MB             the same in millions of bytes
  snapshots              balances summed up for figures as of a date; limit: the bare scan
  balance as of          of accounts drawn at random, as of effective and recorded dates
                         drawn at random, by one client; limit: 1 second
  trial balance as of    likewise, of all accounts; limit: 10 seconds
  events of a figure     found in one pass along the log, of all receivables, of the transit
                         account and of one drawn at random
  why it changed         likewise, between two effective dates drawn at random
  …, a page              50 of the events that were found, from one drawn at random on
  IssueBulletin          of a small town on the same log, by so many clients, without a
                         sealer and with one that follows; limit of the second: the first

OF LIMIT is the part of its limit that a pace reaches, which should be much; and the part
of a limit in seconds that the P99 takes up, which must not be more than 100 %.

The directory takes about 1.2 GB for each million of events, and 1.5 GB more. Ten million
take about ten minutes.`,
		Example: `  ledgerctl bench audit --events 1000000 --clients 64`,
		Args:    cobra.NoArgs,
	}
	p.flags(cmd)
	cmd.Flags().Uint64Var(&events, "events", 1_000_000, "how many `events` the log is to hold (10000 to 100000000)")
	cmd.Flags().Uint64Var(&seed, "seed", 1, "`number` that the town's history follows from")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := p.check(); err != nil {
			return err
		}
		if events < 10_000 || events > 100_000_000 {
			return wrongUsage(fmt.Errorf("--events: %d is not between 10000 and 100000000", events))
		}
		rows, err := benchAudit(cmd.Context(), p, events, seed, getenv, cmd.ErrOrStderr())
		if err != nil {
			return outOfReach(err)
		}
		return printRows(cmd.OutOrStdout(), rows, p.json)
	}
	return cmd
}

func benchAudit(ctx context.Context, p pace, events, seed uint64, getenv func(string) string, stderr io.Writer) (rows []row, err error) {
	dir, err := os.MkdirTemp(p.dir, "bench-*")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	b := ledgerBench{pace: p, dir: dir, keys: town.NewKeys(seed), stderr: stderr, getenv: getenv}
	if err := b.within("log", func(log *embedded.Log) error { return b.history(ctx, log, seed, events) }); err != nil {
		return nil, err
	}
	err = b.within("log", func(log *embedded.Log) error {
		if err := b.audited(ctx, log); err != nil {
			return err
		}
		return b.issued(ctx, log, seed+1)
	})
	return b.rows, err
}

// history lets a town live until the log holds so many events, and lets go of it: what is
// measured after it in a log opened anew takes no memory of the town's.
func (b *ledgerBench) history(ctx context.Context, log *embedded.Log, seed, events uint64) error {
	place, err := town.Found(ctx, ledger.New(log, b.keys, time.Now), seed, families(events))
	if err != nil {
		return err
	}
	return b.grow(ctx, log, place, events)
}

// fewFamilies are enough for any number of clients: who is billed is drawn anew each time.
const fewFamilies = 100

// issued measures issuing on a log that another town has filled. People of two towns have
// the same names: other keys keep them apart.
func (b *ledgerBench) issued(ctx context.Context, log *embedded.Log, seed uint64) error {
	b.keys = town.NewKeys(seed)
	settle()
	place, err := town.Found(ctx, ledger.New(log, b.keys, time.Now), seed, fewFamilies)
	if err != nil {
		return err
	}
	return b.acquainted(ctx, log, func(l *ledger.Ledger) error { return b.whileSealed(ctx, log, place.On(l)) })
}

// benchSeeds make the keys of a bench.
type benchSeeds struct{}

// SealSeed is the same for each key of that number.
func (benchSeeds) SealSeed(_ context.Context, n int) ([]byte, error) {
	seed := sha256.Sum256(fmt.Appendf(nil, "bench %d", n))
	return seed[:], nil
}

// audited measures what goes through the whole log.
func (b *ledgerBench) audited(ctx context.Context, log *embedded.Log) error {
	scan, err := b.pass("bare scan", row{}, func() (uint64, error) { return countEvents(ctx, log) })
	if err != nil {
		return err
	}
	sealed := filepath.Join(b.dir, "seal")
	for _, step := range []struct {
		what    string
		through func() (uint64, error)
	}{
		{"SHA-256, same bytes", func() (uint64, error) { return hashEvents(ctx, log) }},
		{"sealing", func() (uint64, error) { return scan.Count, sealAll(ctx, sealed, log) }},
		{"verify", func() (uint64, error) {
			sound, err := audit.Verify(ctx, log, nil)
			return sound.Events, err
		}},
		{"verify, with the seal", func() (uint64, error) {
			keys, err := seal.ReadKeys(ctx, seal.Folder(sealed))
			if err != nil {
				return 0, err
			}
			sound, err := audit.VerifySealed(ctx, log, audit.Evidence{Keys: keys, Record: seal.Folder(sealed)}, nil)
			return sound.Events, err
		}},
	} {
		if _, err := b.pass(step.what, scan, step.through); err != nil {
			return err
		}
	}
	if err := b.exported(ctx, log, scan, sealed); err != nil {
		return err
	}
	return b.asOf(ctx, log, scan)
}

// exportMost is how many events are exported at most: an archive takes as much of the disk
// as the log, and its pace does not depend on its length.
const exportMost = 1_000_000

// beginning is the first part of a log.
type beginning struct {
	eventstore.Reader
	end eventstore.Position
}

// ReadAll ends where the part does.
func (l beginning) ReadAll(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		for rec, err := range l.Reader.ReadAll(ctx, after) {
			if err == nil && rec.Position > l.end || !yield(rec, err) {
				return
			}
		}
	}
}

// exported measures an archive, in events and in bytes.
func (b *ledgerBench) exported(ctx context.Context, log eventstore.Reader, scan row, sealed string) error {
	dir := filepath.Join(b.dir, "archive")
	var size int64
	took, err := b.pass("export", scan, func() (uint64, error) {
		m, err := archive.Write(ctx, dir, archive.Source{Log: beginning{log, exportMost}, Record: seal.Folder(sealed), Taken: time.Now()})
		for _, f := range m.Files {
			size += f.Bytes
		}
		return m.Events, err
	})
	if err != nil {
		return err
	}
	megabytes := float64(size) / 1e6
	b.rows = append(b.rows, row{What: "export, MB", Count: uint64(megabytes), PerSecond: megabytes * took.PerSecond / float64(took.Count)})
	return os.RemoveAll(dir)
}

func hashEvents(ctx context.Context, log eventstore.Reader) (n uint64, err error) {
	h := sha256.New()
	for rec, err := range log.ReadAll(ctx, 0) {
		if err != nil {
			return n, err
		}
		h.Reset()
		_, _ = h.Write(rec.Data) // a hash takes everything
		_, _ = h.Write(rec.Metadata)
		h.Sum(nil)
		n++
	}
	return n, nil
}

// sealAll seals a log to its end.
func sealAll(ctx context.Context, dir string, log *embedded.Log) error {
	s, err := seal.Open(ctx, dir, benchSeeds{}, time.Now)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	err = s.Run(ctx, still{log, stop})
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	return errors.Join(err, s.Close())
}

// still is a log that ends when it was followed to its end.
type still struct {
	eventstore.Store
	stop context.CancelFunc
}

// Follow yields what there is.
func (l still) Follow(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		for rec, err := range l.ReadAll(ctx, after) {
			if !yield(rec, err) {
				return
			}
		}
		l.stop()
		yield(eventstore.Recorded{}, context.Canceled)
	}
}

// whileSealed measures clients that issue bulletins, without and with a sealer.
func (b *ledgerBench) whileSealed(ctx context.Context, log *embedded.Log, place *town.Town) error {
	issue := func(ctx context.Context) error { return place.IssueOne(ctx, uuid.New()) }
	for _, n := range b.clients {
		plain, err := measure(ctx, "IssueBulletin", n, b.length(), issue)
		if err != nil {
			return err
		}
		s, err := seal.Open(ctx, filepath.Join(b.dir, "seal"), benchSeeds{}, time.Now)
		if err != nil {
			return err
		}
		following, stop := context.WithCancel(ctx)
		ended := make(chan error, 1)
		go func() { ended <- s.Run(following, log) }()
		sealed, err := measure(ctx, "IssueBulletin, sealed", n, b.length(), issue)
		stop()
		if run := <-ended; !errors.Is(run, context.Canceled) {
			err = errors.Join(err, run)
		}
		if err = errors.Join(err, s.Close()); err != nil {
			return err
		}
		b.rows = append(b.rows, plain, sealed.of(plain))
	}
	return nil
}
