package domain

// Kind says what sort of no a Refusal is; each adapter maps it once.
type Kind int

const (
	// Invalid input: the command itself can never be carried out.
	Invalid Kind = iota + 1
	// NotFound: the command names something that does not exist.
	NotFound
	// Conflict: the command cannot be carried out as things stand.
	Conflict
)

// Refusal is a rule of the ledger saying no. Callers and auditors see Rule;
// Field names the input the rule is about, and is empty when the rule is about
// the state of things.
type Refusal struct {
	Kind  Kind
	Field string
	Rule  string
}

// Error returns the rule, after the field it is about.
func (r *Refusal) Error() string {
	if r.Field == "" {
		return r.Rule
	}
	return r.Field + ": " + r.Rule
}

// Refusals of values, whatever the aggregate.
var (
	ErrBadAmount       = &Refusal{Invalid, "amount", "an amount is a decimal number of euro with at most two decimals"}
	ErrBadPersonCode   = &Refusal{Invalid, "fiscalCode", "a person's codice fiscale is 16 characters with a plausible date and a right check character"}
	ErrBadBodyCode     = &Refusal{Invalid, "fiscalCode", "a body's codice fiscale is 11 digits"}
	ErrBadNoticeNumber = &Refusal{Invalid, "noticeNumber", "a notice number is 18 digits"}
	ErrBadDate         = &Refusal{Invalid, "date", "a date is written yyyy-mm-dd"}
)
