package eventstore

import (
	"context"
	"errors"

	"github.com/google/uuid"
)

// Write is an append to one stream.
type Write struct {
	Stream   Stream
	Expected Revision
	Events   []Proposed
}

// Joint is what a Store may also be: one that files to several streams with one
// flush. No rule of the ledger needs that, and each works on a Store that cannot;
// there it takes a flush for each stream.
type Joint interface {
	// AppendJointly files all of the writes, each to a stream of its own and in their
	// order, or none, and returns where the last ended. Unlike Append it knows no
	// repeats: when any stream is not just where its writer expected, that is a
	// *ConflictError, and the writer goes on with one Append after the other.
	AppendJointly(ctx context.Context, writes ...Write) (Appended, error)
}

// ErrNotJoint says that writes cannot be filed jointly: the Store is no Joint, or one
// of the commands asks for nothing. Carried out one after the other they get their answers.
var ErrNotJoint = errors.New("eventstore: not to be filed jointly")

// Draft is what a command files that begins a stream, before it is filed.
type Draft[E any] struct {
	Write  Write
	Events []E
	keep   func(Appended)
}

// Draft decides cmd for a stream that nobody has begun, without asking the log. A
// refusal may be due to that: Begin tells.
func (h *Handler[S, C, E]) Draft(ctx context.Context, stream Stream, env Envelope, cmd C) (Draft[E], error) {
	if env.Command == uuid.Nil {
		return Draft[E]{}, ErrNoCommand
	}
	f := &folded[S]{}
	events, err := f.state.Decide(cmd)
	if err != nil {
		return Draft[E]{}, err
	}
	if len(events) == 0 {
		return Draft[E]{}, ErrNotJoint
	}
	proposed, hash, err := h.propose(ctx, stream, f, env, events)
	if err != nil {
		return Draft[E]{}, err
	}
	keep := func(at Appended) {
		f := h.known(stream)
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.revision == 0 {
			advance[S, C](f, env, events, at, hash)
		}
	}
	return Draft[E]{Write{stream, 0, proposed}, events, keep}, nil
}

// FileJointly files the draft after others of other streams, with one flush.
func (d Draft[E]) FileJointly(ctx context.Context, store Store, others ...Write) (Outcome[E], error) {
	joint, ok := store.(Joint)
	if !ok {
		return Outcome[E]{}, ErrNotJoint
	}
	at, err := joint.AppendJointly(ctx, append(others, d.Write)...)
	if err != nil {
		return Outcome[E]{}, err
	}
	d.keep(at)
	return Outcome[E]{Revision: at.Revision, Position: at.Position, Events: d.Events}, nil
}
