package portal

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/saldo-ledger/saldo/domain"
)

// nbsp keeps an amount and its sign on one line.
const nbsp = "\u00a0"

// euro prints an amount as Italian forms do: "1.234,50 €", debts "-57,33 €".
func euro(m domain.Money) string {
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

// plain prints an amount to be pasted into a form: "57,33".
func plain(m domain.Money) string { return strings.Replace(m.String(), ".", ",", 1) }

// day prints a date dd/mm/yyyy; no date is the empty string.
func day(d domain.Date) string {
	if !d.Valid() {
		return ""
	}
	return d.Time().Format("02/01/2006")
}

var months = [...]string{
	"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno",
	"luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre",
}

// spoken names a period as one would say it: a whole month by its name.
func spoken(p domain.Period) string {
	if !p.Valid() {
		return ""
	}
	from, to := p.From.Time(), p.To.Time()
	if from.Day() == 1 && to.Equal(from.AddDate(0, 1, -1)) {
		return months[from.Month()-1] + " " + strconv.Itoa(from.Year())
	}
	return "dal " + day(p.From) + " al " + day(p.To)
}

// pupils prints children as bulletins name them: "MAT. BORSELLINO, UTENTE TEST".
func pupils(list []Pupil) string {
	names := make([]string, len(list))
	for i, p := range list {
		names[i] = p.School + ", " + p.Name
	}
	return strings.Join(names, "; ")
}

// diet hides the reason of a diet: it can tell of health or faith.
func diet(name string) string {
	if name == "" || strings.EqualFold(name, "NORMALE") {
		return "NORMALE"
	}
	return "DIETA SPECIALE"
}

// masked shows enough of an e-mail address to recognise it: "t***@live.it".
func masked(address string) string {
	local, host, _ := strings.Cut(address, "@")
	first := []rune(local)
	if len(first) > 1 {
		first = first[:1]
	}
	return string(first) + "***@" + host
}

// kilobytes prints the size of a file to be downloaded, rounded up.
func kilobytes(size int) string {
	return strconv.Itoa((size+1023)/1024) + nbsp + "kB"
}

// minutes prints a wait in words, rounded up.
func minutes(d time.Duration) string {
	n := int((d + time.Minute - 1) / time.Minute)
	if n <= 1 {
		return "1 minuto"
	}
	return strconv.Itoa(n) + " minuti"
}

// count prints a number with its noun.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
