package eventstore

import (
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

// Known is a stream as it stands.
type Known[S any] struct {
	State    S
	Revision Revision
}

// RecentAll is Recent for many streams, which may come in any order: those that have to
// be read are read in one go where the Store can (see Gatherer). What it returns is in
// the order of streams.
func (h *Handler[S, C, E]) RecentAll(ctx context.Context, streams []Stream, age time.Duration) ([]Known[S], error) {
	found := make(map[Stream]Known[S], len(streams))
	for some := range slices.Chunk(slices.Compact(slices.Sorted(slices.Values(streams))), maxTogether) {
		if err := h.recent(ctx, some, age, found); err != nil {
			return nil, err
		}
	}
	out := make([]Known[S], len(streams))
	for i, stream := range streams {
		out[i] = found[stream]
	}
	return out, nil
}

// recent adds to found what streams, which are in the order of their names, are.
func (h *Handler[S, C, E]) recent(ctx context.Context, streams []Stream, age time.Duration, found map[Stream]Known[S]) error {
	all := make([]keyed[S], len(streams))
	var stale []keyed[S]
	for i, stream := range streams {
		k := keyed[S]{stream, h.known(stream)}
		k.mu.Lock()
		defer k.mu.Unlock()
		if all[i] = k; age == 0 || time.Since(k.seen) > age {
			stale = append(stale, k)
		}
	}
	if err := h.refreshAll(ctx, stale); err != nil {
		return err
	}
	for _, k := range all {
		found[k.stream] = Known[S]{k.state, k.revision}
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
