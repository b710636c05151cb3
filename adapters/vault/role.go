package vault

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
)

// ErrBadRoles refuses an account without a role or with one that does not exist.
var ErrBadRoles = &domain.Refusal{Kind: domain.Invalid, Field: "roles",
	Rule: "an account has at least one role, among genitore, ufficio, revisore, riconciliazione and amministratore"}

// Account is who is asking.
type Account struct {
	Subject uuid.UUID     // the person, or the program that holds an API token
	Name    string        // the username in lower case, or the API token's name
	Roles   []domain.Role // sorted, each once
	// Body is where the account can enter, or the token is good, of an installation that serves several
	// bodies; empty is all of them. Of a session it is where it was opened.
	Body domain.FiscalCode
}

// Has reports whether the account has the role.
func (a Account) Has(role domain.Role) bool { return slices.Contains(a.Roles, role) }

// sortedRoles returns roles sorted, each once, or ErrBadRoles.
func sortedRoles(roles []domain.Role) ([]domain.Role, error) {
	for _, role := range roles {
		if !slices.Contains(domain.Roles, role) {
			return nil, fmt.Errorf("role %q: %w", role, ErrBadRoles)
		}
	}
	if len(roles) == 0 {
		return nil, ErrBadRoles
	}
	return slices.Compact(slices.Sorted(slices.Values(roles))), nil
}

// joinRoles is how a column holds roles; splitRoles reads it.
func joinRoles(roles []domain.Role) string {
	words := make([]string, len(roles))
	for i, role := range roles {
		words[i] = string(role)
	}
	return strings.Join(words, " ")
}

func splitRoles(column string) []domain.Role {
	words := strings.Fields(column)
	roles := make([]domain.Role, len(words))
	for i, word := range words {
		roles[i] = domain.Role(word)
	}
	return roles
}
