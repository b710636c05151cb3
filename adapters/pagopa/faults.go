package pagopa

import (
	"errors"

	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
)

// refused is a request turned away: what the Node is told, and the cause for us.
type refused struct {
	code        soap.FaultCode
	description string // Italian, for the people at the PSP
	cause       error  // nil when the description says it all
}

// Error returns code, description and cause.
func (r *refused) Error() string {
	s := string(r.code) + ": " + r.description
	if r.cause != nil {
		s += ": " + r.cause.Error()
	}
	return s
}

// Unwrap returns the cause.
func (r *refused) Unwrap() error { return r.cause }

// broken is the refusal of a request that the schema refuses.
func broken(cause error) *refused {
	description := "Messaggio XML non valido"
	if field, ok := errors.AsType[*soap.FieldError](cause); ok {
		description = "Elemento non valido: " + field.Path
	}
	return &refused{soap.FaultSyntax, description, cause}
}

// refusal is the table from errors to what the Node is told. What is ours to fix
// is a generic error, without detail.
func refusal(err error) *refused {
	if r, ok := errors.AsType[*refused](err); ok {
		return r
	}
	if r, ok := errors.AsType[*domain.Refusal](err); ok && r.Kind == domain.NotFound {
		return &refused{soap.FaultUnknownNotice, "", err}
	}
	return &refused{soap.FaultSystem, "", err}
}

// statusFaults are the answers to who asks for a debt that is not open.
var statusFaults = map[Status]soap.FaultCode{
	StatusUnknown:   soap.FaultUnknownNotice,
	StatusPaid:      soap.FaultPaid,
	StatusCancelled: soap.FaultCancelled,
	StatusExpired:   soap.FaultExpired,
}
