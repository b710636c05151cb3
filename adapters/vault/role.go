package vault

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
)

// Role is what a person or a program may do, in the customer's words.
type Role string

// The roles.
const (
	Genitore        Role = "genitore"        // a parent: own family's bulletins
	Ufficio         Role = "ufficio"         // the school office: enrols and issues
	Revisore        Role = "revisore"        // an auditor: reads everything, writes nothing
	Riconciliazione Role = "riconciliazione" // a reconciliation officer
	Amministratore  Role = "amministratore"  // configures creditors, categories and users
)

// ErrBadRoles refuses an account without a role or with one that does not exist.
var ErrBadRoles = &domain.Refusal{Kind: domain.Invalid, Field: "roles",
	Rule: "an account has at least one role, among genitore, ufficio, revisore, riconciliazione and amministratore"}

// Account is who is asking.
type Account struct {
	Subject uuid.UUID // the person, or the program that holds an API token
	Name    string    // the username in lower case, or the API token's name
	Roles   []Role    // sorted, each once
}

// Has reports whether the account has the role.
func (a Account) Has(role Role) bool { return slices.Contains(a.Roles, role) }

// sortedRoles returns roles sorted, each once, or ErrBadRoles.
func sortedRoles(roles []Role) ([]Role, error) {
	for _, role := range roles {
		switch role {
		case Genitore, Ufficio, Revisore, Riconciliazione, Amministratore:
		default:
			return nil, fmt.Errorf("role %q: %w", role, ErrBadRoles)
		}
	}
	if len(roles) == 0 {
		return nil, ErrBadRoles
	}
	return slices.Compact(slices.Sorted(slices.Values(roles))), nil
}

// joinRoles is how a column holds roles; splitRoles reads it.
func joinRoles(roles []Role) string {
	words := make([]string, len(roles))
	for i, role := range roles {
		words[i] = string(role)
	}
	return strings.Join(words, " ")
}

func splitRoles(column string) []Role {
	words := strings.Fields(column)
	roles := make([]Role, len(words))
	for i, word := range words {
		roles[i] = Role(word)
	}
	return roles
}
