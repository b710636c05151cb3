package register

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/table"
	"github.com/saldo-ledger/saldo/eventstore/audit"
	"github.com/saldo-ledger/saldo/eventstore/embedded"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
	"github.com/saldo-ledger/saldo/eventstore/ledger/town"
)

// february is the query of these tests.
func february(kind Kind) Query {
	return Query{Kind: kind, Creditor: comune, From: "2020-02-01", To: "2020-02-29"}
}

// book is the lines of a book, of the columns that paper has, as text.
func book(t *testing.T, w *world, q Query) string {
	t.Helper()
	q, err := q.Fix(t.Context(), w.log)
	if err != nil {
		t.Fatal(err)
	}
	columns := q.Kind.Columns()
	var out strings.Builder
	for l, err := range Lines(t.Context(), w.log, q, nil) {
		if err != nil {
			t.Fatal(err)
		}
		if len(l.Cells) != len(columns) {
			t.Fatalf("%d cells under %d columns: %v", len(l.Cells), len(columns), l)
		}
		var texts []string
		for i, c := range l.Cells {
			if c.Set && !columns[i].Long {
				texts = append(texts, shown(columns[i].Kind, c))
			}
		}
		fmt.Fprintf(&out, "%s%s\n", l.Role, " | "+strings.Join(texts, " | "))
	}
	return out.String()
}

func shown(kind table.Kind, c table.Cell) string {
	switch kind {
	case table.Whole:
		return fmt.Sprint(c.Whole)
	case table.Amount:
		return c.Amount.String()
	case table.Moment:
		return c.Moment.Format("02/01 15:04")
	}
	return c.Text
}

func compare(t *testing.T, got, want string) {
	t.Helper()
	if strings.TrimSpace(got) != strings.TrimSpace(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestTheGiornaleHasEveryPostingOfThePeriodInTheOrderOfTheLog(t *testing.T) {
	compare(t, book(t, winter(t), february(Giornale)), `
 | 1 | 9 | 03/02 13:00 | 03/02 13:00 | Pasto addebitato | wallet:11111111-1111-4111-8111-111111111111 | 4.50
 | 1 | 9 | 03/02 13:00 | 03/02 13:00 | Pasto addebitato | revenue:MENSA | 4.50
 | 2 | 11 | 05/02 13:00 | 05/02 13:00 | Pasto addebitato | wallet:22222222-2222-4222-8222-222222222222 | 4.50
 | 2 | 11 | 05/02 13:00 | 05/02 13:00 | Pasto addebitato | revenue:MENSA | 4.50
 | 3 | 13 | 28/02 13:00 | 02/03 13:00 | Pasto addebitato | wallet:22222222-2222-4222-8222-222222222222 | 4.50
 | 3 | 13 | 28/02 13:00 | 02/03 13:00 | Pasto addebitato | revenue:MENSA | 4.50
total | Totale | 13.50 | 13.50
`)
}

func TestTheMastriniTellEachAccountFromItsBalanceToItsBalance(t *testing.T) {
	want := `
opening | pagopa:transit | Saldo iniziale | 30.00
closing | pagopa:transit | Saldo finale | 0.00 | 0.00 | 30.00
opening | revenue:MENSA | Saldo iniziale | -4.50
 | revenue:MENSA | 1 | 9 | 03/02 13:00 | 03/02 13:00 | Pasto addebitato | 4.50 | -9.00
 | revenue:MENSA | 2 | 11 | 05/02 13:00 | 05/02 13:00 | Pasto addebitato | 4.50 | -13.50
 | revenue:MENSA | 3 | 13 | 28/02 13:00 | 02/03 13:00 | Pasto addebitato | 4.50 | -18.00
closing | revenue:MENSA | Saldo finale | 0.00 | 13.50 | -18.00
opening | wallet:11111111-1111-4111-8111-111111111111 | Saldo iniziale | -15.50
 | wallet:11111111-1111-4111-8111-111111111111 | 1 | 9 | 03/02 13:00 | 03/02 13:00 | Pasto addebitato | 4.50 | -11.00
closing | wallet:11111111-1111-4111-8111-111111111111 | Saldo finale | 4.50 | 0.00 | -11.00
opening | wallet:22222222-2222-4222-8222-222222222222 | Saldo iniziale | -10.00
 | wallet:22222222-2222-4222-8222-222222222222 | 2 | 11 | 05/02 13:00 | 05/02 13:00 | Pasto addebitato | 4.50 | -5.50
 | wallet:22222222-2222-4222-8222-222222222222 | 3 | 13 | 28/02 13:00 | 02/03 13:00 | Pasto addebitato | 4.50 | -1.00
closing | wallet:22222222-2222-4222-8222-222222222222 | Saldo finale | 9.00 | 0.00 | -1.00
total | Totale | 13.50 | 13.50
`
	compare(t, book(t, winter(t), february(Mastrini)), want)
}

func TestTheBilancioTellsWhatMovedOnEveryAccount(t *testing.T) {
	compare(t, book(t, winter(t), february(Bilancio)), `
 | pagopa:transit | Incassi pagoPA in transito | 30.00 | 0.00 | 0.00 | 30.00
 | revenue:MENSA | Ricavi di MENSA | -4.50 | 0.00 | 13.50 | -18.00
 | wallet:11111111-1111-4111-8111-111111111111 | Ricarica del bambino 11111111-1111-4111-8111-111111111111 | -15.50 | 4.50 | 0.00 | -11.00
 | wallet:22222222-2222-4222-8222-222222222222 | Ricarica del bambino 22222222-2222-4222-8222-222222222222 | -10.00 | 9.00 | 0.00 | -1.00
total | Totale | 0.00 | 13.50 | 13.50 | 0.00
`)
}

// A book of the past is the book as it was known then, or up to a position.
func TestABookCanBeOfWhatWasKnownThen(t *testing.T) {
	w := winter(t)
	known, upTo := february(Giornale), february(Giornale)
	known.RecordedBy = noon(2, 29)
	upTo.Position = 12
	for _, q := range []Query{known, upTo} {
		if got := book(t, w, q); !strings.HasSuffix(got, "total | Totale | 9.00 | 9.00\n") {
			t.Errorf("%+v: %s", q, got)
		}
	}
}

// A day is one in Italy: half past eleven in UTC, in February, is of the next.
func TestDaysAreItalys(t *testing.T) {
	w := newWorld(t)
	w.credited(anna, 1_00, time.Date(2020, 2, 29, 23, 30, 0, 0, time.UTC))
	if got := book(t, w, february(Giornale)); got != "total | Totale | 0.00 | 0.00\n" {
		t.Errorf("29 February has %s", got)
	}
	march := Query{Kind: Giornale, Creditor: comune, From: "2020-03-01", To: "2020-03-01"}
	if got := book(t, w, march); !strings.Contains(got, "01/03 00:30") {
		t.Errorf("1 March has %s", got)
	}
}

func TestWhatIsNoQueryIsRefused(t *testing.T) {
	w := newWorld(t)
	for name, c := range map[string]struct {
		change func(*Query)
		want   error
	}{
		"kind":     {func(q *Query) { q.Kind = "inventario" }, ErrKind},
		"creditor": {func(q *Query) { q.Creditor = "1" }, domain.ErrBadBodyCode},
		"day":      {func(q *Query) { q.From = "2020-02-30" }, ErrDays},
		"order":    {func(q *Query) { q.From = "2020-03-01" }, ErrDays},
	} {
		q := february(Giornale)
		c.change(&q)
		if _, err := q.Fix(t.Context(), w.log); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := table.ParseFormat("doc"); !errors.Is(err, table.ErrFormat) {
		t.Error(err)
	}
}

// Whatever happened in a town, the three books say the same, and what the trial balance
// says; and mastrini that waited in a file are those that did not.
func TestTheThreeBooksOfATownAgree(t *testing.T) {
	log, err := embedded.Open(t.TempDir(), embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	w := &world{TB: t, log: log, now: noon(1, 1)}
	found, err := town.Found(t.Context(), ledger.New(log, town.NewKeys(7), w.clock), 7, 60)
	for range 2 {
		err = errors.Join(err, found.Month(t.Context()))
	}
	if err != nil {
		t.Fatal(err)
	}
	q, err := Query{Kind: Mastrini, Creditor: town.Creditor, From: "2019-01-01", To: "2022-12-31"}.Fix(t.Context(), log)
	if err != nil {
		t.Fatal(err)
	}
	trial, err := audit.TrialBalances(t.Context(), log, audit.Range{})
	if err != nil {
		t.Fatal(err)
	}
	want := trial[0].Totals()[town.Creditor]
	for _, q.Kind = range Kinds {
		m := NewManifest(q, table.CSV)
		for l, err := range Lines(t.Context(), log, q, nil) {
			if err != nil {
				t.Fatal(err)
			}
			m.Count(l)
		}
		if m.Debits != want.Debits || m.Credits != want.Credits || m.Lines == 0 {
			t.Errorf("%s: %d lines, %s and %s, want %s", q.Kind, m.Lines, m.Debits, m.Credits, want.Debits)
		}
	}
	q.Kind = Mastrini
	if short, long := sortedIn(t, log, q, 7), sortedIn(t, log, q, inMemory); short != long {
		t.Error("mastrini that waited in a file are others")
	}
}

func sortedIn(t *testing.T, log Log, q Query, limit int) string {
	t.Helper()
	m := ledgers{q: q, before: make(map[domain.Account]domain.Money), sorting: sorting{limit: limit}}
	defer m.sorting.close()
	if err := m.collect(t.Context(), log, nil); err != nil {
		t.Fatal(err)
	}
	if limit == 7 && len(m.sorting.runs) < 3 {
		t.Fatalf("%d runs", len(m.sorting.runs))
	}
	var out strings.Builder
	if err := m.write(func(l Line) bool { fmt.Fprintln(&out, l); return true }); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// What was recorded after a period was closed is in the books of that period, and says so.
func TestWhatWasRecordedAfterAClosingIsToldApart(t *testing.T) {
	w := newWorld(t)
	w.credited(anna, 20_00, noon(2, 8))
	w.now = noon(3, 2)
	end, err := w.log.End(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.must(w.ClosePeriod(t.Context(), w.by(), domain.ClosePeriod{Creditor: comune, Period: "2020-02", At: w.now, Frozen: domain.Frozen{
		Position: uint64(end), Events: uint64(end), Root: strings.Repeat("ab", 32), Digest: strings.Repeat("cd", 32),
	}}))
	w.ate(anna, 4_50, noon(2, 28))
	note := "Registrato dopo la chiusura di 2020-02"
	for kind, lines := range map[Kind]int{Giornale: 2, Mastrini: 2} {
		if got := book(t, w, february(kind)); strings.Count(got, note) != lines {
			t.Errorf("%s: %s", kind, got)
		}
	}
	compare(t, book(t, w, february(Bilancio)), `
 | pagopa:transit | Incassi pagoPA in transito | 0.00 | 20.00 | 0.00 | 20.00
 | revenue:MENSA | Ricavi di MENSA | 0.00 | 0.00 | 4.50 | -4.50 | 4.50
 | wallet:11111111-1111-4111-8111-111111111111 | Ricarica del bambino 11111111-1111-4111-8111-111111111111 | 0.00 | 4.50 | 20.00 | -15.50 | 4.50
total | Totale | 0.00 | 24.50 | 24.50 | 0.00 | 4.50 | 4.50
`)
}
