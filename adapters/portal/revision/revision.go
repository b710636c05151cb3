// Package revision is the pages of finance auditors, /revisione: history replayed event
// by event. They read the log alone, never the views, and write nothing; personal data
// stay sealed, but for receipts as they came. What must read much of the log is work of a desk: a request waits for it
// a moment, and then shows how far it is.
package revision

import (
	"embed"
	"errors"
	"html/template"
	"io"
	"io/fs"
	"net/http"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
	"github.com/saldo-ledger/saldo/eventstore/seal"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// Config is what the auditors' pages need. All but snapshots, seal and
// Temp is required.
type Config struct {
	Log eventstore.Reader
	// Snapshots make figures as of a date fast; nil where there are none.
	Snapshots *audit.Snapshots
	// Seal is what was signed of the log; nil where it is not sealed.
	Seal Seal
	// Registers makes exports.
	Registers Registers
	// Receipts opens receipts as they came.
	Receipts Receipts
	// Temp is where exports lie until they are fetched; "" is os.TempDir.
	Temp string
}

// Seal is what was signed of a log: a *seal.Sealer.
type Seal interface {
	// Latest returns the last checkpoint, or seal.ErrUnsealed.
	Latest() (seal.Checkpoint, error)
	Keys() seal.Keys
	Record() seal.Record
}

// Paths of the pages.
const (
	homePath      = "/revisione"
	replayPath    = homePath + "/replay"
	situationPath = homePath + "/situazione"
	trialPath     = homePath + "/bilancio"
	openPath      = homePath + "/bollettini"
	explainPath   = homePath + "/cifra"
	whyPath       = homePath + "/variazioni"
	verifyPath    = homePath + "/verifica"
	headsPath     = homePath + "/firme"
	exportPath    = homePath + "/esporta"
	closingsPath  = homePath + "/chiusure"
	receiptPath   = homePath + "/ricevuta"
)

// keptTraces is how many stories can be gone through without reading the log again. One
// that is the whole of ten million events takes about 30 MB.
const keptTraces = 8

// site is the auditors' pages at work.
type site struct {
	*frame.Pages
	Config
	desk     *desk // of figures
	jobs     *desk // of what somebody comes back for: verifications and exports
	shelf    *shelf
	traces   *lru.Cache[audit.Filter, *audit.Trace]
	persons  *audit.Persons
	registry *wire.Registry // without keys
}

// auditors are whom the pages are for.
var auditors = []domain.Role{domain.RoleAuditor, domain.RoleAdministrator}

//go:embed templates/*.html assets
var files embed.FS

// inside returns one folder of the embedded files.
func inside(folder string) fs.FS {
	sub, err := fs.Sub(files, folder)
	if err != nil {
		panic("revision: " + err.Error()) // the binary itself is broken
	}
	return sub
}

// Open opens the auditors' pages on a site. To close them ends the work that is under
// way; the log is open until then.
func Open(on *frame.Site, config Config) (io.Closer, error) {
	if config.Log == nil || config.Registers == nil || config.Receipts == nil {
		return nil, errors.New("revision: a port is missing")
	}
	pages, err := on.Add(frame.Family{
		Name: "revisione", Templates: inside("templates"), Functions: functions(on), Assets: inside("assets"),
		Roles: auditors, Home: homePath, Menu: menu,
	})
	if err != nil {
		return nil, err
	}
	traces, err := lru.New[audit.Filter, *audit.Trace](keptTraces)
	if err != nil {
		return nil, err
	}
	persons, err := audit.NewPersons(config.Log, audit.Range{})
	if err != nil {
		return nil, err
	}
	shelf, err := newShelf(config.Temp)
	if err != nil {
		return nil, err
	}
	places := newPlaces()
	s := &site{Pages: pages, Config: config, desk: newDesk(places, keptFigures), jobs: newDesk(places, keptJobs), shelf: shelf, traces: traces, persons: persons, registry: wire.New(nil)}
	s.routes()
	return s, nil
}

// Close ends the work that is under way and removes what was exported.
func (s *site) Close() error { return errors.Join(s.desk.Close(), s.jobs.Close(), s.shelf.Close()) }

func functions(on *frame.Site) template.FuncMap {
	return template.FuncMap{
		"account": accountName, "accounts": accountChoice, "big": big, "class": func(c audit.Class) string { return classNames[c] }, "event": eventName, "eventAt": eventAt, "percent": percent, "pass": newPass, "receipt": receiptURL, "period": periodName,
		"second": func(t time.Time) string { return t.In(on.Now().Location()).Format("02/01/2006 15:04:05") },
	}
}

// menu lists the auditors' pages.
var menu = []frame.MenuGroup{
	{Name: "Revisione", Items: []frame.MenuItem{
		{Link: frame.Link{Name: "Il registro", URL: homePath}, Icon: "it-files"},
		{Link: frame.Link{Name: "Replay", URL: replayPath}, Icon: "it-restore"},
		{Link: frame.Link{Name: "Situazione al", URL: situationPath}, Icon: "it-calendar"},
		{Link: frame.Link{Name: "Bilancio di verifica", URL: trialPath}, Icon: "it-chart-line"},
		{Link: frame.Link{Name: "Bollettini aperti", URL: openPath}, Icon: "it-note"},
		{Link: frame.Link{Name: "Gli eventi di una cifra", URL: explainPath}, Icon: "it-search"},
		{Link: frame.Link{Name: "Perché è cambiato", URL: whyPath}, Icon: "it-exchange-circle"},
		{Link: frame.Link{Name: "Verifica della catena", URL: verifyPath}, Icon: "it-check-circle"},
		{Link: frame.Link{Name: "Chiusure", URL: closingsPath}, Icon: "it-lock"},
		{Link: frame.Link{Name: "Esporta i registri", URL: exportPath}, Icon: "it-download"},
	}},
	frame.AccountMenu,
}

// trail begins the breadcrumb of every page of the family.
func trail(steps ...frame.Link) []frame.Link {
	return append([]frame.Link{{Name: "Revisione", URL: homePath}}, steps...)
}

// auditor gates a page for auditors.
func (s *site) auditor(h frame.Handler) http.HandlerFunc { return s.Only(h, auditors...) }

// routes adds every address of the auditors.
func (s *site) routes() {
	s.Get(homePath, s.auditor(s.home))
	s.Get(replayPath, s.auditor(s.replay))
	s.Get(situationPath, s.auditor(s.situation))
	s.Get(trialPath, s.auditor(s.trialBalance))
	s.Get(openPath, s.auditor(s.openBulletins))
	s.Get(explainPath, s.auditor(s.explain))
	s.Get(whyPath, s.auditor(s.why))
	s.Get(verifyPath, s.auditor(s.verify))
	s.Post(verifyPath, s.auditor(s.beginVerify))
	s.Get(verifyPath+"/{id}", s.auditor(s.showVerdict))
	s.Get(verifyPath+"/{id}/rapporto.{forma:txt|json}", s.auditor(s.report))
	s.Get(headsPath, s.auditor(s.heads))
	s.Get(closingsPath, s.auditor(s.closings))
	s.Get(receiptPath, s.auditor(s.receipt))
	s.Get(receiptPath+"/originale", s.auditor(s.original))
	s.Get(exportPath, s.auditor(s.export))
	s.Post(exportPath, s.auditor(s.beginExport))
	s.Get(exportPath+"/{id}", s.auditor(s.showExported))
	s.Get(exportPath+"/{id}/{parte:file|manifesto}", s.auditor(s.file))
}

// homePage is Il registro.
type homePage struct {
	End eventstore.Position
}

func (s *site) home(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	end, err := s.Log.End(r.Context())
	if err != nil {
		return err
	}
	return s.Show(w, r, who, http.StatusOK, frame.Page{
		Name: "registro", Title: "Il registro", Trail: []frame.Link{{Name: "Revisione"}}, Content: homePage{end},
	})
}
