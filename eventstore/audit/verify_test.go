package audit_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// ways are the ways of keeping links, which all say the same.
var ways = map[string]func(context.Context, eventstore.Reader, func(uint64)) (audit.Verified, error){
	"in memory": audit.Verify, "in a file": audit.VerifyInAFile, "in both": audit.VerifyOverflowing,
}

// brokenAt checks that a log is found broken at the event given, and everything
// before it sound.
func brokenAt(t *testing.T, log shelf, want eventstore.Recorded) {
	t.Helper()
	for way, verify := range ways {
		sound, err := verify(t.Context(), log, nil)
		var at *audit.Break
		if !errors.As(err, &at) {
			t.Fatalf("%s: %+v, %v; want it broken at position %d", way, sound, err, want.Position)
		}
		if at.Position != want.Position || at.Stream != want.Stream || at.Revision != want.Revision {
			t.Errorf("%s: %v; want position %d, stream %s, revision %d", way, err, want.Position, want.Stream, want.Revision)
		}
		if whole := slices.IndexFunc(log, func(e eventstore.Recorded) bool { return e.Position == want.Position }); sound.Events < uint64(whole) {
			t.Errorf("%s: %d events are sound, want the %d before it", way, sound.Events, whole)
		}
		if before, err := plainly(t.Context(), log[:sound.Events]); err != nil || sound != before {
			t.Errorf("%s: %+v is sound, and of these events alone %+v, %v", way, sound, before, err)
		}
		if next := log[sound.Events]; next.Position != at.Position || next.Stream != at.Stream {
			t.Errorf("%s: after %d sound events comes position %d, not %d", way, sound.Events, next.Position, at.Position)
		}
	}
}

// unseen checks that a log is found sound.
func unseen(t *testing.T, log shelf) {
	t.Helper()
	for way, verify := range ways {
		if _, err := verify(t.Context(), log, nil); err != nil {
			t.Errorf("%s: %v; nothing in the log can tell", way, err)
		}
	}
}

func TestASoundLogIsVerified(t *testing.T) {
	h := eventful(t)
	log := h.shelf()
	streams := make(map[eventstore.Stream]bool)
	for _, e := range log {
		streams[e.Stream] = true
	}
	const money domain.Money = 5733 + 1000 + 20 + 700 + 5733 + 5733 + 999 + 700 + 50 + 20 + 2000 + 450
	want := audit.Verified{Events: uint64(len(log)), Streams: uint64(len(streams)), End: log[len(log)-1].Position, Debits: money, Credits: money}
	for way, verify := range ways {
		if sound, err := verify(t.Context(), h.log, nil); err != nil || sound != want {
			t.Errorf("%s: %+v, %v; want %+v", way, sound, err, want)
		}
	}
}

func TestALogOfNothingIsSound(t *testing.T) {
	for way, verify := range ways {
		if sound, err := verify(t.Context(), shelf{}, nil); err != nil || sound != (audit.Verified{}) {
			t.Errorf("%s: %+v, %v", way, sound, err)
		}
	}
}

// A copy elsewhere has other positions, and proves the same.
func TestPositionsNeedOnlyGrow(t *testing.T) {
	log := eventful(t).shelf()
	for i := range log {
		log[i].Position = log[i].Position*10 + 1000
	}
	unseen(t, log)
}

func TestPositionsThatDoNotGrowAreFound(t *testing.T) {
	log := eventful(t).shelf()
	for i := range len(log) - 1 {
		same := log.with(i+1, func(e *eventstore.Recorded) { e.Position = log[i].Position })
		brokenAt(t, same, same[i+1])
	}
}

func TestAnyAlteredByteIsFoundAndNamed(t *testing.T) {
	log := eventful(t).shelf()
	for i, e := range log {
		alone, at := log.stream(i) // a log of its own, and quickly verified
		for what, part := range map[string]struct {
			size int
			flip func(e *eventstore.Recorded, k int, mask byte)
		}{
			"data":     {len(e.Data), func(e *eventstore.Recorded, k int, mask byte) { e.Data[k] ^= mask }},
			"metadata": {len(e.Metadata), func(e *eventstore.Recorded, k int, mask byte) { e.Metadata[k] ^= mask }},
			"id":       {len(e.ID), func(e *eventstore.Recorded, k int, mask byte) { e.ID[k] ^= mask }},
			"type":     {len(e.Type), func(e *eventstore.Recorded, k int, mask byte) { e.Type = flipped(e.Type, k, mask) }},
			"stream": {len(e.Stream), func(e *eventstore.Recorded, k int, mask byte) {
				e.Stream = eventstore.Stream(flipped(string(e.Stream), k, mask))
			}},
		} {
			whole := log.with(i, func(e *eventstore.Recorded) { part.flip(e, part.size/2, 0x40) })
			brokenAt(t, whole, whole[i])
			for k := range part.size {
				mask := []byte{0x01, 0x20}[k%2] // 0x20 makes small letters capitals: hexadecimal digits keep their value
				altered := alone.with(at, func(e *eventstore.Recorded) { part.flip(e, k, mask) })
				for way, verify := range ways {
					if way != "in memory" && k%16 != 0 {
						continue // files are slow to make
					}
					_, err := verify(t.Context(), altered, nil)
					if found, ok := errors.AsType[*audit.Break](err); !ok || found.Position != e.Position || found.Stream != altered[at].Stream {
						t.Fatalf("%s, byte %d of the %s of the %s at position %d: %v", way, k, what, e.Type, e.Position, err)
					}
				}
			}
		}
	}
}

func flipped(s string, k int, mask byte) string {
	b := []byte(s)
	b[k] ^= mask
	return string(b)
}

// A stream's last event leaves no trace in the log: nothing follows from it. Only
// somebody who saw the stream's head, or the log's, can miss it; the log by itself
// cannot, until its heads are witnessed outside.
func TestAMissingEventIsFoundAtTheNextOfItsStream(t *testing.T) {
	log := eventful(t).shelf()
	missed := 0
	for i := range log {
		dropped := slices.Delete(slices.Clone(log), i, i+1)
		if next := log.next(i); next >= 0 {
			brokenAt(t, dropped, log[next])
			missed++
		} else {
			unseen(t, dropped)
		}
	}
	if missed < 15 {
		t.Errorf("%d events with another after them in their stream, want more to try", missed)
	}
}

func TestExchangedEventsAreFound(t *testing.T) {
	log := eventful(t).shelf()
	for i := range log {
		j := log.next(i)
		if j < 0 {
			continue
		}
		places := slices.Clone(log)
		places[i], places[j] = log[j], log[i]
		brokenAt(t, places, log[j]) // it comes where the other was

		positions := slices.Clone(places)
		positions[i].Position, positions[j].Position = log[i].Position, log[j].Position
		brokenAt(t, positions, positions[i])

		revisions := slices.Clone(positions)
		revisions[i].Revision, revisions[j].Revision = log[i].Revision, log[j].Revision
		brokenAt(t, revisions, revisions[i])
	}
}

// Streams do not depend on each other's order, the log on that of its positions.
func TestExchangedEventsOfTwoStreamsAreFoundByTheirPositions(t *testing.T) {
	log := eventful(t).shelf()
	for i := range len(log) - 1 {
		if log[i].Stream == log[i+1].Stream {
			continue
		}
		exchanged := slices.Clone(log)
		exchanged[i], exchanged[i+1] = log[i+1], log[i]
		brokenAt(t, exchanged, log[i])
	}
}

func TestADoubledEventIsFound(t *testing.T) {
	log := eventful(t).shelf()
	for i := range log {
		brokenAt(t, slices.Insert(slices.Clone(log), i+1, log[i]), log[i])

		late := log[i]
		late.Position = log[len(log)-1].Position + 1
		brokenAt(t, append(slices.Clone(log), late), late)

		late.Revision = log[i].Revision + 1 // as if it followed from itself
		brokenAt(t, slices.Insert(shelf(slices.Clone(log[:i+1])), i+1, late), late)
	}
}

// forge returns an event, soundly chained, that says it follows the events of a
// stream up to the one at i: who knows the code can make one.
func forge(t *testing.T, log shelf, i int) eventstore.Recorded {
	t.Helper()
	var stream shelf
	for _, e := range log[:i+1] {
		if e.Stream == log[i].Stream {
			stream = append(stream, e)
		}
	}
	pen := &pen{shelf: stream}
	forged := domain.PaymentActivated{Creditor: comune, Notice: "301999999999999982", Cart: "forged", At: day(28)}
	env := eventstore.Envelope{Command: uuid.New(), Actor: "nobody"}
	if _, err := forgery(pen, wire.New(nil)).Handle(t.Context(), log[i].Stream, env, forged); err != nil {
		t.Fatal(err)
	}
	pen.written.Position = log[i].Position
	return pen.written
}

// forger is a decider that decides what it is told.
type forger struct{}

func (forger) Decide(e domain.Event) ([]domain.Event, error) { return []domain.Event{e}, nil }
func (forger) Evolve(domain.Event) forger                    { return forger{} }

func forgery(pen *pen, codec eventstore.Codec[domain.Event]) *eventstore.Handler[forger, domain.Event, domain.Event] {
	return eventstore.NewHandler[forger, domain.Event, domain.Event](pen, codec, 1,
		func(domain.Event) error { return nil }, func() time.Time { return day(28) })
}

// pen is a store of one stream, to which one event can be written.
type pen struct {
	shelf
	written eventstore.Recorded
}

func (p *pen) Append(_ context.Context, s eventstore.Stream, at eventstore.Revision, events ...eventstore.Proposed) (eventstore.Appended, error) {
	e := events[0]
	p.written = eventstore.Recorded{Stream: s, Revision: at + 1, ID: e.ID, Type: e.Type, Data: e.Data, Metadata: e.Metadata}
	return eventstore.Appended{Revision: at + 1, New: true}, nil
}

func (p *pen) Follow(context.Context, eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	panic("nobody follows a pen")
}

func TestAnInjectedEventIsFound(t *testing.T) {
	log := eventful(t).shelf()
	for i := range log {
		log[i].Position *= 10 // room between them
	}
	for i, before := range log {
		crude := before // a copy of the one before it, as if it were new
		crude.ID, crude.Position, crude.Revision = uuid.New(), before.Position+1, before.Revision+1
		brokenAt(t, slices.Insert(slices.Clone(log), i+1, crude), crude)

		fine := forge(t, log, i)
		fine.Position++
		injected := slices.Insert(slices.Clone(log), i+1, fine)
		next := injected.next(i + 1)
		if next < 0 {
			unseen(t, injected) // it is the stream's last: see TestAMissingEvent…
			continue
		}
		brokenAt(t, injected, injected[next])
		for j := next; j >= 0; j = injected.next(j) {
			injected[j].Revision++ // the others make room
		}
		brokenAt(t, injected, injected[next])
	}
}

// newer is the codec of a program to come.
type newer struct{ *wire.Registry }

func (newer) Encode(context.Context, eventstore.Stream, uuid.UUID, domain.Event) (string, []byte, error) {
	return "thing-happened.v9", []byte("{}"), nil
}

// write returns the first event of a log, soundly chained and at position 1.
func write(t testing.TB, codec eventstore.Codec[domain.Event], e domain.Event) eventstore.Recorded {
	t.Helper()
	pen := &pen{}
	if _, err := forgery(pen, codec).Handle(t.Context(), "bulletin-1", by("it"), e); err != nil {
		t.Fatal(err)
	}
	pen.written.Position = 1
	return pen.written
}

func TestAnEventOfANewerProgramIsABreak(t *testing.T) {
	e := write(t, newer{wire.New(nil)}, domain.BulletinSent{})
	brokenAt(t, shelf{e}, e)
	if _, err := audit.Verify(t.Context(), shelf{e}, nil); !errors.Is(err, wire.ErrUnknownName) {
		t.Errorf("%v, want ErrUnknownName", err)
	}
}

// The chain is sound, the books are not: only another program can have written it.
func TestAnEventThatDoesNotBalanceIsABreak(t *testing.T) {
	e := write(t, wire.New(nil), domain.PaymentConfirmed{Creditor: comune, Amount: 100, Lines: []domain.Line{line(anna, mensa, 99)}, At: day(3)})
	brokenAt(t, shelf{e}, e)
}

func TestALogThatCannotBeReadIsNotBroken(t *testing.T) {
	log, away := eventful(t).shelf(), errors.New("the disk is away")
	sound, err := audit.Verify(t.Context(), torn{log, away}, nil)
	var at *audit.Break
	if !errors.Is(err, away) || errors.As(err, &at) {
		t.Errorf("%v, want %v, and not a Break", err, away)
	}
	if sound.Events != uint64(len(log)) {
		t.Errorf("%d events are sound, want the %d that were read", sound.Events, len(log))
	}
}

func TestABreakSaysWhereAndWhy(t *testing.T) {
	log := eventful(t).shelf()
	_, err := audit.Verify(t.Context(), log.with(4, func(e *eventstore.Recorded) { e.Data[0] ^= 1 }), nil)
	var link *eventstore.ChainError
	if !errors.As(err, &link) {
		t.Errorf("%v, want the broken link in it", err)
	}
	for _, part := range []string{"position 5", string(log[4].Stream), fmt.Sprint("revision ", log[4].Revision)} {
		if !strings.Contains(fmt.Sprint(err), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
	_, err = audit.Verify(t.Context(), log[1:], nil)
	if part := "the stream was at revision 0: an event is missing"; !strings.Contains(fmt.Sprint(err), part) {
		t.Errorf("%q does not say %q", err, part)
	}
}

// flood is a decider of as many events as it is told.
type flood struct{}

func (flood) Decide(n int) ([]domain.Event, error) {
	return slices.Repeat([]domain.Event{domain.CredentialChanged{Parent: tizio, At: day(3)}}, n), nil
}
func (flood) Evolve(domain.Event) flood { return flood{} }

func TestVerifyTellsHowFarItGot(t *testing.T) {
	h := begin(t)
	handler := eventstore.NewHandler[flood, int, domain.Event](h.log, wire.New(nil), 1, func(domain.Event) error { return nil }, func() time.Time { return day(3) })
	if _, err := handler.Handle(t.Context(), "parent-flood", by("it"), 10_001); err != nil {
		t.Fatal(err)
	}
	var told []uint64
	if _, err := audit.Verify(t.Context(), h.log, func(n uint64) { told = append(told, n) }); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(told, []uint64{10_000}) {
		t.Errorf("told %v", told)
	}
}
