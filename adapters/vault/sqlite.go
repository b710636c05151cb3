package vault

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver named "sqlite"
)

// readers bounds the connections that read at once; in WAL mode they never wait
// for the writer.
const readers = 4

// pragmas make a commit durable before it returns, and a deleted value zeros in
// the file instead of free space that still holds it.
const pragmas = "_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
	"&_pragma=secure_delete(ON)&_txlock=immediate"

// openSQLite opens the file at path for reading and for writing, making it
// readable by its owner alone; SQLite gives its side files the same mode.
func openSQLite(path string) (read, write *sql.DB, err error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, nil, err
	}
	file, err := os.OpenFile(absolute, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, nil, err
	}
	if err := file.Close(); err != nil {
		return nil, nil, err
	}
	name := (&url.URL{Scheme: "file", Path: filepath.ToSlash(absolute), RawQuery: pragmas}).String()
	if write, err = sql.Open("sqlite", name); err != nil {
		return nil, nil, err
	}
	write.SetMaxOpenConns(1)
	if read, err = sql.Open("sqlite", name); err != nil {
		return nil, nil, errors.Join(err, write.Close())
	}
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	return read, write, nil
}

// scrub empties the write-ahead log into the file, so that what was deleted is in
// neither. It fails when a reader held it up for longer than the busy timeout.
func (v *Vault) scrub(ctx context.Context) error {
	var busy, frames, moved int
	row := v.write.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	if err := row.Scan(&busy, &frames, &moved); err != nil {
		return fmt.Errorf("emptying the write-ahead log: %w", err)
	}
	if busy != 0 {
		return errors.New("emptying the write-ahead log: a reader is in the way")
	}
	return nil
}
