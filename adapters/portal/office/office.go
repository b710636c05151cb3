// Package office is the pages of the school office, /ufficio: what waits for it,
// people and bulletins found and shown, bulletins issued, sent and cancelled one by one
// or from a file, adults linked to children; and, for auditors and administrators, who of the staff looked at whose
// data. Whatever of a person is shown here is noted before, by frame.Witness.
package office

import (
	"embed"
	"errors"
	"html/template"
	"io/fs"
	"net/http"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
)

// Config is what the office's pages need. Everything is required.
type Config struct {
	Views    Views
	Commands Commands
	Links    Links
	Looks    Looks
}

// Paths of the pages that others refer to.
const (
	homePath      = "/ufficio"
	searchPath    = homePath + "/cerca"
	bulletinsPath = homePath + "/bollettini"
	requestsPath  = homePath + "/abbinamenti"
	looksPath     = homePath + "/accessi"
)

// site is the office's pages at work.
type site struct {
	*frame.Pages
	Config
}

// Who may do the office's work, and who may see who looked at what.
var (
	clerks   = []domain.Role{domain.RoleOffice, domain.RoleAdministrator}
	watchers = []domain.Role{domain.RoleAuditor, domain.RoleAdministrator}
)

//go:embed templates/*.html assets
var files embed.FS

// inside returns one folder of the embedded files.
func inside(folder string) fs.FS {
	sub, err := fs.Sub(files, folder)
	if err != nil {
		panic("office: " + err.Error()) // the binary itself is broken
	}
	return sub
}

// Open opens the office's pages on a site.
func Open(on *frame.Site, config Config) error {
	if config.Views == nil || config.Commands == nil || config.Links == nil || config.Looks == nil {
		return errors.New("office: a port is missing")
	}
	templates := inside("templates")
	pages, err := on.Add(frame.Family{
		Name: "ufficio", Templates: templates, Functions: functions(), Assets: inside("assets"), Rules: rules,
		Roles: clerks, Home: homePath, Menu: menu,
	})
	if err != nil {
		return err
	}
	(&site{pages, config}).routes()
	looks, err := on.Add(frame.Family{
		Name: "accessi", Templates: templates, Functions: functions(), Roles: watchers, Menu: looksMenu,
	})
	if err != nil {
		return err
	}
	(&site{looks, config}).looksRoutes()
	return nil
}

func functions() template.FuncMap {
	return template.FuncMap{"choice": frame.NewChoice, "ground": groundName, "roles": roleNames, "status": statusOf}
}

// menu lists the office's pages.
var menu = []frame.MenuGroup{
	{Name: "Ufficio scuola", Items: []frame.MenuItem{
		{Link: frame.Link{Name: "Da fare oggi", URL: homePath}, Icon: "it-inbox"},
		{Link: frame.Link{Name: "Cerca", URL: searchPath}, Icon: "it-search"},
		{Link: frame.Link{Name: "Bollettini da inviare", URL: bulletinsPath}, Icon: "it-files"},
		{Link: requestsTrail, Icon: "it-link"},
	}},
	frame.AccountMenu,
}

// looksMenu is the menu of those who see who looked at what.
var looksMenu = []frame.MenuGroup{
	{Name: "Controllo", Items: []frame.MenuItem{{Link: frame.Link{Name: "Accessi del personale", URL: looksPath}, Icon: "it-password-visible"}}},
	frame.AccountMenu,
}

// clerk gates a page for the office.
func (s *site) clerk(h frame.Handler) http.HandlerFunc { return s.Only(h, clerks...) }

// routes adds every address of the office.
func (s *site) routes() {
	const child, adult, bulletin = homePath + "/bambini/{child:" + frame.UUIDVar + "}", homePath + "/adulti/{adult:" + frame.UUIDVar + "}",
		bulletinsPath + "/{notice:" + frame.NoticeVar + "}"
	s.Get(homePath, s.clerk(s.home))
	s.Get(searchPath, s.clerk(s.search))
	s.Get(child, s.clerk(s.child))
	s.Get(adult, s.clerk(s.adult))

	s.Get(bulletinsPath, s.clerk(s.unsent))
	s.Get(child+"/bollettino", s.clerk(s.draftForm))
	s.Post(child+"/bollettino", s.clerk(s.review))
	s.Post(child+"/bollettino/emetti", s.clerk(s.issue))
	s.Get(bulletin, s.clerk(s.bulletin))
	s.Post(bulletin+"/invia", s.clerk(s.send))
	s.Get(bulletin+"/annulla", s.clerk(s.cancelForm))
	s.Post(bulletin+"/annulla", s.clerk(s.cancel))
	s.linkRoutes(child)
}

// linkRoutes adds the addresses of who sees which child.
func (s *site) linkRoutes(child string) {
	const request = requestsPath + "/{request:" + frame.UUIDVar + "}"
	s.Get(requestsPath, s.clerk(s.waitingRequests))
	s.Get(requestsPath+"/risposte", s.clerk(s.decidedRequests))
	s.Get(request, s.clerk(s.request))
	s.Post(request+"/accogli", s.clerk(s.approve))
	s.Post(request+"/rifiuta", s.clerk(s.refuse))

	unlink := child + "/adulti/{adult:" + frame.UUIDVar + "}/togli"
	s.Get(unlink, s.clerk(s.unlinkForm))
	s.Post(unlink, s.clerk(s.unlink))
	s.Post(child+"/adulti", s.clerk(s.named))
	s.Post(child+"/codice", s.clerk(s.issueCode))
	s.Post(child+"/codice/revoca", s.clerk(s.revokeCode))
}
