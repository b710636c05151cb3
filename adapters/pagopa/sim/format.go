package sim

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
)

// euro prints an amount as Italians read it: "1.234,50 €", on one line.
func euro(m domain.Money) string {
	cents, sign := uint64(m), ""
	if m < 0 {
		cents, sign = -cents, "-"
	}
	whole := strconv.FormatUint(cents/100, 10)
	for at := len(whole) - 3; at > 0; at -= 3 {
		whole = whole[:at] + "." + whole[at:]
	}
	return fmt.Sprintf("%s%s,%02d\u00a0€", sign, whole, cents%100)
}

// day prints a date of the wire as dd/mm/yyyy; no date is the empty string.
func day(d soap.Date) string {
	t, err := d.In(time.UTC)
	if err != nil || t.IsZero() {
		return ""
	}
	return t.Format("02/01/2006")
}

// groups prints a number in groups of four.
func groups(s string) string {
	var b strings.Builder
	for i, r := range s {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// count prints a number with its noun.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
