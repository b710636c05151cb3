package frame

import (
	"fmt"
	"html/template"
	"io/fs"
	"net/http"

	"github.com/saldo-ledger/saldo/domain"
)

// Family is pages that belong together: the parents', the school office's, …
type Family struct {
	// Name is of the folder that its assets are served in.
	Name string
	// Templates has an .html file for each page, which defines "main", and files that
	// do not: their fragments can be used in every page of the family. All of them
	// know the fragments of the frame ("errors", "input", "day", "icon", …).
	Templates fs.FS
	// Functions are what its templates call besides those of the frame; optional.
	Functions template.FuncMap
	// Assets are files for browsers, optional. Of those, pagine.css and pagine.js are
	// linked by each page of the family.
	Assets fs.FS
	// Rules say refusals of the ledger as those who use the family should hear them;
	// optional: what is not in it has the words of its kind.
	Rules map[*domain.Refusal]string
	// Roles are whom Home and Menu are for. A person with roles of several families
	// has the menus of all, and the home of the first.
	Roles []domain.Role
	Home  string
	Menu  []MenuGroup
	// FormTargets returns the origins that its forms may end at, beside the site's
	// own; optional.
	FormTargets func() []string
}

// Pages is a family of pages in its place on a Site.
type Pages struct {
	*Site
	family Family
	byName map[string]*template.Template
	parts  *template.Template
	style  string // the family's own, or ""
	script string
}

// Add gives a family its place on the site. Its routes follow, by Get and Post.
func (s *Site) Add(f Family) (*Pages, error) {
	p := &Pages{Site: s, family: f}
	if err := s.assets.add(f.Name, f.Assets); err != nil {
		return nil, fmt.Errorf("frame: assets of %s: %w", f.Name, err)
	}
	p.style, p.script = s.assets.has(f.Name+"/pagine.css"), s.assets.has(f.Name+"/pagine.js")
	if err := p.parse(); err != nil {
		return nil, fmt.Errorf("frame: pages of %s: %w", f.Name, err)
	}
	s.families = append(s.families, p)
	return p, nil
}

// Get answers GET and HEAD of a path with a gated Handler: see Public and Only.
func (p *Pages) Get(path string, h http.HandlerFunc) {
	p.router.HandleFunc(path, h).Methods(http.MethodGet, http.MethodHead)
}

// GetOnce answers GET alone: to open the path uses something up, and who asks for
// its headers only would lose it.
func (p *Pages) GetOnce(path string, h http.HandlerFunc) {
	p.router.HandleFunc(path, h).Methods(http.MethodGet)
}

// Post answers POST of a path with a gated Handler.
func (p *Pages) Post(path string, h http.HandlerFunc) { p.PostUpTo(path, MaxForm, h) }

// PostUpTo answers POST of a path whose form may send more than MaxForm: files.
func (p *Pages) PostUpTo(path string, most int64, h http.HandlerFunc) {
	p.router.HandleFunc(path, limited(most, h)).Methods(http.MethodPost)
}

// home returns the path where somebody with these roles begins, or "".
func (s *Site) home(account Account) string {
	for _, f := range s.families {
		if f.family.Home != "" && account.Has(f.family.Roles...) {
			return f.family.Home
		}
	}
	return ""
}
