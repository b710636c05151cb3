package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/saldo-ledger/saldo/adapters/backup"
	"github.com/saldo-ledger/saldo/adapters/vault"
)

var (
	errRestoreWhere   = errors.New("restore to where? --data DIRECTORY, a new one")
	errRestoreService = errors.New("restore writes a new data directory (--data), and never over a running service: --url has no meaning here")
)

func restoreCommand() *cobra.Command {
	var data, url string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "restore DIR --data NEW",
		Short: "Make a new data directory of a backup, verified by its chains",
		Long: `Make the data directory NEW, which must not exist or be empty, of the backup in DIR.
Every file is compared with the manifest and the chains are recomputed before NEW
gets its name; a file that differs, or a broken link, is named, with exit code 1, and
there is no NEW. The backup is only read.

Start the service on NEW with the master key that the backup's vault was made with,
which is in no backup. The views are built again from the log. Reactions that had
gone further than the log's copy go on from its end.

What came after the backup is not there: so whoever was erased since then has to be
erased again. An erasure that is in the log's copy is carried out by the service if
that had not been done yet.`,
		Example: `  ledgerctl restore /backup/saldo-2020-02-05 --data ./saldo-restored`,
		Args:    cobra.ExactArgs(1),
	}
	cmd.Flags().StringVar(&data, "data", "", "the new data `directory`")
	cmd.Flags().StringVar(&url, "url", "", "")
	_ = cmd.Flags().MarkHidden("url") // it is there to be refused
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		began := time.Now()
		switch {
		case url != "":
			return wrongUsage(errRestoreService)
		case data == "":
			return wrongUsage(errRestoreWhere)
		}
		m, err := backup.ReadManifest(args[0])
		if err != nil {
			return wrongUsage(err)
		}
		out := outcome{w: cmd.OutOrStdout(), asJSON: asJSON, verb: "Restored"}
		return classified(fill(cmd, data, &out, began, restoring(m, args[0], &out.held)))
	}
	return cmd
}

// restoring fills a directory with the files of a backup.
func restoring(m backup.Manifest, from string, held *int64) filling {
	return func(ctx context.Context, to string, stderr io.Writer) (backup.Manifest, error) {
		progress := newBar(stderr, "copying", m.Bytes(), bytesUnit)
		err := backup.Restore(ctx, m, from, to, progress)
		progress.end()
		if err != nil {
			return m, err
		}
		// The vault was copied after the log, and may be younger.
		*held, err = vault.HoldCheckpoints(ctx, filepath.Join(to, backup.VaultFile), uint64(m.Position))
		if err != nil {
			return m, fmt.Errorf("restoring: %w", err)
		}
		return m, backup.SyncFolder(to)
	}
}
