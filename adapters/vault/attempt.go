package vault

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/google/uuid"
)

// How many logins may fail before the next one has to wait. They are kept in the
// vault and not in memory, so that a restart gives an attacker no new guesses and
// nodes that share a vault count together; rows live as long as the window, which
// bounds them.
const (
	failureWindow      = 15 * time.Minute
	failuresPerAccount = 5
	failuresPerAddress = 30
)

// TooManyAttempts refuses a login, right or wrong, until Wait has passed.
type TooManyAttempts struct{ Wait time.Duration }

// Error says how long to wait.
func (e *TooManyAttempts) Error() string {
	return fmt.Sprintf("too many failed logins: wait %s", e.Wait.Round(time.Second))
}

// bucket is what failures are counted by. It is an HMAC: people type passwords
// into the username field, and addresses are personal data.
type bucket struct {
	id    string
	limit int
}

func (v *Vault) accountBucket(username string) bucket {
	return bucket{v.ClaimID("login account", username), failuresPerAccount}
}

func (v *Vault) addressBucket(addr string) bucket {
	return bucket{v.ClaimID("login address", network(addr)), failuresPerAddress}
}

// network returns the address without its port; of an IPv6 address the first 64
// bits, since one line has all addresses behind them.
func network(addr string) string {
	ip, err := netip.ParseAddr(addr)
	if err != nil {
		withPort, err := netip.ParseAddrPort(addr)
		if err != nil {
			return addr
		}
		ip = withPort.Addr()
	}
	if ip = ip.Unmap().WithZone(""); ip.Is4() {
		return ip.String()
	}
	return netip.PrefixFrom(ip, 64).Masked().String()
}

// reserve counts a login as failed before its password is looked at, or returns
// *TooManyAttempts. So logins that run at the same time cannot all pass a limit
// that has room for one, and hanging up early saves an attacker nothing.
func (v *Vault) reserve(ctx context.Context, buckets []bucket) (attempt string, err error) {
	attempt, now := uuid.NewString(), v.now()
	err = v.change(ctx, func(tx *sql.Tx) error {
		if err := refuseIfFull(ctx, tx, now, buckets); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM login_attempt WHERE attempted_at <= $1`, millis(now.Add(-failureWindow)))
		if err != nil {
			return err
		}
		for _, b := range buckets {
			_, err := tx.ExecContext(ctx,
				`INSERT INTO login_attempt (attempt, bucket, attempted_at) VALUES ($1, $2, $3)`, attempt, b.id, millis(now))
			if err != nil {
				return err
			}
		}
		return nil
	})
	return attempt, err
}

// refuseIfFull returns *TooManyAttempts with the longest wait among the buckets
// that have no room.
func refuseIfFull(ctx context.Context, tx *sql.Tx, now time.Time, buckets []bucket) error {
	var wait time.Duration
	for _, b := range buckets {
		// The failure that has to leave the window for one more to have room.
		row := tx.QueryRowContext(ctx, `SELECT attempted_at FROM login_attempt
			WHERE bucket = $1 AND attempted_at > $2 ORDER BY attempted_at DESC LIMIT 1 OFFSET $3`,
			b.id, millis(now.Add(-failureWindow)), b.limit-1)
		var at int64
		switch err := row.Scan(&at); {
		case errors.Is(err, sql.ErrNoRows):
		case err != nil:
			return err
		default:
			wait = max(wait, fromMillis(at).Add(failureWindow).Sub(now))
		}
	}
	if wait > 0 {
		return &TooManyAttempts{Wait: wait}
	}
	return nil
}

// forgive takes back the attempt that turned out right, and all failures of its
// account. Other failures from its address stay, or an attacker would clear them
// by logging in as himself.
func (v *Vault) forgive(ctx context.Context, attempt string, account bucket) error {
	_, err := v.write.ExecContext(ctx, `DELETE FROM login_attempt WHERE attempt = $1 OR bucket = $2`, attempt, account.id)
	return err
}
