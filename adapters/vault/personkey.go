package vault

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/saldo-ledger/saldo/eventstore/wire"
)

var _ wire.Keyring = (*Vault)(nil)

// Errors of personal-data keys.
var (
	// ErrKeyDestroyed says that the person was erased: what was sealed for them
	// can never be read again, and nothing more can be sealed. It is a
	// wire.ErrErased.
	ErrKeyDestroyed = fmt.Errorf("the person was erased: %w", wire.ErrErased)
	// ErrNoKey says that nothing was ever sealed for the person in this vault.
	ErrNoKey = errors.New("the person has no key")
	// ErrNotSealed says that bytes were altered, or sealed for another person or
	// with other associated data.
	ErrNotSealed = errors.New("not sealed for this person with this associated data")
)

// sealedV1 is the first byte of sealed data: AES-256-GCM, a nonce of 12 bytes,
// the encrypted text, a tag of 16 bytes.
const sealedV1 = 1

// Seal encrypts personal data under the person's own key, which is made, and
// durable, at first use. The associated data is bound to it and not contained in
// it: the same must be given to Open. Sealing the same twice gives other bytes.
func (v *Vault) Seal(ctx context.Context, person uuid.UUID, plaintext, aad []byte) ([]byte, error) {
	key, err := v.personKey(ctx, person)
	if errors.Is(err, ErrNoKey) {
		if err := v.addPersonKey(ctx, person); err != nil {
			return nil, fmt.Errorf("new key of %s: %w", person, err)
		}
		// Read again: another node may have been first, and its key counts.
		key, err = v.personKey(ctx, person)
	}
	if err != nil {
		return nil, err
	}
	sealed, err := key.Encrypt(plaintext, aad)
	if err != nil {
		return nil, fmt.Errorf("sealing for %s: %w", person, err)
	}
	return append([]byte{sealedV1}, sealed...), nil
}

// Open returns what Seal was given. ErrKeyDestroyed, ErrNoKey and ErrNotSealed
// are final; any other error may pass.
func (v *Vault) Open(ctx context.Context, person uuid.UUID, sealed, aad []byte) ([]byte, error) {
	key, err := v.personKey(ctx, person)
	if err != nil {
		return nil, err
	}
	if len(sealed) == 0 || sealed[0] != sealedV1 {
		return nil, fmt.Errorf("personal data of %s: %w", person, ErrNotSealed)
	}
	plaintext, err := key.Decrypt(sealed[1:], aad)
	if err != nil {
		return nil, fmt.Errorf("personal data of %s: %w", person, ErrNotSealed)
	}
	return plaintext, nil
}

// personKey returns the person's key, from memory or from the file.
func (v *Vault) personKey(ctx context.Context, person uuid.UUID) (tink.AEAD, error) {
	now := v.now()
	key, mark, ok := v.keys.find(person, now)
	if ok {
		return key, nil
	}
	var wrapped []byte
	row := v.read.QueryRowContext(ctx, `SELECT wrapped FROM person_key WHERE person = $1`, person.String())
	if err := row.Scan(&wrapped); errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("person %s: %w", person, ErrNoKey)
	} else if err != nil {
		return nil, err
	}
	if wrapped == nil {
		return nil, fmt.Errorf("person %s: %w", person, ErrKeyDestroyed)
	}
	plain, err := v.unwrap(wrapped, personPurpose(person))
	if err != nil {
		return nil, fmt.Errorf("key of %s: %w", person, err)
	}
	if key, err = newAEAD(plain); err != nil {
		return nil, fmt.Errorf("key of %s: %w", person, err)
	}
	v.keys.keep(person, key, mark, now)
	return key, nil
}

func (v *Vault) addPersonKey(ctx context.Context, person uuid.UUID) error {
	_, wrapped, err := v.newKey(personPurpose(person))
	if err != nil {
		return err
	}
	_, err = v.write.ExecContext(ctx, `INSERT INTO person_key (person, wrapped, created_at)
		VALUES ($1, $2, $3) ON CONFLICT (person) DO NOTHING`, person.String(), wrapped, millis(v.now()))
	return err
}

// personPurpose binds a wrapped key to its person: moved to another row it does
// not unwrap.
func personPurpose(person uuid.UUID) string { return "person key " + person.String() }
