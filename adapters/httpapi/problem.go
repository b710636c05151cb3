package httpapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/projections"
)

// problem is an RFC 9457 problem detail. Field and Rule say which input broke
// which rule of the ledger; Reference finds an internal error in the log.
type problem struct {
	Type      string `json:"type"`
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Detail    string `json:"detail,omitempty"`
	Field     string `json:"field,omitempty"`
	Rule      string `json:"rule,omitempty"`
	Reference string `json:"reference,omitempty"`
}

// sentence is what a person reads after the status.
func (p problem) sentence() string {
	var b strings.Builder
	for _, part := range []string{p.Title, p.Detail} {
		if part != "" {
			b.WriteString(": " + part)
		}
	}
	return b.String()
}

func writeProblem(w http.ResponseWriter, p problem) {
	if p.Type == "" {
		p.Type = "about:blank"
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the caller went away
}

// retryAfter is how many seconds a caller may wait while the log takes no events.
const retryAfter = "10"

// fail maps an error to its problem: the one table of this adapter.
func (a *api) fail(w http.ResponseWriter, r *http.Request, err error) {
	var refusal *domain.Refusal
	var frame *malformed
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &frame):
		writeProblem(w, problem{Status: http.StatusBadRequest, Title: "Malformed request", Detail: err.Error(), Field: frame.field, Rule: frame.rule})
	case errors.As(err, &large):
		writeProblem(w, problem{Status: http.StatusRequestEntityTooLarge, Title: "The body is too large", Detail: fmt.Sprintf("At most %d bytes", large.Limit)})
	case errors.As(err, &refusal):
		writeProblem(w, problem{
			Status: statusOf(refusal.Kind), Title: titleOf(refusal.Kind),
			Detail: err.Error(), Field: refusal.Field, Rule: refusal.Rule,
		})
	case errors.Is(err, errNotToOpen) || errors.Is(err, errOtherBody):
		writeProblem(w, problem{Status: http.StatusForbidden, Title: "The token does not allow this", Detail: err.Error()})
	case errors.Is(err, projections.ErrNotFound):
		writeProblem(w, problem{Status: http.StatusNotFound, Title: titleOf(domain.NotFound), Detail: "No such thing here"})
	case errors.Is(err, eventstore.ErrCommandReused):
		writeProblem(w, problem{
			Status: http.StatusUnprocessableEntity, Title: "The idempotency key was used for another request",
			Field: headerIdempotency, Rule: "a key belongs to one request, for ever",
		})
	case errors.Is(err, eventstore.ErrUnavailable) || errors.Is(err, eventstore.ErrContended):
		w.Header().Set("Retry-After", retryAfter)
		a.fault(w, r, err, problem{
			Status: http.StatusServiceUnavailable, Title: "The ledger takes no commands now",
			Detail: "Send the same request again later, with the same key; what was filed before is still there",
		})
	case errors.Is(err, projections.ErrBuilding):
		w.Header().Set("Retry-After", retryAfter)
		writeProblem(w, problem{
			Status: http.StatusServiceUnavailable, Title: "The views are being built",
			Detail: "Commands are carried out meanwhile; ask again later for what they change",
		})
	case r.Context().Err() != nil: // the caller went away
	default:
		a.fault(w, r, err, problem{Status: http.StatusInternalServerError, Title: "Internal error"})
	}
}

// fault answers what is ours to put right: the caller gets a reference to what the
// operator reads.
func (a *api) fault(w http.ResponseWriter, r *http.Request, err error, p problem) {
	p.Reference = uuid.NewString()
	a.Logger.Error("a request failed", "reference", p.Reference, "method", r.Method, "path", r.URL.Path, "error", err)
	writeProblem(w, p)
}

func statusOf(k domain.Kind) int {
	switch k {
	case domain.NotFound:
		return http.StatusNotFound
	case domain.Conflict:
		return http.StatusConflict
	}
	return http.StatusUnprocessableEntity
}

func titleOf(k domain.Kind) string {
	switch k {
	case domain.NotFound:
		return "Not found"
	case domain.Conflict:
		return "Not possible as things stand"
	}
	return "Invalid input"
}
