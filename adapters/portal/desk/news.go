package desk

import (
	"errors"
	"net/http"
	"strings"

	"github.com/google/uuid"
	"github.com/gorilla/mux"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/adapters/portal/prose"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/projections"
)

var newsTrail = frame.Link{Name: "Novità per i genitori", URL: newsPath}

// newsPage is the list of what was ever published.
type newsPage struct{ News []newsRow }

// newsRow is a piece of news and whether parents see it.
type newsRow struct {
	projections.News
	State string
}

func (s *site) news(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	all, err := s.Views.News(r.Context())
	if err != nil {
		return err
	}
	var content newsPage
	for _, n := range all {
		content.News = append(content.News, newsRow{n, s.stateOf(n)})
	}
	return s.Show(w, r, who, http.StatusOK, frame.Page{Name: "novita", Title: newsTrail.Name, Trail: trail(newsTrail), Content: content})
}

// stateOf says whether parents see a piece of news today.
func (s *site) stateOf(n projections.News) string {
	switch {
	case !n.WithdrawnAt.IsZero():
		return "Ritirata"
	case n.Shown(s.Today()):
		return "Pubblicata"
	case n.Article.From > s.Today():
		return "In programma"
	}
	return "Scaduta"
}

// itemPage is the form of a piece of news: a new one, or one that is there.
type itemPage struct {
	Article  domain.Article
	Services []Service
	Preview  bool
	Now      *projections.News // nil for a new one
	State    string            // of Now
	Key      string
	Errors   frame.FormErrors
}

// Withdrawn reports whether the news is to be published again.
func (p itemPage) Withdrawn() bool { return p.Now != nil && !p.Now.WithdrawnAt.IsZero() }

// Action is where the form is sent.
func (p itemPage) Action() string {
	if p.Now == nil {
		return newsPath + "/nuova"
	}
	return newsPath + "/" + p.Now.ID.String()
}

func (s *site) showItem(w http.ResponseWriter, r *http.Request, who frame.Visit, status int, content itemPage) (err error) {
	if content.Services, err = s.Views.Services(r.Context()); err != nil {
		return err
	}
	title := "Nuova novità"
	if content.Now != nil {
		title, content.State = content.Now.Article.Title, s.stateOf(*content.Now)
	}
	return s.Show(w, r, who, status, frame.Page{Name: "notizia", Title: title, Trail: trail(newsTrail, frame.Link{Name: title}), Content: content})
}

func (s *site) newForm(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	return s.showItem(w, r, who, http.StatusOK, itemPage{Key: uuid.NewString(), Article: domain.Article{From: s.Today()}})
}

// now returns the news that the address names.
func (s *site) now(r *http.Request) (projections.News, error) {
	id, err := uuid.Parse(mux.Vars(r)["news"])
	if err != nil {
		return projections.News{}, frame.ErrNotFound
	}
	return s.Views.NewsItem(r.Context(), domain.NewsID{UUID: id})
}

func (s *site) item(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	n, err := s.now(r)
	if err != nil {
		return err
	}
	return s.showItem(w, r, who, http.StatusOK, itemPage{Key: uuid.NewString(), Article: n.Article, Now: &n})
}

// posted reads the form of a piece of news.
func posted(r *http.Request) (itemPage, uuid.UUID, error) {
	key, err := postedKey(r)
	if err != nil {
		return itemPage{}, key, err
	}
	f := r.PostForm
	return itemPage{Key: key.String(), Preview: f.Get("azione") == "anteprima", Article: domain.Article{
		Title: strings.Join(strings.Fields(f.Get("titolo")), " "), Text: prose.Tidy(f.Get("testo")),
		From: domain.Date(f.Get("dal")), To: domain.Date(f.Get("al")), Service: domain.ServiceCode(f.Get("servizio")),
	}}, key, nil
}

// wrongs say what is wrong with an article, by the field of the form.
var wrongs = map[*domain.Refusal]frame.FieldError{
	domain.ErrBadTitle:       {Field: "titolo", Message: "Scrivi un titolo di 3-120 caratteri"},
	domain.ErrBadArticle:     {Field: "testo", Message: "Scrivi un testo di 1-5000 caratteri"},
	domain.ErrBadFrom:        {Field: "dal", Message: "Scegli il primo giorno in cui si vede"},
	domain.ErrBadTo:          {Field: "al", Message: "L'ultimo giorno non può venire prima del primo: correggilo, o lascialo vuoto"},
	domain.ErrUnknownService: {Field: "servizio", Message: "Scegli uno dei servizi dell'ente, oppure tutti"},
}

// check adds all that is wrong, field by field.
func (p *itemPage) check() {
	sound := domain.Article{Title: "abc", Text: "a", From: "2020-01-01"}
	title, text, from, days := sound, sound, sound, p.Article
	title.Title, text.Text, from.From = p.Article.Title, p.Article.Text, p.Article.From
	days.Title, days.Text = sound.Title, sound.Text
	for _, a := range []domain.Article{title, text, from} {
		p.problem(a.Check())
	}
	if p.Errors.For("dal") == "" {
		p.problem(days.Check())
	}
}

// problem adds what a refusal is about; false for one that the form cannot mend.
func (p *itemPage) problem(err error) bool {
	refusal, _ := errors.AsType[*domain.Refusal](err)
	e, known := wrongs[refusal]
	if known {
		p.Errors.Add(e.Field, e.Message)
		p.Preview = false
	}
	return known
}

// save shows the form again while something is wrong or a preview is asked for, and
// then does what it is for.
func (s *site) save(w http.ResponseWriter, r *http.Request, who frame.Visit, form itemPage, sentence string, do func() (eventstore.Position, error)) error {
	if form.check(); len(form.Errors) > 0 {
		return s.showItem(w, r, who, http.StatusUnprocessableEntity, form)
	}
	if form.Preview {
		return s.showItem(w, r, who, http.StatusOK, form)
	}
	at, err := do()
	if form.problem(err) {
		return s.showItem(w, r, who, http.StatusUnprocessableEntity, form)
	}
	if err != nil {
		return err
	}
	return s.Done(w, r, at, sentence, newsPath)
}

func (s *site) publish(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	form, key, err := posted(r)
	if err != nil {
		return err
	}
	return s.save(w, r, who, form, "Novità pubblicata.", func() (eventstore.Position, error) {
		return s.Commands.Publish(r.Context(), who.Account, domain.NewsID{UUID: key}, key, form.Article)
	})
}

// correct replaces what the news says; one that was withdrawn is published again.
func (s *site) correct(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	n, err := s.now(r)
	if err != nil {
		return err
	}
	form, key, err := posted(r)
	if err != nil {
		return err
	}
	form.Now = &n
	do, sentence := s.Commands.Correct, "Novità corretta."
	if form.Withdrawn() {
		do, sentence = s.Commands.Publish, "Novità pubblicata di nuovo."
	}
	return s.save(w, r, who, form, sentence, func() (eventstore.Position, error) {
		return do(r.Context(), who.Account, n.ID, key, form.Article)
	})
}

func (s *site) withdraw(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	n, err := s.now(r)
	if err != nil {
		return err
	}
	key, err := postedKey(r)
	if err != nil {
		return err
	}
	at, err := s.Commands.Withdraw(r.Context(), who.Account, n.ID, key)
	if err != nil {
		return err
	}
	return s.Done(w, r, at, "Novità ritirata: i genitori non la vedono più.", newsPath)
}
