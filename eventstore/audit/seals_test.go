package audit_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
	"github.com/saldo-ledger/saldo/eventstore/seal"
)

// once is a log that ends as soon as it was followed, so that a sealer seals what
// there is and stops.
type once struct {
	shelf
	stop context.CancelFunc
}

func (o once) Follow(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		for rec := range o.ReadAll(ctx, after) {
			if !yield(rec, nil) {
				return
			}
		}
		o.stop()
		yield(eventstore.Recorded{}, context.Canceled)
	}
}

// seeds are the secret halves of a ledger's keys.
type seeds byte

func (s seeds) SealSeed(_ context.Context, n int) ([]byte, error) {
	seed := make([]byte, 32)
	seed[0], seed[1] = byte(s), byte(n)
	return seed, nil
}

// sealed returns a directory in which a log was sealed whenever it had so many
// events.
func sealed(t testing.TB, log shelf, key seal.Seeds, sizes ...int) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "seal")
	s, err := seal.Open(t.Context(), dir, key, func() time.Time { return day(20) })
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, n := range sizes {
		ctx, stop := context.WithCancel(t.Context())
		if err := s.Run(ctx, once{log[:n], stop}); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if last, err := s.Latest(); err != nil || last.Size != uint64(n) {
			t.Fatalf("%+v, %v", last, err)
		}
	}
	return dir
}

// inked is what a log is held against.
type inked struct{ keys, checkpoints, tree []byte }

func inkedIn(t testing.TB, dir string) inked {
	t.Helper()
	var files [3][]byte
	for i, name := range []string{seal.KeysFile, seal.CheckpointsFile, seal.TreeFile} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		files[i] = text
	}
	return inked{files[0], files[1], files[2]}
}

func reader(b []byte) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }

func (i inked) Keys(context.Context) (io.ReadCloser, error)        { return reader(i.keys) }
func (i inked) Checkpoints(context.Context) (io.ReadCloser, error) { return reader(i.checkpoints) }
func (i inked) Tree(context.Context) (io.ReadCloser, error) {
	if i.tree == nil {
		return nil, nil
	}
	return reader(i.tree)
}

// verified holds a log against what was signed.
func verified(t testing.TB, log eventstore.Reader, against inked, heads ...seal.Checkpoint) (audit.Verified, error) {
	t.Helper()
	keys, err := seal.ReadKeys(t.Context(), against)
	if err != nil {
		return audit.Verified{}, err
	}
	return audit.VerifySealed(t.Context(), log, audit.Evidence{Keys: keys, Record: against, Heads: heads}, nil)
}

// rechained is a log whose chains were made right by somebody who knows how: each
// stream's revisions and hashes follow again.
func rechained(log shelf) shelf {
	type head struct {
		revision eventstore.Revision
		hash     eventstore.Hash
	}
	heads := make(map[eventstore.Stream]head)
	out := slices.Clone(log)
	for i := range out {
		h := heads[out[i].Stream]
		out[i].Revision = h.revision + 1
		out[i].Metadata = bytes.Clone(out[i].Metadata)
		content, _, err := eventstore.Content(out[i])
		if err != nil {
			panic(err)
		}
		link := eventstore.Link(h.hash, content)
		copy(out[i].Metadata[len(out[i].Metadata)-66:], link.String())
		heads[out[i].Stream] = head{out[i].Revision, link}
	}
	return out
}

func TestASoundLogIsWhatWasSealed(t *testing.T) {
	log := eventful(t).shelf()
	n := len(log)
	signed := inkedIn(t, sealed(t, log, seeds(1), 1, 7, 40, n-2))
	for _, withTree := range []bool{true, false} {
		if !withTree {
			signed.tree = nil
		}
		sound, err := verified(t, log, signed)
		if err != nil {
			t.Fatal(err)
		}
		if s := sound.Sealed; s == nil || s.Checkpoints != 4 || s.Events != uint64(n-2) || s.Keys != 1 || !s.Last.Equal(day(20)) {
			t.Errorf("%+v", s)
		}
		plain, err := audit.Verify(t.Context(), log, nil)
		if sound.Sealed = nil; err != nil || sound != plain {
			t.Errorf("%+v, %v; without what was signed %+v", sound, err, plain)
		}
	}
}

// tampering makes another log of one. Its chains are right: only what was signed can
// tell. It returns the place of the first event that is another, or -1.
type tampering struct {
	name string
	with func(log shelf, i int) (shelf, int)
}

var tamperings = []tampering{
	{"altered", func(log shelf, i int) (shelf, int) {
		return log.with(i, func(e *eventstore.Recorded) { e.ID[3] ^= 1 }), i
	}},
	{"dropped", func(log shelf, i int) (shelf, int) {
		out := slices.Delete(slices.Clone(log), i, i+1)
		for j := i; j < len(out); j++ {
			out[j].Position--
		}
		return out, i
	}},
	{"dropped, with a gap", func(log shelf, i int) (shelf, int) {
		return slices.Delete(slices.Clone(log), i, i+1), i
	}},
	{"swapped", func(log shelf, i int) (shelf, int) {
		if i+1 == len(log) {
			return log, -1
		}
		out := slices.Clone(log)
		out[i], out[i+1] = out[i+1], out[i]
		out[i].Position, out[i+1].Position = log[i].Position, log[i+1].Position
		return out, i
	}},
	{"twice", func(log shelf, i int) (shelf, int) {
		if i+1 == len(log) {
			return log, -1 // it is new, and comes after what was sealed
		}
		out := slices.Insert(slices.Clone(log), i+1, log[i])
		for j := i + 1; j < len(out); j++ {
			out[j].Position++
		}
		return out, i + 1
	}},
	{"moved elsewhere", func(log shelf, i int) (shelf, int) {
		out := slices.Clone(log)
		for j := i; j < len(out); j++ {
			out[j].Position += 5
		}
		return out, i
	}},
	{"truncated", func(log shelf, i int) (shelf, int) { return log[:i], i }},
}

func TestNothingThatWasSealedCanBeWrittenAnew(t *testing.T) {
	log := eventful(t).shelf()
	n := len(log)
	whole := inkedIn(t, sealed(t, log, seeds(1), 1, 2, 9, 30, n))
	blind := whole
	blind.tree = nil
	for _, c := range tamperings {
		for i := range log {
			tampered, first := c.with(log, i)
			if first < 0 {
				continue
			}
			tampered = rechained(tampered)
			if _, err := audit.Verify(t.Context(), tampered, nil); err != nil {
				t.Fatalf("%s at %d: the chains tell already: %v", c.name, i, err)
			}
			sound, err := verified(t, tampered, whole)
			at, ok := errors.AsType[*audit.Break](err)
			if !ok {
				t.Fatalf("%s at %d: %+v, %v passes", c.name, i, sound, err)
			}
			named := at.Position
			if first < len(tampered) && named != tampered[first].Position || first == len(tampered) && !strings.Contains(err.Error(), "the log ends before") {
				t.Errorf("%s at %d: %v, want position %d", c.name, i, err, i+1)
			}
			if _, err := verified(t, tampered, blind); !errors.As(err, &at) || first < len(tampered) && (at.Position > named || at.Stream == "") {
				t.Errorf("%s at %d, without the tree: %v, want up to position %d", c.name, i, err, named)
			}
		}
	}
}

func TestAnEventPutInIsFoundWhereverItIs(t *testing.T) {
	log := eventful(t).shelf()
	signed := inkedIn(t, sealed(t, log, seeds(1), len(log)))
	for i := range log {
		forged := forge(t, log, i)
		out := slices.Insert(slices.Clone(log), i+1, forged)
		for j := i + 1; j < len(out); j++ {
			out[j].Position = eventstore.Position(j + 1)
		}
		out = rechained(out)
		_, err := verified(t, out, signed)
		at, ok := errors.AsType[*audit.Break](err)
		if i == len(log)-1 {
			if ok { // it is new, and says so
				t.Errorf("a new event is taken for tampering: %v", err)
			}
			continue
		}
		if !ok || at.Position != out[i+1].Position {
			t.Errorf("put in after %d: %v", i, err)
		}
	}
}

// The chain and the tree name the same event when both tell.
func TestTheFirstBreakInTheLogIsTheOneNamed(t *testing.T) {
	log := eventful(t).shelf()
	n := len(log)
	signed := inkedIn(t, sealed(t, log, seeds(1), 10, n))
	early := log.with(5, func(e *eventstore.Recorded) { e.Data[0] ^= 1 })
	late := rechained(log.with(20, func(e *eventstore.Recorded) { e.ID[0] ^= 1 }))
	both := slices.Clone(late)
	both[5] = early[5]
	for name, c := range map[string]struct {
		log  shelf
		want eventstore.Position
	}{"the chain's": {early, 6}, "the tree's": {late, 21}, "both": {both, 6}} {
		sound, err := verified(t, c.log, signed)
		at, ok := errors.AsType[*audit.Break](err)
		if !ok || at.Position != c.want || sound.Events != uint64(c.want-1) {
			t.Errorf("%s: %v after %d sound events, want position %d", name, err, sound.Events, c.want)
		}
	}
	_, err := verified(t, late, signed)
	if s, ok := errors.AsType[*audit.SealError](err); !ok || !s.Leaf || s.Expected == s.Found || s.Checkpoint.Size != uint64(n) {
		t.Errorf("%#v", s)
	}
}

func TestEveryAlteredByteOfTheSealIsFound(t *testing.T) {
	log := eventful(t).shelf()
	whole := inkedIn(t, sealed(t, log, seeds(1), 3, len(log)))
	if _, err := verified(t, log, whole); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]*[]byte{"keys": &whole.keys, "checkpoints": &whole.checkpoints, "tree": &whole.tree} {
		sound := *text
		for i := range sound {
			*text = bytes.Clone(sound)
			if (*text)[i] ^= 1 << (i % 8); i%8 != 3 && name == "tree" {
				continue // each hash of it is read as a whole
			}
			if _, err := verified(t, log, whole); err == nil {
				t.Errorf("%s, byte %d: nobody sees it", name, i)
			}
		}
		*text = sound
	}
}

func TestWhatAnotherKeySignedIsNotTaken(t *testing.T) {
	log := eventful(t).shelf()
	ours, theirs := inkedIn(t, sealed(t, log, seeds(1), 5, len(log))), inkedIn(t, sealed(t, log, seeds(2), 5, len(log)))
	forged := ours
	forged.checkpoints = theirs.checkpoints
	if _, err := verified(t, log, forged); !errors.Is(err, seal.ErrForeign) {
		t.Errorf("%v, want ErrForeign", err)
	}
	// All of it made anew is sound in itself: who kept a head or the key can tell.
	head := lastOf(t, ours)
	_, err := verified(t, log, theirs, head)
	if _, ok := errors.AsType[*audit.HeadError](err); !ok || !errors.Is(err, seal.ErrForeign) {
		t.Errorf("a head of another ledger: %v", err)
	}
}

func lastOf(t testing.TB, i inked) (last seal.Checkpoint) {
	t.Helper()
	keys, err := seal.ParseKeys(i.keys)
	if err != nil {
		t.Fatal(err)
	}
	for c, err := range keys.Checkpoints(bytes.NewReader(i.checkpoints)) {
		if err != nil {
			t.Fatal(err)
		}
		last = c
	}
	return last
}

// Somebody who has the key and the disk can make all of it anew. Who kept one head
// elsewhere can still tell.
func TestAHeadKeptElsewhereTellsEvenOnWhoHasTheKey(t *testing.T) {
	log := eventful(t).shelf()
	n := len(log)
	head := lastOf(t, inkedIn(t, sealed(t, log, seeds(1), 20)))
	for size := 20; size <= n; size += 7 {
		sound, err := verified(t, log[:size], inkedIn(t, sealed(t, log, seeds(1), size)), head)
		if err != nil || sound.Sealed.Heads != 1 {
			t.Errorf("%d events: %+v, %v", size, sound.Sealed, err)
		}
	}
	anew := rechained(log.with(11, func(e *eventstore.Recorded) { e.ID[0] ^= 1 }))
	signedAnew := inkedIn(t, sealed(t, anew, seeds(1), 4, n))
	if _, err := verified(t, anew, signedAnew); err != nil {
		t.Fatal(err)
	}
	_, err := verified(t, anew, signedAnew, head)
	if s, ok := errors.AsType[*audit.SealError](err); !ok || !s.Head || s.Checkpoint.Size != 20 || !strings.Contains(err.Error(), "kept elsewhere") {
		t.Errorf("%v", err)
	}
	_, err = verified(t, log[:15], inkedIn(t, sealed(t, log, seeds(1), 15)), head)
	if s, ok := errors.AsType[*audit.SealError](err); !ok || !s.Cut {
		t.Errorf("%v", err)
	}
}

func TestALogThatCannotBeReadIsNotSaidToBeCut(t *testing.T) {
	log, away := eventful(t).shelf(), errors.New("the disk is away")
	signed := inkedIn(t, sealed(t, log, seeds(1), len(log)))
	_, err := verified(t, torn{log[:10], away}, signed)
	if _, ok := errors.AsType[*audit.Break](err); ok || !errors.Is(err, away) {
		t.Errorf("%v, want %v alone", err, away)
	}
	_, err = verified(t, shelf{}, signed)
	if at, ok := errors.AsType[*audit.Break](err); !ok || at.Position != 0 || !strings.Contains(fmt.Sprint(err), "ends before") {
		t.Errorf("an empty log: %v", err)
	}
}
