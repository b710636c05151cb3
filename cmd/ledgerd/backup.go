package main

import (
	"context"
	"errors"

	"github.com/saldo-ledger/saldo/adapters/backup"
	"github.com/saldo-ledger/saldo/adapters/httpapi"
	"github.com/saldo-ledger/saldo/adapters/vault"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/embedded"
)

// copyFolder is where a copy is while a backup is being sent. It is beside the log,
// so that most of the copy is links.
const copyFolder = "backup-under-way"

// backups answers the API's requests for a backup. It is nil where the log is on a
// cluster.
func (s *service) backups() httpapi.Backups {
	log, ok := s.log.(*embedded.Log)
	if !ok {
		return nil
	}
	return backups{&backup.Running{
		Log:    log.Backup,
		Seal:   s.sealer.CopyTo,
		Vault:  func(ctx context.Context, to string) error { return vault.Backup(ctx, s.path("vault.db"), to) },
		Folder: s.path(copyFolder), Now: s.now,
	}}
}

type backups struct{ *backup.Running }

// Take makes the copy that one request sends.
func (b backups) Take(ctx context.Context) (httpapi.Backup, error) {
	c, err := b.Running.Take(ctx)
	if errors.Is(err, backup.ErrUnderWay) {
		return nil, httpapi.ErrBackupUnderWay
	}
	if err != nil {
		return nil, err
	}
	return copied{c}, nil
}

type copied struct{ *backup.Copy }

// Position is that of the last event in the copy.
func (c copied) Position() eventstore.Position { return c.Copy.Position }

// Bytes are those of its files.
func (c copied) Bytes() int64 { return c.Copy.Bytes }
