package vault

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// ErrNoSession says that a token stands for no session: it never did, or the
// session was ended or has expired.
var ErrNoSession = errors.New("no such session, or it has ended")

// touchEvery is how often a session in use is noted as such. An active session
// costs one write a minute, and may end up to a minute early.
const touchEvery = time.Minute

// Method is how somebody showed who they are.
type Method string

// The methods.
const (
	ByPassword Method = "password"
	ByProvider Method = "oidc" // an identity provider, for SPID and CIE
)

// Session is a login that is still good.
type Session struct {
	Account
	Method   Method
	Created  time.Time
	LastSeen time.Time // to the minute
	Expires  time.Time // unless it is used before then
}

// StartSession begins a session for account, who gave a password, and returns its
// token, which the vault does not keep: only its SHA-256. Somebody erased is
// ErrKeyDestroyed, even one whose password was right a moment ago.
func (v *Vault) StartSession(ctx context.Context, account Account) (token string, err error) {
	return v.StartSessionBy(ctx, account, ByPassword)
}

// StartSessionBy is StartSession for who entered by any method.
func (v *Vault) StartSessionBy(ctx context.Context, account Account, method Method) (token string, err error) {
	roles, err := sortedRoles(account.Roles)
	if err != nil {
		return "", err
	}
	token = newToken()
	hash, now := hashToken(token), v.now()
	err = v.change(ctx, func(tx *sql.Tx) error {
		if err := refuseErased(ctx, tx, account.Subject); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM session WHERE seen_at <= $1 OR created_at <= $2`,
			millis(now.Add(-v.idle)), millis(now.Add(-v.longest)))
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO session (token_hash, subject, name, roles, body, method, created_at, seen_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $7)`,
			hash[:], account.Subject.String(), account.Name, joinRoles(roles), string(account.Body), string(method), millis(now))
		return err
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

// Session returns the session of token and notes that it is in use. A session
// idle for too long, or too old, is ErrNoSession.
func (v *Vault) Session(ctx context.Context, token string) (Session, error) {
	hash, now := hashToken(token), v.now()
	s, err := v.storedSession(ctx, hash)
	if err != nil {
		return Session{}, err
	}
	if s.Expires = v.expiry(s); !now.Before(s.Expires) {
		return Session{}, ErrNoSession
	}
	if now.Sub(s.LastSeen) < touchEvery {
		return s, nil
	}
	_, err = v.write.ExecContext(ctx, `UPDATE session SET seen_at = $1 WHERE token_hash = $2 AND seen_at < $1`,
		millis(now), hash[:])
	if err != nil {
		return Session{}, err
	}
	s.LastSeen = fromMillis(millis(now))
	s.Expires = v.expiry(s)
	return s, nil
}

// Peek returns the session of token as Session does, without noting that it is in use:
// for what a page asks by itself.
func (v *Vault) Peek(ctx context.Context, token string) (Session, error) {
	s, err := v.storedSession(ctx, hashToken(token))
	if err != nil {
		return Session{}, err
	}
	if s.Expires = v.expiry(s); !v.now().Before(s.Expires) {
		return Session{}, ErrNoSession
	}
	return s, nil
}

// expiry returns when s ends if nobody uses it.
func (v *Vault) expiry(s Session) time.Time {
	idle, longest := s.LastSeen.Add(v.idle), s.Created.Add(v.longest)
	if idle.Before(longest) {
		return idle
	}
	return longest
}

func (v *Vault) storedSession(ctx context.Context, hash tokenHash) (Session, error) {
	var s Session
	var subject, roles string
	var created, seen int64
	row := v.read.QueryRowContext(ctx,
		`SELECT subject, name, roles, body, method, created_at, seen_at FROM session WHERE token_hash = $1`, hash[:])
	if err := row.Scan(&subject, &s.Name, &roles, &s.Body, &s.Method, &created, &seen); errors.Is(err, sql.ErrNoRows) {
		return Session{}, ErrNoSession
	} else if err != nil {
		return Session{}, err
	}
	var err error
	if s.Subject, err = uuid.Parse(subject); err != nil {
		return Session{}, fmt.Errorf("vault: stored session: %w", err)
	}
	s.Roles, s.Created, s.LastSeen = splitRoles(roles), fromMillis(created), fromMillis(seen)
	return s, nil
}

// EndSession ends the session of token. No such session is no error.
func (v *Vault) EndSession(ctx context.Context, token string) error {
	hash := hashToken(token)
	_, err := v.write.ExecContext(ctx, `DELETE FROM session WHERE token_hash = $1`, hash[:])
	return err
}

// EndSessionsOf ends the sessions of a person, but for the one whose token is
// except; an empty except spares none.
func (v *Vault) EndSessionsOf(ctx context.Context, subject uuid.UUID, except string) error {
	spared := hashToken(except)
	_, err := v.write.ExecContext(ctx, `DELETE FROM session WHERE subject = $1 AND token_hash <> $2`,
		subject.String(), spared[:])
	return err
}
