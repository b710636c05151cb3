package main

import (
	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/adapters/portal/revision"
)

// openRevision opens the auditors' pages. They are closed before the log is.
func (b *body) openRevision(on *frame.Site) error {
	desk, err := revision.Open(on, revision.Config{Log: b.log, Snapshots: b.snapshots, Seal: b.sealer})
	if err == nil {
		b.onClose(desk.Close)
	}
	return err
}
