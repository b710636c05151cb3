package revision

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
	"github.com/saldo-ledger/saldo/eventstore/audit/register"
)

// big prints a number with its thousands apart: 1.204.332.
func big(n any) string {
	digits := fmt.Sprint(n)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "." + digits[at:]
	}
	return digits
}

// percent is a part of a whole, for a bar.
func percent(part, whole uint64) uint64 {
	if whole == 0 {
		return 0
	}
	return min(100, part*100/whole)
}

// accountName says an account in words, as registers do.
func accountName(a domain.Account) string { return register.AccountName(a) }

// accountChoice lists accounts to choose from; none says what choosing none means.
func accountChoice(accounts []domain.Account, chosen string, problems frame.FormErrors, none string) frame.Choice {
	options := []frame.Option{{Name: none}}
	for _, a := range accounts {
		options = append(options, frame.Option{Value: string(a), Name: accountName(a)})
	}
	return frame.NewChoice(accountField, "Conto", chosen, options, problems).Free()
}

func fateName(f audit.Fate) string {
	if f == audit.Erased {
		return "dati personali cancellati"
	}
	return "dati personali sigillati"
}

// appendNew appends what is not there yet.
func appendNew[T comparable](all []T, one T) []T {
	if slices.Contains(all, one) {
		return all
	}
	return append(all, one)
}

// endOf is when a day that was typed ends in Italy: dd/mm/yyyy or yyyy-mm-dd.
func endOf(e *frame.FormErrors, field, typed string, rome *time.Location) time.Time {
	for _, form := range []string{"2/1/2006", time.DateOnly} {
		if day, err := time.ParseInLocation(form, typed, rome); err == nil {
			return time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, rome).Add(-time.Nanosecond)
		}
	}
	e.Add(field, "Scrivi una data, ad esempio 12/02/2020")
	return time.Time{}
}

// typedDay writes the end of a day as endOf reads it; "" for no date.
func typedDay(t time.Time, rome *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(rome).Format("02/01/2006")
}

// periodName says a month or a year in words.
func periodName(p domain.ClosingPeriod) string {
	year, month, ok := strings.Cut(string(p), "-")
	if !ok {
		return "anno " + year
	}
	n, _ := strconv.Atoi(month) // a period was parsed before
	last := domain.DateOf(p.End().AddDate(0, 0, -1))
	return frame.Spoken(domain.Period{From: domain.Date(fmt.Sprintf("%s-%02d-01", year, n)), To: last})
}

// eventAt is where the event at a position is shown among all.
func eventAt(at eventstore.Position) string {
	return fmt.Sprintf("%s?%s=%d", replayPath, positionField, at)
}

// pass is a link to another event of a story; without an address there is none.
type pass struct{ ID, Name, URL string }

func newPass(id, name, url string) pass { return pass{id, name, url} }
