package wire

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// personalMember is the member of an event's JSON that holds its sealed personal
// data, in base64.
type personalMember struct {
	Personal []byte `json:"personal,omitempty"`
}

// errNoKeys keeps personal data from being written in the clear.
var errNoKeys = errors.New("wire: personal data cannot be written without a keyring")

// seal adds the event's personal data, sealed, to its JSON. The seal is bound to
// the stream and to the event, so that it cannot be moved to another.
func (r *Registry) seal(ctx context.Context, en entry, stream eventstore.Stream, id uuid.UUID, e domain.Event, data []byte) ([]byte, error) {
	if r.keys == nil {
		return nil, errNoKeys
	}
	subject, field := en.personal(e)
	plain, ok := field.([]byte)
	if !ok {
		var err error
		if plain, err = json.Marshal(field); err != nil {
			return nil, fmt.Errorf("wire: encode %s: %w", en.name, err)
		}
	}
	sealed, err := r.keys.Seal(ctx, subject, plain, sealContext(stream, id))
	if err != nil {
		return nil, fmt.Errorf("wire: seal %s: %w", en.name, err)
	}
	member, err := json.Marshal(personalMember{sealed})
	if err != nil {
		return nil, err
	}
	return append(append(data[:len(data)-1], ','), member[1:]...), nil
}

// open fills field, a pointer, with the event's personal data. Data of somebody
// erased, and data read without keys, stay empty.
func (r *Registry) open(ctx context.Context, rec eventstore.Recorded, subject uuid.UUID, field any) error {
	if r.keys == nil {
		return nil
	}
	var member personalMember
	if err := json.Unmarshal(rec.Data, &member); err != nil {
		return err
	}
	plain, err := r.keys.Open(ctx, subject, member.Personal, sealContext(rec.Stream, rec.ID))
	switch {
	case errors.Is(err, ErrErased):
		return nil
	case err != nil:
		return err
	}
	if raw, ok := field.(*[]byte); ok {
		*raw = plain
		return nil
	}
	return json.Unmarshal(plain, field)
}

func sealContext(stream eventstore.Stream, id uuid.UUID) []byte {
	return append([]byte(string(stream)+"/"), id[:]...)
}
