package embedded

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/saldo-ledger/saldo/eventstore"
)

// The engine that finds nothing to recover writes no manifest before something
// changes: its copy must be whole all the same.
func TestALogJustOpenedCanBeBackedUp(t *testing.T) {
	for _, n := range []eventstore.Revision{0, 1, 100} {
		t.Run(fmt.Sprint(n, " events"), func(t *testing.T) {
			dir := t.TempDir()
			l := open(t, filepath.Join(dir, "log"), Options{})
			if n > 0 {
				file(t, l, "thing-1", 0, int(n))
			}
			for again := range 3 {
				if err := l.Close(); err != nil {
					t.Fatal(err)
				}
				l = open(t, filepath.Join(dir, "log"), Options{})
				to := filepath.Join(dir, fmt.Sprint("backup-", again))
				end, err := l.Backup(to)
				if err != nil || end != eventstore.Position(n) {
					t.Fatalf("end %d, %v", end, err)
				}
				if got := len(contents(t, open(t, to, Options{ReadOnly: true}))); got != int(n) {
					t.Errorf("the copy has %d events, want %d", got, n)
				}
			}
		})
	}
}
