package eventstore

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"time"
)

// Tail is what a stream has after a revision.
type Tail struct {
	Stream Stream
	After  Revision
}

// Gatherer is what a Store may also be: one that reads many streams in one go. No rule
// of the ledger needs that, and each works on a Store that cannot; there it takes a
// reading for each stream.
type Gatherer interface {
	// Gather yields the events of tails, each of a stream of its own, up to the end of
	// the log as it was when reading began: those of one stream oldest first, those of
	// several in any order among each other. Unlike those of Read, the Data and Metadata
	// of an event are only good until the next is asked for.
	Gather(ctx context.Context, tails []Tail) iter.Seq2[Recorded, error]
}

// RecentAll is Recent for many streams, which may come in any order: those that have to
// be read are read in one go where the Store can (see Gatherer). tell is called for each,
// with its place in streams, and must not call the Handler.
func (h *Handler[S, C, E]) RecentAll(ctx context.Context, streams []Stream, age time.Duration, tell func(i int, state S, revision Revision)) error {
	for some := range slices.Chunk(inOrder(len(streams), func(i int) Stream { return streams[i] }), maxTogether) {
		if err := h.recent(ctx, streams, some, age, tell); err != nil {
			return err
		}
	}
	return nil
}

// inOrder returns the numbers from 0 to n-1 in the order of their streams. Streams are
// locked in that order everywhere, so that two callers never wait for each other.
func inOrder(n int, stream func(int) Stream) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(stream(a), stream(b)) })
	return order
}

// recent tells what the streams at some places are, which come in order.
func (h *Handler[S, C, E]) recent(
	ctx context.Context, streams []Stream, some []int, age time.Duration, tell func(int, S, Revision),
) error {
	all := make([]*folded[S], len(some))
	var stale []keyed[S]
	for n, i := range some {
		if n > 0 && streams[some[n-1]] == streams[i] {
			all[n] = all[n-1]
			continue
		}
		f := h.known(streams[i])
		f.mu.Lock()
		defer f.mu.Unlock()
		if all[n] = f; age == 0 || time.Since(f.seen) > age {
			stale = append(stale, keyed[S]{streams[i], f})
		}
	}
	if err := h.refreshAll(ctx, stale); err != nil {
		return err
	}
	for n, i := range some {
		tell(i, all[n].state, all[n].revision)
	}
	return nil
}

// keyed is a state with its stream.
type keyed[S any] struct {
	stream Stream
	*folded[S]
}

// refreshAll is refresh for several streams, whose states are locked. After an error
// all of them are as empty as at first.
func (h *Handler[S, C, E]) refreshAll(ctx context.Context, stale []keyed[S]) error {
	gatherer, ok := h.store.(Gatherer)
	if !ok || len(stale) < 2 {
		return Each(readers, len(stale), func(n int) error { return h.refresh(ctx, stale[n].stream, stale[n].folded) })
	}
	began := time.Now()
	err := h.gather(ctx, gatherer, stale)
	for _, k := range stale {
		if k.seen = began; err != nil {
			k.forget()
		}
	}
	return err
}

func (h *Handler[S, C, E]) gather(ctx context.Context, from Gatherer, stale []keyed[S]) error {
	tails, states := make([]Tail, len(stale)), make(map[Stream]*folded[S], len(stale))
	for n, k := range stale {
		tails[n], states[k.stream] = Tail{k.stream, k.revision}, k.folded
	}
	for r, err := range from.Gather(ctx, tails) {
		if err == nil {
			err = h.take(ctx, states[r.Stream], r)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
