package tables

import (
	"testing"

	"github.com/saldo-ledger/saldo/domain/table"
)

// A spreadsheet that takes a text for a formula would do what a stranger wrote.
func TestNoTextIsAFormula(t *testing.T) {
	for text, want := range map[string]string{"=1+1": "'=1+1", "+39": "'+39", "-1": "'-1", "@a": "'@a", "\tx": "'\tx", "\rx": "'\rx", "a=1": "a=1", "": ""} {
		if got := csvCell(table.Text, table.Cell{Set: true, Text: text}); got != want {
			t.Errorf("%q is written %q", text, got)
		}
	}
	if got := csvCell(table.Amount, table.Cell{Set: true, Amount: -1234_05}); got != "-1234,05" {
		t.Errorf("an amount is written %q, and is no text", got)
	}
}
