package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/sync/errgroup"

	"github.com/saldo-ledger/saldo/adapters/pagopa/sim"
	"github.com/saldo-ledger/saldo/domain"
)

// usageError is a command line that cannot be.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() + " (see pagopa-sim --help)" }
func (e *usageError) Unwrap() error { return e.err }

// environment is what the names of variables begin with: SALDO_SIM_NODE_TARGET
// is --node-target.
const environment = "SALDO_SIM_"

const about = `pagopa-sim plays the pagoPA platform: it takes checkout carts, shows the payer's
window, asks the creditor's station as the Node does, delivers the receipts,
reports what was paid (FdR) and writes the treasurer's statements of it. Its clock
can be put forward. No money moves and nothing is kept when it ends.

It serves:
  /checkout/ec/v1/carts, /checkout/ec/v2/carts   the carts API
  /c/…                                           the payer's window
  /psp                                           a PSP's counter: pay a notice by number or QR
  /interruttori, /api/switches                   what is to go wrong
  /orologio, /api/clock                          the simulated time, which can be put forward
  /stato, /api/receipts                          the receipts and how far they got
  /flussi, /api/flows                            the flows (FdR), and their corrections
  /tesoreria, /api/treasury/CODE/DAY/DOCUMENT    giornale-di-cassa.xml, camt.053.001.02.xml and .08.xml
  /fdr-org/service/v1/organizations/CODE/fdrs    the flows by REST
  /nodo-auth/node-for-pa/v1                      the flows by SOAP
  /bizevents/service/v1/organizations/CODE/…     receipts that were lost

There is no login: whoever reaches it can pay and throw the switches. Card
numbers other than published test numbers are refused.

Each flag can be given as a variable, such as SALDO_SIM_NODE_TARGET for
--node-target; a flag on the command line wins.`

const example = `  pagopa-sim --creditor 12345678903
  pagopa-sim --listen 127.0.0.1:8090 --node-target http://127.0.0.1:8080/pagopa/paForNode \
    --creditor 12345678903 --broker 12345678903 --station 12345678903_01`

// options are the flags.
type options struct {
	listen, url             string
	target, broker, station string
	creditors               []string
	key                     string
	pauses                  []time.Duration
	psp                     sim.PSP
	fee                     string
	start                   string
}

// run is the program: it ends when ctx does.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	var o options
	cmd := &cobra.Command{
		Use: "pagopa-sim --creditor CODICE_FISCALE [flags]", Short: "The simulated pagoPA platform", Long: about, Example: example,
		SilenceErrors: true, SilenceUsage: true, DisableFlagsInUseLine: true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return &usageError{fmt.Errorf("unexpected %q", args[0])}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := fromEnvironment(cmd.Flags(), getenv); err != nil {
				return &usageError{err}
			}
			return serve(cmd.Context(), o, stdout, stderr)
		},
	}
	o.flags(cmd.Flags())
	cmd.SetArgs(args)
	cmd.SetOut(stdout)
	cmd.SetErr(stderr)
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &usageError{err} })
	cmd.CompletionOptions.DisableDefaultCmd = true
	return cmd.ExecuteContext(ctx)
}

func (o *options) flags(f *pflag.FlagSet) {
	invented := sim.InventedPSP()
	o.psp.FiscalCode = invented.FiscalCode
	f.SortFlags = false
	f.StringVar(&o.listen, "listen", "127.0.0.1:8090", "`address` to listen on")
	f.StringVar(&o.url, "url", "", "`origin` under which browsers reach it (default http:// and the address)")
	f.StringVar(&o.target, "node-target", "http://127.0.0.1:8080/pagopa/paForNode", "`url` of the station's paForNode")
	f.StringSliceVar(&o.creditors, "creditor", nil, "fiscal `code` of a creditor behind the station; give it once for each")
	f.StringVar(&o.broker, "broker", "", "fiscal `code` of the technical intermediary (default the first creditor)")
	f.StringVar(&o.station, "station", "", "`id` of the station (default the intermediary and _01)")
	f.StringVar(&o.key, "key", "", "`key` that carts must bring along (default none is asked for)")
	f.DurationSliceVar(&o.pauses, "pauses", sim.DefaultPauses, "`waits` before a receipt is sent again")
	f.StringVar(&o.psp.ID, "psp-id", invented.ID, "`id` of the PSP that takes cards and cash (idPSP)")
	f.StringVar(&o.psp.CompanyName, "psp-name", invented.CompanyName, "its `name`")
	f.StringVar(&o.psp.Channel, "psp-channel", invented.Channel, "its channel's `id` (idChannel)")
	f.StringVar(&o.fee, "psp-fee", invented.Fee.String(), "its fee in `euro`")
	f.StringVar(&o.start, "start", "", "Italian `time` at which the simulated clock begins, such as 2026-01-12T09:30 (default now)")
}

// fromEnvironment sets the flags that were not given from their variables.
func fromEnvironment(f *pflag.FlagSet, getenv func(string) string) error {
	var wrong error
	f.VisitAll(func(flag *pflag.Flag) {
		name := environment + strings.ToUpper(strings.ReplaceAll(flag.Name, "-", "_"))
		if value := getenv(name); value != "" && !flag.Changed {
			if err := f.Set(flag.Name, value); err != nil {
				wrong = errors.Join(wrong, fmt.Errorf("%s: %w", name, err))
			}
		}
	})
	return wrong
}

const welcome = `pagopa-sim: %[1]s
  carts     %[1]s/checkout/ec/v1/carts (and v2)
  counter   %[1]s/psp
  switches  %[1]s/interruttori
  clock     %[1]s/orologio
  receipts  %[1]s/stato
  flows     %[1]s/flussi
  treasury  %[1]s/tesoreria
`

// shutdownLimit is how long answers under way may take when the program ends.
const shutdownLimit = 5 * time.Second

// serve runs the simulator until ctx is done.
func serve(ctx context.Context, o options, stdout, stderr io.Writer) error {
	config, err := o.config()
	if err != nil {
		return &usageError{err}
	}
	listener, err := net.Listen("tcp", o.listen)
	if err != nil {
		return err
	}
	defer listener.Close() // the server closes it too, once it has it
	if config.BaseURL, err = o.origin(listener.Addr()); err != nil {
		return &usageError{err}
	}
	config.Logger = slog.New(slog.NewTextHandler(stderr, nil))
	simulator, err := sim.New(config)
	if err != nil {
		return &usageError{err}
	}
	fmt.Fprintf(stdout, welcome, config.BaseURL)
	server := &http.Server{
		Handler: simulator.Handler(), ErrorLog: slog.NewLogLogger(config.Logger.Handler(), slog.LevelWarn),
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute,
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return simulator.Run(ctx) })
	group.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownLimit)
		defer cancel()
		return server.Shutdown(ending)
	})
	return group.Wait()
}

// config is what the flags say, without the origin.
func (o options) config() (sim.Config, error) {
	if len(o.creditors) == 0 {
		return sim.Config{}, errors.New("no --creditor")
	}
	fee, err := domain.ParseMoney(o.fee)
	if err != nil {
		return sim.Config{}, fmt.Errorf("--psp-fee: %w", err)
	}
	c := sim.Config{SubscriptionKey: o.key, Pauses: o.pauses, PSP: o.psp}
	c.PSP.Fee = fee
	if c.Clock, err = o.clock(time.Now); err != nil {
		return sim.Config{}, fmt.Errorf("--start: %w", err)
	}
	broker := cmp.Or(o.broker, o.creditors[0])
	station := cmp.Or(o.station, broker+"_01")
	for _, code := range o.creditors {
		c.Creditors = append(c.Creditors, sim.Creditor{Code: domain.FiscalCode(code), Broker: broker, Station: station, Target: o.target})
	}
	return c, nil
}

// clock goes on from the start, as the system's clock does.
func (o options) clock(system func() time.Time) (func() time.Time, error) {
	if o.start == "" {
		return system, nil
	}
	start, err := time.ParseInLocation("2006-01-02T15:04", o.start, domain.Rome)
	if err != nil {
		return nil, fmt.Errorf("%q is not a time like 2026-01-12T09:30", o.start)
	}
	ahead := start.Sub(system())
	return func() time.Time { return system().Add(ahead) }, nil
}

// origin is where browsers reach a simulator that listens on addr.
func (o options) origin(addr net.Addr) (string, error) {
	if tcp, ok := addr.(*net.TCPAddr); o.url == "" && ok && tcp.IP.IsUnspecified() {
		return "", errors.New("listening on every address needs an --url")
	}
	return cmp.Or(o.url, "http://"+addr.String()), nil
}
