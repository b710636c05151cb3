package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/saldo-ledger/saldo/adapters/pagopa/sim"
	"github.com/saldo-ledger/saldo/adapters/vault"
	"github.com/saldo-ledger/saldo/eventstore/embedded"
)

// demoFlags are what the demonstration can be told.
type demoFlags struct {
	data, log, listen, simListen string
	fresh, instalments, verbose  bool
	pastDays                     bool
}

func demoCommand() *cobra.Command {
	var f demoFlags
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Run everything in this process, with a demonstration municipality",
		Long: `Run everything in this process: the ledger on its embedded log, JetStream, the
views, the portal, a simulated pagoPA and a mailbox page. The demonstration
municipality is made by commands when the directory is new; started again on the
same directory, the demonstration goes on where it was.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runDemo(cmd.Context(), f, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.data, "data", "./saldo-data", "`directory` for everything that is kept")
	flags.BoolVar(&f.fresh, "fresh", false, "empty the directory first")
	flags.BoolVar(&f.instalments, "instalments", false, "also a second family, whose bulletin can be paid in instalments")
	flags.StringVar(&f.log, "log", "", "connection `string` of an EventStoreDB cluster for the log, esdb://… (default: in the directory)")
	flags.StringVar(&f.listen, "listen", "127.0.0.1:8080", "`address` of the portal and the API")
	flags.StringVar(&f.simListen, "sim-listen", "127.0.0.1:8090", "`address` of the simulated pagoPA")
	flags.BoolVar(&f.pastDays, "past-days", true, "make past days of receipts, flows and statements for the reconciliation officers")
	flags.BoolVar(&f.verbose, "verbose", false, "log more")
	return cmd
}

func runDemo(ctx context.Context, f demoFlags, stdout, stderr io.Writer) (err error) {
	logger := newLogger(stderr, f.verbose)
	portal, err := listen(ctx, "--listen", f.listen)
	if err != nil {
		return err
	}
	defer portal.Close() // after an error; its door closes it as well
	platform, err := listen(ctx, "--sim-listen", f.simListen)
	if err != nil {
		return err
	}
	defer platform.Close()
	if err := claim(f.data, f.fresh); err != nil {
		return err
	}
	c := demoConfig(f.data, "http://"+portal.Addr().String(), "http://"+platform.Addr().String())
	c.Log = f.log
	master, err := demoMasterKey(c)
	if err != nil {
		return err
	}
	s, err := open(ctx, c, master, logger)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	err = s.settle(ctx)
	if err == nil && f.instalments {
		err = s.settleInstalments(ctx)
	}
	if err == nil && f.pastDays {
		err = s.settleReconciliation(ctx)
	}
	if err != nil {
		return fmt.Errorf("demonstration data: %w", err)
	}
	site, err := s.handler(true)
	if err != nil {
		return err
	}
	simulator, err := demoSimulator(c, logger)
	if err != nil {
		return err
	}
	code, err := s.demoCode(ctx)
	if err != nil {
		return err
	}
	welcome := func() { fmt.Fprint(stdout, demoWelcome(c, code, f.instalments)) }
	return s.serve(ctx, welcome, simulator.Run, door(platform, simulator.Handler()), door(portal, site))
}

// demoMarker says that a directory was made by the demonstration, and may be
// emptied by it.
const demoMarker = "demo"

// claim makes a directory the demonstration's, emptied first if it is to be fresh.
// One that holds anything else is left as it is, and so is one in use.
func claim(dir string, fresh bool) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if len(entries) > 0 {
		if _, err := os.Stat(filepath.Join(dir, demoMarker)); err != nil {
			return fmt.Errorf("%s was not made by the demonstration and is left as it is: choose another directory with --data", dir)
		}
		if fresh {
			if err := empty(dir, entries); err != nil {
				return err
			}
		}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, demoMarker), []byte("made by ledgerd demo\n"), 0o600)
}

// empty removes what an earlier demonstration left, unless it still runs. The
// marker stays: cut short, emptying can be done again.
func empty(dir string, entries []fs.DirEntry) error {
	log, err := embedded.Open(filepath.Join(dir, "log"), embedded.Options{ReadOnly: true})
	if errors.Is(err, embedded.ErrInUse) {
		return err
	}
	var errs []error
	if err == nil { // a log that cannot be opened goes like any other
		errs = append(errs, log.Close())
	}
	for _, e := range entries {
		if e.Name() != demoMarker {
			errs = append(errs, os.RemoveAll(filepath.Join(dir, e.Name())))
		}
	}
	return errors.Join(errs...)
}

// demoMasterKey makes a master key when the demonstration first runs.
func demoMasterKey(c config) (vault.MasterKey, error) {
	master, err := vault.LoadMasterKey(c.MasterKeyFile, "")
	if errors.Is(err, fs.ErrNotExist) {
		return vault.CreateMasterKey(c.MasterKeyFile)
	}
	return master, err
}

func demoSimulator(c config, logger *slog.Logger) (*sim.Simulator, error) {
	var creditors []sim.Creditor
	for _, st := range c.Stations {
		creditors = append(creditors, sim.Creditor{Code: st.Creditor, Broker: st.Broker, Station: st.ID, Target: c.URL + "/pagopa/paForNode"})
	}
	return sim.New(sim.Config{BaseURL: c.Checkout.Origin, Creditors: creditors, SubscriptionKey: c.Checkout.Key, Logger: logger})
}
