// Package reconciliation is the pages of the reconciliation officers, /riconciliazione:
// what does not fit first, receipts, flows and the bank's credits side by side, the
// decisions of people about it, and the answers to "who paid this credit?" and "where is
// my payment?". What is said of each comes from domain/reconciliation.
package reconciliation

import (
	"embed"
	"errors"
	"html/template"
	"io/fs"
	"net/http"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/reconciliation"
	"github.com/saldo-ledger/saldo/domain/table"
)

// Config is what the officers' pages need. Everything is required but FourEyes.
type Config struct {
	Views    Views
	Commands Commands
	Printer  table.Printer
	// FourEyes is the amount above which two persons decide; 0 for never.
	FourEyes domain.Money
}

// Paths of the pages that others refer to.
const (
	homePath      = "/riconciliazione"
	documentsPath = homePath + "/documenti"
	searchPath    = homePath + "/cerca"
	flowPath      = homePath + "/flusso"
	movementPath  = homePath + "/movimento"
	noticePath    = homePath + "/avviso"
	receiptPath   = homePath + "/ricevuta"
	waitingPath   = homePath + "/da-risolvere"
	resolvePath   = homePath + "/ricevute"
	replayPath    = homePath + "/messaggi"
	expectedPath  = homePath + "/attese"
	transitPath   = homePath + "/transito"
	transitDay    = transitPath + "/giorno"
	summariesPath = homePath + "/resoconti"
	rulesPath     = homePath + "/regole"
	withdrawPath  = rulesPath + "/ritira"
	decisionsPath = homePath + "/decisioni"

	summaryFilePath = summariesPath + "/file"
	originalPath    = documentsPath + "/originale"
)

// site is the officers' pages at work.
type site struct {
	*frame.Pages
	Config
}

// officers are who reconciles.
var officers = []domain.Role{domain.RoleReconciler, domain.RoleAdministrator}

//go:embed templates/*.html assets
var files embed.FS

// inside returns one folder of the embedded files.
func inside(folder string) fs.FS {
	sub, err := fs.Sub(files, folder)
	if err != nil {
		panic("reconciliation: " + err.Error()) // the binary itself is broken
	}
	return sub
}

// Open opens the officers' pages on a site.
func Open(on *frame.Site, config Config) error {
	if config.Views == nil || config.Commands == nil || config.Printer == nil {
		return errors.New("reconciliation: a port is missing")
	}
	pages, err := on.Add(frame.Family{
		Name: "riconciliazione", Templates: inside("templates"), Functions: functions(), Assets: inside("assets"), Rules: rules,
		Roles: officers, Home: homePath, Menu: menu,
	})
	if err != nil {
		return err
	}
	(&site{pages, config}).routes()
	return nil
}

func functions() template.FuncMap {
	return template.FuncMap{
		"advice": adviceOf, "adviceof": reconciliation.Outcome.Advice, "channel": channelName, "flowlink": flowLink, "flowlinkof": flowLinkOf, "kind": kindName, "caselink": caseLink, "less": func(a, b domain.Money) domain.Money { return a - b }, "movementlink": movementLink, "receiptlink": receiptLink,
		"shortage": shortage, "torefund": toRefund, "unmatched": unmatchedName, "urgency": urgencyOf,
	}
}

// menu lists the officers' pages.
var menu = []frame.MenuGroup{
	{Name: "Riconciliazione", Items: []frame.MenuItem{
		{Link: frame.Link{Name: "Differenze", URL: homePath}, Icon: "it-list"},
		{Link: frame.Link{Name: "Da risolvere", URL: waitingPath}, Icon: "it-warning-circle"},
		{Link: frame.Link{Name: "Ricevute attese", URL: expectedPath}, Icon: "it-clock"},
		{Link: frame.Link{Name: "Conto transito", URL: transitPath}, Icon: "it-exchange-circle"},
		{Link: frame.Link{Name: "Resoconti", URL: summariesPath}, Icon: "it-chart-line"},
		{Link: frame.Link{Name: "Regole", URL: rulesPath}, Icon: "it-settings"},
		{Link: frame.Link{Name: "Flussi e giornali di cassa", URL: documentsPath}, Icon: "it-upload"},
	}},
	frame.AccountMenu,
}

// officer gates a page for who reconciles.
func (s *site) officer(h frame.Handler) http.HandlerFunc { return s.Only(h, officers...) }

// routes adds every address of the officers.
func (s *site) routes() {
	s.Get(homePath, s.officer(s.differences))
	s.Get(flowPath, s.officer(s.flow))
	s.Get(movementPath, s.officer(s.movement))
	s.Get(noticePath+"/{notice:"+frame.NoticeVar+"}", s.officer(s.notice))
	s.Get(receiptPath, s.officer(s.receipt))
	s.Get(waitingPath, s.officer(s.waiting))
	s.Post(resolvePath, s.officer(s.resolve))
	s.Post(replayPath, s.officer(s.replay))
	s.Get(expectedPath, s.officer(s.expected))
	s.Post(expectedPath, s.officer(s.expect))
	s.Get(transitPath, s.officer(s.transit))
	s.Get(transitDay, s.officer(s.transitDay))
	s.Get(summariesPath, s.officer(s.summaries))
	s.Get(summaryFilePath, s.officer(s.summaryFile))
	s.Get(rulesPath, s.officer(s.rules))
	s.Post(rulesPath, s.officer(s.setRule))
	s.Post(withdrawPath, s.officer(s.withdrawRule))
	s.Get(searchPath, s.officer(s.search))
	s.Post(decisionsPath, s.officer(s.decide))
	s.Get(documentsPath, s.officer(s.documents))
	s.Get(originalPath, s.officer(s.original))
	s.PostUpTo(documentsPath, maxUpload, s.officer(s.upload))
}

// officerTrail begins the breadcrumb of every page of the family but its first.
var officerTrail = frame.Link{Name: "Riconciliazione", URL: homePath}

func trail(steps ...frame.Link) []frame.Link { return append([]frame.Link{officerTrail}, steps...) }
