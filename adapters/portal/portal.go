// Package portal is the parents' pages, and those by which everybody enters: rendered
// on the server, working without JavaScript, over small ports, Accounts, Views,
// Commands and Members. It translates between a browser and those ports and decides
// nothing.
package portal

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"time"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/projections"
)

// Config is what the parents' pages need. Everything without "optional" is required.
type Config struct {
	// CheckoutOrigin is where StartCheckout sends payers, such as
	// "https://checkout.pagopa.it". Forms may lead to no other site.
	CheckoutOrigin string
	Provider       Provider // optional: SPID and CIE
	Texts          Texts    // optional: the portal's own words
	Accounts       Accounts
	Views          Views
	Commands       Commands
	Members        Members
	Links          Links
	Papers         Papers
	Inquiries      Inquiries
	Reader         NewsReader
}

// site is the parents' pages at work.
type site struct {
	*frame.Pages
	Config
}

//go:embed templates/*.html
var templateFiles embed.FS

// Open opens the parents' pages, and Accesso, on a site.
func Open(on *frame.Site, config Config) error {
	if err := config.check(); err != nil {
		return fmt.Errorf("portal: %w", err)
	}
	templates, err := fs.Sub(templateFiles, "templates")
	if err != nil {
		return fmt.Errorf("portal: %w", err)
	}
	s := &site{Config: config}
	s.Pages, err = on.Add(frame.Family{
		Name: "genitori", Templates: templates, Functions: s.functions(), Rules: rules,
		Roles: []domain.Role{domain.RoleParent}, Home: homePath, Menu: menu, FormTargets: s.formTargets,
	})
	if err != nil {
		return err
	}
	s.routes()
	return nil
}

func (s *site) functions() template.FuncMap {
	return template.FuncMap{
		"adesso":    func() time.Time { return s.Now() },
		"copy":      func(name string, text any) frame.Link { return frame.Link{Name: name, URL: fmt.Sprint(text)} },
		"dec":       func(n int) int { return n - 1 },
		"diet":      diet,
		"fatto":     func(f projections.Fact) string { return facts[f] },
		"figura":    newFigure,
		"giorno":    projections.DayOf,
		"importo":   amountOf,
		"metodo":    Method,
		"notices":   func(n ...domain.NoticeNumber) []domain.NoticeNumber { return n },
		"pagamento": paidPath,
		"pupils":    pupils,
		"questions": s.Texts.questions,
		"steps":     func() []string { return []string{"Scegli", "Controlla", "Paga", "Esito"} },
	}
}

// menu lists the pages that exist, in the order of the parents' guide.
var menu = []frame.MenuGroup{
	{Items: []frame.MenuItem{
		{Link: frame.Link{Name: "Elenco consumatori", URL: homePath}, Icon: "it-user"},
		{Link: frame.Link{Name: "Paga", URL: payPath}, Icon: "it-card"},
	}},
	{Name: frame.AccountMenu.Name, Last: true, Items: []frame.MenuItem{
		frame.AccountMenu.Items[0],
		{Link: frame.Link{Name: "Modifica il tuo profilo", URL: profilePath}, Icon: "it-settings"},
		frame.AccountMenu.Items[1],
	}},
	{Name: "Informazioni", Last: true, Items: []frame.MenuItem{
		{Link: documentsTrail, Icon: "it-file"},
		{Link: newsTrail, Icon: "it-note"},
		{Link: inquiriesTrail, Icon: "it-comment"},
		{Link: frame.Link{Name: "Domande frequenti", URL: "/domande-frequenti"}, Icon: "it-help-circle"},
	}},
	{Name: "Utilità", Last: true, Items: []frame.MenuItem{
		{Link: frame.Link{Name: "Aggiungi a preferiti", URL: "/preferiti"}, Icon: "it-star-outline"},
	}},
}

// rules says the ledger's refusals as a parent should hear them.
var rules = map[*domain.Refusal]string{
	domain.ErrNothingSelected:   nothingTicked,
	domain.ErrSelectedTwice:     "Un bollettino è selezionato due volte. Controlla la selezione e riprova",
	domain.ErrNotPayable:        "Uno dei bollettini selezionati non è più da pagare. Controlla la selezione e riprova",
	domain.ErrUnknownBulletin:   "Uno dei bollettini selezionati non è più da pagare. Controlla la selezione e riprova",
	domain.ErrAlreadyPaid:       "Uno dei bollettini selezionati risulta già pagato. Controlla la selezione e riprova",
	domain.ErrCancelled:         "Uno dei bollettini selezionati è stato annullato. Controlla la selezione e riprova",
	domain.ErrOtherCategory:     "I bollettini di un pagamento devono essere della stessa categoria. Controlla la selezione e riprova",
	domain.ErrTooManyNotices:    tooManyTicked,
	domain.ErrPaymentExists:     "Hai già iniziato un altro pagamento da questa pagina. Torna a Paga e ripeti la selezione",
	domain.ErrParentExists:      "Con questo modulo hai già creato un account. Accedi, oppure apri di nuovo la pagina di registrazione",
	domain.ErrLinkRequestExists: "Con questo modulo hai già inviato un'altra richiesta. Torna ad Abbina un bambino e ricomincia",
	domain.ErrInquiryExists:     "Con questo modulo hai già inviato una richiesta. Apri di nuovo la pagina e riprova",
	domain.ErrInquiryFull:       "Questa richiesta ha già molti messaggi. Chiudila e inviane una nuova",
	domain.ErrPaymentCompleted:  "Questo pagamento è già concluso: non pagare di nuovo",
}

func (c Config) check() error {
	if c.Accounts == nil || c.Views == nil || c.Commands == nil || c.Members == nil || c.Links == nil || c.Papers == nil || c.Inquiries == nil || c.Reader == nil {
		return errors.New("a port is missing")
	}
	origin, err := url.Parse(c.CheckoutOrigin)
	if err != nil || origin.Scheme == "" || origin.Host == "" || origin.Scheme+"://"+origin.Host != c.CheckoutOrigin {
		return fmt.Errorf("checkout origin %q is not scheme://host", c.CheckoutOrigin)
	}
	return nil
}

// parents gates a page for parents alone.
func (s *site) parents(h frame.Handler) http.HandlerFunc { return s.Only(h, domain.RoleParent) }

// watching gates what a parent's open page asks by itself.
func (s *site) watching(h frame.Handler) http.HandlerFunc { return s.Watching(h, domain.RoleParent) }

// parentOf returns the parent who asks.
func parentOf(who frame.Visit) domain.ParentID { return domain.ParentID{UUID: who.Account.Subject} }
