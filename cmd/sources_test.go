// Package cmd_test holds the rules of the house that no compiler checks: which
// room may import which, what stands at the top of the repository, that exported
// names say what they mean, and that what is kept for others is as it came.
package cmd_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
)

// repository is the root of the module; a test runs in its package's folder.
var repository = os.DirFS("..")

// source is one Go file of the module.
type source struct {
	path string // from the root, with slashes
	set  *token.FileSet
	file *ast.File
}

// pkg is the folder of the file, "domain" or "adapters/mail".
func (s source) pkg() string { return path.Dir(s.path) }

func (s source) test() bool { return strings.HasSuffix(s.path, "_test.go") }

// at is a place in the file, as editors read it.
func (s source) at(p token.Pos) string {
	place := s.set.Position(p)
	place.Column = 0
	return place.String()
}

// sources parses every Go file of the module, as far as mode asks.
func sources(t *testing.T, mode parser.Mode) []source {
	t.Helper()
	set := token.NewFileSet()
	var all []source
	for _, name := range tracked(t) {
		if path.Ext(name) != ".go" || slices.Contains(strings.Split(name, "/"), "testdata") {
			continue
		}
		text, err := fs.ReadFile(repository, name)
		if err != nil {
			t.Fatal(err)
		}
		file, err := parser.ParseFile(set, name, text, mode)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, source{name, set, file})
	}
	if len(all) == 0 {
		t.Fatal("no Go files found")
	}
	return all
}

// tracked lists the files of the repository, without those that git ignores.
func tracked(t *testing.T) []string {
	t.Helper()
	ignored := ignoredNames(t)
	var all []string
	err := fs.WalkDir(repository, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.Name() == ".git" || ignored(d.Name()):
			if d.IsDir() {
				return fs.SkipDir
			}
		case !d.IsDir():
			all = append(all, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// ignoredNames reads .gitignore, whose lines are names and patterns of names,
// without folders before them.
func ignoredNames(t *testing.T) func(name string) bool {
	t.Helper()
	text, err := fs.ReadFile(repository, ".gitignore")
	if err != nil {
		t.Fatal(err)
	}
	var patterns []string
	for line := range strings.Lines(string(text)) {
		pattern := strings.Trim(strings.TrimSpace(line), "/")
		if _, err := path.Match(pattern, "x"); err != nil || strings.Contains(pattern, "/") {
			t.Fatalf(".gitignore: %q is more than a name, and this test reads names only", line)
		}
		patterns = append(patterns, pattern)
	}
	return func(name string) bool {
		return slices.ContainsFunc(patterns, func(pattern string) bool {
			matched, err := path.Match(pattern, name)
			return err == nil && matched
		})
	}
}
