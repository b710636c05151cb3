package vault

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// ErrWrongMasterKey says that the vault was made with another master key.
var ErrWrongMasterKey = errors.New("not the master key that this vault was made with")

// Names of the vault's own keys.
const (
	checkKeyName  = "check" // seals nothing: that it unwraps shows the master key to be the right one
	claimsKeyName = "claims"
)

// newAEAD returns AES-256-GCM under key, with a random nonce before each sealed
// text.
func newAEAD(key []byte) (tink.AEAD, error) { return subtle.NewAESGCM(key) }

// newKey returns a fresh random key and the same key wrapped under the master
// key. The purpose is bound to it: it unwraps for that purpose only.
func (v *Vault) newKey(purpose string) (key, wrapped []byte, err error) {
	key = make([]byte, keySize)
	rand.Read(key)
	wrapped, err = v.wrapping.Encrypt(key, []byte(purpose))
	return key, wrapped, err
}

func (v *Vault) unwrap(wrapped []byte, purpose string) ([]byte, error) {
	return v.wrapping.Decrypt(wrapped, []byte(purpose))
}

// vaultKey returns the vault's own key of that name, made at first use.
func (v *Vault) vaultKey(ctx context.Context, name string) ([]byte, error) {
	wrapped, err := v.storedVaultKey(ctx, name)
	if errors.Is(err, sql.ErrNoRows) {
		if err := v.addVaultKey(ctx, name); err != nil {
			return nil, err
		}
		// Read again: another process may have been first, and its key counts.
		wrapped, err = v.storedVaultKey(ctx, name)
	}
	if err != nil {
		return nil, err
	}
	key, err := v.unwrap(wrapped, "vault key "+name)
	if err != nil {
		return nil, fmt.Errorf("key %q: %w", name, ErrWrongMasterKey)
	}
	return key, nil
}

// SealSeed returns the 32 bytes that the n-th key which seals the log is made of,
// drawn by chance at first use.
func (v *Vault) SealSeed(ctx context.Context, n int) ([]byte, error) {
	return v.vaultKey(ctx, fmt.Sprintf("seal %d", n))
}

func (v *Vault) storedVaultKey(ctx context.Context, name string) (wrapped []byte, err error) {
	err = v.read.QueryRowContext(ctx, `SELECT wrapped FROM vault_key WHERE name = $1`, name).Scan(&wrapped)
	return wrapped, err
}

func (v *Vault) addVaultKey(ctx context.Context, name string) error {
	_, wrapped, err := v.newKey("vault key " + name)
	if err != nil {
		return err
	}
	_, err = v.write.ExecContext(ctx,
		`INSERT INTO vault_key (name, wrapped) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING`, name, wrapped)
	return err
}
