package vault

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// ErrNewerVault says that a later version of this program has upgraded the vault.
var ErrNewerVault = errors.New("the vault was upgraded by a later version of this program")

// steps are the changes of the tables, oldest first: the n-th makes version n.
// A step that was ever released is never edited; a new one follows it.
//
// BYTEA is PostgreSQL's name for bytes. SQLite has no such type, and stores bytes
// as they are whatever a column is called.
var steps = [][]string{
	{
		`CREATE TABLE vault_key (
			name TEXT NOT NULL PRIMARY KEY,
			wrapped BYTEA NOT NULL)`,
		`CREATE TABLE credential (
			username TEXT NOT NULL PRIMARY KEY,
			subject TEXT NOT NULL UNIQUE,
			roles TEXT NOT NULL,
			hash TEXT NOT NULL,
			changed_at BIGINT NOT NULL)`,
		`CREATE TABLE login_attempt (
			attempt TEXT NOT NULL,
			bucket TEXT NOT NULL,
			attempted_at BIGINT NOT NULL,
			PRIMARY KEY (attempt, bucket))`,
		`CREATE INDEX login_attempt_bucket ON login_attempt (bucket, attempted_at)`,
		`CREATE INDEX login_attempt_time ON login_attempt (attempted_at)`,
		`CREATE TABLE session (
			token_hash BYTEA NOT NULL PRIMARY KEY,
			subject TEXT NOT NULL,
			name TEXT NOT NULL,
			roles TEXT NOT NULL,
			created_at BIGINT NOT NULL,
			seen_at BIGINT NOT NULL)`,
		`CREATE INDEX session_subject ON session (subject)`,
		`CREATE TABLE api_token (
			name TEXT NOT NULL PRIMARY KEY,
			token_hash BYTEA NOT NULL UNIQUE,
			subject TEXT NOT NULL UNIQUE,
			roles TEXT NOT NULL,
			created_at BIGINT NOT NULL)`,
		`CREATE TABLE person_key (
			person TEXT NOT NULL PRIMARY KEY,
			wrapped BYTEA,
			created_at BIGINT NOT NULL,
			destroyed_at BIGINT)`,
		`CREATE TABLE allowance (
			bucket TEXT NOT NULL,
			item TEXT NOT NULL,
			spent_at BIGINT NOT NULL,
			PRIMARY KEY (bucket, item))`,
		`CREATE INDEX allowance_time ON allowance (spent_at)`,
		`CREATE TABLE reaction_checkpoint (
			name TEXT NOT NULL PRIMARY KEY,
			position BIGINT NOT NULL)`,
	},
	{
		`ALTER TABLE session ADD COLUMN method TEXT NOT NULL DEFAULT 'password'`,
		`CREATE TABLE slip (
			token_hash BYTEA NOT NULL PRIMARY KEY,
			purpose TEXT NOT NULL,
			sealed BYTEA NOT NULL,
			expires_at BIGINT NOT NULL)`,
		`CREATE INDEX slip_expiry ON slip (expires_at)`,
	},
	accountSteps,
	staffSteps,
	{
		`ALTER TABLE credential ADD COLUMN body TEXT NOT NULL DEFAULT ''`,
		`ALTER TABLE session ADD COLUMN body TEXT NOT NULL DEFAULT ''`,
	},
	{
		`ALTER TABLE api_token ADD COLUMN body TEXT NOT NULL DEFAULT ''`,
	},
}

// migrate takes the steps that db has not taken yet, all or none.
func migrate(ctx context.Context, db *sql.DB, now time.Time) error {
	return inTx(ctx, db, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS schema_version (
			version BIGINT NOT NULL PRIMARY KEY,
			taken_at BIGINT NOT NULL)`)
		if err != nil {
			return err
		}
		var version int
		row := tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(version), 0) FROM schema_version`)
		if err := row.Scan(&version); err != nil {
			return err
		}
		if version > len(steps) {
			return fmt.Errorf("version %d, known up to %d: %w", version, len(steps), ErrNewerVault)
		}
		for n := version + 1; n <= len(steps); n++ {
			if err := takeStep(ctx, tx, n, now); err != nil {
				return fmt.Errorf("upgrade to version %d: %w", n, err)
			}
		}
		return nil
	})
}

func takeStep(ctx context.Context, tx *sql.Tx, n int, now time.Time) error {
	for _, statement := range steps[n-1] {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO schema_version (version, taken_at) VALUES ($1, $2)`, n, millis(now))
	return err
}
