package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
	"github.com/saldo-ledger/saldo/eventstore/embedded"
)

func verifyCommand(src *source) *cobra.Command {
	var asJSON bool
	command := &cobra.Command{
		Use:   "verify",
		Short: "Recompute the chain of every stream, or name the first broken event",
		Long: `Recompute the hash of every event from its content and its predecessor in its
stream, on this machine, and check that no revision is missing, that positions
grow, that every event can be read and that debits equal credits. The first event
that is broken is named, and the exit code is 1.

To tell that the newest events were cut off, compare the position and the number of
events with those of an earlier verification.

A log of more than about 350,000 events needs a temporary file (TMPDIR) of 100 bytes
an event; the memory it takes does not grow with the log.`,
		Example: `  ledgerctl audit verify --data ./saldo-data
  SALDO_TOKEN=… ledgerctl audit verify --url http://127.0.0.1:8080 --json`,
		Args: cobra.NoArgs,
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	command.RunE = func(cmd *cobra.Command, _ []string) error {
		return src.with(func(log eventstore.Reader) error {
			sound, err := verify(cmd.Context(), log, cmd.ErrOrStderr())
			if broken := brokenAt(err); broken != nil {
				return found(errors.Join(broken, printBreak(cmd.OutOrStdout(), sound, broken, asJSON)))
			}
			if err != nil {
				return err
			}
			return printSound(cmd.OutOrStdout(), sound, asJSON)
		})
	}
	return command
}

// brokenAt returns the first thing that is wrong with a log, whether the chain or
// the log's own checksums tell; nil for an error that says neither.
func brokenAt(err error) *audit.Break {
	var broken *audit.Break
	var damaged *embedded.CorruptError
	switch {
	case errors.As(err, &broken):
		return broken
	case errors.As(err, &damaged):
		cause := damaged.Err
		if where := damaged.Bytes.String(); where != "" {
			cause = fmt.Errorf("%s: %w", where, cause)
		}
		return &audit.Break{Position: damaged.Position, Stream: damaged.Stream, Cause: cause}
	}
	return nil
}

// verify recomputes a log's chains, and shows on w how far it is.
func verify(ctx context.Context, log eventstore.Reader, w io.Writer) (audit.Verified, error) {
	var total int64
	if here, ok := log.(*embedded.Log); ok { // elsewhere positions do not count events
		end, err := here.End(ctx)
		if err != nil {
			return audit.Verified{}, err
		}
		total = int64(end)
	}
	progress := newBar(w, "verifying", total, eventsUnit)
	defer progress.end()
	return audit.Verify(ctx, log, progress.reached)
}
