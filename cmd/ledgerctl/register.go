package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/saldo-ledger/saldo/adapters/papers/registers"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/table"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit/register"
)

// registerFlags say which books are written, and where to.
type registerFlags struct {
	creditor, from, to, recordedBy, out string
	position                            uint64
	formats                             []string
	asJSON                              bool
}

func (f *registerFlags) flags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.creditor, "creditor", "", "whose books (`codice fiscale`)")
	flags.StringVar(&f.from, "from", "", "first `day` on which what is in the book took place, yyyy-mm-dd")
	flags.StringVar(&f.to, "to", "", "last `day` on which it took place")
	flags.StringVar(&f.recordedBy, "recorded-by", "", "leave out what the ledger came to know after this `date`")
	flags.Uint64Var(&f.position, "position", 0, "look at the log up to this `position` (default: its end)")
	flags.StringSliceVar(&f.formats, "format", []string{string(table.CSV)}, "`formats` to write: csv, xlsx, jsonl, pdf; several with commas")
	flags.StringVar(&f.out, "out", "", "`directory` to write to, which is made; nothing is written over")
	flags.BoolVar(&f.asJSON, "json", false, "print the manifests as JSON Lines")
	for _, name := range []string{"creditor", "from", "to", "out"} {
		_ = cmd.MarkFlagRequired(name) // the flag exists
	}
}

// read returns what is asked for.
func (f *registerFlags) read(kind string) (register.Query, []table.Format, error) {
	q := register.Query{
		Kind: register.Kind(kind), Creditor: domain.FiscalCode(f.creditor), From: domain.Date(f.from), To: domain.Date(f.to), Position: eventstore.Position(f.position),
	}
	if err := q.Check(); err != nil {
		return q, nil, wrongUsage(err)
	}
	var err error
	if q.RecordedBy, err = moment("--recorded-by", f.recordedBy); err != nil {
		return q, nil, err
	}
	var formats []table.Format
	for _, name := range f.formats {
		format, err := table.ParseFormat(name)
		if err != nil {
			return q, nil, wrongUsage(fmt.Errorf("--format: %w", err))
		}
		if !slices.Contains(formats, format) {
			formats = append(formats, format)
		}
	}
	return q, formats, nil
}

func registerCommand(src *source) *cobra.Command {
	var flags registerFlags
	command := &cobra.Command{
		Use:   "register giornale|mastrini|bilancio",
		Short: "Write the books that accountants keep, with manifests",
		Long: `Write a book of a creditor's accounts, of what took place from one day to another (in
Italy), as files for accountants; their words are Italian.

  giornale  libro giornale: every posting, in the order of the log
  mastrini  the postings of each account, with its balance before, after each, at the end
  bilancio  bilancio di verifica: what moved on every account, between its balances

--format csv has semicolons, decimal commas and a byte order mark, as Italian
spreadsheets want it; xlsx holds numbers, on one sheet of at most 1,048,576 rows; jsonl
has the hash of every event; pdf has at most 1,000 pages. Beside each file is its
manifest, with the position, the number of lines, the sums and the SHA-256. The same log
and the same question give the same bytes on every machine.

What was recorded after the closing of the period that it took place in says so. DIR gets
its name when it is whole. Exit code 1 means that nothing moved in the books until then.`,
		Example: `  ledgerctl audit register giornale --data ./saldo-data --creditor 01428570319 --from 2020-02-01 --to 2020-02-29 --format csv,pdf --out giornale-2020-02
  SALDO_TOKEN=… ledgerctl audit register bilancio --url http://127.0.0.1:8080 --creditor 01428570319 --from 2020-01-01 --to 2020-12-31 --format xlsx --out bilancio-2020`,
		Args: cobra.ExactArgs(1),
	}
	flags.flags(command)
	command.RunE = func(cmd *cobra.Command, args []string) error {
		q, formats, err := flags.read(args[0])
		if err != nil {
			return err
		}
		return src.withSums(cmd.Context(), q.Kind == register.Bilancio, func(log eventstore.Reader) (err error) {
			if q, err = q.Fix(cmd.Context(), log); err != nil {
				return err
			}
			p, err := newPlace(flags.out)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, p.remove()) }()
			var written []register.Manifest
			for _, format := range formats {
				m, err := writeRegister(cmd, p.partial, log, q, format)
				if err != nil {
					return err
				}
				written = append(written, m)
			}
			if written[0].Lines == 0 {
				return nothingMoved(cmd.Context(), log, flags.creditor)
			}
			return errors.Join(p.keep(), printRegisters(cmd, p.dir, written, flags.asJSON))
		})
	}
	return command
}

// writeRegister writes one file and its manifest.
func writeRegister(cmd *cobra.Command, dir string, log eventstore.Reader, q register.Query, format table.Format) (register.Manifest, error) {
	progress := newBar(cmd.ErrOrStderr(), q.Name(format), int64(q.Position), eventsUnit)
	defer progress.end()
	m, err := createRegister(cmd.Context(), filepath.Join(dir, q.Name(format)), log, q, format, progress.reached)
	if _, refused := errors.AsType[*domain.Refusal](err); refused {
		return m, wrongUsage(err)
	}
	if err != nil {
		return m, err
	}
	text, err := m.Text()
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, m.File+register.ManifestSuffix), text, 0o600)
	}
	return m, err
}

func createRegister(
	ctx context.Context, name string, log eventstore.Reader, q register.Query, format table.Format, progress func(uint64),
) (register.Manifest, error) {
	file, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return register.Manifest{}, err
	}
	m, err := registers.Write(ctx, file, log, q, format, progress)
	if err == nil {
		err = file.Sync()
	}
	return m, errors.Join(err, file.Close())
}

func printRegisters(cmd *cobra.Command, dir string, written []register.Manifest, asJSON bool) error {
	out := cmd.OutOrStdout()
	if asJSON {
		lines := json.NewEncoder(out)
		for _, m := range written {
			if err := lines.Encode(m); err != nil {
				return err
			}
		}
		return nil
	}
	var b strings.Builder
	for _, m := range written {
		fmt.Fprintf(&b, "%s: %s up to position %d, debits %s, credits %s; %d bytes, SHA-256 %s\n",
			filepath.Join(dir, m.File), counted(m.Lines, "line"), m.Position, m.Debits, m.Credits, m.Bytes, m.SHA256)
	}
	_, err := fmt.Fprint(out, b.String())
	return err
}
