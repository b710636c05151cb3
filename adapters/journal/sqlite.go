package journal

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

// A power failure may cost the last entries, and nothing more: nobody was promised
// that they are durable.
const pragmas = "_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_txlock=immediate"

// connections are one writer and a few readers; in WAL mode they do not wait for
// each other.
const connections = 4

// openSQLite opens the file at path, which its owner alone may read.
func openSQLite(path string) (*sql.DB, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	file, err := os.OpenFile(absolute, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := file.Close(); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: filepath.ToSlash(absolute), RawQuery: pragmas}).String())
	if err == nil {
		db.SetMaxOpenConns(connections)
	}
	return db, err
}

// version is that of the tables below.
const version = 1

var tables = []string{
	`CREATE TABLE entry (
		id INTEGER NOT NULL PRIMARY KEY,
		at BIGINT NOT NULL,
		direction TEXT NOT NULL,
		operation TEXT NOT NULL,
		creditor TEXT NOT NULL,
		station TEXT NOT NULL,
		notices TEXT NOT NULL,
		iuv TEXT NOT NULL,
		receipt TEXT NOT NULL,
		peer TEXT NOT NULL,
		outcome TEXT NOT NULL,
		fault TEXT NOT NULL,
		status INTEGER NOT NULL,
		took BIGINT NOT NULL,
		request_size INTEGER NOT NULL,
		answer_size INTEGER NOT NULL,
		subject TEXT NOT NULL,
		request BLOB,
		answer BLOB)`,
	`CREATE INDEX entry_at ON entry (at)`,
	`CREATE INDEX entry_receipt ON entry (receipt, id) WHERE receipt <> ''`,
	`CREATE INDEX entry_iuv ON entry (iuv, id) WHERE iuv <> ''`,
	`CREATE TABLE entry_notice (
		notice TEXT NOT NULL,
		entry INTEGER NOT NULL,
		PRIMARY KEY (notice, entry)) WITHOUT ROWID`,
	`CREATE INDEX entry_notice_entry ON entry_notice (entry)`,
	fmt.Sprintf(`PRAGMA user_version = %d`, version),
}

// errNewer says that a later version of this program made the file.
var errNewer = errors.New("made by a later version of this program")

// prepare makes the tables in a new file.
func prepare(ctx context.Context, db *sql.DB) error {
	return inTx(ctx, db, func(tx *sql.Tx) error {
		var found int
		if err := tx.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&found); err != nil {
			return err
		}
		switch {
		case found == version:
			return nil
		case found > version:
			return fmt.Errorf("version %d: %w", found, errNewer)
		}
		for _, statement := range tables {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	})
}

func inTx(ctx context.Context, db *sql.DB, f func(*sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after Commit it does nothing
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit()
}
