// Package sqlstore keeps the views in a SQL database and answers what people ask
// of them. Rows are written by a projections.Projector, whose Sink a Store is, and
// by nothing else; every answer is read at one position of the log.
//
// The file of the views holds nothing that the log does not. It can be deleted at
// any time while the program is stopped: at the next start it is built again.
package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/saldo-ledger/saldo/eventstore"
)

// Store keeps views in one database. Its methods may be called by many goroutines.
type Store struct {
	path        string
	dialect     dialect
	read, write *sql.DB

	writing sync.Mutex // held by Apply: there is one writer
	upserts map[upsert]*sql.Stmt
	whole   atomic.Bool // caught up once, with its indexes: what there is can be read
	torn    error       // why building was cut short: what there is cannot be gone on with
}

// ErrUnusable says that a file is damaged, or was never one of views.
var ErrUnusable = errors.New("the file is damaged or does not hold views; " +
	"it may be deleted, with its -wal and -shm files, and the views are built again from the log at the next start")

// Open opens the views in the SQLite file at path. A file that is not there is
// created; one with views of another version, or with views whose building was cut
// short, is emptied: all begin at position 0. A file that is no database, or another program's, is ErrUnusable and
// is left as it is.
func Open(path string) (*Store, error) {
	s, err := open(context.Background(), path, sqlite)
	if err != nil {
		return nil, fmt.Errorf("sqlstore: %s: %w", path, unusable(err))
	}
	return s, nil
}

func open(ctx context.Context, path string, d dialect) (*Store, error) {
	s := &Store{path: path, dialect: d, upserts: make(map[upsert]*sql.Stmt)}
	fresh, err := prepareFile(ctx, path, s.schemaVersion())
	if err != nil {
		return nil, err
	}
	if fresh {
		err = markBuilding(path)
	}
	if err != nil {
		return nil, err
	}
	if s.write, s.read, err = openSQLite(path, fresh); err != nil {
		return nil, err
	}
	s.whole.Store(!fresh)
	if fresh {
		err = s.createTables(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close lets go of the file. Calls under way end with an error.
func (s *Store) Close() error {
	return errors.Join(s.read.Close(), s.write.Close())
}

// Position returns the position of the log that the views show.
func (s *Store) Position(ctx context.Context) (eventstore.Position, error) {
	at, err := position(ctx, s.write)
	if err != nil {
		return 0, s.readError(err)
	}
	return at, nil
}
