package embedded

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/saldo-ledger/saldo/eventstore"
)

// TestAnAppendToANewStreamReadsNothingFromTheDisk fills the engine's memory once,
// for that memory comes out of the engine's cache, and counts what is read of
// tables when streams are begun.
func TestAnAppendToANewStreamReadsNothingFromTheDisk(t *testing.T) {
	var reads atomic.Int64
	fsys := errorfs.Wrap(vfs.NewMem(), errorfs.InjectorFunc(func(op errorfs.Op) error {
		if op.Kind == errorfs.OpFileReadAt && strings.HasSuffix(op.Path, ".sst") {
			reads.Add(1)
		}
		return nil
	}))
	l := open(t, "log", Options{FS: fsys})
	large := event("large-1", 1)
	large.Data = make([]byte, eventstore.MaxEventSize/2)
	for i := range 3 * memTableBytes / len(large.Data) {
		if _, err := l.Append(t.Context(), eventstore.Stream(fmt.Sprintf("large-%d", i)), 0, large); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "the engine does not come to rest", func() bool {
		m := l.db.Metrics()
		return m.Flush.NumInProgress == 0 && m.Compact.NumInProgress == 0
	})
	const streams = 300
	begin := func(name string) {
		for i := range streams {
			file(t, l, eventstore.Stream(fmt.Sprintf("%s-%d", name, i)), 0, 1)
		}
	}
	begin("large-1-warm") // among those in the tables
	reads.Store(0)
	begin("large-1-new")
	if n := reads.Load(); n > streams/10 {
		t.Errorf("%d streams were begun with %d reads of tables", streams, n)
	}
}
