package eventstore

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/google/uuid"
)

// Task is a command for a stream.
type Task[C any] struct {
	Stream   Stream
	Envelope Envelope
	Command  C
}

const (
	// maxTogether is how many streams are filed with one flush, and locked meanwhile.
	maxTogether = 256
	// readers is how many streams are read at once.
	readers = 8
	// writers is how many commands are under way at once where each is filed by itself.
	writers = 256
)

// HandleAll is Handle for many commands, which may come in any order: what they decide
// is filed with one flush for every few hundred of them, where the Store can (see
// Joint), and by itself where it cannot, or where other writers came in between. The
// outcomes are those of the tasks at the same place. After an error some commands may
// have been carried out, and repeating all of them completes it. The position of an
// outcome can be that of an event filed with the command's own, and after it.
func (h *Handler[S, C, E]) HandleAll(ctx context.Context, tasks []Task[C]) ([]Outcome[E], error) {
	out := make([]Outcome[E], len(tasks))
	order := inOrder(len(tasks), func(i int) Stream { return tasks[i].Stream })
	var first, alone []int
	for n, i := range order {
		if n > 0 && tasks[order[n-1]].Stream == tasks[i].Stream {
			alone = append(alone, i) // a second command of a stream comes after the first
		} else {
			first = append(first, i)
		}
	}
	for some := range slices.Chunk(first, maxTogether) {
		left, err := h.together(ctx, tasks, out, some)
		if err != nil {
			return out, err
		}
		if err := h.eachAlone(ctx, tasks, out, left); err != nil {
			return out, err
		}
	}
	for _, i := range alone {
		if err := h.eachAlone(ctx, tasks, out, []int{i}); err != nil {
			return out, err
		}
	}
	return out, nil
}

// eachAlone carries out the commands at some places, each by itself.
func (h *Handler[S, C, E]) eachAlone(ctx context.Context, tasks []Task[C], out []Outcome[E], some []int) error {
	return Each(writers, len(some), func(n int) (err error) {
		i := some[n]
		out[i], err = h.Handle(ctx, tasks[i].Stream, tasks[i].Envelope, tasks[i].Command)
		return err
	})
}

// decided is what a command comes to before it is filed.
type decided[S, E any] struct {
	state  *folded[S]
	write  Write
	events []E
	hash   Hash
}

// together files what the commands at some places decide, with one flush, and returns
// the places of those that are to be carried out by themselves.
func (h *Handler[S, C, E]) together(ctx context.Context, tasks []Task[C], out []Outcome[E], some []int) (left []int, err error) {
	joint, ok := h.store.(Joint)
	if !ok || len(some) == 1 {
		return some, nil
	}
	drafts := make([]decided[S, E], len(some))
	var unread []keyed[S]
	for n, i := range some {
		f := h.known(tasks[i].Stream)
		f.mu.Lock()
		defer f.mu.Unlock()
		if drafts[n].state = f; f.revision == 0 {
			unread = append(unread, keyed[S]{tasks[i].Stream, f})
		}
	}
	if err := h.refreshAll(ctx, unread); err != nil {
		return nil, err
	}
	if err := Each(readers, len(some), func(n int) error { return h.draft(ctx, tasks[some[n]], &drafts[n]) }); err != nil {
		return nil, err
	}
	var writes []Write
	var filed []int
	for n, i := range some {
		if len(drafts[n].events) == 0 {
			left = append(left, i)
			continue
		}
		writes, filed = append(writes, drafts[n].write), append(filed, n)
	}
	if len(writes) < 2 {
		return some, nil
	}
	at, err := joint.AppendJointly(ctx, writes...)
	if _, behind := errors.AsType[*ConflictError](err); behind {
		return some, nil
	}
	if err != nil {
		return nil, err
	}
	for _, n := range filed {
		i, d := some[n], drafts[n]
		own := Appended{Revision: d.write.Expected + Revision(len(d.events)), Position: at.Position, New: true}
		advance[S, C](d.state, tasks[i].Envelope, d.events, own, d.hash)
		out[i] = Outcome[E]{Revision: own.Revision, Position: own.Position, Events: d.events}
	}
	return left, nil
}

// draft decides a command. One that was carried out before, that is refused or asks for
// nothing is left for Handle, which makes sure of that.
func (h *Handler[S, C, E]) draft(ctx context.Context, t Task[C], d *decided[S, E]) (err error) {
	if t.Envelope.Command == uuid.Nil {
		return ErrNoCommand
	}
	if _, before := d.state.commands[t.Envelope.Command]; before {
		return nil
	}
	events, err := d.state.state.Decide(t.Command)
	if err != nil || len(events) == 0 {
		return nil // Handle asks the log, and refuses
	}
	d.write = Write{Stream: t.Stream, Expected: d.state.revision}
	if d.write.Events, d.hash, err = h.propose(ctx, t.Stream, d.state, t.Envelope, events); err == nil {
		d.events = events
	}
	return err
}

// Each calls do for 0 to n-1, so many at once, and returns the first error. The others
// are called all the same.
func Each(atOnce, n int, do func(int) error) error {
	var next atomic.Int64
	var mu sync.Mutex
	var first error
	var group sync.WaitGroup
	for range min(n, atOnce) {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				if err := do(i); err != nil {
					mu.Lock()
					if first == nil {
						first = err
					}
					mu.Unlock()
				}
			}
		})
	}
	group.Wait()
	return first
}
