package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/saldo-ledger/saldo/adapters/pagopa/sim"
	"github.com/saldo-ledger/saldo/adapters/vault"
)

// demoFlags are what the demonstration can be told.
type demoFlags struct {
	data, listen, simListen string
	fresh, verbose          bool
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
	flags.StringVar(&f.listen, "listen", "127.0.0.1:8080", "`address` of the portal and the API")
	flags.StringVar(&f.simListen, "sim-listen", "127.0.0.1:8090", "`address` of the simulated pagoPA")
	flags.BoolVar(&f.verbose, "verbose", false, "log more")
	return cmd
}

func runDemo(ctx context.Context, f demoFlags, stdout, stderr io.Writer) (err error) {
	logger := newLogger(stderr, f.verbose)
	if f.fresh {
		if err := empty(f.data); err != nil {
			return err
		}
	}
	portal, err := listen(ctx, f.listen)
	if err != nil {
		return err
	}
	platform, err := listen(ctx, f.simListen)
	if err != nil {
		return errors.Join(err, portal.Close())
	}
	c := demoConfig(f.data, "http://"+portal.Addr().String(), "http://"+platform.Addr().String())
	master, err := demoMasterKey(c)
	if err != nil {
		return err
	}
	s, err := open(ctx, c, master, logger)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if err := s.settle(ctx); err != nil {
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
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.run(ctx) })
	group.Go(func() error { return simulator.Run(ctx) })
	group.Go(func() error { return serve(ctx, platform, simulator.Handler()) })
	group.Go(func() error { return serve(ctx, portal, site) })
	fmt.Fprint(stdout, demoWelcome(c))
	return group.Wait()
}

// demoMarker says that a directory was made by the demonstration, and may be
// emptied by it.
const demoMarker = "demo"

// empty removes what an earlier demonstration left. A directory that holds
// anything else is not touched.
func empty(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) || len(entries) == 0 && err == nil {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := os.Stat(dir + "/" + demoMarker); err != nil {
		return fmt.Errorf("--fresh: %s was not made by the demonstration and is left as it is", dir)
	}
	return os.RemoveAll(dir)
}

// demoMasterKey makes a master key when the demonstration first runs.
func demoMasterKey(c config) (vault.MasterKey, error) {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return vault.MasterKey{}, err
	}
	if err := os.WriteFile(c.path(demoMarker), []byte("made by ledgerd demo\n"), 0o600); err != nil {
		return vault.MasterKey{}, err
	}
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

// serve answers HTTP on a listener until ctx is done, and then lets requests
// under way finish.
func serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second,
		WriteTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	select {
	case err := <-done:
		return fmt.Errorf("serving %s: %w", listener.Addr(), err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return server.Shutdown(grace)
}
