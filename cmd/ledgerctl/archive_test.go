package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/eventstore/audit/archive"
)

// kit is an archive of the sealed story.
func kit(t *testing.T, end ...string) string {
	t.Helper()
	data := storyIn(t, end...)
	dir := filepath.Join(t.TempDir(), "kit")
	if err := sealStory(data, scriptSeeds(1)); err != nil {
		t.Fatal(err)
	}
	if code, _, said := called(t, "audit", "export", "--data", data, dir); code != exitSound {
		t.Fatalf("exit code %d: %s", code, said)
	}
	return dir
}

func called(t *testing.T, args ...string) (code int, out, said string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), args, func(string) string { return "" }, &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

func contents(t *testing.T, dir, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func put(t *testing.T, dir, name string, text []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
		t.Fatal(err)
	}
}

var kitFiles = []string{"README.txt", "manifest.json", "keys", "checkpoints", "events/000001.jsonl"}

// Every byte of every file of an archive of the smallest ledger that has them all.
func TestNoAlteredByteOfAnArchivePasses(t *testing.T) {
	dir := kit(t, "founded")
	defer debug.SetGCPercent(debug.SetGCPercent(1000)) // each of some ten thousand runs leaves as much behind
	if code, _, said := called(t, "audit", "verify", "--archive", dir); code != exitSound {
		t.Fatalf("exit code %d: %s", code, said)
	}
	for _, name := range kitFiles {
		whole := contents(t, dir, name)
		for i := range whole {
			for _, bit := range bitsOf(name, i) {
				altered := bytes.Clone(whole)
				altered[i] ^= 1 << bit
				put(t, dir, name, altered)
				code, out, said := called(t, "audit", "verify", "--archive", dir)
				if code != exitFound && (code != exitUsage || name != "manifest.json") {
					t.Fatalf("%s, byte %d, %q for %q: exit code %d, %s", name, i, altered[i], whole[i], code, said)
				}
				if !tells(name, whole, altered, i, out, said) {
					t.Errorf("%s, byte %d, %q for %q is not named: %s%s", name, i, altered[i], whole[i], out, said)
				}
			}
		}
		put(t, dir, name, whole)
	}
}

// bitsOf are the bits of a byte that are flipped: of the manifest, which nothing else
// vouches for, all of them.
func bitsOf(name string, i int) []int {
	if name == "manifest.json" {
		return []int{0, 1, 2, 3, 4, 5, 6, 7}
	}
	return []int{i % 8}
}

// tells reports whether what verify prints names the place of the byte that was altered:
// the file, and the event where the byte is of one. What is wrong in the manifest is told
// of it, or of a file that is not as it says, or not there.
func tells(name string, whole, altered []byte, i int, out, said string) bool {
	if name == "manifest.json" {
		return strings.Contains(said, "manifest") || strings.Contains(said, " is missing")
	}
	if !strings.Contains(said, name) || !strings.HasPrefix(name, "events/") {
		return strings.Contains(said, name)
	}
	position := fmt.Sprintf("  position  %d\n", bytes.Count(whole[:i], []byte("\n"))+1)
	return strings.Contains(out, position) || out == "" && saysTheSame(whole, altered, i)
}

// saysTheSame reports whether a line with that byte altered says the same of its event, so
// that the file alone is told: the two hashes at its end are for other programs, and
// hexadecimal digits are the same in either case.
func saysTheSame(whole, altered []byte, i int) bool {
	begin := bytes.LastIndexByte(whole[:i], '\n') + 1
	hashes := begin + bytes.Index(whole[begin:], []byte(`,"content":`))
	return i > hashes || bytes.EqualFold(whole[i:i+1], altered[i:i+1])
}

// remade makes the manifest right again, as somebody would who knows how.
func remade(t *testing.T, dir string) {
	t.Helper()
	var m archive.Manifest
	if err := json.Unmarshal(contents(t, dir, "manifest.json"), &m); err != nil {
		t.Fatal(err)
	}
	for i := range m.Files {
		text := contents(t, dir, m.Files[i].Name)
		sum := sha256.Sum256(text)
		m.Files[i].Bytes, m.Files[i].SHA256 = int64(len(text)), hex.EncodeToString(sum[:])
	}
	text, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	put(t, dir, "manifest.json", append(text, '\n'))
}

// digitOf is a line with another first digit of a hash, which follows begin.
func digitOf(line, begin string) string {
	at := strings.LastIndex(line, begin) + len(begin)
	digit := "0"
	if line[at:at+1] == digit {
		digit = "1"
	}
	return line[:at] + digit + line[at+1:]
}

func TestNoRewrittenArchivePassesEvenWithAnotherManifest(t *testing.T) {
	dir := kit(t)
	const name = "events/000001.jsonl"
	whole := slices.Collect(strings.Lines(string(contents(t, dir, name))))
	manifest := contents(t, dir, "manifest.json")
	for what, with := range map[string]func(lines []string, i int) []string{
		"dropped":   func(l []string, i int) []string { return slices.Delete(l, i, i+1) },
		"twice":     func(l []string, i int) []string { return slices.Insert(l, i, l[i]) },
		"swapped":   func(l []string, i int) []string { l[i], l[(i+1)%len(l)] = l[(i+1)%len(l)], l[i]; return l },
		"truncated": func(l []string, i int) []string { return l[:i] },
		"cut":       func(l []string, i int) []string { return append(l[:i], l[i][:len(l[i])/2]) },
		"altered": func(l []string, i int) []string {
			l[i] = strings.Replace(l[i], `\"at\":\"20`, `\"at\":\"19`, 1)
			return l
		},
		"content altered": func(l []string, i int) []string { l[i] = digitOf(l[i], `"content":"`); return l },
		"hash altered":    func(l []string, i int) []string { l[i] = digitOf(l[i], `,"hash":"`); return l },
	} {
		for i := 0; i < len(whole); i += 5 {
			put(t, dir, name, []byte(strings.Join(with(slices.Clone(whole), i), "")))
			remade(t, dir)
			code, out, said := called(t, "audit", "verify", "--archive", dir)
			if code != exitFound {
				t.Errorf("%s at %d: exit code %d, %s%s", what, i, code, out, said)
			}
			if i > 0 && what != "swapped" && !strings.Contains(out, "position") {
				t.Errorf("%s at %d: no position is named: %s%s", what, i, out, said)
			}
			put(t, dir, "manifest.json", manifest)
		}
	}
}
