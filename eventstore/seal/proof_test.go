package seal_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"path/filepath"
	"testing"

	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/seal"
)

func TestAnyEventIsProvedToWhoHasOnlyThePublicKey(t *testing.T) {
	for _, gap := range []int{1, 5} {
		dir, log := filepath.Join(t.TempDir(), "seal"), newScroll(gap)
		s := grow(t, dir, log, 3, 30, 4)
		keys := s.Keys()
		running, err := s.Prover()
		must(t, err)
		err = seal.WithProver(t.Context(), dir, func(stopped seal.Prover) error {
			for rec := range log.ReadAll(t.Context(), 0) {
				for _, p := range []seal.Prover{running, stopped} {
					proof, err := p.Prove(t.Context(), log, rec)
					must(t, err)
					must(t, proof.Check(keys))
					text, err := json.Marshal(proof)
					must(t, err)
					var read seal.Proof
					must(t, json.Unmarshal(text, &read))
					must(t, read.Check(keys))
					if err := read.Check(seal.Keys{}); err == nil {
						t.Error("it needs no key")
					}
				}
			}
			return nil
		})
		must(t, err)
	}
}

func TestWhatIsNotSealedIsNotProved(t *testing.T) {
	dir, log := filepath.Join(t.TempDir(), "seal"), newScroll(1)
	s := grow(t, dir, log, 3)
	p, err := s.Prover()
	must(t, err)
	log.write(1)
	if _, err := p.Prove(t.Context(), log, log.events[3]); !errors.Is(err, seal.ErrNotSealed) {
		t.Errorf("%v, want ErrNotSealed", err)
	}
	altered := log.events[1]
	altered.Data = []byte(`{"number":7}`)
	if _, err := p.Prove(t.Context(), log, altered); !errors.Is(err, seal.ErrProves) {
		t.Errorf("an altered event: %v, want ErrProves", err)
	}
	if _, err := open(t, filepath.Join(t.TempDir(), "new"), seeds(3)).Prover(); !errors.Is(err, seal.ErrUnsealed) {
		t.Errorf("%v, want ErrUnsealed", err)
	}
}

func TestNoAlteredByteOfAProofIsTaken(t *testing.T) {
	dir, log := filepath.Join(t.TempDir(), "seal"), newScroll(1)
	s := grow(t, dir, log, 11)
	p, err := s.Prover()
	must(t, err)
	proof, err := p.Prove(t.Context(), log, log.events[6])
	must(t, err)
	whole, err := json.Marshal(proof)
	must(t, err)
	for i := range whole {
		altered := bytes.Clone(whole)
		altered[i] ^= 1
		var read seal.Proof
		if json.Unmarshal(altered, &read) == nil && read.Check(s.Keys()) == nil && !same(t, read, proof) {
			t.Errorf("byte %d: %s is taken", i, altered)
		}
	}
	// The short form is one line for a code that a camera reads.
	short, err := proof.Short()
	must(t, err)
	for i := range short {
		altered := []byte(short)
		altered[i] ^= 1
		read, err := seal.ParseShort(string(altered))
		if err == nil && read.Check(s.Keys()) == nil && !same(t, read, proof) {
			t.Errorf("byte %d: %s is taken", i, altered)
		}
	}
}

// same tells two proofs that say the same: an altered name of a member, for example,
// leaves out what its default says.
func same(t *testing.T, a, b seal.Proof) bool {
	t.Helper()
	one, err := json.Marshal(a)
	must(t, err)
	two, err := json.Marshal(b)
	must(t, err)
	return bytes.Equal(one, two)
}

func TestTheShortFormSaysTheSame(t *testing.T) {
	dir, log := filepath.Join(t.TempDir(), "seal"), newScroll(4)
	s := grow(t, dir, log, 200)
	p, err := s.Prover()
	must(t, err)
	for _, n := range []int{0, 1, 100, 199} {
		proof, err := p.Prove(t.Context(), log, log.events[n])
		must(t, err)
		short, err := proof.Short()
		must(t, err)
		read, err := seal.ParseShort(short)
		must(t, err)
		if must(t, read.Check(s.Keys())); !same(t, read, proof) {
			t.Errorf("%+v became %+v", proof, read)
		}
	}
	for _, text := range []string{"", "SALDO1:", "SALDO1:%%", "HC1:ABC", "SALDO1:BB8", "SALDO1:É"} {
		if _, err := seal.ParseShort(text); !errors.Is(err, seal.ErrNoProof) {
			t.Errorf("%q: %v, want ErrNoProof", text, err)
		}
	}
}

func FuzzParseShort(f *testing.F) {
	f.Add("SALDO1:BB8")
	f.Fuzz(func(t *testing.T, text string) {
		if p, err := seal.ParseShort(text); err == nil {
			if _, err := p.Short(); err != nil {
				t.Errorf("%q: %v", text, err)
			}
		}
	})
}

func TestALaterCheckpointIsProvedToContinueAnEarlierOne(t *testing.T) {
	dir, log := filepath.Join(t.TempDir(), "seal"), newScroll(1)
	s := grow(t, dir, log, 1, 6, 9, 40)
	p, err := s.Prover()
	must(t, err)
	all := checkpoints(t, dir)
	for _, older := range all {
		c, err := p.ProveConsistency(older)
		must(t, err)
		must(t, c.Check(s.Keys()))
		text, err := json.Marshal(c)
		must(t, err)
		var read seal.Consistency
		must(t, json.Unmarshal(text, &read))
		must(t, read.Check(s.Keys()))
		if len(read.Path) > 0 {
			read.Path[0][3] ^= 1
			if err := read.Check(s.Keys()); !errors.Is(err, seal.ErrProves) {
				t.Errorf("%v, want ErrProves", err)
			}
		}
	}
	// A ledger whose history was written anew, by somebody who has its key.
	forged := filepath.Join(t.TempDir(), "seal")
	other := newScroll(1)
	other.write(1)
	other.events[0] = chained(other.events[0], eventstore.Hash{1})
	q, err := grow(t, forged, other, 99).Prover()
	must(t, err)
	if _, err := q.ProveConsistency(all[2]); !errors.Is(err, seal.ErrProves) {
		t.Errorf("%v, want ErrProves", err)
	}
	if _, err := p.ProveConsistency(q.Latest); !errors.Is(err, seal.ErrCut) {
		t.Errorf("%v, want ErrCut", err)
	}
}

// Proved by the first checkpoint that holds it, an event has one proof for ever. Each of
// many checkpoints is found, wherever in their file it is.
func TestAProofByTheFirstCheckpointStaysTheSame(t *testing.T) {
	for _, gap := range []int{1, 5} {
		dir, log := filepath.Join(t.TempDir(), "seal"), newScroll(gap)
		steps := make([]int, 60)
		for i := range steps {
			steps[i] = 1 + i%3
		}
		s := grow(t, dir, log, steps...)
		p, err := s.Prover()
		must(t, err)
		done, ends := 0, []int{}
		for _, n := range steps {
			done += n
			ends = append(ends, done)
		}
		for i, rec := range log.events {
			at, err := p.At(rec.Position)
			must(t, err)
			proof, err := at.Prove(t.Context(), log, rec)
			must(t, err)
			must(t, proof.Check(s.Keys()))
			for len(ends) > 0 && ends[0] <= i {
				ends = ends[1:]
			}
			if proof.Checkpoint.Size != uint64(ends[0]) {
				t.Errorf("gap %d: event %d is proved by the checkpoint of %d events, want %d", gap, i, proof.Checkpoint.Size, ends[0])
			}
		}
		if _, err := p.At(p.Latest.Position + 1); !errors.Is(err, seal.ErrNotSealed) {
			t.Error(err)
		}
	}
}
