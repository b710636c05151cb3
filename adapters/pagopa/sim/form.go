package sim

import (
	"errors"
	"net/http"
	"strings"
)

// errForm is a form that no page of the simulator has.
var errForm = errors.New("pagopa sim: a form of no page")

// formErrors are what the payer has to put right, in the order of the form.
type formErrors []fieldError

// fieldError is one thing to put right. Field is the id of its input.
type fieldError struct {
	Field   string
	Message string
}

func (e *formErrors) add(field, message string) { *e = append(*e, fieldError{field, message}) }

// For returns the message of a field, or "".
func (e formErrors) For(field string) string {
	for _, f := range e {
		if f.Field == field {
			return f.Message
		}
	}
	return ""
}

func parseForm(r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return errors.Join(errForm, err)
	}
	return nil
}

// field is one text input of a form; its name is its id.
type field struct {
	ID, Label    string
	Type         string // "text" when empty
	Autocomplete string
	Numeric      bool // wants the keyboard of digits
	Value        string
	Example      string // shown while the field is empty
	Hint         string
	Error        string
}

// Described names the elements that say more about f.
func (f field) Described() string {
	var ids []string
	if f.Error != "" {
		ids = append(ids, f.ID+"-errore")
	}
	if f.Hint != "" {
		ids = append(ids, f.ID+"-aiuto")
	}
	return strings.Join(ids, " ")
}
