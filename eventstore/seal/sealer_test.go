package seal_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/seal"
)

func TestTheTreeIsThatOfRFC6962(t *testing.T) {
	var f seal.Frontier
	var stored []seal.Hash
	reader := tlog.HashReaderFunc(func(at []int64) ([]tlog.Hash, error) {
		var all []tlog.Hash
		for _, n := range at {
			all = append(all, stored[n])
		}
		return all, nil
	})
	for n := range int64(300) {
		leaf := seal.Leaf(eventstore.Position(n+1), eventstore.Hash{byte(n)})
		want, err := tlog.StoredHashesForRecordHash(n, leaf, reader)
		if err != nil {
			t.Fatal(err)
		}
		got := f.Add(leaf, nil)
		if !slices.Equal(got, want) {
			t.Fatalf("leaf %d stores %v, want %v", n, got, want)
		}
		stored = append(stored, got...)
		if root, err := tlog.TreeHash(n+1, reader); err != nil || f.Root() != root {
			t.Fatalf("the root of %d leaves is %v, want %v, %v", n+1, f.Root(), root, err)
		}
	}
}

// rootOf is the root that a log must have.
func rootOf(t *testing.T, log *scroll, size uint64) seal.Hash {
	t.Helper()
	var f seal.Frontier
	for rec := range log.ReadAll(t.Context(), 0) {
		leaf, err := seal.LeafOf(rec)
		if err != nil {
			t.Fatal(err)
		}
		if f.Size() < size {
			f.Add(leaf, nil)
		}
	}
	return f.Root()
}

func checkpoints(t testing.TB, dir string) (all []seal.Checkpoint) {
	t.Helper()
	keys, err := os.ReadFile(filepath.Join(dir, seal.KeysFile))
	must(t, err)
	text, err := os.ReadFile(filepath.Join(dir, seal.CheckpointsFile))
	must(t, err)
	all, err = parse(keys, text)
	must(t, err)
	return all
}

func TestAGrowingLogIsSealed(t *testing.T) {
	for _, gap := range []int{1, 7} {
		dir, log := filepath.Join(t.TempDir(), "seal"), newScroll(gap)
		s := open(t, dir, seeds(1))
		if _, err := s.Latest(); !errors.Is(err, seal.ErrUnsealed) {
			t.Errorf("%v, want ErrUnsealed", err)
		}
		grow(t, dir, log, 1, 2, 500, 4)
		sizes := []uint64{}
		for _, c := range checkpoints(t, dir) {
			sizes = append(sizes, c.Size)
			if c.Root != rootOf(t, log, c.Size) || c.Position != eventstore.Position(int(c.Size)*gap) || c.Origin != s.Keys().Origin {
				t.Errorf("%s is not what was sealed", c.Note)
			}
		}
		for _, size := range []uint64{1, 3, 503, 507} {
			if !slices.Contains(sizes, size) {
				t.Errorf("sealed were %v", sizes)
			}
		}
	}
}

func TestASealerGoesOnWhereItWas(t *testing.T) {
	dir, log := filepath.Join(t.TempDir(), "seal"), newScroll(3)
	grow(t, dir, log, 5, 6)
	before := checkpoints(t, dir)
	for _, lost := range []string{"", seal.TreeFile} {
		if lost != "" {
			if err := os.Remove(filepath.Join(dir, lost)); err != nil {
				t.Fatal(err)
			}
		}
		s := grow(t, dir, log, 9)
		last, _ := s.Latest()
		if last.Root != rootOf(t, log, last.Size) {
			t.Errorf("without %q: another root", lost)
		}
		now := checkpoints(t, dir)
		if !slices.EqualFunc(now[:len(before)], before, func(a, b seal.Checkpoint) bool { return bytes.Equal(a.Note, b.Note) }) {
			t.Errorf("without %q: a checkpoint was rewritten", lost)
		}
		before = now
	}
}

// A crash leaves any part of what was being written. Whatever it left, the sealer
// goes on, and no checkpoint that was complete is gone.
func TestACrashLosesNoCheckpoint(t *testing.T) {
	dir, log := filepath.Join(t.TempDir(), "seal"), newScroll(1)
	grow(t, dir, log, 5, 6, 7)
	if s := open(t, dir, seeds(1)); s.Close() != nil {
		t.Fatal("it does not close")
	}
	whole := map[string][]byte{}
	for _, name := range []string{seal.TreeFile, seal.CheckpointsFile} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		whole[name] = text
	}
	all := checkpoints(t, dir)
	before := len(whole[seal.CheckpointsFile]) - len(all[len(all)-1].Note)
	for name, text := range whole {
		from, step := 0, 61
		if name == seal.CheckpointsFile {
			from, step = before, 17
		}
		for cut := from; cut <= len(text); cut += step {
			for other, t2 := range whole {
				must(t, os.WriteFile(filepath.Join(dir, other), t2, 0o600))
			}
			must(t, os.WriteFile(filepath.Join(dir, name), text[:cut], 0o600))
			s := open(t, dir, seeds(1))
			stop := running(t, s, log)
			if c := sealed(t, s, 18); c.Root != rootOf(t, log, 18) {
				t.Fatalf("%s cut to %d bytes: another root", name, cut)
			}
			_ = stop()
			must(t, s.Close())
			if left := checkpoints(t, dir); len(left) != len(all) {
				t.Fatalf("%s cut to %d bytes: %d checkpoints are left, want %d", name, cut, len(left), len(all))
			}
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestALogThatIsNotWhatWasSealedIsNotSealed(t *testing.T) {
	dir, log := filepath.Join(t.TempDir(), "seal"), newScroll(1)
	grow(t, dir, log, 9)
	cut := newScroll(1)
	cut.write(8)
	another := newScroll(1)
	another.write(12)
	another.events[8] = chained(another.events[8], eventstore.Hash{})
	deeper := newScroll(1)
	deeper.write(12)
	deeper.events[2] = chained(deeper.events[2], eventstore.Hash{1})
	for _, c := range []struct {
		name string
		log  *scroll
		lost bool // the tree
		want error
	}{{"cut", cut, false, seal.ErrCut}, {"another last event", another, false, seal.ErrAltered}, {"another event", deeper, true, seal.ErrAltered}} {
		if c.lost {
			must(t, os.Remove(filepath.Join(dir, seal.TreeFile)))
		}
		s := open(t, dir, seeds(1))
		if err := s.Run(t.Context(), c.log); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		if last := checkpoints(t, dir); last[len(last)-1].Size != 9 {
			t.Errorf("%s: it was sealed", c.name)
		}
	}
}

func TestANewKeyIsSignedByTheOld(t *testing.T) {
	dir, log := filepath.Join(t.TempDir(), "seal"), newScroll(1)
	s := grow(t, dir, log, 5)
	old, _ := s.Latest()
	k, err := s.Rotate(t.Context(), 2)
	if err != nil || k.Number != 2 || k.After != 5 {
		t.Fatalf("%+v, %v", k, err)
	}
	if again, err := s.Rotate(t.Context(), 2); err != nil || again != k {
		t.Errorf("ordered again: %+v, %v", again, err)
	}
	if _, err := s.Rotate(t.Context(), 4); !errors.Is(err, seal.ErrKeyNumber) {
		t.Errorf("key 4 after 2: %v", err)
	}
	must(t, s.Close())
	s = grow(t, dir, log, 4)
	last, _ := s.Latest()
	keys := s.Keys()
	must(t, errors.Join(keys.Check(old), keys.Check(last)))
	if len(keys.All) != 2 || !keys.Knows(k.Public) || len(checkpoints(t, dir)) < 2 {
		t.Errorf("keys %+v", keys.All)
	}
	// Who has the old key cannot sign what came after it, nor make a key of their own.
	first, err := seal.ParseKeys(notesOf(t, dir, seal.KeysFile)[0])
	must(t, err)
	if err := first.Check(last); !errors.Is(err, seal.ErrSignature) {
		t.Errorf("under the old key alone: %v", err)
	}
	other := filepath.Join(t.TempDir(), "seal")
	stranger := open(t, other, seeds(2))
	if _, err := stranger.Rotate(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	forged := slices.Concat(notesOf(t, dir, seal.KeysFile)[0], notesOf(t, other, seal.KeysFile)[1])
	if _, err := seal.ParseKeys(forged); !errors.Is(err, seal.ErrForeign) {
		t.Errorf("a stranger's key: %v", err)
	}
	if err := stranger.Keys().Check(last); !errors.Is(err, seal.ErrForeign) {
		t.Errorf("another ledger's checkpoint: %v", err)
	}
}

// notesOf parts a file into its notes.
func notesOf(t *testing.T, dir, name string) (all [][]byte) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, name))
	must(t, err)
	for signed, err := range seal.Notes(text) {
		must(t, err)
		all = append(all, signed)
	}
	return all
}

func TestTheVaultOfAnotherLedgerIsRefused(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "seal")
	grow(t, dir, newScroll(1), 3)
	if _, err := seal.Open(t.Context(), dir, seeds(9), noon); err == nil {
		t.Error("it signs with another key")
	}
}

func TestEveryAlteredByteOfWhatWasSignedIsFound(t *testing.T) {
	dir, log := filepath.Join(t.TempDir(), "seal"), newScroll(1)
	s := grow(t, dir, log, 2, 3)
	_, err := s.Rotate(t.Context(), 2)
	must(t, err)
	must(t, s.Close())
	grow(t, dir, log, 4)
	keys, err := os.ReadFile(filepath.Join(dir, seal.KeysFile))
	must(t, err)
	text, err := os.ReadFile(filepath.Join(dir, seal.CheckpointsFile))
	must(t, err)
	if _, err := parse(keys, text); err != nil {
		t.Fatal(err)
	}
	for i := range keys {
		altered := bytes.Clone(keys)
		if altered[i] ^= 1 << (i % 8); taken(altered, text) {
			t.Errorf("keys, byte %d: %q for %q is taken for signed", i, altered[i], keys[i])
		}
	}
	for i := range text {
		altered := bytes.Clone(text)
		if altered[i] ^= 1 << (i % 8); taken(keys, altered) {
			t.Errorf("checkpoints, byte %d: %q for %q is taken for signed", i, altered[i], text[i])
		}
	}
}

func taken(keys, checkpoints []byte) bool {
	_, err := parse(keys, checkpoints)
	return err == nil
}

func parse(keys, checkpoints []byte) (all []seal.Checkpoint, err error) {
	k, err := seal.ParseKeys(keys)
	if err != nil {
		return nil, err
	}
	for c, err := range k.Checkpoints(bytes.NewReader(checkpoints)) {
		if err != nil {
			return all, err
		}
		all = append(all, c)
	}
	return all, nil
}

func TestCheckpointsThatAreMissingOrTwiceOrSwappedAreSeenOrHarmless(t *testing.T) {
	dir, log := filepath.Join(t.TempDir(), "seal"), newScroll(1)
	grow(t, dir, log, 2, 3, 4)
	all := checkpoints(t, dir)
	keys, err := os.ReadFile(filepath.Join(dir, seal.KeysFile))
	must(t, err)
	read := func(order ...int) error {
		var text []byte
		for _, i := range order {
			text = append(text, all[i].Note...)
		}
		_, err := parse(keys, text)
		return err
	}
	last := len(all) - 1
	for _, order := range [][]int{{0, 0}, {last, 0}, {0, last, last}} {
		if read(order...) == nil {
			t.Errorf("the order %v is taken", order)
		}
	}
	must(t, read(0, last)) // one fewer says less, and nothing wrong
}
