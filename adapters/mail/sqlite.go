package mail

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

// pragmas make a commit durable before it returns: a message that was taken is
// not given again.
const pragmas = "_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
	"&_pragma=secure_delete(ON)&_txlock=immediate"

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
		db.SetMaxOpenConns(1) // all it does is short
	}
	return db, err
}

// version is that of the table below.
const version = 1

// A message's row stays for ever, so that one given again years later is known;
// its content goes as soon as it is not needed.
var tables = []string{
	`CREATE TABLE message (
		number INTEGER NOT NULL PRIMARY KEY,
		id TEXT NOT NULL UNIQUE,
		person TEXT NOT NULL,
		state TEXT NOT NULL,
		written BIGINT NOT NULL,
		since BIGINT NOT NULL,
		due BIGINT NOT NULL,
		changed BIGINT NOT NULL,
		attempts INTEGER NOT NULL,
		reason TEXT NOT NULL,
		content BLOB)`,
	`CREATE INDEX message_waiting ON message (due, number) WHERE state = 'waiting'`,
	`CREATE INDEX message_failed ON message (changed) WHERE state = 'failed'`,
	fmt.Sprintf(`PRAGMA user_version = %d`, version),
}

// errNewer says that a later version of this program made the file.
var errNewer = errors.New("made by a later version of this program")

// prepare makes the table in a new file.
func prepare(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after Commit it does nothing
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
	return tx.Commit()
}
