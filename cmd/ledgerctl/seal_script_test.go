package main

import (
	"context"
	"errors"
	"iter"
	"path/filepath"
	"strconv"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
	"github.com/saldo-ledger/saldo/eventstore/embedded"
	"github.com/saldo-ledger/saldo/eventstore/seal"
)

// scriptSeeds make the same keys each time.
type scriptSeeds byte

func (s scriptSeeds) SealSeed(_ context.Context, n int) ([]byte, error) {
	seed := make([]byte, 32)
	seed[0], seed[1] = byte(s), byte(n)
	return seed, nil
}

// sealsAt is when everything in scripts is signed.
func sealsAt() time.Time { return winter(time.February, 6, 3, 0) }

func openSealer(ts *testscript.TestScript, data string, seeds seal.Seeds) *seal.Sealer {
	s, err := seal.Open(context.Background(), filepath.Join(ts.MkAbs(data), sealFolder), seeds, sealsAt)
	ts.Check(err)
	return s
}

// sealLog seals what the log of a data directory holds, with the key of a name's
// first byte where one is given.
func sealLog(ts *testscript.TestScript, _ bool, args []string) {
	seeds := scriptSeeds(1)
	if len(args) > 1 {
		seeds = scriptSeeds(args[1][0])
	}
	ts.Check(sealStory(ts.MkAbs(args[0]), seeds))
}

func sealStory(data string, seeds seal.Seeds) error {
	log, err := embedded.Open(filepath.Join(data, "log"), embedded.Options{})
	if err != nil {
		return err
	}
	s, err := seal.Open(context.Background(), filepath.Join(data, sealFolder), seeds, sealsAt)
	if err != nil {
		return errors.Join(err, log.Close())
	}
	ctx, stop := context.WithCancel(context.Background())
	err = s.Run(ctx, atOnce{log, stop})
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	return errors.Join(err, s.Close(), log.Close())
}

// atOnce is a log that ends when it was followed to its end.
type atOnce struct {
	eventstore.Store
	stop context.CancelFunc
}

// Follow yields what there is.
func (a atOnce) Follow(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		for rec, err := range a.ReadAll(ctx, after) {
			if !yield(rec, err) {
				return
			}
		}
		a.stop()
		yield(eventstore.Recorded{}, context.Canceled)
	}
}

// rotate gives a ledger its next key.
func rotate(ts *testscript.TestScript, _ bool, args []string) {
	s := openSealer(ts, args[0], scriptSeeds(1))
	_, err := s.Rotate(context.Background(), len(s.Keys().All)+1)
	ts.Check(errors.Join(err, s.Close()))
}

// sumUp keeps snapshots of a data directory, one for so many events.
func sumUp(ts *testscript.TestScript, _ bool, args []string) {
	every, err := strconv.ParseUint(args[1], 10, 64)
	ts.Check(err)
	log, err := embedded.Open(filepath.Join(ts.MkAbs(args[0]), "log"), embedded.Options{})
	ts.Check(err)
	sums, err := audit.OpenSnapshots(filepath.Join(ts.MkAbs(args[0]), snapshotFolder))
	ts.Check(err)
	sums.Every = every
	ts.Check(keepAll(context.Background(), sums, log))
	ts.Check(errors.Join(sums.Close(), log.Close()))
}
