package audit

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// Verified says what a verification went through and found sound.
type Verified struct {
	Events  uint64              `json:"events"`
	Streams uint64              `json:"streams"`
	End     eventstore.Position `json:"end"` // of the last event
	Debits  domain.Money        `json:"debits"`
	Credits domain.Money        `json:"credits"`
	// Closings counts the closings of periods that say what the log gives.
	Closings uint64 `json:"closings,omitzero"`
	// Sealed is what was found of the signed roots, where Verify was given some.
	Sealed *Sealed `json:"sealed,omitempty"`
}

// A Break is the first thing that is wrong with a log.
type Break struct {
	Position eventstore.Position
	Stream   eventstore.Stream
	Revision eventstore.Revision
	Cause    error
}

func (b *Break) Error() string {
	if b.Stream == "" { // it cannot be told
		return fmt.Sprintf("audit: broken at position %d: %v", b.Position, b.Cause)
	}
	return fmt.Sprintf("audit: broken at position %d, stream %s, revision %d: %v", b.Position, b.Stream, b.Revision, b.Cause)
}

func (b *Break) Unwrap() error { return b.Cause }

// Verify recomputes the chain of every stream: each event's hash from its content
// and its predecessor, revisions without a gap, positions that grow, events this
// program can read, debits equal to credits; and what every closing of a period says,
// for which a log that has some is read again. The first thing wrong, in log order,
// is a *Break; any other error means that the log could not be read. Verified is
// what stands before it. progress, when not nil, is told how many events were
// read and found sound in themselves, now and then.
//
// It works on all cores and in two stages: first each event by itself, then the
// links between them, for which it keeps 96 bytes of each event. Its memory hardly
// grows with the log: what goes beyond 32 MB (350,000 events) waits in one file in
// os.TempDir, a gigabyte for ten million events, which is gone when Verify
// returns. A broken link is known when the whole log was read, and then the log is
// read a second time, up to the break.
func Verify(ctx context.Context, log eventstore.Reader, progress func(events uint64)) (Verified, error) {
	return verify(ctx, log, progress, nil, usualRoom)
}

// VerifySealed is Verify that holds the log, besides, against everything that was
// signed of it: each event against the tree, and each checkpoint and each head that
// was kept elsewhere against the root that the log gives. What was signed has to be
// read before the log: the log may be longer than that, and not shorter.
func VerifySealed(ctx context.Context, log eventstore.Reader, evidence Evidence, progress func(events uint64)) (Verified, error) {
	s, err := newSeals(ctx, evidence)
	var broken *Break
	switch {
	case errors.As(err, &broken):
		return Verified{}, broken
	case err != nil:
		return Verified{}, err
	}
	defer s.close()
	return verify(ctx, log, progress, s, usualRoom)
}

var usualRoom = room{memory: 32 << 20, block: 32 << 10}

func verify(ctx context.Context, log eventstore.Reader, progress func(events uint64), seals *seals, room room) (Verified, error) {
	sound, closings, broken, err := pass(ctx, log, Range{}, progress, seals, room)
	if broken == nil {
		if err == nil && seals != nil {
			sound.Sealed = &seals.found
		}
		if err == nil {
			err = checkClosings(ctx, log, closings)
		}
		return sound, err
	}
	if err := broken.name(ctx, log); err != nil {
		return Verified{}, err
	}
	if !broken.counted {
		sound = Verified{}
		if broken.Position > 1 {
			sound, _, _, err = pass(ctx, log, Range{To: broken.Position - 1}, nil, nil, room)
		}
	}
	if err != nil { // it is broken all the same
		return sound, errors.Join(&broken.Break, err)
	}
	return sound, &broken.Break
}

// finding is a Break on its way to be told.
type finding struct {
	Break
	counted        bool            // what was counted is what stands before it
	expected, link eventstore.Hash // when there is no cause yet: its hash is not as expected
}

// name says which stream is broken. Of that only a digest was kept, so the event
// is read once more.
func (f *finding) name(ctx context.Context, log eventstore.Reader) error {
	if f.Stream != "" || f.Position == 0 {
		return nil
	}
	for rec, err := range log.ReadAll(ctx, f.Position-1) {
		if err != nil {
			return err
		}
		if rec.Position != f.Position {
			break
		}
		f.Stream = rec.Stream
		if f.Cause == nil {
			f.Cause = &eventstore.ChainError{Stream: f.Stream, Revision: f.Revision, Position: f.Position, Expected: f.expected, Found: f.link}
		}
		return nil
	}
	return fmt.Errorf("audit: the broken event at position %d is not there any more", f.Position)
}

// progressEvery is after how many events a verification reports.
const progressEvery = 10_000

// pass goes once through a range. What it found is nil if nothing is broken. The
// closings are for another pass.
func pass(
	ctx context.Context, log eventstore.Reader, r Range, progress func(events uint64), seals *seals, room room,
) (Verified, []closing, *finding, error) {
	links := newLinks(room)
	defer links.close()
	t := tally{links: links, seals: seals, progress: progress}
	err := inBatches(ctx,
		func(ctx context.Context) iter.Seq2[eventstore.Recorded, error] { return r.upTo(log.ReadAll(ctx, 0)) },
		func() func([]eventstore.Recorded, *checked) { return newChecker(links.key).check },
		t.take)
	if ctx.Err() != nil || links.err != nil {
		return t.sound, t.closings, nil, errors.Join(ctx.Err(), links.err)
	}
	if err == nil && seals != nil {
		err = t.endSeals()
	}
	unlinked, streams, linkErr := links.check(ctx)
	t.sound.Streams = streams
	switch {
	case linkErr != nil:
		return t.sound, t.closings, nil, linkErr
	case t.unsealed && (unlinked == nil || t.broken.Position < unlinked.Position && !t.somewhere(unlinked.Position)):
		return t.sound, t.closings, &finding{Break: *t.broken}, nil
	case unlinked != nil:
		unlinked.counted = unlinked.Position == links.suspect
		return t.sound, t.closings, unlinked, nil
	case t.broken != nil:
		return t.sound, t.closings, &finding{Break: *t.broken, counted: true}, nil
	}
	return t.sound, t.closings, nil, err
}

// tally counts what was checked, in log order.
type tally struct {
	sound    Verified
	broken   *Break // by itself: everything before it may be linked or not
	last     place
	unsealed bool // it is broken because it is not what was sealed
	links    *links
	seals    *seals // nil where there are none
	closings []closing
	progress func(events uint64)
}

// errBroken ends the reading of a log.
var errBroken = errors.New("audit: broken")

// take counts a batch up to what is wrong with it.
func (t *tally) take(events []eventstore.Recorded, c *checked) error {
	if len(events) > 0 && events[0].Position <= t.sound.End {
		return t.breakAt(&events[0], disorder(events[0].Position, t.sound.End))
	}
	for i := range c.links {
		if err := t.links.add(&c.links[i]); err != nil {
			return err
		}
	}
	before := t.sound.Events / progressEvery
	t.sound.Events += uint64(c.sound)
	t.sound.Debits += c.debits
	t.sound.Credits += c.credits
	if c.sound > 0 {
		t.sound.End = events[c.sound-1].Position
		t.last = placeOf(&events[c.sound-1])
	}
	if err := t.hold(events[:c.sound], c.links); err != nil {
		return err
	}
	closings, err := closingsAmong(events[:c.sound])
	if err != nil {
		return err
	}
	t.closings, t.sound.Closings = append(t.closings, closings...), t.sound.Closings+uint64(len(closings))
	if c.cause != nil {
		if len(c.links) > c.sound {
			t.links.suspectLast(events[c.sound].Position, c.linkless)
		}
		return t.breakAt(&events[c.sound], c.cause)
	}
	if now := t.sound.Events / progressEvery; t.progress != nil && now > before {
		t.progress(now * progressEvery)
	}
	return nil
}

// hold holds events against what was sealed.
func (t *tally) hold(events []eventstore.Recorded, links []link) error {
	if t.seals == nil {
		return nil
	}
	for i := range events {
		if err := t.seals.add(&events[i], links[i].found); err != nil {
			return t.breakSeal(err)
		}
	}
	return nil
}

func (t *tally) endSeals() error {
	err := t.seals.end(t.last)
	if err != nil {
		err = t.breakSeal(err)
	}
	return err
}

func (t *tally) breakSeal(err error) error {
	if at, ok := errors.AsType[*Break](err); ok {
		t.broken, t.unsealed = at, true
		return errBroken
	}
	return err
}

// somewhere reports whether all that the seal says is that something is wrong somewhere,
// and that may be at a position: where the chain breaks there, it tells better.
func (t *tally) somewhere(position eventstore.Position) bool {
	sealed, ok := errors.AsType[*SealError](t.broken.Cause)
	return ok && !sealed.Leaf && position <= sealed.Checkpoint.Position
}

func (t *tally) breakAt(rec *eventstore.Recorded, cause error) error {
	t.broken = &Break{rec.Position, rec.Stream, rec.Revision, cause}
	return errBroken
}

func disorder(position, after eventstore.Position) error {
	return fmt.Errorf("position %d comes after %d", position, after)
}
