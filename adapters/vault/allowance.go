package vault

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// ErrSpent says that something was done as often as it may be.
var ErrSpent = errors.New("done as often as it may be for now")

// Spend takes one of the limit times that something (bucket) may be done within a
// window, for item; ErrSpent when none is left. Taken again for the same item it
// is the same time: a request repeated costs nothing more.
func (v *Vault) Spend(ctx context.Context, bucket, item string, limit int, window time.Duration) error {
	now := v.now()
	return v.change(ctx, func(tx *sql.Tx) error {
		since := millis(now.Add(-window))
		if _, err := tx.ExecContext(ctx, `DELETE FROM allowance WHERE bucket = $1 AND spent_at <= $2`, bucket, since); err != nil {
			return err
		}
		var spent, same int
		row := tx.QueryRowContext(ctx, `SELECT COUNT(*), COALESCE(SUM(CASE WHEN item = $2 THEN 1 ELSE 0 END), 0) FROM allowance WHERE bucket = $1`, bucket, item)
		if err := row.Scan(&spent, &same); err != nil {
			return err
		}
		switch {
		case same > 0:
			return nil
		case spent >= limit:
			return ErrSpent
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO allowance (bucket, item, spent_at) VALUES ($1, $2, $3)`, bucket, item, millis(now))
		return err
	})
}
