package main

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/saldo-ledger/saldo/adapters/backup"
	"github.com/saldo-ledger/saldo/adapters/vault"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/embedded"
)

func backupCommand(getenv func(string) string) *cobra.Command {
	var src source
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "backup DIR",
		Short: "Copy the log and the vault, and verify the copy by its chains",
		Long: `Copy the log and the vault of a running service (--url, with the token of an
administrator), which goes on meanwhile, or of a stopped one (--data). DIR must not
exist, or be empty. It gets its name only when the copy is whole and its chains were
recomputed on this machine; before that it is DIR.partial-…, removed after an error.
If a chain is broken, the exit code is 1, the break is named, and the copy is kept
as DIR.broken-….

In a backup are log/, the events, seal/, what was signed of them, and vault.db:
passwords, the keys of personal data (wrapped), API tokens and how far each reaction
got; manifest.json has the SHA-256 of every file. Not in it are
  the master key   without it the vault is of no use: keep it, and keep it elsewhere
  views.db         it is built again from the log
  nats/            the Node sends a receipt again until it was answered with OK
  mailbox/         the letters that were sent

A backup is laid out as a data directory: ledgerctl audit … --data DIR reads it.
An older backup still has the keys of persons erased since. Let backups expire.`,
		Example: `  ledgerctl backup --data ./saldo-data /backup/saldo-2020-02-05
  SALDO_TOKEN=… ledgerctl backup --url http://127.0.0.1:8080 /backup/saldo-2020-02-05`,
		Args: cobra.ExactArgs(1),
	}
	src.flags(cmd, getenv)
	cmd.Flag("token").Usage = "API `token` of an administrator, for --url (default: " + tokenVariable + " in the environment)"
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		began := time.Now()
		take, err := src.taking()
		if err != nil {
			return err
		}
		out := outcome{w: cmd.OutOrStdout(), asJSON: asJSON, verb: "Backed up"}
		return classified(fill(cmd, args[0], &out, began, take))
	}
	return cmd
}

// taking is the way to fill a directory with a backup of the source.
func (s *source) taking() (filling, error) {
	switch {
	case s.data != "" && s.url != "":
		return nil, wrongUsage(errTwoLogs)
	case s.url != "":
		return s.fromService, nil
	case s.data != "":
		return s.fromDirectory, nil
	}
	return nil, wrongUsage(errWhichLog)
}

func (s *source) fromService(ctx context.Context, to string, stderr io.Writer) (backup.Manifest, error) {
	tar, bytes, err := s.remote().Backup(ctx)
	if err != nil {
		return backup.Manifest{}, err
	}
	progress := newBar(stderr, "receiving", bytes, bytesUnit)
	m, err := backup.Receive(ctx, tar, to, progress)
	progress.end()
	return m, errors.Join(err, tar.Close())
}

// fromDirectory holds the log's lock as long as it copies.
func (s *source) fromDirectory(ctx context.Context, to string, stderr io.Writer) (m backup.Manifest, err error) {
	err = s.withDirectory(func(log eventstore.Reader) error {
		end, err := log.(*embedded.Log).End(ctx)
		if err != nil {
			return err
		}
		stopped := backup.Stopped{Data: s.data, Position: end, Vault: func(ctx context.Context, to string) error {
			return vault.Backup(ctx, filepath.Join(s.data, backup.VaultFile), to)
		}}
		bytes, err := stopped.Size()
		if err != nil {
			return err
		}
		progress := newBar(stderr, "copying", bytes, bytesUnit)
		defer progress.end()
		m, err = stopped.Copy(ctx, to, time.Now(), progress)
		return err
	})
	return m, err
}

// filling fills a new directory, and returns the manifest that it fits.
type filling func(ctx context.Context, to string, stderr io.Writer) (backup.Manifest, error)

// fill makes dir: filled, proved, named and printed, or not there.
func fill(cmd *cobra.Command, dir string, out *outcome, began time.Time, f filling) (err error) {
	p, err := newPlace(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.remove()) }()
	ctx, stderr := cmd.Context(), cmd.ErrOrStderr()
	m, err := f(ctx, p.partial, stderr)
	if err != nil {
		return err
	}
	sound, err := p.prove(ctx, m.Position, stderr)
	if broken := brokenAt(err); broken != nil {
		return found(errors.Join(broken, out.broken(p, sound, broken)))
	}
	if err != nil {
		return err
	}
	if err := p.keep(); err != nil {
		return err
	}
	return out.done(p.dir, m, sound, time.Since(began))
}
