package frame

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// FormErrors are what somebody has to put right, in the order of the form. The
// fragment "errors" shows them above it.
type FormErrors []FieldError

// FieldError is one thing to put right. Field is the id of its input.
type FieldError struct {
	Field   string
	Message string
}

// Wrong is one thing to put right.
func Wrong(field, message string) FormErrors { return FormErrors{{field, message}} }

// Add adds a thing to put right.
func (e *FormErrors) Add(field, message string) { *e = append(*e, FieldError{field, message}) }

// For returns the message of a field, or "".
func (e FormErrors) For(field string) string {
	for _, f := range e {
		if f.Field == field {
			return f.Message
		}
	}
	return ""
}

// ParseForm reads a posted form into r.PostForm, or answers ErrForm.
func ParseForm(r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return errors.Join(ErrForm, err)
	}
	return nil
}

// Field is one input of a form, as the fragment "input" shows it.
type Field struct {
	ID, Label, Kind, Autocomplete string
	Value, Hint, Error            string
	Optional                      bool
	Options                       []string // of a list to choose from
}

func newField(id, label, kind, autocomplete string, problems FormErrors) Field {
	return Field{ID: id, Label: label, Kind: kind, Autocomplete: autocomplete, Error: problems.For(id)}
}

// With returns f with a value typed before.
func (f Field) With(value string) Field {
	f.Value = value
	return f
}

// Hinted returns f with a text that helps to fill it in.
func (f Field) Hinted(hint string) Field {
	f.Hint = hint
	return f
}

// Free returns f as one that may be left empty.
func (f Field) Free() Field {
	f.Optional = true
	return f
}

// Among returns f as a choice among options.
func (f Field) Among(options []string) Field {
	f.Options = options
	return f
}

// Described names the elements that say more about f.
func (f Field) Described() string {
	var ids []string
	if f.Error != "" {
		ids = append(ids, f.ID+"-errore")
	}
	if f.Hint != "" {
		ids = append(ids, f.ID+"-aiuto")
	}
	return strings.Join(ids, " ")
}

// Download answers with a file to keep.
func Download(w http.ResponseWriter, kind, name string, content []byte) {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name))
	h.Set("Content-Length", strconv.Itoa(len(content)))
	_, _ = w.Write(content) // an error here is a browser that went away
}
