package httpapi

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/google/uuid"
	"github.com/gorilla/mux"

	"github.com/saldo-ledger/saldo/domain"
)

// errOtherBody says that a token of one body asks about another, or about all.
var errOtherBody = errors.New("the token is of one body, and this is another's, or of the whole installation")

// atHome lets a token that is of one body do what is that body's alone. Things that
// tell their body only when they are looked up are as unknown as those that do not
// exist. Where no body is in the address the command's own check remains: see ofBody.
func (a *api) atHome(r *http.Request, holder Holder, path string) error {
	if holder.Body == "" {
		return nil
	}
	vars := mux.Vars(r)
	switch {
	case vars["creditor"] != "":
		return holder.at(domain.FiscalCode(vars["creditor"]))
	case vars["consumer"] != "":
		return a.ofThing(r, holder, "consumer", domain.ErrUnknownConsumer, func(id uuid.UUID) (domain.FiscalCode, error) {
			c, err := a.Ledger.KnownConsumer(r.Context(), domain.ConsumerID{UUID: id})
			return c.Creditor, err
		})
	case vars["payment"] != "":
		return a.ofThing(r, holder, "payment", domain.ErrUnknownPayment, func(id uuid.UUID) (domain.FiscalCode, error) {
			p, err := a.Ledger.KnownPayment(r.Context(), domain.PaymentID{UUID: id})
			return p.Selected.Creditor, err
		})
	case vars["request"] != "":
		return a.ofThing(r, holder, "request", domain.ErrUnknownLinkRequest, func(id uuid.UUID) (domain.FiscalCode, error) {
			q, err := a.Ledger.KnownLinkRequest(r.Context(), domain.LinkRequestID{UUID: id})
			return q.Creditor, err
		})
	case path == "/parents", path == "/payments":
		return nil
	}
	return errOtherBody
}

// ofThing looks up whose a thing of the address is.
func (a *api) ofThing(r *http.Request, holder Holder, name string, unknown error, body func(uuid.UUID) (domain.FiscalCode, error)) error {
	id, err := pathUUID(r, name)
	if err != nil {
		return err
	}
	whose, err := body(id)
	if err != nil {
		return err
	}
	if holder.at(whose) != nil {
		return fmt.Errorf("%s %s: %w", name, id, unknown)
	}
	return nil
}

// at refuses another body than the holder's.
func (h Holder) at(body domain.FiscalCode) error {
	if h.Body != "" && h.Body != body {
		return fmt.Errorf("body %s: %w", body, errOtherBody)
	}
	return nil
}

// ofBody is the body that a command without one in its address is for: what it names,
// or the holder's where it may name none.
func ofBody(r *http.Request, named domain.FiscalCode) (domain.FiscalCode, error) {
	holder := r.Context().Value(holderKey{}).(Holder)
	if named == "" {
		return holder.Body, nil
	}
	return named, holder.at(named)
}
