package sim

import (
	"slices"
	"strings"
	"time"

	"github.com/saldo-ledger/saldo/domain"
)

// movement is one line of a body's account at its treasurer.
type movement struct {
	account
	Day      time.Time // booked; value is the same day
	Document int       // number of the provvisorio
	Amount   domain.Money
	Reversal bool // takes a credit back
	TRN      string
	Flow     string // identificativoFlusso
	From     string
	Causale  []string // its lines
}

// signed is what the movement does to the balance.
func (m movement) signed() domain.Money {
	if m.Reversal {
		return m.Amount.Neg()
	}
	return m.Amount
}

// book books the credit of a flow, as the switches let the bank.
func (b *books) book(f *flow) {
	if f.Switches.NoCredit {
		return
	}
	m := movement{
		account: f.account, Day: f.Value, Amount: f.collected(), TRN: f.TRN, Flow: f.ID,
		From: f.PSP.CompanyName + " Servizio pagoPA", Causale: causale(f.ID, f.Switches),
	}
	if f.Switches.OtherAmount && m.Amount > excess {
		m.Amount -= excess
	}
	m.Document = b.document(m)
	b.enter(m)
	if f.Switches.Reversed {
		m.Day, m.Reversal = workingDay(m.Day.AddDate(0, 0, 1)), true
		b.enter(m)
		m.Reversal = false
		m.Document = b.document(m)
		b.enter(m)
	}
}

// document is the number of the next provvisorio of the body's year.
func (b *books) document(m movement) int {
	if b.documents == nil {
		b.documents = map[yearOf]int{}
	}
	key := yearOf{m.Body, m.Day.Year()}
	b.documents[key]++
	return b.documents[key]
}

func (b *books) enter(m movement) {
	b.movements = append(b.movements, m)
	for len(b.movements) > maxMovements {
		oldest := b.movements[0]
		if b.forgotten == nil {
			b.forgotten = map[account]domain.Money{}
		}
		b.forgotten[oldest.account] += oldest.signed()
		b.movements = slices.Delete(b.movements, 0, 1)
	}
}

// The two forms of the causale (SACI), and what a bank makes of it.
const (
	causaleForm    = "/PUR/LGPE-RIVERSAMENTO/TXT/0/URI/"
	oldCausaleForm = "/PUR/LGPE-RIVERSAMENTO/URI/"
	causaleLine    = 35
)

func causale(flow string, s FlowSwitches) []string {
	text := causaleForm + flow
	if s.OldForm {
		text = oldCausaleForm + flow
	}
	if s.Blanks {
		// A bank that writes in columns: a blank after each 10 characters of the id.
		text = "BONIFICO SEPA A VS FAVORE " + strings.TrimSuffix(text, flow) + spaced(flow, 10) + " NOTPROVIDE"
	}
	if !s.Wrapped {
		return []string{text}
	}
	var lines []string
	for len(text) > causaleLine {
		lines = append(lines, text[:causaleLine])
		text = text[causaleLine:]
	}
	return append(lines, text)
}

// spaced is s with a blank after each n characters.
func spaced(s string, n int) string {
	var parts []string
	for len(s) > n {
		parts = append(parts, s[:n])
		s = s[n:]
	}
	return strings.Join(append(parts, s), " ")
}

// firstBalance is what is on each account before anything is booked.
const firstBalance domain.Money = 100_000

// journal is one day of one account.
type journal struct {
	account
	Opening, Closing domain.Money
	Movements        []movement
}

// In is what the day brought.
func (j journal) In() (sum domain.Money) {
	for _, m := range j.Movements {
		if !m.Reversal {
			sum += m.Amount
		}
	}
	return sum
}

// Out is what the day took.
func (j journal) Out() (sum domain.Money) {
	for _, m := range j.Movements {
		if m.Reversal {
			sum += m.Amount
		}
	}
	return sum
}

// noAccount stands in where nothing was ever booked for a body.
const noAccount = "IT00X0000000000000000000000"

// day returns a body's accounts on one day, which is over or today.
func (b *books) day(body domain.FiscalCode, day, now time.Time) []journal {
	b.close(now)
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []journal
	at := func(a account) *journal {
		i := slices.IndexFunc(all, func(j journal) bool { return j.account == a })
		if i < 0 {
			opening := firstBalance + b.forgotten[a]
			all = append(all, journal{account: a, Opening: opening, Closing: opening})
			i = len(all) - 1
		}
		return &all[i]
	}
	for _, m := range b.movements {
		if m.Body != body || m.Day.After(day) {
			continue
		}
		j := at(m.account)
		j.Closing += m.signed()
		if m.Day.Equal(day) {
			j.Movements = append(j.Movements, m)
		} else {
			j.Opening += m.signed()
		}
	}
	if len(all) == 0 {
		at(account{body, noAccount})
	}
	return all
}

// days returns the days with movements of a body until now, latest first.
func (b *books) days(body domain.FiscalCode, now time.Time) []time.Time {
	b.close(now)
	b.mu.Lock()
	defer b.mu.Unlock()
	var days []time.Time
	for _, m := range b.movements {
		if m.Body == body && !m.Day.After(now) && !slices.ContainsFunc(days, m.Day.Equal) {
			days = append(days, m.Day)
		}
	}
	slices.SortFunc(days, func(x, y time.Time) int { return y.Compare(x) })
	return days
}
