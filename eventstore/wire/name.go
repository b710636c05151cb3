package wire

import (
	"fmt"
	"reflect"

	"github.com/saldo-ledger/saldo/domain"
)

// Name returns the stored name of events of e's type, whatever e holds; for a type
// that is never stored, ErrUnknownName.
func (r *Registry) Name(e domain.Event) (string, error) {
	entry, ok := r.byType[reflect.TypeOf(e)]
	if !ok {
		return "", fmt.Errorf("%T: %w", e, ErrUnknownName)
	}
	return entry.name, nil
}
