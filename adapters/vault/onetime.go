package vault

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
)

// accountSteps are the tables behind one-time codes, secret questions and confirmed
// addresses: one of the vault's steps.
var accountSteps = []string{
	`CREATE TABLE one_time_code (
		code_hash TEXT NOT NULL PRIMARY KEY,
		purpose TEXT NOT NULL,
		subject TEXT NOT NULL,
		note BYTEA NOT NULL,
		expires_at BIGINT NOT NULL,
		used_at BIGINT)`,
	`CREATE INDEX one_time_code_subject ON one_time_code (subject)`,
	`CREATE INDEX one_time_code_expiry ON one_time_code (expires_at)`,
	`CREATE TABLE secret_answer (
		subject TEXT NOT NULL PRIMARY KEY,
		question TEXT NOT NULL,
		hash TEXT NOT NULL)`,
	`CREATE TABLE confirmed_email (
		subject TEXT NOT NULL PRIMARY KEY,
		email_hash TEXT NOT NULL)`,
}

// Purpose is what a one-time code opens. A code opens nothing else.
type Purpose string

// The purposes of one-time codes.
const (
	NewPassword  Purpose = "new password"
	ConfirmEmail Purpose = "confirm email" // its note is the address
	// ActivateChild links an adult to a child, who is the subject. Its code comes on
	// paper: see activation.go.
	ActivateChild Purpose = "activate child"
)

// ErrNoCode says that a code opens nothing: it never did, it was used, or its time
// is over.
var ErrNoCode = errors.New("no such code, or it was used or has expired")

// CodeSize is how many characters a code has: 60 random bits, short enough to be
// typed.
const CodeSize = 12

// How codes are guarded and kept.
const (
	guessesPerAddress = 30             // wrong codes within failureWindow
	codeKept          = 24 * time.Hour // after its end, so that its request makes no new one
)

// HeldCode is what a code stands for.
type HeldCode struct {
	Subject uuid.UUID
	Note    string
}

// IssueCode makes a code that subject can use once within lasting, and returns it:
// the vault keeps a keyed hash of it, and the note sealed. The same request gives
// the same code, used or not, so that a form sent twice makes one. Somebody erased
// is ErrKeyDestroyed.
func (v *Vault) IssueCode(ctx context.Context, purpose Purpose, subject uuid.UUID, request, note string, lasting time.Duration) (code string, err error) {
	code = v.codeOf(purpose, subject, request)
	hash, now := v.hashCode(purpose, code), v.now()
	sealed, err := v.Seal(ctx, subject, []byte(note), []byte(hash))
	if err != nil {
		return "", err
	}
	err = v.change(ctx, func(tx *sql.Tx) error {
		if err := refuseErased(ctx, tx, subject); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM one_time_code WHERE expires_at <= $1`, millis(now.Add(-codeKept))); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO one_time_code (code_hash, purpose, subject, note, expires_at)
			VALUES ($1, $2, $3, $4, $5) ON CONFLICT (code_hash) DO NOTHING`,
			hash, string(purpose), subject.String(), sealed, millis(now.Add(lasting)))
		return err
	})
	if err != nil {
		return "", fmt.Errorf("one-time code: %w", err)
	}
	return code, nil
}

// codeOf derives the code of a request. Who knows the request knows nothing of it.
func (v *Vault) codeOf(purpose Purpose, subject uuid.UUID, request string) string {
	mac := hmac.New(sha256.New, v.claimsKey)
	mac.Write([]byte("one-time code\x00" + string(purpose) + "\x00" + subject.String() + "\x00" + request))
	if purpose == ActivateChild {
		return onPaper(mac.Sum(nil))
	}
	return base32.StdEncoding.EncodeToString(mac.Sum(nil))[:CodeSize]
}

// hashCode is all that the vault holds of a code. Letters may be small, and parted
// by spaces or dashes as people copy them.
func (v *Vault) hashCode(purpose Purpose, code string) string {
	code = strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(code))
	return v.ClaimID("one-time code", string(purpose)+"\x00"+code)
}

// Code returns what a code stands for and leaves it to be used. Anything else is
// ErrNoCode, and *TooManyAttempts after thirty of those from addr within 15 minutes.
func (v *Vault) Code(ctx context.Context, purpose Purpose, code, addr string) (HeldCode, error) {
	return v.guessed(ctx, purpose, code, v.guessesFrom(addr))
}

func (v *Vault) guessesFrom(addr string) bucket {
	return bucket{v.ClaimID("code address", network(addr)), guessesPerAddress}
}

// guessed looks a code up, counted in every bucket until it turns out right.
func (v *Vault) guessed(ctx context.Context, purpose Purpose, code string, buckets ...bucket) (HeldCode, error) {
	attempt, err := v.reserve(ctx, buckets)
	if err != nil {
		return HeldCode{}, err
	}
	hash := v.hashCode(purpose, code)
	var subject string
	var sealed []byte
	row := v.read.QueryRowContext(ctx, `SELECT subject, note FROM one_time_code
		WHERE code_hash = $1 AND used_at IS NULL AND expires_at > $2`, hash, millis(v.now()))
	if err := row.Scan(&subject, &sealed); errors.Is(err, sql.ErrNoRows) {
		return HeldCode{}, ErrNoCode
	} else if err != nil {
		return HeldCode{}, err
	}
	held, err := v.heldCode(ctx, subject, sealed, hash)
	if err != nil {
		return HeldCode{}, err
	}
	_, err = v.write.ExecContext(ctx, `DELETE FROM login_attempt WHERE attempt = $1`, attempt)
	return held, err
}

func (v *Vault) heldCode(ctx context.Context, subject string, sealed []byte, hash string) (HeldCode, error) {
	person, err := uuid.Parse(subject)
	if err != nil {
		return HeldCode{}, fmt.Errorf("vault: stored code: %w", err)
	}
	note, err := v.Open(ctx, person, sealed, []byte(hash))
	if errors.Is(err, ErrKeyDestroyed) {
		return HeldCode{}, ErrNoCode
	}
	return HeldCode{person, string(note)}, err
}

// spendCode uses a code up, with every other of the same purpose and person.
func (v *Vault) spendCode(ctx context.Context, tx *sql.Tx, purpose Purpose, code string, subject uuid.UUID) error {
	now := millis(v.now())
	done, err := tx.ExecContext(ctx, `UPDATE one_time_code SET used_at = $1
		WHERE code_hash = $2 AND subject = $3 AND used_at IS NULL AND expires_at > $1`, now, v.hashCode(purpose, code), subject.String())
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, ErrNoCode)
	}
	_, err = tx.ExecContext(ctx, `UPDATE one_time_code SET used_at = $1
		WHERE subject = $2 AND purpose = $3 AND used_at IS NULL`, now, subject.String(), string(purpose))
	return err
}

// ResetPassword uses a code for NewPassword: the account gets the password, all of
// its sessions end and its failed logins are forgotten, all of it or nothing. The
// account must be the code's; its roles are those it had, or the given ones when it
// could not log in yet. Errors are ErrNoCode and those of SetPassword.
func (v *Vault) ResetPassword(ctx context.Context, code string, account Account, password string) error {
	account.Name = foldUsername(account.Name)
	if err := CheckPassword(password, account.Name); err != nil {
		return err
	}
	known, _, err := v.credential(ctx, account.Name)
	if err != nil {
		return err
	}
	if known.Subject == account.Subject {
		account.Roles = known.Roles
	}
	if account.Roles, err = sortedRoles(account.Roles); err != nil {
		return err
	}
	leave, err := v.enterHashing(ctx)
	if err != nil {
		return err
	}
	hash := hashPassword(password, v.hashing)
	leave()
	return v.change(ctx, func(tx *sql.Tx) error {
		if err := v.spendCode(ctx, tx, NewPassword, code, account.Subject); err != nil {
			return err
		}
		if err := v.storeCredential(ctx, tx, account, hash); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM session WHERE subject = $1`, account.Subject.String())
		return err
	})
}

// EmailWasConfirmed uses a code for ConfirmEmail and notes that its holder reads the
// mail of its address.
func (v *Vault) EmailWasConfirmed(ctx context.Context, code string, held HeldCode) error {
	return v.change(ctx, func(tx *sql.Tx) error {
		if err := v.spendCode(ctx, tx, ConfirmEmail, code, held.Subject); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO confirmed_email (subject, email_hash) VALUES ($1, $2)
			ON CONFLICT (subject) DO UPDATE SET email_hash = excluded.email_hash`, held.Subject.String(), v.hashEmail(held.Note))
		return err
	})
}

func (v *Vault) hashEmail(email string) string {
	return v.ClaimID("confirmed email", strings.ToLower(email))
}

// EmailConfirmed reports whether a person confirmed this address.
func (v *Vault) EmailConfirmed(ctx context.Context, subject uuid.UUID, email string) (bool, error) {
	var n int
	row := v.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM confirmed_email WHERE subject = $1 AND email_hash = $2`,
		subject.String(), v.hashEmail(email))
	err := row.Scan(&n)
	return n > 0, err
}

// SpendFrom is Spend for what comes from an address, of which it keeps a keyed hash:
// of an IPv6 address the network, as Authenticate counts it.
func (v *Vault) SpendFrom(ctx context.Context, addr, what string, limit int, window time.Duration) error {
	return v.Spend(ctx, what+"/"+v.ClaimID("address", network(addr)), uuid.NewString(), limit, window)
}

// WorkAsIf takes as long as giving an account its password and its secret answer,
// for somebody who is to get neither and must not notice.
func (v *Vault) WorkAsIf(ctx context.Context, password string) error {
	leave, err := v.enterHashing(ctx)
	if err != nil {
		return err
	}
	defer leave()
	for range 2 {
		v.decoy.matches(password)
	}
	return nil
}
