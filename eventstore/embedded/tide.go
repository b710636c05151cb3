package embedded

import (
	"sync"

	"github.com/saldo-ledger/saldo/eventstore"
)

// tide is the position up to which the log is committed and on disk. Readers
// see what is under it and nothing above it.
type tide struct {
	mu    sync.Mutex
	end   eventstore.Position
	risen chan struct{} // closed at the next rise; nil while nobody waits for it
}

// rise moves the tide to end and wakes those who wait for it.
func (t *tide) rise(end eventstore.Position) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.end = end
	if t.risen != nil {
		close(t.risen)
		t.risen = nil
	}
}

// mark returns how far the tide is.
func (t *tide) mark() eventstore.Position {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.end
}

// watch returns how far the tide is, and a channel closed when it is further.
func (t *tide) watch() (eventstore.Position, <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.risen == nil {
		t.risen = make(chan struct{})
	}
	return t.end, t.risen
}
