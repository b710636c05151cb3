package main

import (
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"

	"github.com/spf13/cobra"

	summaries "github.com/saldo-ledger/saldo/domain/summary"
	"github.com/saldo-ledger/saldo/domain/table"
)

// summaryFlags say which summary is wanted, and where its file goes.
type summaryFlags struct {
	per, format, out string
}

func (f *summaryFlags) flags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.per, "per", "", "what was taken, reported and settled, per day, psp, category or chapter; or the `list` accertamenti or reversali")
	flags.StringVar(&f.format, "format", string(table.CSV), "with --per, `format` of the file: csv, xlsx, pdf, jsonl or json")
	flags.StringVarP(&f.out, "output", "o", "", "with --per, `file` to write, which must not exist (default: standard output)")
}

// check refuses what is asked for wrongly, before anybody is asked.
func (f *summaryFlags) check() error {
	_, err := table.ParseFormat(f.format)
	switch {
	case !slices.Contains(summaries.Pers, summaries.Per(f.per)):
		return wrongUsage(fmt.Errorf("--per %q: %w", f.per, summaries.ErrPer))
	case err != nil && f.format != "json":
		return wrongUsage(fmt.Errorf("--format %q: csv, xlsx, pdf, jsonl or json", f.format))
	case f.out == "" && (f.format == string(table.XLSX) || f.format == string(table.PDF)):
		return wrongUsage(fmt.Errorf("--format %s: which file? --output FILE", f.format))
	}
	return nil
}

// summarise writes a summary of a span of days. It ends well whatever there is to look at.
func (d *desk) summarise(cmd *cobra.Command, f summaryFlags, q url.Values) error {
	if d.asJSON {
		f.format = "json"
	}
	if err := f.check(); err != nil {
		return err
	}
	q.Set("per", f.per)
	q.Set("format", f.format)
	path := "/creditors/" + url.PathEscape(d.creditor) + "/reconciliation/summary?" + q.Encode()
	return d.askKeeping(cmd, path, func(w io.Writer, answer []byte) error {
		if f.out == "" {
			_, err := w.Write(answer)
			return err
		}
		if err := writeNew(f.out, answer); err != nil {
			return wrongUsage(err)
		}
		_, err := fmt.Fprintf(w, "%s: %d bytes\n", f.out, len(answer))
		return err
	})
}

// writeNew writes a file that is not there yet.
func writeNew(name string, content []byte) error {
	file, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err = file.Write(content); err == nil {
		err = file.Sync()
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	return err
}
