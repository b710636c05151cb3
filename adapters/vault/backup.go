package vault

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"net/url"
	"os"
	"path/filepath"
)

// Backup copies the vault in the file at path, as it is at one moment, into the
// new file to, which only its owner can read. Others may read and write the vault
// meanwhile. It needs no master key: keys stay wrapped, and what was destroyed is
// not in the copy. When it returns nil the copy is durable.
func Backup(ctx context.Context, path, to string) error {
	file, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("vault: backup: %w", err)
	}
	err = onFile(ctx, path, func(db *sql.DB) error {
		_, err := db.ExecContext(ctx, `VACUUM INTO $1`, to) // into an empty file, whose mode stays
		return err
	})
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("vault: backup of %s: %w", path, errors.Join(err, os.Remove(to)))
	}
	return nil
}

// HoldCheckpoints sets every reaction's checkpoint in the vault's file at path
// that is beyond end back to end, and returns how many there were. It is for a
// vault restored beside a log that is a little older: left as they are, reactions
// would skip the new events that get those positions.
func HoldCheckpoints(ctx context.Context, path string, end uint64) (held int64, err error) {
	if end > math.MaxInt64 {
		return 0, fmt.Errorf("vault: position %d is beyond any log", end)
	}
	err = onFile(ctx, path, func(db *sql.DB) error {
		done, err := db.ExecContext(ctx, `UPDATE reaction_checkpoint SET position = $1 WHERE position > $1`, int64(end))
		if err != nil {
			return err
		}
		held, err = done.RowsAffected()
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("vault: checkpoints of %s: %w", path, err)
	}
	return held, nil
}

// onFile opens the vault's file at path for f, without the master key. A file that
// is not there is an error: none is made.
func onFile(ctx context.Context, path string, f func(*sql.DB) error) error {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	if _, err := os.Stat(absolute); err != nil {
		return err
	}
	query := "mode=rw&_pragma=busy_timeout(5000)&_pragma=synchronous(FULL)&_pragma=secure_delete(ON)"
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: filepath.ToSlash(absolute), RawQuery: query}).String())
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	var version int
	err = db.QueryRowContext(ctx, `SELECT MAX(version) FROM schema_version`).Scan(&version) // nothing else has it
	if err == nil {
		err = f(db)
	}
	return errors.Join(err, db.Close())
}
