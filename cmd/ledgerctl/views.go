package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/saldo-ledger/saldo/adapters/backup"
	"github.com/saldo-ledger/saldo/adapters/sqlstore"
	"github.com/saldo-ledger/saldo/adapters/vault"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/projections"
)

// viewsCheck holds the views of a stopped service against the log.
type viewsCheck struct {
	wanted    bool
	masterKey string
}

func (v *viewsCheck) flags(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&v.wanted, "views", false, "build all views anew beside, and compare every row in both directions (--data)")
	cmd.Flags().StringVar(&v.masterKey, "master-key-file", "", "`file` with the vault's master key, for --views (default: "+masterKeyVariable+" in the environment)")
}

const masterKeyVariable = "SALDO_MASTER_KEY"

// shownDifferences is how many are printed; all are counted.
const shownDifferences = 20

// check builds the views anew in a directory of its own, up to where the service's
// are, and compares them. It writes nothing to the service's.
func (v *viewsCheck) check(ctx context.Context, src *source, log eventstore.Reader, out, stderr io.Writer) (err error) {
	if src.data == "" {
		return wrongUsage(errors.New("--views compares the views of a stopped service: --data"))
	}
	master, err := vault.LoadMasterKey(v.masterKey, src.getenv(masterKeyVariable))
	if err != nil {
		return wrongUsage(fmt.Errorf("--views needs the master key, because names are in the views: %w", err))
	}
	kept := filepath.Join(src.data, "views.db")
	at, err := sqlstore.PositionOf(ctx, kept)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "saldo-views-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := v.build(ctx, src.data, dir, master, log, at, stderr); err != nil {
		return err
	}
	return compareViews(ctx, kept, filepath.Join(dir, "views.db"), at, out)
}

func (v *viewsCheck) build(ctx context.Context, data, dir string, master vault.MasterKey, log eventstore.Reader, at eventstore.Position, stderr io.Writer) error {
	keys, err := openVaultCopy(ctx, data, dir, master)
	if err != nil {
		return err
	}
	views, err := sqlstore.Open(filepath.Join(dir, "views.db"))
	if err != nil {
		return errors.Join(err, keys.Close())
	}
	progress := newBar(stderr, "building views", int64(at), eventsUnit)
	defer progress.end()
	ctx, stop := context.WithCancel(ctx)
	projector := projections.NewProjector(past{log, at}, views, keys, func(p projections.Progress) { progress.reached(uint64(p.Events)) })
	ended := make(chan error, 1)
	go func() { ended <- projector.Run(ctx) }()
	err = projector.WaitFor(ctx, at)
	stop()
	return errors.Join(err, <-ended, views.Close(), keys.Close())
}

// openVaultCopy opens a copy of a service's vault in a directory: nothing of the
// service's is written.
func openVaultCopy(ctx context.Context, data, dir string, master vault.MasterKey) (*vault.Vault, error) {
	file := filepath.Join(dir, backup.VaultFile)
	if err := vault.Backup(ctx, filepath.Join(data, backup.VaultFile), file); err != nil {
		return nil, err
	}
	keys, err := vault.Open(file, master)
	if err != nil {
		return nil, wrongUsage(err)
	}
	return keys, nil
}

// past is a log as it was when it ended at a position.
type past struct {
	log eventstore.Reader
	end eventstore.Position
}

// ReadAll yields the events up to the end.
func (p past) ReadAll(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		for rec, err := range p.log.ReadAll(ctx, after) {
			if err == nil && rec.Position > p.end || !yield(rec, err) {
				return
			}
		}
	}
}

// Follow yields nothing more: what is past does not grow.
func (p past) Follow(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		<-ctx.Done()
		yield(eventstore.Recorded{}, ctx.Err())
	}
}

// End is that end.
func (p past) End(context.Context) (eventstore.Position, error) { return p.end, nil }

func compareViews(ctx context.Context, kept, anew string, at eventstore.Position, out io.Writer) error {
	n := 0
	tables, err := sqlstore.Compare(ctx, kept, anew, func(d sqlstore.Difference) error {
		if n++; n > shownDifferences {
			return nil
		}
		line := fmt.Sprintf("  %-9s  %s  %s", d.Lack, d.Table, d.Key)
		if d.Column != "" {
			line += fmt.Sprintf("  %s: expected %q, found %q", d.Column, d.Expected, d.Found)
		}
		_, err := fmt.Fprintln(out, line)
		return err
	})
	if err != nil {
		return err
	}
	var rows int64
	for _, t := range tables {
		rows += t.Rows
		if t.Expected != t.Found {
			if _, err := fmt.Fprintf(out, "  digest     %s  expected %s, found %s\n", t.Table, t.Expected, t.Found); err != nil {
				return err
			}
		}
	}
	if n > 0 {
		return found(fmt.Errorf("the views are not what the log gives at position %d: %s", at, counted(uint64(n), "row")))
	}
	_, err = fmt.Fprintf(out, "Views: %s of %s are what the log gives at position %d\n", counted(uint64(rows), "row"), counted(uint64(len(tables)), "table"), at)
	return err
}
