// Package registers writes the books that accountants keep (package register) as files:
// CSV, XLSX, JSON Lines and PDF. The same log and the same question give the same bytes
// on every machine.
package registers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"

	"github.com/saldo-ledger/saldo/adapters/papers/tables"
	"github.com/saldo-ledger/saldo/domain/table"
	"github.com/saldo-ledger/saldo/eventstore/audit/register"
)

// Write writes a book to w in a format, and returns its manifest. A query that is not
// fixed is fixed to the log's end: the manifest says where that is. progress, if not
// nil, is told how many events of the log were read, now and then.
//
// What is asked for wrongly, and what a format has no room for (tables.ErrRows,
// papers.ErrTooLong), is a *domain.Refusal; w may hold a part then. The memory it takes
// does not grow with the log, but for a PDF, which is therefore limited.
func Write(
	ctx context.Context, w io.Writer, log register.Log, q register.Query, f table.Format, progress func(events uint64),
) (register.Manifest, error) {
	q, err := q.Fix(ctx, log)
	if err != nil {
		return register.Manifest{}, err
	}
	m := register.NewManifest(q, f)
	hash, count := sha256.New(), new(counter)
	err = tables.Printer{}.Print(io.MultiWriter(w, hash, count), q.Table(), f, func(yield func(table.Line, error) bool) {
		for l, err := range register.Lines(ctx, log, q, progress) {
			if err == nil {
				m.Count(l)
			}
			if !yield(l.Line, err) {
				return
			}
		}
	})
	m.Bytes, m.SHA256 = int64(*count), hex.EncodeToString(hash.Sum(nil))
	return m, err
}

type counter int64

func (c *counter) Write(b []byte) (int, error) {
	*c += counter(len(b))
	return len(b), nil
}
