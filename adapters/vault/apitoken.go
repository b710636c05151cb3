package vault

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
)

// ErrNoAPIToken says that a token was never given out, or was revoked.
var ErrNoAPIToken = errors.New("no such API token")

// tokenPrefix lets people and scanners of leaked secrets recognise a token.
const tokenPrefix = "saldo_"

// minImported is the least length of a token made elsewhere: 128 bits in hex.
const minImported = 32

// Refusals of API tokens, besides ErrBadRoles.
var (
	ErrTokenName      = &domain.Refusal{Kind: domain.Invalid, Field: "name", Rule: "an API token has a name"}
	ErrTokenNameTaken = &domain.Refusal{Kind: domain.Conflict, Field: "name", Rule: "there is an API token of that name"}
	ErrTokenShort     = &domain.Refusal{Kind: domain.Invalid, Field: "token", Rule: "an API token has at least 32 characters"}
	ErrTokenTaken     = &domain.Refusal{Kind: domain.Conflict, Field: "token", Rule: "the API token was given out under another name"}
)

// CreateAPIToken makes a token under a new name and returns it: it is shown this
// once, since the vault keeps only its SHA-256. It is good at a body, or, without one,
// at every body of the installation; so are those made before tokens had bodies.
func (v *Vault) CreateAPIToken(ctx context.Context, name string, roles []domain.Role, body domain.FiscalCode) (token string, err error) {
	token = tokenPrefix + newToken()
	err = v.change(ctx, func(tx *sql.Tx) error {
		var taken int
		row := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM api_token WHERE name = $1`, name)
		if err := row.Scan(&taken); err != nil {
			return err
		}
		if taken > 0 {
			return fmt.Errorf("API token %q: %w", name, ErrTokenNameTaken)
		}
		return v.storeAPIToken(ctx, tx, Account{Name: name, Roles: roles, Body: body}, token)
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

// ImportAPIToken registers a token given by configuration, in place of the one
// that had its name; the program behind it stays the same subject. Importing it
// again changes nothing.
func (v *Vault) ImportAPIToken(ctx context.Context, name string, roles []domain.Role, token string) error {
	if len(token) < minImported {
		return ErrTokenShort
	}
	defer v.tokens.forgetAll()
	return v.change(ctx, func(tx *sql.Tx) error { return v.storeAPIToken(ctx, tx, Account{Name: name, Roles: roles}, token) })
}

func (v *Vault) storeAPIToken(ctx context.Context, tx *sql.Tx, of Account, token string) error {
	name := of.Name
	roles, err := sortedRoles(of.Roles)
	if err != nil {
		return err
	}
	if name == "" {
		return ErrTokenName
	}
	hash := hashToken(token)
	var taken int
	row := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM api_token WHERE token_hash = $1 AND name <> $2`, hash[:], name)
	if err := row.Scan(&taken); err != nil {
		return err
	}
	if taken > 0 {
		return fmt.Errorf("API token %q: %w", name, ErrTokenTaken)
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO api_token (name, token_hash, subject, roles, body, created_at)
		VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (name) DO UPDATE SET token_hash = excluded.token_hash, roles = excluded.roles, body = excluded.body`,
		name, hash[:], uuid.NewString(), joinRoles(roles), string(of.Body), millis(v.now()))
	return err
}

// APIToken returns the account that token stands for, or ErrNoAPIToken. It is
// asked at every request of a program, so an answer is good for a minute; a token
// revoked or replaced through this Vault is forgotten at once.
func (v *Vault) APIToken(ctx context.Context, token string) (Account, error) {
	hash, now := hashToken(token), v.now()
	account, mark, ok := v.tokens.find(hash, now)
	if ok {
		return account, nil
	}
	var subject, roles string
	row := v.read.QueryRowContext(ctx, `SELECT subject, name, roles, body FROM api_token WHERE token_hash = $1`, hash[:])
	if err := row.Scan(&subject, &account.Name, &roles, &account.Body); errors.Is(err, sql.ErrNoRows) {
		return Account{}, ErrNoAPIToken
	} else if err != nil {
		return Account{}, err
	}
	var err error
	if account.Subject, err = uuid.Parse(subject); err != nil {
		return Account{}, fmt.Errorf("vault: stored API token: %w", err)
	}
	account.Roles = splitRoles(roles)
	v.tokens.keep(hash, account, mark, now)
	return account, nil
}

// RevokeAPIToken ends the token of that name. No such token is no error.
func (v *Vault) RevokeAPIToken(ctx context.Context, name string) error {
	defer v.tokens.forgetAll()
	_, err := v.write.ExecContext(ctx, `DELETE FROM api_token WHERE name = $1`, name)
	return err
}
