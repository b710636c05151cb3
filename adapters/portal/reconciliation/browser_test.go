package reconciliation

import (
	"testing"

	"github.com/saldo-ledger/saldo/adapters/portal/portaltest"
)

// TestTheOfficersInABrowser looks at every state of every page at every width.
func TestTheOfficersInABrowser(t *testing.T) {
	tab := portaltest.Tab(t, portaltest.Chromium(t))
	portaltest.PassesEverywhere(t, tab, newWorld().open(t, false), all(t))
}
