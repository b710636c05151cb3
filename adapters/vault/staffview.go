package vault

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
)

// ViewsKept is how long it is known what staff looked at: two years.
const ViewsKept = 2 * 365 * 24 * time.Hour

// StaffView is one look of staff at personal data. It says whose, never what.
type StaffView struct {
	ID       int64 // given by the vault, in the order of looking
	At       time.Time
	Username string
	Roles    []domain.Role
	Page     string    // the path, without what was searched for
	Subject  uuid.UUID // the parent or the child
	Addr     string
}

// NoteView keeps a look at the data of persons, one StaffView for each, with the time
// that it is. It returns when that is durable. Looks older than ViewsKept go.
func (v *Vault) NoteView(ctx context.Context, look StaffView, of ...uuid.UUID) error {
	now := v.now()
	return v.change(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM staff_view WHERE seen_at < $1`, millis(now.Add(-ViewsKept))); err != nil {
			return err
		}
		for _, subject := range of {
			_, err := tx.ExecContext(ctx, `INSERT INTO staff_view (seen_at, username, roles, page, subject, addr) VALUES ($1, $2, $3, $4, $5, $6)`,
				millis(now), foldUsername(look.Username), joinRoles(look.Roles), look.Page, subject.String(), look.Addr)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// ViewQuery says which looks are wanted; what is zero leaves all in.
type ViewQuery struct {
	Username string
	Subject  uuid.UUID
	From, To time.Time // from From, before To
}

// StaffViews returns at most limit looks, newest first, from before the one with the
// given id (0: the newest of all). More says that there are others.
func (v *Vault) StaffViews(ctx context.Context, q ViewQuery, before int64, limit int) (found []StaffView, more bool, err error) {
	where, args := []string{"TRUE"}, []any{}
	add := func(condition string, value any) {
		args = append(args, value)
		where = append(where, fmt.Sprintf(condition, len(args)))
	}
	if q.Username != "" {
		add("username = $%d", foldUsername(q.Username))
	}
	if q.Subject != uuid.Nil {
		add("subject = $%d", q.Subject.String())
	}
	if !q.From.IsZero() {
		add("seen_at >= $%d", millis(q.From))
	}
	if !q.To.IsZero() {
		add("seen_at < $%d", millis(q.To))
	}
	if before > 0 {
		add("id < $%d", before)
	}
	args = append(args, limit+1)
	rows, err := v.read.QueryContext(ctx, fmt.Sprintf(`SELECT id, seen_at, username, roles, page, subject, addr FROM staff_view
		WHERE %s ORDER BY id DESC LIMIT $%d`, strings.Join(where, " AND "), len(args)), args...)
	if err != nil {
		return nil, false, err
	}
	defer rows.Close()
	for rows.Next() {
		var look StaffView
		var at int64
		var roles, subject string
		if err := rows.Scan(&look.ID, &at, &look.Username, &roles, &look.Page, &subject, &look.Addr); err != nil {
			return nil, false, err
		}
		if look.Subject, err = uuid.Parse(subject); err != nil {
			return nil, false, fmt.Errorf("vault: stored view: %w", err)
		}
		look.At, look.Roles = fromMillis(at), splitRoles(roles)
		found = append(found, look)
	}
	if len(found) > limit {
		return found[:limit], true, rows.Err()
	}
	return found, false, rows.Err()
}
