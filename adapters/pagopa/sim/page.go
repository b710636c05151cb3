package sim

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/saldo-ledger/saldo/domain"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed assets
var assetFiles embed.FS

// page is what one handler adds to the frame that all pages have.
type page struct {
	Name    string // of its template
	Title   string // its h1
	Cart    *cart  // what is being paid; nil outside the window
	Errors  formErrors
	Content any
}

// InWindow says that the page is a screen of the payer's window.
func (p page) InWindow() bool { return p.Cart != nil && !p.Cart.Counter }

// pages are the parsed templates, by page.
type pages map[string]*template.Template

func newPages() (pages, error) {
	functions := template.FuncMap{
		"euro": euro, "day": day, "groups": groups, "count": count,
		"moment":  func(t time.Time) string { return t.In(domain.Rome).Format("02/01/2006 15:04:05") },
		"date":    func(t time.Time) string { return t.In(domain.Rome).Format("02/01/2006") },
		"iso":     func(t time.Time) string { return t.In(domain.Rome).Format(time.DateOnly) },
		"rfc3339": func(t time.Time) string { return t.In(domain.Rome).Format(time.RFC3339) },
	}
	base, err := template.New("base").Funcs(functions).ParseFS(templateFiles, "templates/layout.html")
	if err != nil {
		return nil, err
	}
	files, err := fs.Glob(templateFiles, "templates/*.html")
	if err != nil {
		return nil, err
	}
	all := pages{}
	for _, file := range files {
		t, err := template.Must(base.Clone()).ParseFS(templateFiles, file)
		if err != nil {
			return nil, err
		}
		all[strings.TrimSuffix(path.Base(file), ".html")] = t
	}
	return all, nil
}

// show answers with a page. It renders before it answers: half a page is never
// sent.
func (s *Simulator) show(w http.ResponseWriter, status int, p page) error {
	t, ok := s.pages[p.Name]
	if !ok {
		return fmt.Errorf("no page %q", p.Name)
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, "layout", p); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = b.WriteTo(w) // an error here is a browser that went away
	return nil
}

// invalidForm shows a form again with what is wrong in it.
func (s *Simulator) invalidForm(w http.ResponseWriter, p page) error {
	return s.show(w, http.StatusUnprocessableEntity, p)
}
