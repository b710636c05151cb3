package main

import (
	"errors"
	"fmt"
	"io"
	"os"

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
events with those of an earlier verification.`,
		Example: `  ledgerctl audit verify --data ./saldo-data
  SALDO_TOKEN=… ledgerctl audit verify --url http://127.0.0.1:8080 --json`,
		Args: cobra.NoArgs,
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	command.RunE = func(cmd *cobra.Command, _ []string) error {
		return src.with(func(log eventstore.Reader) error {
			report, end := progress(cmd.ErrOrStderr())
			sound, err := audit.Verify(cmd.Context(), log, report)
			end()
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
		return &audit.Break{Position: damaged.Position, Stream: damaged.Stream, Cause: damaged.Err}
	}
	return nil
}

// progress tells a person at a terminal how far a verification is, and nobody else.
// end ends the line that report writes over.
func progress(w io.Writer) (report func(events uint64), end func()) {
	nothing := func() {}
	file, ok := w.(*os.File)
	if !ok {
		return nil, nothing
	}
	if at, err := file.Stat(); err != nil || at.Mode()&os.ModeCharDevice == 0 {
		return nil, nothing
	}
	end = nothing
	report = func(events uint64) {
		fmt.Fprintf(w, "\r%d events verified", events)
		end = func() { fmt.Fprintln(w) }
	}
	return report, func() { end() }
}
