package frame

import (
	"strings"

	"github.com/saldo-ledger/saldo/domain"
)

// Option is one entry of a Choice.
type Option struct{ Value, Name string }

// Choice is a list to choose from, in a form. The fragment "scelta" shows it.
type Choice struct {
	ID, Label, Value, Error string
	Options                 []Option
	Optional                bool // no entry is added that says to choose
}

// NewChoice is a list to choose from, with what was chosen before.
func NewChoice(id, label, value string, options []Option, problems FormErrors) Choice {
	return Choice{ID: id, Label: label, Value: value, Error: problems.For(id), Options: options}
}

// Free returns c as one whose entries are all there is to choose.
func (c Choice) Free() Choice {
	c.Optional = true
	return c
}

// ParseEuro reads an amount as Italians write it: 1.234,56.
func ParseEuro(typed string) (domain.Money, error) {
	if strings.ContainsRune(typed, ',') {
		typed = strings.Replace(strings.ReplaceAll(typed, ".", ""), ",", ".", 1)
	}
	return domain.ParseMoney(typed)
}

// Day reads dd/mm/yyyy, or yyyy-mm-dd as browsers with a calendar send it; anything
// else is a thing to put right.
func (e *FormErrors) Day(field, typed, ask string) domain.Date {
	if parts := strings.Split(typed, "/"); len(parts) == 3 && len(parts[0]) <= 2 && len(parts[1]) <= 2 {
		typed = parts[2] + "-" + leadingZero(parts[1]) + "-" + leadingZero(parts[0])
	}
	d := domain.Date(typed)
	if !d.Valid() {
		e.Add(field, ask)
	}
	return d
}

func leadingZero(number string) string {
	if len(number) == 1 {
		return "0" + number
	}
	return number
}
