package journal

import "sync"

// queue holds what waits to be written, within bounds. Only ready can block.
type queue struct {
	ready                chan struct{} // has a token when something waits
	maxEntries, maxBytes int

	mu      sync.Mutex
	entries []Entry
	bytes   int
	lost    uint64 // since the beginning
	told    uint64 // of these, the losses that take has reported
}

func newQueue(maxEntries, maxBytes int) queue {
	return queue{ready: make(chan struct{}, 1), maxEntries: maxEntries, maxBytes: maxBytes}
}

// put adds an entry, or counts it as lost.
func (q *queue) put(e Entry) {
	q.mu.Lock()
	defer q.mu.Unlock()
	size := e.RequestSize + e.AnswerSize
	if len(q.entries) >= q.maxEntries || q.bytes+size > q.maxBytes {
		q.lost++
	} else {
		q.entries = append(q.entries, e)
		q.bytes += size
	}
	select {
	case q.ready <- struct{}{}:
	default: // it has been said
	}
}

// take returns all that waits, and how many were lost since the last time.
func (q *queue) take() (batch []Entry, lost uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	batch, q.entries, q.bytes = q.entries, nil, 0
	lost, q.told = q.lost-q.told, q.lost
	return batch, lost
}

// lose counts entries that were taken and could not be written.
func (q *queue) lose(n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.lost += uint64(n)
	q.told = q.lost
}

func (q *queue) lostSoFar() uint64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.lost
}
