package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/eventstore"
)

// A file of an archive that ends anywhere before its end is found.
func TestATruncatedArchiveIsFound(t *testing.T) {
	dir := kit(t)
	for _, name := range kitFiles {
		whole := contents(t, dir, name)
		for _, size := range []int{0, 1, len(whole) / 3, len(whole) / 2, len(whole) - 2, len(whole) - 1} {
			put(t, dir, name, whole[:size])
			code, out, said := called(t, "audit", "verify", "--archive", dir)
			if code != exitFound {
				t.Errorf("%s cut to %d bytes of %d: exit code %d, %s%s", name, size, len(whole), code, out, said)
			}
		}
		put(t, dir, name, whole)
	}
}

// exportedLine is an event as an archive has it.
type exportedLine struct {
	Position eventstore.Position `json:"position"`
	Stream   eventstore.Stream   `json:"stream"`
	Revision eventstore.Revision `json:"revision"`
	ID       uuid.UUID           `json:"id"`
	Type     string              `json:"type"`
	Data     string              `json:"data,omitempty"`
	Metadata string              `json:"metadata,omitempty"`
	Content  eventstore.Hash     `json:"content"`
	Hash     eventstore.Hash     `json:"hash"`
}

func readLines(t *testing.T, text []byte) (all []exportedLine) {
	t.Helper()
	for line := range bytes.Lines(text) {
		var l exportedLine
		if err := json.Unmarshal(line, &l); err != nil {
			t.Fatal(err)
		}
		all = append(all, l)
	}
	return all
}

func writeLines(t *testing.T, all []exportedLine) []byte {
	t.Helper()
	var b bytes.Buffer
	for _, l := range all {
		if err := json.NewEncoder(&b).Encode(l); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

// injected is the archive's first event once more, as the first of a stream of its own,
// with all its hashes right, put in before the one at i.
func injected(t *testing.T, all []exportedLine, i int) []exportedLine {
	t.Helper()
	forged := all[0]
	forged.Stream, forged.Position = "creditor-99999999990", all[i].Position
	rec := eventstore.Recorded{
		Stream: forged.Stream, Revision: forged.Revision, ID: forged.ID, Type: forged.Type, Data: []byte(forged.Data), Metadata: []byte(forged.Metadata),
	}
	content, _, err := eventstore.Content(rec)
	if err != nil {
		t.Fatal(err)
	}
	forged.Content, forged.Hash = content, eventstore.Link(eventstore.Hash{}, content)
	forged.Metadata = strings.Replace(forged.Metadata, all[0].Hash.String(), forged.Hash.String(), 1)
	out := slices.Insert(slices.Clone(all), i, forged)
	for n := i + 1; n < len(out); n++ {
		out[n].Position++
	}
	return out
}

// An event that somebody who knows the code puts in, with a manifest to match.
func TestAnEventPutIntoAnArchiveIsFound(t *testing.T) {
	dir := kit(t)
	const name = "events/000001.jsonl"
	whole := readLines(t, contents(t, dir, name))
	put(t, dir, name, writeLines(t, whole))
	remade(t, dir)
	if code, _, said := called(t, "audit", "verify", "--archive", dir); code != exitSound {
		t.Fatalf("written again, it is not what it was: %s", said)
	}
	for i := 1; i < len(whole); i += 4 {
		put(t, dir, name, writeLines(t, injected(t, whole, i)))
		remade(t, dir)
		if code, out, said := called(t, "audit", "verify", "--archive", dir); code != exitFound {
			t.Errorf("put in at %d: exit code %d, %s%s", i, code, out, said)
		}
	}
}

// What another key signed of the very same events is sound in itself: the key or a head
// that was kept outside tells. Another ledger's checkpoints under our keys are found.
func TestAnArchiveSignedByAnotherKeyIsToldByWhatWasKept(t *testing.T) {
	dir := kit(t)
	head := filepath.Join(t.TempDir(), "kept.head")
	_, printed, _ := called(t, "audit", "head", "--archive", dir)
	if err := os.WriteFile(head, []byte(printed), 0o600); err != nil {
		t.Fatal(err)
	}
	_, keys, _ := called(t, "audit", "key", "--archive", dir, "--json")
	_, rest, _ := strings.Cut(keys, `"public":"`)
	key, _, _ := strings.Cut(rest, `"`)
	data := storyIn(t)
	other := filepath.Join(t.TempDir(), "other")
	if err := sealStory(data, scriptSeeds(9)); err != nil {
		t.Fatal(err)
	}
	if code, _, said := called(t, "audit", "export", "--data", data, other); code != exitSound {
		t.Fatal(said)
	}
	for _, c := range []struct {
		dir  string
		kept []string
		want int
	}{
		{dir, []string{"--head", head, "--key", key}, exitSound}, {other, nil, exitSound}, {other, []string{"--head", head}, exitFound}, {other, []string{"--key", key}, exitFound},
	} {
		if code, out, said := called(t, append([]string{"audit", "verify", "--archive", c.dir}, c.kept...)...); code != c.want {
			t.Errorf("%v: exit code %d, want %d: %s%s", c.kept, code, c.want, out, said)
		}
	}
	for _, name := range []string{"checkpoints", "keys"} {
		ours := contents(t, dir, name)
		put(t, dir, name, contents(t, other, name))
		remade(t, dir)
		if code, out, said := called(t, "audit", "verify", "--archive", dir); code != exitFound {
			t.Errorf("another ledger's %s: exit code %d, %s%s", name, code, out, said)
		}
		put(t, dir, name, ours)
		remade(t, dir)
	}
}
