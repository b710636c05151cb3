package vault

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
)

// staffSteps are what accounts of people who work for the body need: one of the
// vault's steps.
var staffSteps = []string{
	`ALTER TABLE credential ADD COLUMN disabled_at BIGINT NOT NULL DEFAULT 0`,
	`CREATE TABLE staff_view (
		id INTEGER NOT NULL PRIMARY KEY,
		seen_at BIGINT NOT NULL,
		username TEXT NOT NULL,
		roles TEXT NOT NULL,
		page TEXT NOT NULL,
		subject TEXT NOT NULL,
		addr TEXT NOT NULL)`,
	`CREATE INDEX staff_view_time ON staff_view (seen_at)`,
	`CREATE INDEX staff_view_subject ON staff_view (subject, id)`,
	`CREATE INDEX staff_view_username ON staff_view (username, id)`,
}

// Refusals of accounts of staff.
var (
	ErrNoAccount  = &domain.Refusal{Kind: domain.NotFound, Field: "username", Rule: "nobody of the staff has that username"}
	ErrStaffRoles = &domain.Refusal{Kind: domain.Invalid, Field: "roles", Rule: "an account of staff has no role of parents: those register themselves"}
)

// Staff is an account of somebody who works for the body, as administrators see it.
type Staff struct {
	Account
	Changed  time.Time // when the password or the roles were set last
	Disabled time.Time // zero: it can be used
}

// Staff returns the accounts that are not parents', in the order of their usernames.
func (v *Vault) Staff(ctx context.Context) ([]Staff, error) {
	rows, err := v.read.QueryContext(ctx, `SELECT username, subject, roles, body, changed_at, disabled_at FROM credential
		WHERE roles <> $1 ORDER BY username`, string(domain.RoleParent))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Staff
	for rows.Next() {
		var s Staff
		var subject, roles string
		var changed, disabled int64
		if err := rows.Scan(&s.Name, &subject, &roles, &s.Body, &changed, &disabled); err != nil {
			return nil, err
		}
		if s.Subject, err = uuid.Parse(subject); err != nil {
			return nil, fmt.Errorf("vault: stored credential: %w", err)
		}
		s.Roles, s.Changed = splitRoles(roles), fromMillis(changed)
		if disabled > 0 {
			s.Disabled = fromMillis(disabled)
		}
		all = append(all, s)
	}
	return all, rows.Err()
}

// AddStaff makes an account for somebody who works for a body, or, without one, for
// every body of the installation. Its errors are those of SetPassword, and ErrStaffRoles.
func (v *Vault) AddStaff(ctx context.Context, username string, roles []domain.Role, body domain.FiscalCode, password string) error {
	if slices.Contains(roles, domain.RoleParent) {
		return ErrStaffRoles
	}
	return v.setPassword(ctx, Account{Subject: uuid.New(), Name: username, Roles: roles, Body: body}, password)
}

// ResetStaffPassword gives an account of staff another password, ends its sessions
// and, if it was disabled, enables it.
func (v *Vault) ResetStaffPassword(ctx context.Context, username, password string) error {
	account, err := v.staff(ctx, username)
	if err != nil {
		return err
	}
	if err := v.SetPassword(ctx, account.Name, account.Subject, account.Roles, password); err != nil {
		return err
	}
	return v.EndSessionsOf(ctx, account.Subject, "")
}

// DisableStaff keeps an account of staff from entering, until its password is set
// anew, and ends its sessions.
func (v *Vault) DisableStaff(ctx context.Context, username string) error {
	account, err := v.staff(ctx, username)
	if err != nil {
		return err
	}
	return v.change(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE credential SET disabled_at = $1 WHERE username = $2`, millis(v.now()), account.Name); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM session WHERE subject = $1`, account.Subject.String())
		return err
	})
}

func (v *Vault) staff(ctx context.Context, username string) (Account, error) {
	var subject, roles string
	username = foldUsername(username)
	row := v.read.QueryRowContext(ctx, `SELECT subject, roles FROM credential WHERE username = $1 AND roles <> $2`, username, string(domain.RoleParent))
	if err := row.Scan(&subject, &roles); errors.Is(err, sql.ErrNoRows) {
		return Account{}, fmt.Errorf("%s: %w", username, ErrNoAccount)
	} else if err != nil {
		return Account{}, err
	}
	person, err := uuid.Parse(subject)
	return Account{Subject: person, Name: username, Roles: splitRoles(roles)}, err
}
