package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/embedded"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
	"github.com/saldo-ledger/saldo/eventstore/ledger/town"
)

// portalPace is how large the town is and how its parents come.
type portalPace struct {
	bulletins, families int
	seed                uint64
	dir                 string
	json                bool
	even                receiptsPace
}

func (p *portalPace) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.IntVar(&p.bulletins, "bulletins", 1_000_000, "how many `bulletins` there are, rounded up to whole months (at least one a family, at most 10000000)")
	f.IntVar(&p.families, "families", 100_000, "how many `families` with a parent each (10 to 100000)")
	f.Uint64Var(&p.seed, "seed", 1, "`number` that the town and its visitors follow from")
	f.IntVar(&p.even.rate, "rate", 200, "pages a second at the constant `rate` (1 to 10000)")
	f.Float64Var(&p.even.seconds, "rate-seconds", 60, "for how many `seconds` (0.1 to 600)")
	f.StringVar(&p.dir, "dir", ".", "`directory` on the disk to measure; what is made in it is removed")
	f.BoolVar(&p.json, "json", false, "print JSON")
}

func (p *portalPace) check() error {
	switch {
	case p.families < 10 || p.families > 100_000:
		return wrongUsage(fmt.Errorf("--families: %d is not between 10 and 100000", p.families))
	case p.bulletins < p.families || p.bulletins > 10_000_000:
		return wrongUsage(fmt.Errorf("--bulletins: %d is not between %d, one a family, and 10000000", p.bulletins, p.families))
	}
	return p.even.check()
}

// months is how often every family gets a bollettino.
func (p *portalPace) months() int { return (p.bulletins + p.families - 1) / p.families }

func benchPortalCommand() *cobra.Command {
	var p portalPace
	cmd := &cobra.Command{
		Use:   "portal",
		Short: "Measure the parents' pages over many bulletins, and what they weigh",
		Long: `Measure the parents' pages over many bulletins, and what they weigh.

In a directory of its own, which is removed afterwards, an invented town gets its
bollettini by the commands of the ledger. The first month is lived through: sent,
mostly paid in the portal or at a PSP, some twice or a wrong sum; the other months
are sent and stay open, so that a parent has about nine to pay. Then all SQL views
are built, log and views are opened anew, and the portal is served on this machine
as ledgerd serves it, on the embedded size. Its visitors are parents drawn at random,
each with a session in a vault. They look at

  Elenco                /consumatori
  Paga                  /paga, before a category is chosen
  Paga, with category   /paga?categoria=…, every bollettino that can be paid

as often as --rate says for --rate-seconds, whatever the answers do. A page's time
runs from when it was to be asked for until its last byte is read; what the portal
takes of it, from the request's head to the end of its handler, stands beside (SERVER).
The visitors run in this process and take their share of the machine's processors.
Every answer is checked to be its page; if one is not, the exit code is 1.

What pages weigh is counted as a browser that keeps files would: the first view is
Accesso with the stylesheets, scripts, icons and Latin fonts it names, the views after
it are pages alone. Sent is what the server sends to a browser that takes gzip, unpacked
what the browser makes of it.

Commands, letters, checkout and TLS are not part of it; names of parents are opened
with keys that follow from the seed, not with keys of the vault.

1,000,000 bulletins of 100,000 families take up to four minutes on two cores before
the first page is asked for, and about 2 GB in the directory.`,
		Example: `  ledgerctl bench portal
  ledgerctl bench portal --bulletins 100000 --families 10000 --rate-seconds 20 --dir /var/tmp --json`,
		Args: cobra.NoArgs,
	}
	p.flags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := p.check(); err != nil {
			return err
		}
		f, err := benchPortal(cmd.Context(), p, cmd.ErrOrStderr())
		return report(cmd.OutOrStdout(), f, err, p.json)
	}
	return cmd
}

// portalFigures are what was measured, and over how much.
type portalFigures struct {
	Bulletins int                 `json:"bulletins"`
	Parents   int                 `json:"parents"`
	Events    eventstore.Position `json:"events"`
	Prepared  time.Duration       `json:"prepared"`  // nanoseconds: how long the town and its views took
	Disk      int64               `json:"diskBytes"` // of log, views and vault
	Peak      uint64              `json:"peakBytes"` // of the process's memory while it served
	Pages     []pageRow           `json:"pages"`     // one for each page
	Weights   []weight            `json:"weights"`   // the first view, and pages after it
	wrong     error               // the first answer that was not its page
}

func (f portalFigures) check() error {
	if f.wrong != nil {
		return found(fmt.Errorf("not every answer was its page, the first: %w", f.wrong))
	}
	return nil
}

func (f portalFigures) print(w io.Writer, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(w).Encode(f)
	}
	fmt.Fprintf(w, "%d bulletins of %d parents, %d events, made and projected in %s; %d MB on disk, at most %d MiB of memory while serving, visitors included\n\n",
		f.Bulletins, f.Parents, f.Events, f.Prepared.Round(time.Second), f.Disk/1_000_000, f.Peak>>20)
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "PAGE\tCOUNT\tPER SECOND\tP50\tP99\tMAX\tSERVER P50\tSERVER P99\tSERVER MAX\tTO PAY\tERRORS\t")
	for _, r := range f.Pages {
		fmt.Fprintf(t, "%s\t%d\t%.0f\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\t\n", r.What, r.Count, r.PerSecond, rounded(r.P50), rounded(r.P99), rounded(r.Max),
			rounded(r.Server.P50), rounded(r.Server.P99), rounded(r.Server.Max), given(r.Open > 0, fmt.Sprintf("%.1f", r.Open)), r.Errors)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(t, "\nWEIGHT\tANSWERS\tSENT\tUNPACKED\t")
	for _, r := range f.Weights {
		fmt.Fprintf(t, "%s\t%d\t%.1f kB\t%.1f kB\t\n", r.What, r.Answers, float64(r.Sent)/1000, float64(r.Plain)/1000)
	}
	return t.Flush()
}

// portalBench measures the portal over a town's log in a directory.
type portalBench struct {
	ledgerBench
	size    portalPace
	figures portalFigures
}

func benchPortal(ctx context.Context, p portalPace, stderr io.Writer) (_ portalFigures, err error) {
	dir, err := os.MkdirTemp(p.dir, "bench-*")
	if err != nil {
		return portalFigures{}, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	b := portalBench{size: p, ledgerBench: ledgerBench{dir: dir, keys: town.NewKeys(p.seed), stderr: stderr}}
	parents, err := b.prepare(ctx)
	if err != nil {
		return portalFigures{}, err
	}
	settle()
	err = b.within("log", func(log *embedded.Log) error {
		return b.acquainted(ctx, log, func(l *ledger.Ledger) error { return b.serve(ctx, log, l, parents) })
	})
	if err != nil {
		return portalFigures{}, err
	}
	b.figures.Peak = peakMemory()
	b.figures.Disk, err = sizeOf(dir)
	return b.figures, err
}

// prepare makes the town's log and its views, and returns who can visit.
func (b *portalBench) prepare(ctx context.Context) (parents []domain.ParentID, err error) {
	start := time.Now()
	err = b.within("log", func(log *embedded.Log) error {
		if parents, err = b.bill(ctx, log); err != nil {
			return err
		}
		if b.figures.Events, err = log.End(ctx); err != nil {
			return err
		}
		settle()
		return b.rebuild(ctx, log, b.figures.Events)
	})
	b.figures.Prepared = time.Since(start)
	return parents, err
}

// bill founds the town and raises its bulletins, of which only the first month's
// have a life after they are sent.
func (b *portalBench) bill(ctx context.Context, log *embedded.Log) ([]domain.ParentID, error) {
	progress := newBar(b.stderr, "the town gets its bulletins", int64(b.size.months()*b.size.families), bulletinsUnit)
	defer progress.end()
	place, err := town.Found(ctx, ledger.New(log, b.keys, time.Now), b.size.seed, b.size.families)
	if err != nil {
		return nil, err
	}
	if err := place.Month(ctx); err != nil {
		return nil, err
	}
	for month := 1; month < b.size.months(); month++ {
		progress.reached(uint64(month * b.size.families))
		if _, err := place.SendAll(ctx); err != nil {
			return nil, err
		}
	}
	parents := place.Parents()
	b.figures.Bulletins, b.figures.Parents = b.size.months()*len(parents), len(parents)
	return parents, nil
}

// sizeOf is how much the files in a directory hold.
func sizeOf(dir string) (size int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			size += info.Size()
		}
		return err
	})
	return size, err
}
