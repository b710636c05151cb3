package frame

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal/prose"
	"github.com/saldo-ledger/saldo/domain"
)

//go:embed templates
var templateFiles embed.FS

// shared are the frame's files that every family knows.
var shared = []string{"templates/layout.html", "templates/fragments.html"}

// ownPages are the frame's templates without the layout.
func ownPages() fs.FS {
	sub, err := fs.Sub(templateFiles, "templates/pages")
	if err != nil {
		panic("frame: " + err.Error()) // the binary itself is broken
	}
	return sub
}

// Page is what one handler adds to the frame that all pages have.
type Page struct {
	Name    string // of its template
	Title   string // its h1
	Trail   []Link // the breadcrumb after Home; the last is this page
	Refresh int    // without JavaScript, load again after so many seconds; 0 is never
	Content any
	// Of are the parents and the children whose data staff see in the page: it is noted
	// before it is shown.
	Of []uuid.UUID
}

// framed is what the layout shows around a page.
type framed struct {
	Page
	Body    Body
	Path    string
	Return  string // where to come back to after logging in again
	Menu    []menuGroup
	Style   string // the family's own, or ""
	Script  string
	In      bool
	Name    string // of who is in
	Left    int    // seconds until the session ends
	Message string // of the command before
}

// parse reads the family's templates: a file that defines "main" is a page, the
// others are fragments for all of them.
func (p *Pages) parse() error {
	functions := p.functions()
	maps.Copy(functions, p.family.Functions)
	base, err := template.New("base").Funcs(functions).ParseFS(templateFiles, shared...)
	if err != nil {
		return err
	}
	files, err := fs.Glob(p.family.Templates, "*.html")
	if err != nil {
		return err
	}
	var pages []string
	for _, file := range files {
		alone, err := template.New(file).Funcs(functions).ParseFS(p.family.Templates, file)
		if err != nil {
			return err
		}
		if alone.Lookup("main") != nil {
			pages = append(pages, file)
			continue
		}
		if _, err := base.ParseFS(p.family.Templates, file); err != nil {
			return err
		}
	}
	p.parts, p.byName = base, map[string]*template.Template{}
	for _, file := range pages {
		t, err := template.Must(base.Clone()).ParseFS(p.family.Templates, file)
		if err != nil {
			return err
		}
		p.byName[strings.TrimSuffix(path.Base(file), ".html")] = t
	}
	return nil
}

func (s *Site) functions() template.FuncMap {
	return template.FuncMap{
		"asset":     s.assets.url,
		"count":     Count,
		"day":       Day,
		"dial":      func(phone string) string { return strings.ReplaceAll(phone, " ", "") },
		"euro":      Euro,
		"field":     newField,
		"inc":       func(n int) int { return n + 1 },
		"join":      strings.Join,
		"key":       uuid.NewString,
		"kilobytes": Kilobytes,
		"moment":    func(t time.Time) string { return t.In(domain.Rome).Format("02/01/2006 15:04") },
		"overdue":   s.overdue,
		"plain":     Plain,
		"prose":     prose.Parse,
		"rfc3339":   func(t time.Time) string { return t.In(domain.Rome).Format(time.RFC3339) },
	}
}

// overdue reports whether the day to pay by has passed.
func (s *Site) overdue(due domain.Date) bool { return due.Valid() && due < s.Today() }

// Show answers with a whole page.
func (p *Pages) Show(w http.ResponseWriter, r *http.Request, who Visit, status int, page Page) error {
	f := framed{Page: page, Body: p.Body, Path: r.URL.Path, Return: returnPath(r), Style: p.style, Script: p.script, Message: p.told(w, r)}
	if who.In() {
		f.In, f.Name, f.Left, f.Menu = true, who.Account.Name, p.left(who.Session), p.menu(who.Account, r.URL.Path, page.Trail)
	}
	t, ok := p.byName[page.Name]
	if !ok {
		return fmt.Errorf("no page %q", page.Name)
	}
	if err := p.Noted(r, who, page.Of...); err != nil {
		return err
	}
	return write(w, status, t, "layout", f)
}

// Part answers with one fragment of a page, for a script to put in its place.
func (p *Pages) Part(w http.ResponseWriter, name string, content any) error {
	return write(w, http.StatusOK, p.parts, name, content)
}

// write renders before it answers: half a page is never sent.
func write(w http.ResponseWriter, status int, t *template.Template, name string, content any) error {
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, name, content); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = b.WriteTo(w) // an error here is a browser that went away
	return nil
}
