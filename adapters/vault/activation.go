package vault

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"strings"

	"github.com/google/uuid"
)

// paperLetters are what a code on paper is made of: without letters and digits that
// look alike (0 O, 1 I L, 2 Z, 5 S, 8 B) and without vowels, so that no code reads as
// a word. Twelve of them are 53 random bits.
const paperLetters = "CDFGHJKMNPQRTVWXY34679"

// onPaper writes random bytes in paperLetters.
func onPaper(random []byte) string {
	n := binary.BigEndian.Uint64(random)
	code := make([]byte, CodeSize)
	for i := range code {
		code[i] = paperLetters[n%uint64(len(paperLetters))]
		n /= uint64(len(paperLetters))
	}
	return string(code)
}

// guessesPerAccount is how many wrong codes one account may type within failureWindow.
const guessesPerAccount = 5

// CodeBy is Code for somebody who is logged in: wrong codes are counted by the account
// too, wherever it types them.
func (v *Vault) CodeBy(ctx context.Context, purpose Purpose, code string, account uuid.UUID, addr string) (HeldCode, error) {
	return v.guessed(ctx, purpose, code, v.guessesFrom(addr), bucket{v.ClaimID("code account", account.String()), guessesPerAccount})
}

// UseCode uses a code up, with every other of the same purpose and subject. One that
// was used up before is no error.
func (v *Vault) UseCode(ctx context.Context, purpose Purpose, code string, subject uuid.UUID) error {
	err := v.change(ctx, func(tx *sql.Tx) error { return v.spendCode(ctx, tx, purpose, code, subject) })
	if errors.Is(err, ErrNoCode) {
		return nil
	}
	return err
}

// EndCodes makes every code of a purpose and a subject good no more, but for the one
// to keep; "" keeps none.
func (v *Vault) EndCodes(ctx context.Context, purpose Purpose, subject uuid.UUID, keep string) error {
	_, err := v.write.ExecContext(ctx, `UPDATE one_time_code SET used_at = $1
		WHERE subject = $2 AND purpose = $3 AND used_at IS NULL AND code_hash <> $4`,
		millis(v.now()), subject.String(), string(purpose), v.hashCode(purpose, keep))
	return err
}

// InGroups parts a code in groups of four, as it is read and typed.
func InGroups(code string) string {
	var groups []string
	for ; len(code) > 4; code = code[4:] {
		groups = append(groups, code[:4])
	}
	return strings.Join(append(groups, code), "-")
}
