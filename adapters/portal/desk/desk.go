// Package desk is where the office and the parents talk: the pages of
// /ufficio/richieste, on which the office answers what parents ask, and of
// /ufficio/novita, on which it publishes news. It is a family of pages on a
// frame.Site, beside the office's own.
package desk

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/http"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
	"github.com/saldo-ledger/saldo/projections"
)

// Config is what the desk's pages need. Everything is required.
type Config struct {
	Views    Views
	Commands Commands
}

// Views is what the office looks at, of its own body. What does not exist, or is
// another body's, is frame.ErrNotFound or a refusal that says so.
type Views interface {
	// Inquiries returns the questions that are open, those that wait for the office
	// first, or those that were closed.
	Inquiries(ctx context.Context, closed bool) ([]Inquiry, error)
	// Thread returns one question with everything that was written, and the name of
	// who asked.
	Thread(ctx context.Context, id domain.InquiryID) (t ledger.Thread, parent string, err error)
	// News returns everything that was ever published, the last one first.
	News(ctx context.Context) ([]projections.News, error)
	// NewsItem returns one piece of news.
	NewsItem(ctx context.Context, id domain.NewsID) (projections.News, error)
	// Services returns what the body bills for, in the order of the names.
	Services(ctx context.Context) ([]Service, error)
}

// Inquiry is a question as the list shows it.
type Inquiry struct {
	projections.Inquiry
	Subject string // empty once the parent was erased
}

// Service is something that news can be about.
type Service struct {
	Code domain.ServiceCode
	Name string
}

// Commands is what the office does. An id or a key names a doing: done twice, it adds
// nothing. A rule that says no is a *domain.Refusal. The position is that of the
// events written.
type Commands interface {
	// Answer writes to the parent.
	Answer(ctx context.Context, by frame.Account, id domain.InquiryID, message uuid.UUID, text string) (eventstore.Position, error)
	// Close says that no more needs to be written.
	Close(ctx context.Context, by frame.Account, id domain.InquiryID, key uuid.UUID) (eventstore.Position, error)
	// Publish shows news to the parents; Correct replaces what it says.
	Publish(ctx context.Context, by frame.Account, id domain.NewsID, key uuid.UUID, a domain.Article) (eventstore.Position, error)
	Correct(ctx context.Context, by frame.Account, id domain.NewsID, key uuid.UUID, a domain.Article) (eventstore.Position, error)
	// Withdraw shows news no more.
	Withdraw(ctx context.Context, by frame.Account, id domain.NewsID, key uuid.UUID) (eventstore.Position, error)
}

const (
	inquiriesPath = "/ufficio/richieste"
	newsPath      = "/ufficio/novita"
)

// clerks are those who speak for the office.
var clerks = []domain.Role{domain.RoleOffice, domain.RoleAdministrator}

// site is the desk's pages at work.
type site struct {
	*frame.Pages
	Config
}

//go:embed templates/*.html
var templateFiles embed.FS

// menu lists the desk's pages.
var menu = []frame.MenuGroup{
	{Name: "Genitori", Items: []frame.MenuItem{
		{Link: frame.Link{Name: "Richieste dei genitori", URL: inquiriesPath}, Icon: "it-comment"},
		{Link: frame.Link{Name: "Novità per i genitori", URL: newsPath}, Icon: "it-note"},
	}},
	frame.AccountMenu,
}

// rules say the ledger's refusals as the office should hear them.
var rules = map[*domain.Refusal]string{
	domain.ErrInquiryClosed: "La richiesta è chiusa: si riapre quando il genitore scrive ancora",
	domain.ErrInquiryFull:   "La richiesta ha già molti messaggi: chiudila, e il genitore potrà inviarne una nuova",
	domain.ErrParentErased:  "I dati del genitore sono stati cancellati: non gli si può più scrivere",
	domain.ErrNewsExists:    "Da questo modulo è già stata pubblicata una novità: aprila dall'elenco e correggila",
	domain.ErrNewsWithdrawn: "La novità è stata ritirata: per correggerla pubblicala di nuovo",
}

// Open opens the desk's pages on a site.
func Open(on *frame.Site, config Config) error {
	if config.Views == nil || config.Commands == nil {
		return errors.New("desk: a port is missing")
	}
	templates, err := fs.Sub(templateFiles, "templates")
	if err != nil {
		return fmt.Errorf("desk: %w", err)
	}
	s := &site{Config: config}
	s.Pages, err = on.Add(frame.Family{
		Name: "sportello", Templates: templates, Rules: rules, Roles: clerks, Home: inquiriesPath, Menu: menu,
	})
	if err != nil {
		return err
	}
	const inquiry, item = inquiriesPath + "/{inquiry:" + frame.UUIDVar + "}", newsPath + "/{news:" + frame.UUIDVar + "}"
	s.Get(inquiriesPath, s.clerk(s.inquiries))
	s.Get(inquiry, s.clerk(s.inquiry))
	s.Post(inquiry, s.clerk(s.answer))
	s.Post(inquiry+"/chiudi", s.clerk(s.close))
	s.Get(newsPath, s.clerk(s.news))
	s.Get(newsPath+"/nuova", s.clerk(s.newForm))
	s.Post(newsPath+"/nuova", s.clerk(s.publish))
	s.Get(item, s.clerk(s.item))
	s.Post(item, s.clerk(s.correct))
	s.Post(item+"/ritira", s.clerk(s.withdraw))
	return nil
}

// clerk gates a page for the office.
func (s *site) clerk(h frame.Handler) http.HandlerFunc { return s.Only(h, clerks...) }

// trail begins at the desk.
func trail(steps ...frame.Link) []frame.Link {
	return append([]frame.Link{{Name: "Ufficio scuola", URL: "/ufficio/richieste"}}, steps...)
}

// postedKey reads a posted form and the key of what it does.
func postedKey(r *http.Request) (uuid.UUID, error) {
	if err := frame.ParseForm(r); err != nil {
		return uuid.Nil, err
	}
	key, err := uuid.Parse(r.PostForm.Get("chiave"))
	if err != nil {
		return uuid.Nil, frame.ErrForm
	}
	return key, nil
}
