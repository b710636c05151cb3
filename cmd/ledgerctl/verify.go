package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
	"github.com/saldo-ledger/saldo/eventstore/audit/archive"
	"github.com/saldo-ledger/saldo/eventstore/embedded"
)

func verifyCommand(src *source) *cobra.Command {
	var asJSON bool
	var known trust
	var views viewsCheck
	command := &cobra.Command{
		Use:   "verify",
		Short: "Recompute every hash, or name the first broken event",
		Long: `Recompute the hash of every event from its content and its predecessor in its
stream, on this machine, and check that no revision is missing, that positions
grow, that every event can be read and that debits equal credits. Then the whole: the
Merkle tree of all events is computed, and its root compared with every checkpoint
that was ever signed. The first event that is broken is named, with what was expected
and what was found, and the exit code is 1.

Who has the ledger's disk and its key can make everything anew. Against that, keep
outside the house what audit head and audit key print: --head proves that the log
continues what it was then, --key that it is still the same ledger.

What every closing of a period froze is computed anew, and the first that says
something else is named.

The snapshots of balances that a stopped service keeps are summed up anew, and compared
byte by byte.

With --views all views of a stopped service are built anew beside, and compared with
its own: what is missing, what should not be there, and what is different is named by
table and row. That needs the vault's master key, and room for a second file of views.

A log of more than about 350,000 events needs a temporary file (TMPDIR) of 100 bytes
an event; the memory it takes does not grow with the log.`,
		Example: `  ledgerctl audit verify --data ./saldo-data
  ledgerctl audit verify --data ./saldo-data --head saldo-2020-02-05.head
  SALDO_TOKEN=… ledgerctl audit verify --url http://127.0.0.1:8080 --json`,
		Args: cobra.NoArgs,
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	known.flags(command)
	views.flags(command)
	command.RunE = func(cmd *cobra.Command, _ []string) error {
		return src.with(func(log eventstore.Reader) error {
			evidence, err := known.evidence(cmd.Context(), src.record())
			if err != nil {
				return err
			}
			differs, err := checkFiles(cmd.Context(), log, cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			sound, err := verify(cmd.Context(), log, evidence, cmd.ErrOrStderr())
			if foreign, ok := errors.AsType[*audit.HeadError](err); ok {
				return found(foreign)
			}
			if broken := brokenAt(err); broken != nil {
				return found(errors.Join(differs, broken, printBreak(cmd.OutOrStdout(), sound, broken, asJSON)))
			}
			if err != nil || differs != nil {
				return errors.Join(differs, err)
			}
			if err := promised(log, sound, evidence); err != nil {
				return err
			}
			snapshots, err := checkSnapshots(cmd.Context(), src, log)
			if err != nil {
				return err
			}
			if err := printSound(cmd.OutOrStdout(), sound, snapshots, asJSON); err != nil || !views.wanted {
				return err
			}
			return views.check(cmd.Context(), src, log, cmd.OutOrStdout(), cmd.ErrOrStderr())
		})
	}
	return command
}

// checkSnapshots sums the log up anew, and compares the snapshots of a stopped service.
func checkSnapshots(ctx context.Context, src *source, log eventstore.Reader) (n int, err error) {
	if src.data == "" {
		return 0, nil
	}
	sums, err := audit.OpenSnapshots(filepath.Join(src.data, snapshotFolder))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, sums.Close()) }()
	n, err = sums.Check(ctx, log)
	if differs, ok := errors.AsType[*audit.SnapshotError](err); ok {
		return n, found(differs)
	}
	return n, err
}

// brokenAt returns the first thing that is wrong with a log, whether the chain or
// the log's own checksums tell; nil for an error that says neither.
func brokenAt(err error) *audit.Break {
	var broken *audit.Break
	var damaged *embedded.CorruptError
	var spoilt *archive.DamageError
	switch {
	case errors.As(err, &broken):
		return broken
	case errors.As(err, &spoilt) && spoilt.At > 0:
		return &audit.Break{Position: spoilt.At, Cause: spoilt}
	case errors.As(err, &damaged):
		cause := damaged.Err
		if where := damaged.Bytes.String(); where != "" {
			cause = fmt.Errorf("%s: %w", where, cause)
		}
		return &audit.Break{Position: damaged.Position, Stream: damaged.Stream, Cause: cause}
	}
	return nil
}

// checkFiles compares the files of an archive with its manifest. differs is what is
// wrong with one of them: the events may tell it better.
func checkFiles(ctx context.Context, log eventstore.Reader, w io.Writer) (differs, err error) {
	a, ok := log.(*archive.Archive)
	if !ok {
		return nil, nil
	}
	progress := newBar(w, "reading", a.Bytes(), bytesUnit)
	defer progress.end()
	err = a.CheckFiles(ctx, progress)
	if _, ok := errors.AsType[*archive.DamageError](err); ok {
		return err, nil
	}
	return nil, err
}

// promised compares an archive's events with what its manifest says of them.
func promised(log eventstore.Reader, sound audit.Verified, evidence *audit.Evidence) error {
	a, ok := log.(*archive.Archive)
	if !ok {
		return nil
	}
	origin := ""
	if evidence != nil {
		origin = evidence.Keys.Origin
	}
	if m := a.Manifest; m.Events != sound.Events || m.Position != sound.End || m.Origin != origin {
		return found(fmt.Errorf("archive: the manifest says %d events up to position %d of %q, and there are %d up to %d of %q",
			m.Events, m.Position, m.Origin, sound.Events, sound.End, origin))
	}
	return nil
}

// verify recomputes a log's chains, and its seal if there is evidence, and shows on w
// how far it is.
func verify(ctx context.Context, log eventstore.Reader, evidence *audit.Evidence, w io.Writer) (audit.Verified, error) {
	var total int64
	switch log.(type) {
	case *embedded.Log, *archive.Archive: // elsewhere positions need not count events
		end, err := log.End(ctx)
		if err != nil {
			return audit.Verified{}, err
		}
		total = int64(end)
	}
	progress := newBar(w, "verifying", total, eventsUnit)
	defer progress.end()
	if evidence == nil {
		return audit.Verify(ctx, log, progress.reached)
	}
	return audit.VerifySealed(ctx, log, *evidence, progress.reached)
}
