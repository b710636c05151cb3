package eventstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"
)

// Decider is a state that can decide a command and evolve with an event. Both are
// pure. The zero state is the empty stream.
type Decider[S, C, E any] interface {
	Decide(C) ([]E, error)
	Evolve(E) S
}

// Codec turns events into what is stored and back.
type Codec[E any] interface {
	// Encode returns the stored name and the data of an event about to be filed in
	// stream under id.
	Encode(ctx context.Context, stream Stream, id uuid.UUID, e E) (typ string, data []byte, err error)
	// Decode reads a stored event. A name it does not know is an error.
	Decode(ctx context.Context, r Recorded) (E, error)
}

// Envelope is what comes with a command whatever it is.
type Envelope struct {
	// Command identifies the command for ever: repeated, it adds nothing.
	Command uuid.UUID
	Actor   string
	// Correlation names the whole business request; the command when nil.
	Correlation uuid.UUID
	// Causation is the event that led to the command, if one did.
	Causation uuid.UUID
	// Request is a fingerprint of the request: the same command id with another
	// request is ErrCommandReused. Empty is not compared.
	Request string
}

// Outcome is what became of a command.
type Outcome[E any] struct {
	Revision Revision // of the stream after the command's events
	Position Position // of the command's last event; when it had none, of the stream's
	Events   []E      // that followed from the command, now or when it was first given
	Repeated bool     // the command was carried out before
}

// Handler carries commands to one kind of stream.
type Handler[S Decider[S, C, E], C, E any] struct {
	store Store
	codec Codec[E]
	check func(E) error
	now   func() time.Time
	cache *lru.Cache[Stream, *folded[S]]
}

// maxAttempts bounds how often a command is decided again after another writer's
// events came in between.
const maxAttempts = 10

var (
	// ErrContended says that other writers won maxAttempts times in a row.
	ErrContended = errors.New("eventstore: too many writers on the stream")
	// ErrNoCommand refuses a command without an id.
	ErrNoCommand = errors.New("eventstore: a command needs an id")
	// ErrCommandReused says that a command id came with another request before.
	ErrCommandReused = errors.New("eventstore: the command id was used for another request")
)

// NewHandler returns a Handler that keeps the states of the `states` streams used
// last. check is called on each decided event and keeps it from the log by an
// error; now gives the recorded date.
func NewHandler[S Decider[S, C, E], C, E any](
	store Store, codec Codec[E], states int, check func(E) error, now func() time.Time,
) *Handler[S, C, E] {
	cache, err := lru.New[Stream, *folded[S]](states)
	if err != nil {
		panic(fmt.Sprintf("eventstore: a cache of %d states: %v", states, err))
	}
	return &Handler[S, C, E]{store, codec, check, now, cache}
}

// folded is a stream's state as this process last knew it. Its lock is held from
// the decision to the end of the append, so that only other processes can
// conflict.
type folded[S any] struct {
	mu       sync.Mutex
	state    S
	revision Revision
	position Position
	hash     Hash
	commands map[uuid.UUID]span
	seen     time.Time // when the log was last known to hold just this
}

// span is where a command's events are in the stream: after from, up to to.
type span struct {
	from, to Revision
	position Position
	request  string
}

// Handle lets the stream's state decide cmd and files what it decided, durable
// when it returns. A command id that was carried out before, however long ago,
// answers with its first outcome and files nothing.
func (h *Handler[S, C, E]) Handle(ctx context.Context, stream Stream, env Envelope, cmd C) (Outcome[E], error) {
	return h.handle(ctx, stream, env, cmd, true)
}

// Begin is Handle for a stream that this command most likely begins: it decides
// first and reads the stream only if the log says that somebody has begun it.
func (h *Handler[S, C, E]) Begin(ctx context.Context, stream Stream, env Envelope, cmd C) (Outcome[E], error) {
	return h.handle(ctx, stream, env, cmd, false)
}

func (h *Handler[S, C, E]) handle(ctx context.Context, stream Stream, env Envelope, cmd C, read bool) (Outcome[E], error) {
	if env.Command == uuid.Nil {
		return Outcome[E]{}, ErrNoCommand
	}
	f := h.known(stream)
	f.mu.Lock()
	defer f.mu.Unlock()
	for range maxAttempts {
		out, err := h.attempt(ctx, stream, f, env, cmd, read)
		var conflict *ConflictError
		if !errors.As(err, &conflict) {
			return out, err
		}
		if err := h.refresh(ctx, stream, f); err != nil {
			return Outcome[E]{}, err
		}
	}
	return Outcome[E]{}, fmt.Errorf("stream %s: %w", stream, ErrContended)
}

// Load returns the stream's state and revision now.
func (h *Handler[S, C, E]) Load(ctx context.Context, stream Stream) (S, Revision, error) {
	return h.Recent(ctx, stream, 0)
}

// Recent is Load for whom a state that is at most age old will do: one read or
// written since then is not read again. Another process may have changed it since.
func (h *Handler[S, C, E]) Recent(ctx context.Context, stream Stream, age time.Duration) (S, Revision, error) {
	f := h.known(stream)
	f.mu.Lock()
	defer f.mu.Unlock()
	var err error
	if age == 0 || time.Since(f.seen) > age {
		err = h.refresh(ctx, stream, f)
	}
	return f.state, f.revision, err
}

func (h *Handler[S, C, E]) known(stream Stream) *folded[S] {
	f := &folded[S]{}
	if before, ok, _ := h.cache.PeekOrAdd(stream, f); ok {
		h.cache.Get(stream) // used just now
		return before
	}
	return f
}

func (h *Handler[S, C, E]) attempt(ctx context.Context, stream Stream, f *folded[S], env Envelope, cmd C, read bool) (Outcome[E], error) {
	fresh := read && f.revision == 0
	if fresh {
		if err := h.refresh(ctx, stream, f); err != nil {
			return Outcome[E]{}, err
		}
	}
	for {
		if before, ok := f.commands[env.Command]; ok {
			return h.repeated(ctx, stream, before, env)
		}
		events, err := f.state.Decide(cmd)
		switch {
		case err == nil && len(events) > 0:
			return h.file(ctx, stream, f, env, events)
		case fresh: // a no, or a nothing, never comes from an old state
			return Outcome[E]{Revision: f.revision, Position: f.position}, err
		}
		if err := h.refresh(ctx, stream, f); err != nil {
			return Outcome[E]{}, err
		}
		fresh = true
	}
}

// file appends the decided events with their chain and moves the state on.
func (h *Handler[S, C, E]) file(ctx context.Context, stream Stream, f *folded[S], env Envelope, events []E) (Outcome[E], error) {
	proposed, hash, err := h.propose(ctx, stream, f, env, events)
	if err != nil {
		return Outcome[E]{}, err
	}
	from := f.revision
	at, err := h.store.Append(ctx, stream, from, proposed...)
	if err == nil && !at.New {
		err = h.confirm(ctx, stream, from, at, proposed[len(proposed)-1])
	}
	if err != nil {
		return Outcome[E]{}, err
	}
	advance[S, C](f, env, events, at, hash)
	return Outcome[E]{Revision: at.Revision, Position: at.Position, Events: events}, nil
}

// advance moves f on by a command's events, which were filed.
func advance[S Decider[S, C, E], C, E any](f *folded[S], env Envelope, events []E, at Appended, hash Hash) {
	f.remember(env.Command, span{f.revision, at.Revision, at.Position, env.Request})
	for _, e := range events {
		f.state = f.state.Evolve(e)
	}
	f.revision, f.position, f.hash, f.seen = at.Revision, at.Position, hash, time.Now()
}

// confirm returns a *ConflictError unless what was proposed, whose last event is
// given, is what the log holds. Engines compare ids alone, so the same command
// carried out elsewhere, or by an append whose outcome was lost, counts as a
// success too. Its events are other bytes (the recorded date, a seal) and may say
// something else, and the chain goes on from their hash. The metadata of the last
// event hold a hash of all that was proposed.
func (h *Handler[S, C, E]) confirm(ctx context.Context, stream Stream, from Revision, at Appended, last Proposed) error {
	for r, err := range h.store.Read(ctx, stream, at.Revision-1) {
		if err != nil {
			return err
		}
		if bytes.Equal(r.Metadata, last.Metadata) {
			return nil
		}
		break
	}
	return &ConflictError{stream, from, at.Revision}
}

func (h *Handler[S, C, E]) propose(ctx context.Context, stream Stream, f *folded[S], env Envelope, events []E) ([]Proposed, Hash, error) {
	meta := Metadata{
		Correlation: env.Correlation, Causation: env.Causation, Command: env.Command,
		Actor: env.Actor, Request: env.Request, Recorded: h.now(),
	}
	if meta.Correlation == uuid.Nil {
		meta.Correlation = env.Command
	}
	body := meta.appendBody(make([]byte, 0, 384))
	body = body[:len(body):len(body)] // each event's metadata is a copy of its own
	out := make([]Proposed, len(events))
	hash := f.hash
	for i, e := range events {
		if err := h.check(e); err != nil {
			return nil, hash, err
		}
		id := EventID(env.Command, stream, i)
		typ, data, err := h.codec.Encode(ctx, stream, id, e)
		if err != nil {
			return nil, hash, err
		}
		hash = Link(hash, contentOf(stream, f.revision+Revision(i)+1, id, typ, data, body))
		out[i] = Proposed{id, typ, data, sealHash(body, hash)}
	}
	return out, hash, nil
}

func sealHash(body []byte, hash Hash) []byte {
	b := append(body, hashMember...)
	b = append(b, hash.String()...)
	return append(b, `"}`...)
}

// repeated answers a command that was carried out before.
func (h *Handler[S, C, E]) repeated(ctx context.Context, stream Stream, s span, env Envelope) (Outcome[E], error) {
	if env.Request != "" && s.request != "" && env.Request != s.request {
		return Outcome[E]{}, fmt.Errorf("command %s: %w", env.Command, ErrCommandReused)
	}
	out := Outcome[E]{Revision: s.to, Position: s.position, Repeated: true}
	for r, err := range h.store.Read(ctx, stream, s.from) {
		if err != nil {
			return Outcome[E]{}, err
		}
		e, err := h.codec.Decode(ctx, r)
		if err != nil {
			return Outcome[E]{}, err
		}
		out.Events = append(out.Events, e)
		if r.Revision == s.to {
			break
		}
	}
	return out, nil
}

// refresh brings f up to the stream's end. After an error f is as empty as at
// first, so that the next command reads the stream anew.
func (h *Handler[S, C, E]) refresh(ctx context.Context, stream Stream, f *folded[S]) (err error) {
	began := time.Now()
	defer func() {
		if err != nil {
			f.forget()
		} else {
			f.seen = began
		}
	}()
	for r, err := range h.store.Read(ctx, stream, f.revision) {
		if err == nil {
			err = h.take(ctx, f, r)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// take moves f on by the stream's next event.
func (h *Handler[S, C, E]) take(ctx context.Context, f *folded[S], r Recorded) error {
	e, err := h.codec.Decode(ctx, r)
	if err != nil {
		return err
	}
	meta, err := ParseMetadata(r.Metadata)
	if err != nil {
		return fmt.Errorf("stream %s, revision %d: %w", r.Stream, r.Revision, err)
	}
	f.state = f.state.Evolve(e)
	f.extend(meta, r)
	f.revision, f.position, f.hash = r.Revision, r.Position, meta.Hash
	return nil
}

// extend notes that r belongs to the command that meta names.
func (f *folded[S]) extend(meta Metadata, r Recorded) {
	s, ok := f.commands[meta.Command]
	if !ok {
		s = span{from: r.Revision - 1, request: meta.Request}
	}
	s.to, s.position = r.Revision, r.Position
	f.remember(meta.Command, s)
}

func (f *folded[S]) remember(command uuid.UUID, s span) {
	if f.commands == nil {
		f.commands = make(map[uuid.UUID]span, 1)
	}
	f.commands[command] = s
}

func (f *folded[S]) forget() {
	var zero S
	f.state, f.revision, f.position, f.hash, f.commands, f.seen = zero, 0, 0, Hash{}, nil, time.Time{}
}

// EventID derives the id of a command's i-th event in a stream, so that a
// repeated append is recognised by every engine.
func EventID(command uuid.UUID, stream Stream, i int) uuid.UUID {
	return uuid.NewSHA1(command, []byte(string(stream)+"/"+strconv.Itoa(i)))
}
