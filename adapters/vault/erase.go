package vault

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/google/uuid"
)

// Erase forgets a person, all of it or nothing: the account, its sessions, codes
// and secret answer are removed, and the key is destroyed as DestroyKey does. From
// then on the person can be given no password, no session and no key. It can be
// repeated, and must be after an error.
func (v *Vault) Erase(ctx context.Context, person uuid.UUID) error {
	err := v.forgetting(ctx, person, func(tx *sql.Tx) error {
		if err := removeAccount(ctx, tx, person); err != nil {
			return err
		}
		return v.destroyKey(ctx, tx, person)
	})
	if err != nil {
		return fmt.Errorf("erasing %s: %w", person, err)
	}
	return nil
}

// DestroyKey makes everything sealed for the person unreadable, for good: the key
// is overwritten and a mark stays in its place, so that no other is ever made.
// It can be repeated, and must be after an error. Other processes on the same
// vault may use a key they hold for up to a minute more.
func (v *Vault) DestroyKey(ctx context.Context, person uuid.UUID) error {
	err := v.forgetting(ctx, person, func(tx *sql.Tx) error { return v.destroyKey(ctx, tx, person) })
	if err != nil {
		return fmt.Errorf("destroying the key of %s: %w", person, err)
	}
	return nil
}

// RemoveAccount deletes the credentials and the sessions of a person, who can log
// in no more. The username is free again. No account is no error.
func (v *Vault) RemoveAccount(ctx context.Context, subject uuid.UUID) error {
	return v.change(ctx, func(tx *sql.Tx) error { return removeAccount(ctx, tx, subject) })
}

// forgetting runs a change after which the person's key is neither in memory nor
// in any of the files.
func (v *Vault) forgetting(ctx context.Context, person uuid.UUID, change func(*sql.Tx) error) error {
	err := v.change(ctx, change)
	v.keys.forget(person) // after an error too, for its outcome may be unknown
	if err != nil {
		return err
	}
	return v.scrub(ctx)
}

func (v *Vault) destroyKey(ctx context.Context, tx *sql.Tx, person uuid.UUID) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO person_key (person, wrapped, created_at, destroyed_at)
		VALUES ($1, NULL, $2, $2)
		ON CONFLICT (person) DO UPDATE SET wrapped = NULL,
			destroyed_at = COALESCE(person_key.destroyed_at, excluded.destroyed_at)`, person.String(), millis(v.now()))
	return err
}

func removeAccount(ctx context.Context, tx *sql.Tx, subject uuid.UUID) error {
	for _, statement := range []string{
		`DELETE FROM session WHERE subject = $1`,
		`DELETE FROM credential WHERE subject = $1`,
		`DELETE FROM one_time_code WHERE subject = $1`,
		`DELETE FROM secret_answer WHERE subject = $1`,
		`DELETE FROM confirmed_email WHERE subject = $1`,
	} {
		if _, err := tx.ExecContext(ctx, statement, subject.String()); err != nil {
			return err
		}
	}
	return nil
}

// refuseErased is ErrKeyDestroyed for a person whose key was destroyed.
func refuseErased(ctx context.Context, tx *sql.Tx, subject uuid.UUID) error {
	var erased int
	row := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM person_key WHERE person = $1 AND destroyed_at IS NOT NULL`, subject.String())
	if err := row.Scan(&erased); err != nil {
		return err
	}
	if erased > 0 {
		return fmt.Errorf("person %s: %w", subject, ErrKeyDestroyed)
	}
	return nil
}
