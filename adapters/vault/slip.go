package vault

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/tink-crypto/tink-go/v2/tink"
)

// ErrNoSlip says that a token stands for no slip: it never did, or the slip was
// taken, or its time has passed.
var ErrNoSlip = errors.New("no such slip, or it was taken or has expired")

// Leave keeps a value for a short while, for whoever brings the token back: what a
// log-in elsewhere has to remember on its way, and whom it found. The value is
// sealed under the token, of which the vault keeps the hash alone: without the
// browser that has the token nobody can read it.
func (v *Vault) Leave(ctx context.Context, purpose string, value []byte, lasting time.Duration) (token string, err error) {
	token = newToken()
	aead, err := slipKey(token)
	if err != nil {
		return "", err
	}
	sealed, err := aead.Encrypt(value, []byte(purpose))
	if err != nil {
		return "", err
	}
	hash, now := hashToken(token), v.now()
	return token, v.change(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM slip WHERE expires_at <= $1`, millis(now)); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO slip (token_hash, purpose, sealed, expires_at) VALUES ($1, $2, $3, $4)`,
			hash[:], purpose, sealed, millis(now.Add(lasting)))
		return err
	})
}

// Slip returns what was left for a purpose, and leaves it there; ErrNoSlip.
func (v *Vault) Slip(ctx context.Context, purpose, token string) ([]byte, error) {
	hash := hashToken(token)
	return v.openSlip(purpose, token, v.read.QueryRowContext(ctx,
		`SELECT sealed, expires_at FROM slip WHERE token_hash = $1 AND purpose = $2`, hash[:], purpose))
}

// TakeSlip returns what was left for a purpose, once: of two who ask at the same
// time one is told ErrNoSlip.
func (v *Vault) TakeSlip(ctx context.Context, purpose, token string) ([]byte, error) {
	hash := hashToken(token)
	return v.openSlip(purpose, token, v.write.QueryRowContext(ctx,
		`DELETE FROM slip WHERE token_hash = $1 AND purpose = $2 RETURNING sealed, expires_at`, hash[:], purpose))
}

func (v *Vault) openSlip(purpose, token string, row *sql.Row) ([]byte, error) {
	var sealed []byte
	var expires int64
	if err := row.Scan(&sealed, &expires); errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNoSlip
	} else if err != nil {
		return nil, err
	}
	if millis(v.now()) >= expires {
		return nil, ErrNoSlip
	}
	aead, err := slipKey(token)
	if err != nil {
		return nil, err
	}
	value, err := aead.Decrypt(sealed, []byte(purpose))
	if err != nil {
		return nil, fmt.Errorf("vault: slip %q: %w", purpose, err)
	}
	return value, nil
}

// slipKey is the key that a token is. A slip is found by another hash of the token,
// from which the key cannot be had.
func slipKey(token string) (tink.AEAD, error) {
	key, err := hkdf.Key(sha256.New, []byte(token), nil, "saldo slip", keySize)
	if err != nil {
		return nil, err
	}
	return newAEAD(key)
}
