package vault

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"

	"github.com/saldo-ledger/saldo/domain"
)

// ErrWrongCredentials is the one answer to a login that does not succeed: it does
// not tell whether the username exists.
var ErrWrongCredentials = errors.New("wrong username or password")

// Refusals of SetPassword, besides the rules of passwords and ErrBadRoles.
var (
	ErrBadUsername   = &domain.Refusal{Kind: domain.Invalid, Field: "username", Rule: "a username is not empty"}
	ErrUsernameTaken = &domain.Refusal{Kind: domain.Conflict, Field: "username", Rule: "the username belongs to another person"}
	ErrUsernameFixed = &domain.Refusal{Kind: domain.Conflict, Field: "username", Rule: "the person already has another username"}
)

// foldUsername gives all spellings of a username one form: case does not count.
func foldUsername(username string) string { return strings.ToLower(norm.NFC.String(username)) }

// SetPassword gives subject the password, the username and the roles: it makes
// the account, or changes its password and roles. The password is checked by
// CheckPassword, and failed logins so far are forgotten. A change of roles ends
// the person's sessions, since a session carries its roles; whether a change of
// password does is the caller's choice (EndSessionsOf). Somebody erased is
// ErrKeyDestroyed.
func (v *Vault) SetPassword(ctx context.Context, username string, subject uuid.UUID, roles []domain.Role, password string) error {
	return v.setPassword(ctx, Account{Subject: subject, Name: username, Roles: roles}, password)
}

// setPassword is SetPassword for an account, which is of its Body if it is new.
func (v *Vault) setPassword(ctx context.Context, account Account, password string) (err error) {
	account.Name = foldUsername(account.Name)
	if account.Name == "" {
		return ErrBadUsername
	}
	if account.Roles, err = sortedRoles(account.Roles); err != nil {
		return err
	}
	if err := CheckPassword(password, account.Name); err != nil {
		return err
	}
	leave, err := v.enterHashing(ctx)
	if err != nil {
		return err
	}
	hash := hashPassword(password, v.hashing)
	leave()
	return v.change(ctx, func(tx *sql.Tx) error { return v.storeCredential(ctx, tx, account, hash) })
}

func (v *Vault) storeCredential(ctx context.Context, tx *sql.Tx, account Account, hash passwordHash) error {
	if err := refuseErased(ctx, tx, account.Subject); err != nil {
		return err
	}
	if err := refuseOtherOwner(ctx, tx, account); err != nil {
		return err
	}
	subject, roles := account.Subject.String(), joinRoles(account.Roles)
	for _, statement := range []struct {
		sql  string
		args []any
	}{
		{`DELETE FROM session WHERE subject = $1 AND roles <> $2`, []any{subject, roles}},
		{`DELETE FROM login_attempt WHERE bucket = $1`, []any{v.accountBucket(account.Name).id}},
		{`INSERT INTO credential (username, subject, roles, body, hash, changed_at) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (username) DO UPDATE SET roles = excluded.roles, hash = excluded.hash, changed_at = excluded.changed_at, disabled_at = 0`,
			[]any{account.Name, subject, roles, string(account.Body), hash.String(), millis(v.now())}},
	} {
		if _, err := tx.ExecContext(ctx, statement.sql, statement.args...); err != nil {
			return err
		}
	}
	return nil
}

// refuseOtherOwner keeps usernames and persons one to one.
func refuseOtherOwner(ctx context.Context, tx *sql.Tx, account Account) error {
	var others, spare int
	row := tx.QueryRowContext(ctx, `SELECT
		(SELECT COUNT(*) FROM credential WHERE username = $1 AND subject <> $2),
		(SELECT COUNT(*) FROM credential WHERE username <> $1 AND subject = $2)`, account.Name, account.Subject.String())
	if err := row.Scan(&others, &spare); err != nil {
		return err
	}
	if others > 0 {
		return ErrUsernameTaken
	}
	if spare > 0 {
		return ErrUsernameFixed
	}
	return nil
}

// Authenticate returns the account of username if password is right. A wrong
// password and an unknown username are both ErrWrongCredentials, after the same
// work. Five failures within 15 minutes for an account, or thirty from addr (an
// IP address, with a port or not) give *TooManyAttempts until they are older; the
// attempt is then not looked at. An empty addr is no address to count for.
func (v *Vault) Authenticate(ctx context.Context, username, password, addr string) (Account, error) {
	username = foldUsername(username)
	leave, err := v.enterHashing(ctx)
	if err != nil {
		return Account{}, err
	}
	defer leave()
	buckets := []bucket{v.accountBucket(username)}
	if addr != "" {
		buckets = append(buckets, v.addressBucket(addr))
	}
	attempt, err := v.reserve(ctx, buckets)
	if err != nil {
		return Account{}, err
	}
	account, hash, err := v.credential(ctx, username)
	if err != nil {
		return Account{}, err
	}
	// The decoy never matches, so an unknown name ends here too.
	if !hash.matches(password) {
		return Account{}, ErrWrongCredentials
	}
	if err := v.forgive(ctx, attempt, v.accountBucket(username)); err != nil {
		return Account{}, err
	}
	if hash.cost != v.hashing {
		if err := v.rehash(ctx, username, hash, password); err != nil {
			return Account{}, err
		}
	}
	return account, nil
}

// enterHashing waits for one of the places in which a password may be hashed.
func (v *Vault) enterHashing(ctx context.Context) (leave func(), err error) {
	select {
	case v.hashers <- struct{}{}:
		return func() { <-v.hashers }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// credential returns the account of username and its hash; for a name nobody has,
// and for an account that is disabled, no account and the decoy.
func (v *Vault) credential(ctx context.Context, username string) (Account, passwordHash, error) {
	var subject, roles, body, phc string
	row := v.read.QueryRowContext(ctx, `SELECT subject, roles, body, hash FROM credential
		WHERE username = $1 AND disabled_at = 0`, username)
	if err := row.Scan(&subject, &roles, &body, &phc); errors.Is(err, sql.ErrNoRows) {
		return Account{}, v.decoy, nil
	} else if err != nil {
		return Account{}, passwordHash{}, err
	}
	hash, err := parseHash(phc)
	if err != nil {
		return Account{}, passwordHash{}, fmt.Errorf("vault: stored credential: %w", err)
	}
	person, err := uuid.Parse(subject)
	if err != nil {
		return Account{}, passwordHash{}, fmt.Errorf("vault: stored credential: %w", err)
	}
	return Account{Subject: person, Name: username, Roles: splitRoles(roles), Body: domain.FiscalCode(body)}, hash, nil
}

// rehash stores the password at the present cost, unless it was changed since old
// was read.
func (v *Vault) rehash(ctx context.Context, username string, old passwordHash, password string) error {
	_, err := v.write.ExecContext(ctx, `UPDATE credential SET hash = $1 WHERE username = $2 AND hash = $3`,
		hashPassword(password, v.hashing).String(), username, old.String())
	return err
}

// ChangePassword gives the account of username the password next, if current is
// right: its errors are those of Authenticate and of SetPassword. A wrong current
// password counts as a failed login of the account, or whoever finds a session
// left open could try them all.
func (v *Vault) ChangePassword(ctx context.Context, username, current, next string) error {
	account, err := v.Authenticate(ctx, username, current, "")
	if err != nil {
		return err
	}
	return v.SetPassword(ctx, account.Name, account.Subject, account.Roles, next)
}

// HasPassword reports whether a person can log in with a password.
func (v *Vault) HasPassword(ctx context.Context, subject uuid.UUID) (bool, error) {
	var n int
	row := v.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM credential WHERE subject = $1`, subject.String())
	err := row.Scan(&n)
	return n > 0, err
}
