package wire

import (
	"context"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// members are an event's JSON, member by member. Sealed personal data are one of
// them and stay as they are.
type members map[string]jsontext.Value

// retired is a stored name that is written no more: next is the name that took its
// place, and upcast turns the data of the one into the data of the other. A name
// retired twice goes from version to version.
type retired struct {
	name, next string
	upcast     func(members) error
}

// upcasts lists the names that were retired. Whoever changes the shape of an event
// gives it a new name in the table, adds a line here for the old one,
//
//	{"bulletin-sent.v1", "bulletin-sent.v2", func(m members) error { m["channel"] = jsontext.Value(`"portal"`); return nil }},
//
// and leaves the old file in testdata: logs with these bytes exist.
var upcasts = []retired{}

// decodeRetired reads an event of a name that is not in the table. Only such events
// pay for it.
func (r *Registry) decodeRetired(ctx context.Context, rec eventstore.Recorded) (domain.Event, error) {
	name := rec.Type
	var m members
	for {
		if en, ok := r.byName[name]; ok && m != nil {
			return r.decodeUpcast(ctx, en, rec, m)
		}
		step, ok := r.retired[name]
		if !ok {
			return nil, fmt.Errorf("position %d: %q: %w", rec.Position, name, ErrUnknownName)
		}
		if m == nil {
			if err := json.Unmarshal(rec.Data, &m); err != nil {
				return nil, unread(rec, err)
			}
		}
		if err := step.upcast(m); err != nil {
			return nil, unread(rec, err)
		}
		name = step.next
	}
}

func (r *Registry) decodeUpcast(ctx context.Context, en entry, rec eventstore.Recorded, m members) (domain.Event, error) {
	data, err := json.Marshal(m)
	if err != nil {
		return nil, unread(rec, err)
	}
	rec.Data = data
	return r.decode(ctx, en, rec)
}

// unread says which event could not be read, by the name that it is stored under.
func unread(rec eventstore.Recorded, err error) error {
	return fmt.Errorf("wire: decode %s at position %d: %w", rec.Type, rec.Position, err)
}
