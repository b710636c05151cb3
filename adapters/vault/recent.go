package vault

import (
	"container/list"
	"sync"
	"time"
)

// recent remembers the values used last: at most so many, each for at most so
// long after it was stored.
type recent[K comparable, V any] struct {
	most int
	age  time.Duration

	mu    sync.Mutex
	order *list.List // of *remembered[K, V], the one used last in front
	byKey map[K]*list.Element
	// forgotten counts the calls of forget. A value read before such a call may be
	// the very one that had to go, so keep does not take it.
	forgotten uint64
}

type remembered[K comparable, V any] struct {
	key   K
	value V
	since time.Time
}

func newRecent[K comparable, V any](most int, age time.Duration) *recent[K, V] {
	return &recent[K, V]{most: max(1, most), age: age, order: list.New(), byKey: make(map[K]*list.Element)}
}

// find returns the value of key and whether there is one. When there is none,
// the mark is handed to keep with the value read from elsewhere.
func (r *recent[K, V]) find(key K, now time.Time) (value V, mark uint64, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if at, ok := r.byKey[key]; ok {
		entry := at.Value.(*remembered[K, V])
		if now.Sub(entry.since) < r.age {
			r.order.MoveToFront(at)
			return entry.value, r.forgotten, true
		}
		r.drop(at)
	}
	return value, r.forgotten, false
}

// keep remembers value, unless something was forgotten since the mark.
func (r *recent[K, V]) keep(key K, value V, mark uint64, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if mark != r.forgotten {
		return
	}
	if at, ok := r.byKey[key]; ok {
		r.drop(at)
	}
	r.byKey[key] = r.order.PushFront(&remembered[K, V]{key, value, now})
	if r.order.Len() > r.most {
		r.drop(r.order.Back())
	}
}

// forget drops the value of key, now and from every look-up under way.
func (r *recent[K, V]) forget(key K) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forgotten++
	if at, ok := r.byKey[key]; ok {
		r.drop(at)
	}
}

// forgetAll drops every value, now and from every look-up under way.
func (r *recent[K, V]) forgetAll() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forgotten++
	r.order.Init()
	clear(r.byKey)
}

func (r *recent[K, V]) drop(at *list.Element) {
	delete(r.byKey, r.order.Remove(at).(*remembered[K, V]).key)
}
