package frame

import (
	"context"
	"errors"
	"net/http"

	"github.com/google/uuid"
)

// Witness keeps who of the staff looked at whose data.
type Witness interface {
	// Looked keeps a look, and returns when it is durable: the page is shown after
	// that, or not at all.
	Looked(ctx context.Context, look Look) error
}

// Look is one page of personal data that somebody of the staff is about to see.
type Look struct {
	Account Account
	Page    string      // the path, without what was searched for
	Of      []uuid.UUID // the parents and the children whose data it shows
	Addr    string      // an IP address
}

// errNoWitness says that a page of others' data has nobody to note it.
var errNoWitness = errors.New("frame: a page of personal data, and no witness")

// Noted notes that who is about to see personal data of persons. Show does it for
// Page.Of; what answers with a file calls it itself, before.
func (s *Site) Noted(r *http.Request, who Visit, of ...uuid.UUID) error {
	if len(of) == 0 {
		return nil
	}
	if s.Witness == nil {
		return errNoWitness
	}
	return s.Witness.Looked(r.Context(), Look{Account: who.Account, Page: r.URL.Path, Of: of, Addr: Address(r)})
}
