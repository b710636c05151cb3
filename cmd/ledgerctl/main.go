// Command ledgerctl is for operators and auditors: it replays history, tells any
// balance as of any date, and verifies that nothing was altered, on the directory
// of a stopped service or against a running one.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// Exit codes.
const (
	exitSound      = 0 // done, and nothing found
	exitFound      = 1 // damage, a broken link; or nothing of what was asked for
	exitUsage      = 2 // wrong usage or input
	exitOutOfReach = 3 // the log could not be opened or read
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr))
}

// exitError carries an exit code.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

func outOfReach(err error) error { return &exitError{exitOutOfReach, err} }
func wrongUsage(err error) error { return &exitError{exitUsage, err} }
func found(err error) error      { return &exitError{exitFound, err} }

// noCommand refuses a group of commands called by itself.
func noCommand(group *cobra.Command) error {
	if args := group.Flags().Args(); len(args) > 0 {
		return wrongUsage(fmt.Errorf("unknown command %q for %q", args[0], group.CommandPath()))
	}
	return wrongUsage(fmt.Errorf("%q needs a command", group.CommandPath()))
}

// run is the program; what cobra itself refuses is wrong usage.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) int {
	root := &cobra.Command{
		Use:   "ledgerctl",
		Short: "Audit and operate a Saldo ledger",
		Long: `ledgerctl reads the log of a Saldo ledger: in the data directory of a stopped
service (--data), or through the API of a running one (--url, with the token of an
auditor in SALDO_TOKEN or --token). Auditing writes nothing to the ledger.

Exit codes: 0 done and sound; 1 something was found (damage, a broken link), or
nothing is there of what was asked for; 2 wrong usage or input; 3 the log is out of
reach.`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(auditCommand(getenv), backupCommand(getenv), restoreCommand(), issueCommand(getenv), benchCommand(getenv), receiptsCommand(getenv), reconcileCommand(getenv), closeCommand(getenv))
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil && !cmd.Runnable() && !cmd.Flags().Changed("help") {
		err = noCommand(cmd) // cobra has shown the help, and takes that for success
	}
	if err == nil {
		return exitSound
	}
	fmt.Fprintln(stderr, "ledgerctl:", err)
	var exit *exitError
	if errors.As(err, &exit) {
		return exit.code
	}
	return exitUsage
}
