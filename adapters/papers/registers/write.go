// Package registers writes the books that accountants keep (package register) as files:
// CSV, XLSX, JSON Lines and PDF. The same log and the same question give the same bytes
// on every machine.
package registers

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"github.com/saldo-ledger/saldo/eventstore/audit/register"
)

// printer writes the lines of a book in one format.
type printer interface {
	begin() error
	line(register.Line) error
	end() error
}

// Write writes a book to w in a format, and returns its manifest. A query that is not
// fixed is fixed to the log's end: the manifest says where that is. progress, if not
// nil, is told how many events of the log were read, now and then.
//
// What is asked for wrongly, and what a format has no room for (ErrRows,
// papers.ErrTooLong), is a *domain.Refusal; w may hold a part then. The memory it takes
// does not grow with the log, but for a PDF, which is therefore limited.
func Write(
	ctx context.Context, w io.Writer, log register.Log, q register.Query, f register.Format, progress func(events uint64),
) (register.Manifest, error) {
	q, err := q.Fix(ctx, log)
	if err != nil {
		return register.Manifest{}, err
	}
	m := register.NewManifest(q, f)
	hash, count := sha256.New(), new(counter)
	out := bufio.NewWriterSize(io.MultiWriter(w, hash, count), 1<<16)
	p, err := newPrinter(out, q, f)
	if err != nil {
		return m, err
	}
	if c, ok := p.(io.Closer); ok {
		defer func() { _ = c.Close() }() // of a temporary file
	}
	if err := print(p, func(yield func(register.Line) error) error {
		for l, err := range register.Lines(ctx, log, q, progress) {
			if err == nil {
				m.Count(l)
				err = yield(l)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return m, err
	}
	err = out.Flush()
	m.Bytes, m.SHA256 = int64(*count), hex.EncodeToString(hash.Sum(nil))
	return m, err
}

func print(p printer, lines func(func(register.Line) error) error) error {
	if err := p.begin(); err != nil {
		return err
	}
	if err := lines(p.line); err != nil {
		return err
	}
	return p.end()
}

func newPrinter(w io.Writer, q register.Query, f register.Format) (printer, error) {
	switch f {
	case register.CSV:
		return newCSV(w, q), nil
	case register.XLSX:
		return newXLSX(w, q), nil
	case register.JSONL:
		return newJSONL(w, q), nil
	case register.PDF:
		return newPDF(w, q), nil
	}
	return nil, fmt.Errorf("%q: %w", f, register.ErrFormat)
}

type counter int64

func (c *counter) Write(b []byte) (int, error) {
	*c += counter(len(b))
	return len(b), nil
}
