package vault

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"
)

// Answers to a person's secret question. The question alone never lets anybody in.
var (
	ErrWrongAnswer = errors.New("not the answer to the secret question")
	ErrNoQuestion  = errors.New("the person chose no secret question")
)

// answersAnHour is how many answers a person's question takes.
const answersAnHour = 5

// foldAnswer gives all spellings of an answer one form: case, spaces and the ways
// to write one character do not count.
func foldAnswer(answer string) string {
	return strings.ToLower(strings.Join(strings.Fields(norm.NFKC.String(answer)), " "))
}

// SetAnswer keeps a person's secret question, and a hash of its answer. Somebody
// erased is ErrKeyDestroyed.
func (v *Vault) SetAnswer(ctx context.Context, subject uuid.UUID, question, answer string) error {
	leave, err := v.enterHashing(ctx)
	if err != nil {
		return err
	}
	hash := hashPassword(foldAnswer(answer), v.hashing)
	leave()
	return v.change(ctx, func(tx *sql.Tx) error {
		if err := refuseErased(ctx, tx, subject); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO secret_answer (subject, question, hash) VALUES ($1, $2, $3)
			ON CONFLICT (subject) DO UPDATE SET question = excluded.question, hash = excluded.hash`, subject.String(), question, hash.String())
		return err
	})
}

// Question returns a person's secret question, or ErrNoQuestion.
func (v *Vault) Question(ctx context.Context, subject uuid.UUID) (string, error) {
	question, _, err := v.secretAnswer(ctx, subject)
	return question, err
}

func (v *Vault) secretAnswer(ctx context.Context, subject uuid.UUID) (question string, hash passwordHash, err error) {
	var phc string
	row := v.read.QueryRowContext(ctx, `SELECT question, hash FROM secret_answer WHERE subject = $1`, subject.String())
	if err := row.Scan(&question, &phc); errors.Is(err, sql.ErrNoRows) {
		return "", v.decoy, ErrNoQuestion
	} else if err != nil {
		return "", v.decoy, err
	}
	if hash, err = parseHash(phc); err != nil {
		return "", v.decoy, fmt.Errorf("vault: stored answer: %w", err)
	}
	return question, hash, nil
}

// CheckAnswer is nil for the right answer, and ErrWrongAnswer or ErrNoQuestion after
// the same work. A person's question takes five answers an hour, right ones too; more
// are ErrSpent. The same answer in the same request is one.
func (v *Vault) CheckAnswer(ctx context.Context, subject uuid.UUID, request, answer string) error {
	item := v.ClaimID("answer", request+"\x00"+foldAnswer(answer))
	if err := v.Spend(ctx, "answer/"+subject.String(), item, answersAnHour, time.Hour); err != nil {
		return err
	}
	_, hash, err := v.secretAnswer(ctx, subject)
	if err != nil && !errors.Is(err, ErrNoQuestion) {
		return err
	}
	leave, busy := v.enterHashing(ctx)
	if busy != nil {
		return busy
	}
	defer leave()
	if right := hash.matches(foldAnswer(answer)); err == nil && !right {
		return ErrWrongAnswer
	}
	return err
}

// HasUsername reports whether somebody logs in with the username, whoever it is.
func (v *Vault) HasUsername(ctx context.Context, username string) (bool, error) {
	account, _, err := v.credential(ctx, foldUsername(username))
	return account.Subject != uuid.Nil, err
}
