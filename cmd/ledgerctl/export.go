package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit/archive"
)

func exportCommand(src *source) *cobra.Command {
	var asJSON bool
	command := &cobra.Command{
		Use:   "export DIR",
		Short: "Write everything into a directory that is verified and replayed anywhere",
		Long: `Write the log of a running service (--url), which goes on meanwhile, or of a stopped
one (--data), into the directory DIR: every event as JSON Lines, the checkpoints, the
public keys, a manifest with the SHA-256 of each file, and a README. With --archive
DIR every command of ledgerctl audit reads it, on any machine, with no network and no
database; personal data stay sealed, and of persons who were erased they are gone.

DIR must not exist, or be empty: nothing is written over. It gets its name when it is
whole, and was read back and compared with its manifest; before that it is
DIR.partial-…, which is removed after an error, so that an export that broke off is
begun again.`,
		Example: `  SALDO_TOKEN=… ledgerctl audit export --url http://127.0.0.1:8080 /media/stick/ledger
  ledgerctl audit verify --archive /media/stick/ledger`,
		Args: cobra.ExactArgs(1),
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	command.RunE = func(cmd *cobra.Command, args []string) error {
		began := time.Now()
		return src.with(func(log eventstore.Reader) (err error) {
			p, err := newPlace(args[0])
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, p.remove()) }()
			progress := newBar(cmd.ErrOrStderr(), "exporting", 0, eventsUnit)
			defer progress.end()
			m, err := archive.Write(cmd.Context(), p.partial, archive.Source{Log: log, Record: src.record(), Taken: began, Watch: progress.reached})
			if err != nil {
				return err
			}
			progress.end()
			bytes, err := readBack(cmd, p.partial)
			if err != nil {
				return err
			}
			if err := p.keep(); err != nil {
				return err
			}
			return exported{m.Events, uint64(m.Position), bytes, m.Origin, p.dir, time.Since(began).Seconds()}.print(cmd, asJSON)
		})
	}
	return command
}

// readBack compares what was written with its manifest.
func readBack(cmd *cobra.Command, dir string) (int64, error) {
	a, err := archive.Open(dir)
	if err != nil {
		return 0, err
	}
	differs, err := checkFiles(cmd.Context(), a, cmd.ErrOrStderr())
	return a.Bytes(), errors.Join(differs, err)
}

// exported is an archive that was written.
type exported struct {
	Events    uint64  `json:"events"`
	Position  uint64  `json:"position"`
	Bytes     int64   `json:"bytes"`
	Origin    string  `json:"origin"`
	Directory string  `json:"directory"`
	Seconds   float64 `json:"seconds"`
}

func (e exported) print(cmd *cobra.Command, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(cmd.OutOrStdout()).Encode(e)
	}
	_, err := fmt.Fprintf(cmd.OutOrStdout(), "Exported to %s in %.1f s: %s up to position %d, %d bytes\n",
		e.Directory, e.Seconds, counted(e.Events, "event"), e.Position, e.Bytes)
	return err
}
