package reconciliation

import "github.com/saldo-ledger/saldo/adapters/portal/frame"

// searchBox is the box on every page of the family.
type searchBox struct {
	Text   string
	Errors frame.FormErrors
}

func newSearchBox() searchBox { return searchBox{} }
