package main

import (
	"context"
	"io"
	"os"

	"github.com/saldo-ledger/saldo/adapters/papers/registers"
	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/adapters/portal/revision"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/table"
	"github.com/saldo-ledger/saldo/eventstore/audit/register"
)

// exportFolder is where registers lie that auditors export, until they fetch them.
const exportFolder = "exports"

// clearExports removes what a service that was killed left of exports.
func (s *service) clearExports() error { return os.RemoveAll(s.path(exportFolder)) }

// openRevision opens the auditors' pages. They are closed before the log is.
func (b *body) openRevision(on *frame.Site) error {
	desk, err := revision.Open(on, revision.Config{
		Log: b.log, Snapshots: b.snapshots, Seal: b.sealer, Registers: books{b.service}, Receipts: filedReceipts{b}, Temp: b.path(exportFolder),
	})
	if err == nil {
		b.onClose(desk.Close)
	}
	return err
}

// books writes the registers of the service's log.
type books struct{ *service }

// Write writes one register in one format.
func (s books) Write(ctx context.Context, w io.Writer, q register.Query, f table.Format, progress func(events uint64)) (register.Manifest, error) {
	return registers.Write(ctx, w, s.log, q, f, progress)
}

// filedReceipts opens the receipts of a body.
type filedReceipts struct{ *body }

// Messages returns the messages that brought a receipt.
func (b filedReceipts) Messages(ctx context.Context, id domain.ReceiptID) ([]domain.ReceiptFiled, error) {
	file, err := b.ledger.KnownReceipt(ctx, b.Body.FiscalCode, id)
	return file.Filed, err
}
