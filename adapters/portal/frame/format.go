package frame

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/saldo-ledger/saldo/domain"
)

// nbsp keeps an amount and its sign on one line.
const nbsp = "\u00a0"

// Euro prints an amount as Italian forms do: "1.234,50 €", debts "-57,33 €".
func Euro(m domain.Money) string {
	cents, sign := uint64(m), ""
	if m < 0 {
		cents, sign = -cents, "-"
	}
	whole := strconv.FormatUint(cents/100, 10)
	for at := len(whole) - 3; at > 0; at -= 3 {
		whole = whole[:at] + "." + whole[at:]
	}
	return fmt.Sprintf("%s%s,%02d%s€", sign, whole, cents%100, nbsp)
}

// Plain prints an amount to be pasted into a form: "57,33".
func Plain(m domain.Money) string { return strings.Replace(m.String(), ".", ",", 1) }

// Day prints a date dd/mm/yyyy; no date is the empty string.
func Day(d domain.Date) string {
	if !d.Valid() {
		return ""
	}
	return d.Time().Format("02/01/2006")
}

var months = [...]string{
	"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno",
	"luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre",
}

// Spoken names a period as one would say it: a whole month by its name.
func Spoken(p domain.Period) string {
	if !p.Valid() {
		return ""
	}
	from, to := p.From.Time(), p.To.Time()
	if from.Day() == 1 && to.Equal(from.AddDate(0, 1, -1)) {
		return months[from.Month()-1] + " " + strconv.Itoa(from.Year())
	}
	return "dal " + Day(p.From) + " al " + Day(p.To)
}

// Masked shows enough of an e-mail address to recognise it: "t***@live.it".
func Masked(address string) string {
	local, host, _ := strings.Cut(address, "@")
	first := []rune(local)
	if len(first) > 1 {
		first = first[:1]
	}
	return string(first) + "***@" + host
}

// Kilobytes prints the size of a file to be downloaded, rounded up.
func Kilobytes(size int) string {
	return strconv.Itoa((size+1023)/1024) + nbsp + "kB"
}

// Minutes prints a wait in words, rounded up.
func Minutes(d time.Duration) string {
	n := int((d + time.Minute - 1) / time.Minute)
	if n <= 1 {
		return "1 minuto"
	}
	return strconv.Itoa(n) + " minuti"
}

// Count prints a number with its noun.
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
