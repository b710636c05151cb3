// Package tables writes tables (domain/table) as files: CSV, XLSX, JSON Lines and PDF. The
// same table gives the same bytes on every machine.
package tables

import (
	"bufio"
	"fmt"
	"io"

	"github.com/saldo-ledger/saldo/domain/table"
)

// Printer is a table.Printer.
type Printer struct{}

// format writes the lines of a table in one format.
type format interface {
	begin() error
	line(table.Line) error
	end() error
}

// Print writes a table to w in a format. What a format has no room for (ErrRows,
// papers.ErrTooLong) is a *domain.Refusal; w may hold a part then. The memory it takes
// does not grow with the lines, but for a PDF, which is therefore limited.
func (Printer) Print(w io.Writer, t table.Table, f table.Format, lines table.Lines) error {
	out := bufio.NewWriterSize(w, 1<<16)
	p, err := newFormat(out, t, f)
	if err != nil {
		return err
	}
	if c, ok := p.(io.Closer); ok {
		defer func() { _ = c.Close() }() // of a temporary file
	}
	if err := print(p, lines); err != nil {
		return err
	}
	return out.Flush()
}

func print(p format, lines table.Lines) error {
	if err := p.begin(); err != nil {
		return err
	}
	for l, err := range lines {
		if err == nil {
			err = p.line(l)
		}
		if err != nil {
			return err
		}
	}
	return p.end()
}

func newFormat(w io.Writer, t table.Table, f table.Format) (format, error) {
	switch f {
	case table.CSV:
		return newCSV(w, t), nil
	case table.XLSX:
		return newXLSX(w, t), nil
	case table.JSONL:
		return newJSONL(w, t), nil
	case table.PDF:
		return newPDF(w, t), nil
	}
	return nil, fmt.Errorf("%q: %w", f, table.ErrFormat)
}
