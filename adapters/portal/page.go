package portal

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

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
)

//go:embed templates/*.html
var templateFiles embed.FS

// page is what one handler adds to the frame that all pages have.
type page struct {
	Name    string // of its template
	Title   string // its h1
	Trail   []Link // the breadcrumb after Home; the last is this page
	Refresh int    // without JavaScript, load again after so many seconds; 0 is never
	Content any
}

// frame is what the layout shows around a page.
type frame struct {
	page
	Body    Body
	Path    string
	Return  string // where to come back to after logging in again
	Menu    []menuGroup
	In      bool
	Name    string // of who is in
	Left    int    // seconds until the session ends
	Message string // of the command before
}

// menuGroup is a part of the main menu, under its name.
type menuGroup struct {
	Name  string
	Items []menuItem
}

// menuItem leads to a page. Post makes it a button: leaving is a command.
type menuItem struct {
	Link
	Icon string
	Post bool
}

// menu lists the pages that exist, in the order of the parents' guide.
var menu = []menuGroup{
	{"", []menuItem{
		{Link{"Elenco consumatori", homePath}, "it-user", false},
		{Link{"Paga", payPath}, "it-card", false},
	}},
	{"Menu profilo", []menuItem{
		{Link{"Modifica password", "/profilo/password"}, "it-key", false},
		{Link{"Modifica il tuo profilo", profilePath}, "it-settings", false},
		{Link{"Esci", "/esci"}, "it-logout", true},
	}},
	{"Informazioni", []menuItem{
		{Link{"Domande frequenti", "/domande-frequenti"}, "it-help-circle", false},
	}},
	{"Utilità", []menuItem{
		{Link{"Aggiungi a preferiti", "/preferiti"}, "it-star-outline", false},
	}},
}

// Current says how the item relates to the page at path: "page" when it leads
// there, "true" when the page is below it, "" otherwise.
func (m menuItem) Current(path string) string {
	switch {
	case m.URL == path:
		return "page"
	case m.URL == profilePath: // Modifica password is below it, and has its own item
		return ""
	case strings.HasPrefix(path, m.URL+"/"):
		return "true"
	}
	return ""
}

// pages are the parsed templates, by page. Fragments are in each of them.
type pages struct {
	byName    map[string]*template.Template
	fragments *template.Template
}

func newPages(s *site) (*pages, error) {
	base, err := template.New("base").Funcs(s.functions()).ParseFS(templateFiles, "templates/layout.html", "templates/fragments.html", "templates/account.html")
	if err != nil {
		return nil, err
	}
	files, err := fs.Glob(templateFiles, "templates/*.html")
	if err != nil {
		return nil, err
	}
	p := &pages{byName: map[string]*template.Template{}, fragments: base}
	for _, file := range files {
		t, err := template.Must(base.Clone()).ParseFS(templateFiles, file)
		if err != nil {
			return nil, err
		}
		p.byName[strings.TrimSuffix(path.Base(file), ".html")] = t
	}
	return p, nil
}

func (s *site) functions() template.FuncMap {
	return template.FuncMap{
		"asset":     s.assets.url,
		"copy":      func(name string, text any) Link { return Link{name, fmt.Sprint(text)} },
		"count":     count,
		"day":       day,
		"dial":      func(phone string) string { return strings.ReplaceAll(phone, " ", "") },
		"diet":      diet,
		"euro":      euro,
		"field":     newField,
		"inc":       func(n int) int { return n + 1 },
		"join":      strings.Join,
		"key":       uuid.NewString,
		"kilobytes": kilobytes,
		"moment":    func(t time.Time) string { return t.In(s.rome).Format("02/01/2006 15:04") },
		"overdue":   s.overdue,
		"plain":     plain,
		"pupils":    pupils,
		"questions": questions,
		"rfc3339":   func(t time.Time) string { return t.In(s.rome).Format(time.RFC3339) },
		"steps":     func() []string { return []string{"Scegli", "Controlla", "Paga", "Esito"} },
	}
}

// overdue reports whether the day to pay by has passed.
func (s *site) overdue(due domain.Date) bool { return due.Valid() && due < s.today() }

// field is one input of a form.
type field struct {
	ID, Label, Kind, Autocomplete string
	Value, Hint, Error            string
	Optional                      bool
	Options                       []string // of a list to choose from
}

func newField(id, label, kind, autocomplete string, problems formErrors) field {
	return field{ID: id, Label: label, Kind: kind, Autocomplete: autocomplete, Error: problems.For(id)}
}

// With returns f with a value typed before.
func (f field) With(value string) field {
	f.Value = value
	return f
}

// Hinted returns f with a text that helps to fill it in.
func (f field) Hinted(hint string) field {
	f.Hint = hint
	return f
}

// Free returns f as one that may be left empty.
func (f field) Free() field {
	f.Optional = true
	return f
}

// Among returns f as a choice among options.
func (f field) Among(options []string) field {
	f.Options = options
	return f
}

// Described names the elements that say more about f.
func (f field) Described() string {
	var ids []string
	if f.Error != "" {
		ids = append(ids, f.ID+"-errore")
	}
	if f.Hint != "" {
		ids = append(ids, f.ID+"-aiuto")
	}
	return strings.Join(ids, " ")
}

// show answers with a whole page.
func (s *site) show(w http.ResponseWriter, r *http.Request, who visit, status int, p page) error {
	f := frame{page: p, Body: s.Body, Path: r.URL.Path, Return: returnPath(r), Message: s.told(w, r)}
	if who.in() {
		f.In, f.Name, f.Left = true, who.session.Account.Name, s.left(who.session)
	}
	if who.in() && who.session.Account.Role == Parent {
		f.Menu = menu
	}
	t, ok := s.pages.byName[p.Name]
	if !ok {
		return fmt.Errorf("no page %q", p.Name)
	}
	return write(w, status, t, "layout", f)
}

// part answers with one fragment of a page, for a script to put in its place.
func (s *site) part(w http.ResponseWriter, name string, content any) error {
	return write(w, http.StatusOK, s.pages.fragments, name, content)
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
