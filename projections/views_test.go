package projections_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/projections"
	"github.com/saldo-ledger/saldo/projections/projectionstest"
)

// What the tests of single projections speak of.
const (
	body      domain.FiscalCode   = "12345678901"
	january   domain.NoticeNumber = "301000000000000185"
	february  domain.NoticeNumber = "301000000000000286"
	parentHex                     = "00000000-0000-0000-0000-00000000000a"
	childHex                      = "00000000-0000-0000-0000-00000000000c"
	otherHex                      = "00000000-0000-0000-0000-00000000000d"
	cartHex                       = "00000000-0000-0000-0000-00000000000f"
)

var (
	parent = domain.ParentID{UUID: uuid.MustParse(parentHex)}
	child  = domain.ConsumerID{UUID: uuid.MustParse(childHex)}
	other  = domain.ConsumerID{UUID: uuid.MustParse(otherHex)}
	cart   = domain.PaymentID{UUID: uuid.MustParse(cartHex)}
	noon   = time.Date(2020, 1, 31, 12, 0, 0, 0, time.UTC) // 1580472000 seconds
)

// issued is the guide's bulletin of January.
var issued = domain.BulletinIssued{
	Creditor: body, Notice: january, Parent: parent, Category: "REFEZIONE", Amount: 5733,
	Lines:  []domain.Line{{Consumer: child, Service: "POST", Amount: 5733}},
	Period: domain.Period{From: "2020-01-01", To: "2020-01-31"}, Due: "2020-02-20", Causale: "Servizi vari", At: noon,
}

// confirmed is its payment.
var confirmed = domain.PaymentConfirmed{
	Creditor: body, Notice: january, Parent: parent, Receipt: "r1", Amount: 5733, Lines: issued.Lines,
	PSP: domain.PSP{ID: "ABCDITMM", Name: "Banca di Prova", Method: "creditCard"}, At: noon,
}

// expectation is what rows a history leaves in one table.
type expectation struct {
	name  string
	given []domain.Event
	table *projections.Table
	rows  []string
}

func expect(t *testing.T, cases []expectation) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Helper()
			rows := project(t, c.given)
			if got := rows.Lines(c.table); !slices.Equal(got, c.rows) {
				t.Errorf("%s:\n%s\nwant:\n%s", c.table.Name, strings.Join(got, "\n"), strings.Join(c.rows, "\n"))
			}
		})
	}
}

// project gives events to every projection, one by one, at positions 1, 2, 3….
func project(t interface{ Fatal(...any) }, events []domain.Event) *projectionstest.Rows {
	rows := &projectionstest.Rows{}
	for i, e := range events {
		var b projections.Batch
		projections.Fold(&b, at(i), e)
		apply(t, rows, i, i+1, &b)
	}
	return rows
}

// at is where the i-th event of a list is recorded.
func at(i int) eventstore.Recorded { return eventstore.Recorded{Position: eventstore.Position(i + 1)} }

func apply(t interface{ Fatal(...any) }, rows *projectionstest.Rows, from, to int, b *projections.Batch) {
	if err := rows.Apply(context.Background(), eventstore.Position(from), eventstore.Position(to), b); err != nil {
		t.Fatal(err)
	}
}

func events(facts []projectionstest.Fact) []domain.Event {
	out := make([]domain.Event, len(facts))
	for i, f := range facts {
		out[i] = f.Event
	}
	return out
}

func TestRowsAreTheSameHoweverEventsAreBatched(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		history := events(projectionstest.Histories().Draw(t, "history"))
		want := project(t, history).Dump()

		rows := &projectionstest.Rows{}
		var b projections.Batch // used again, as a Projector does
		for from := 0; from < len(history); {
			to := rapid.IntRange(from+1, len(history)).Draw(t, "to")
			b.Reset()
			for i := from; i < to; i++ {
				projections.Fold(&b, at(i), history[i])
			}
			if b.Events() != to-from {
				t.Fatalf("%d events in the batch, want %d", b.Events(), to-from)
			}
			apply(t, rows, from, to, &b)
			from = to
		}
		if got := rows.Dump(); got != want {
			t.Fatalf("in batches:\n%s\none by one:\n%s", got, want)
		}
	})
}

func TestABatchHoldsEachRowOnceInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b projections.Batch
		for i, e := range events(projectionstest.Histories().Draw(t, "history")) {
			projections.Fold(&b, at(i), e)
		}
		for _, table := range projections.Tables() {
			rows := b.Rows(table)
			seen := make(map[projections.Key]bool)
			for i, row := range rows {
				if seen[row.Key] {
					t.Fatalf("%s: two rows of key %v", table.Name, row.Key)
				}
				seen[row.Key] = true
				if i > 0 && rows[i-1].Set == row.Set && !before(rows[i-1].Key, row.Key) {
					t.Fatalf("%s: %v comes before %v", table.Name, rows[i-1].Key, row.Key)
				}
			}
		}
	})
}

func before(a, b projections.Key) bool {
	for i := range a {
		if a[i] != b[i] {
			return a[i].Number < b[i].Number || a[i].Text < b[i].Text
		}
	}
	return false
}

func TestChangesFitTheirTables(t *testing.T) {
	known := make(map[*projections.Table]bool)
	for _, table := range projections.Tables() {
		known[table] = true
	}
	rapid.Check(t, func(t *rapid.T) {
		for i, e := range events(projectionstest.Histories().Draw(t, "history")) {
			for _, family := range []func(eventstore.Recorded, domain.Event) []projections.Change{
				projections.Portal, projections.Balances, projections.Operations,
			} {
				for _, c := range family(at(i), e) {
					if !known[c.Table] {
						t.Fatalf("%T changes %s, which is not in Tables", e, c.Table.Name)
					}
					checkFits(t, c)
				}
			}
		}
	})
}

// checkFits fails when a value is of another kind than its column.
func checkFits(t *rapid.T, c projections.Change) {
	check := func(column int, v projections.Value) {
		kind := c.Table.Columns[column].Kind
		if kind.Number() && v.Text != "" || !kind.Number() && v.Number != 0 {
			t.Fatalf("%s.%s holds %+v", c.Table.Name, c.Table.Columns[column].Name, v)
		}
	}
	for i, v := range c.Key {
		if i < c.Table.Keys {
			check(i, v)
		} else if v != (projections.Value{}) {
			t.Fatalf("%s has %d key columns and a key %v", c.Table.Name, c.Table.Keys, c.Key)
		}
	}
	for _, cell := range c.Cells {
		if cell.Column < c.Table.Keys {
			t.Fatalf("%s.%s is in the key and is changed", c.Table.Name, c.Table.Columns[cell.Column].Name)
		}
		check(cell.Column, cell.Value)
	}
}

func TestTablesAreWellFormed(t *testing.T) {
	names := make(map[string]bool)
	once := func(what, name string) {
		if name == "" || names[name] {
			t.Errorf("%s %q is used twice, or empty", what, name)
		}
		names[name] = true
	}
	for _, table := range projections.Tables() {
		once("table", table.Name)
		if table.Keys < 1 || table.Keys > projections.MaxKeys || len(table.Columns) > 64 {
			t.Errorf("%s has %d key columns of %d columns", table.Name, table.Keys, len(table.Columns))
		}
		for i, c := range table.Columns {
			once("column", table.Name+"."+c.Name)
			if c.Sum && (i < table.Keys || !c.Kind.Number()) {
				t.Errorf("%s.%s cannot be a sum", table.Name, c.Name)
			}
		}
		for _, ix := range table.Indexes {
			once("index", ix.Name)
			for _, column := range ix.Columns {
				if !names[table.Name+"."+column] {
					t.Errorf("%s is on %s, which %s has not", ix.Name, column, table.Name)
				}
			}
		}
	}
}
