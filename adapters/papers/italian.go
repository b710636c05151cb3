package papers

import (
	"strings"

	"github.com/saldo-ledger/saldo/domain"
)

// ItalianAmount prints an amount of euro as Italians write it: "1.234,50".
func ItalianAmount(m domain.Money) string {
	text := m.String()
	sign := ""
	if m < 0 {
		sign, text = "-", text[1:]
	}
	euro, cents, _ := strings.Cut(text, ".")
	for i := len(euro) - 3; i > 0; i -= 3 {
		euro = euro[:i] + "." + euro[i:]
	}
	return sign + euro + "," + cents
}

// italianDay prints a day as "31/12/2026".
func italianDay(d domain.Date) string { return d.Time().Format("02/01/2006") }
