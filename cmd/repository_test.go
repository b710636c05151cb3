package cmd_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"
)

// topLevel is what stands at the root of the repository: the rooms, and what
// tools demand there. Names that begin with a dot are for tools as well.
var topLevel = []string{
	"cmd", "domain", "eventstore", "projections", "adapters",
	"go.mod", "go.sum", "docker-compose.yml", "README.md",
	"CHANGELOG.md", "LICENSE", "docs", "publiccode.yml",
}

func TestTopLevelHoldsTheRoomsAlone(t *testing.T) {
	entries, err := fs.ReadDir(repository, ".")
	if err != nil {
		t.Fatal(err)
	}
	ignored := ignoredNames(t)
	for _, e := range entries {
		name := e.Name()
		if !strings.HasPrefix(name, ".") && !slices.Contains(topLevel, name) && !ignored(name) {
			t.Errorf("%s: the top level is fixed; it belongs in a room", name)
		}
	}
}

// vendored are the endings of files that others made and nobody here can read.
var vendored = []string{".woff", ".woff2", ".ttf", ".otf", ".min.js", ".min.css"}

const sumsFile = "SHA256SUMS"

func TestVendoredFilesAreAsTheyCame(t *testing.T) {
	files := tracked(t)
	summed := map[string]bool{}
	for _, file := range files {
		if path.Base(file) == sumsFile {
			checkSums(t, file, summed)
		}
	}
	for _, file := range files {
		isVendored := slices.ContainsFunc(vendored, func(ending string) bool { return strings.HasSuffix(file, ending) })
		if isVendored && !summed[file] {
			t.Errorf("%s: no %s beside it, or above it, lists it", file, sumsFile)
		}
	}
	if len(summed) == 0 {
		t.Error("no sums found")
	}
}

// checkSums compares the files that a list of sums names with their sums, and
// notes them in seen.
func checkSums(t *testing.T, list string, seen map[string]bool) {
	t.Helper()
	text, err := fs.ReadFile(repository, list)
	if err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		want, name, ok := strings.Cut(lines.Text(), "  ")
		if !ok {
			t.Errorf("%s: %q is not a sum and a name", list, lines.Text())
			continue
		}
		file := path.Join(path.Dir(list), name)
		content, err := fs.ReadFile(repository, file)
		if err != nil {
			t.Errorf("%s: %v", list, err)
			continue
		}
		if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != want {
			t.Errorf("%s is not what %s says it is", file, list)
		}
		seen[file] = true
	}
}
