package cmd_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"testing"
)

// selfEvident are methods whose meaning the standard library fixes, so that a
// comment would repeat it.
var selfEvident = []string{"Error", "Unwrap", "String", "Len", "Less", "Swap", "Read", "Write", "ServeHTTP"}

// Fields and the methods of interfaces are left to judgement: one comment often
// covers several.
func TestEveryExportedNameSaysWhatItMeans(t *testing.T) {
	for _, s := range sources(t, parser.ParseComments|parser.SkipObjectResolution) {
		if s.test() {
			continue
		}
		for _, decl := range s.file.Decls {
			for _, name := range uncommented(decl) {
				t.Errorf("%s: %s has no doc comment", s.at(name.Pos()), name)
			}
		}
	}
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	documented := map[string]bool{}
	for _, s := range sources(t, parser.ParseComments|parser.PackageClauseOnly) {
		if !s.test() {
			documented[s.pkg()] = documented[s.pkg()] || s.file.Doc != nil
		}
	}
	for pkg, ok := range documented {
		if !ok {
			t.Errorf("%s has no package comment", pkg)
		}
	}
}

// uncommented returns the exported names that decl declares without a comment.
func uncommented(decl ast.Decl) []*ast.Ident {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Doc == nil && d.Name.IsExported() && !hidden(d) {
			return []*ast.Ident{d.Name}
		}
	case *ast.GenDecl:
		return uncommentedSpecs(d)
	}
	return nil
}

// hidden reports whether f is a method that godoc does not show, or one that
// needs no words.
func hidden(f *ast.FuncDecl) bool {
	if f.Recv == nil {
		return false
	}
	return !receiver(f).IsExported() || slices.Contains(selfEvident, f.Name.Name)
}

// receiver is the name of the type that a method is on.
func receiver(f *ast.FuncDecl) *ast.Ident {
	var name *ast.Ident
	ast.Inspect(f.Recv.List[0].Type, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && name == nil {
			name = id // the first one: type parameters come after it
		}
		return name == nil
	})
	return name
}

// uncommentedSpecs takes the comment of a group for each constant or variable in
// it, and a comment at the end of the line; a type has one of its own.
func uncommentedSpecs(d *ast.GenDecl) []*ast.Ident {
	var names []*ast.Ident
	for _, spec := range d.Specs {
		switch s := spec.(type) {
		case *ast.TypeSpec:
			grouped := d.Lparen != token.NoPos
			if s.Name.IsExported() && s.Doc == nil && (grouped || d.Doc == nil) {
				names = append(names, s.Name)
			}
		case *ast.ValueSpec:
			if s.Doc != nil || s.Comment != nil || d.Doc != nil {
				continue
			}
			for _, name := range s.Names {
				if name.IsExported() {
					names = append(names, name)
				}
			}
		}
	}
	return names
}

func TestExportedNamesWithoutACommentAreNoticed(t *testing.T) {
	const text = `package p

type Bare struct{}

// Told is told.
type Told struct{}

type (
	// Grouped is told.
	Grouped struct{}
	Lost    struct{}
)

// These are told together.
const (
	One = iota
	Two
)

const (
	Three = 3 // with a unit
	Four  = 4
)

var hidden, Shown = 1, 2

func Do() {}

func (*Told) Ask() {}

func (Pair[K, V]) Swap() {}

func (Pair[K, V]) Both() {}

func (lower) Method() {}

func (Told) Error() string { return "" }
`
	file, err := parser.ParseFile(token.NewFileSet(), "p.go", text, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, decl := range file.Decls {
		for _, name := range uncommented(decl) {
			got = append(got, name.Name)
		}
	}
	if want := []string{"Bare", "Lost", "Four", "Shown", "Do", "Ask", "Both"}; !slices.Equal(got, want) {
		t.Errorf("noticed %q, want %q", got, want)
	}
}
