package desk

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/adapters/portal/portaltest"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
	"github.com/saldo-ledger/saldo/projections"
)

const (
	known = "77777777-7777-4777-8777-777777777777"
	key   = "66666666-6666-4666-8666-666666666666"
)

var (
	now       = time.Date(2020, 2, 10, 9, 30, 0, 0, time.UTC)
	inquiryOf = domain.InquiryID{UUID: uuid.MustParse(known)}
	newsOf    = domain.NewsID{UUID: uuid.MustParse(known)}
	article   = domain.Article{Title: "Mensa chiusa", Text: "Il 12 febbraio la mensa è chiusa.\n\n- Porta un pasto", From: "2020-02-01"}
)

// office is a desk of one evening: one question, one piece of news.
type office struct {
	status    domain.InquiryStatus
	erased    bool
	withdrawn time.Time
	refuse    error
	did       []string
	looked    int // at the data of so many
}

// A token is the role of who holds it.

func (o *office) Session(_ context.Context, token string) (frame.Session, error) {
	return frame.Session{Ends: now.Add(time.Hour), Account: frame.Account{
		Subject: uuid.NewSHA1(uuid.Nil, []byte(token)), Username: "livia", Name: "Livia Prova", Roles: []domain.Role{domain.Role(token)},
	}}, nil
}
func (o *office) Peek(ctx context.Context, token string) (frame.Session, error) {
	return o.Session(ctx, token)
}
func (o *office) StartSession(context.Context, frame.Account) (string, error) { return "", nil }
func (o *office) EndSession(context.Context, string) error                    { return nil }
func (o *office) Await(context.Context, eventstore.Position) error            { return nil }

func (o *office) Inquiries(_ context.Context, closed bool) ([]Inquiry, error) {
	i := Inquiry{Subject: "Rimborso", Inquiry: projections.Inquiry{ID: inquiryOf, ParentName: "Tizio Sempronio", Status: o.status, OpenedAt: now, ChangedAt: now}}
	if o.erased {
		i.Subject, i.ParentName = "", projections.Erased
	}
	if (o.status == domain.InquiryDone) != closed {
		return nil, nil
	}
	return []Inquiry{i}, nil
}

func (o *office) Thread(_ context.Context, id domain.InquiryID) (ledger.Thread, string, error) {
	if id != inquiryOf {
		return ledger.Thread{}, "", domain.ErrUnknownInquiry
	}
	t := ledger.Thread{Subject: "Rimborso", OpenedAt: now, Writings: []ledger.Writing{
		{By: domain.ByParent, Text: "Come chiedo il rimborso?", At: now}, {By: domain.ByOffice, Author: "Caio Prova", Text: "Con il modulo.", At: now},
	}}
	t.ID, t.Status, t.Notice = inquiryOf, o.status, "301000000000000144"
	if o.status == domain.InquiryDone {
		t.ClosedAt, t.ClosedBy = now, domain.ByParent
	}
	if o.erased {
		t.Forgotten, t.Subject, t.Writings[0].Text, t.Writings[1] = true, "", "", ledger.Writing{By: domain.ByOffice, At: now}
		return t, projections.Erased, nil
	}
	return t, "Tizio Sempronio", nil
}

func (o *office) item() projections.News {
	return projections.News{ID: newsOf, Article: article, PublishedAt: now, WithdrawnAt: o.withdrawn}
}

func (o *office) News(context.Context) ([]projections.News, error) {
	return []projections.News{o.item()}, nil
}

func (o *office) NewsItem(_ context.Context, id domain.NewsID) (projections.News, error) {
	if id != newsOf {
		return projections.News{}, frame.ErrNotFound
	}
	return o.item(), nil
}

func (o *office) Services(context.Context) ([]Service, error) {
	return []Service{{"MENSA", "SERVIZIO MENSA"}}, nil
}

// Looked notes what staff look at.
func (o *office) Looked(_ context.Context, l frame.Look) error {
	o.looked += len(l.Of)
	return nil
}

func (o *office) do(what string) (eventstore.Position, error) {
	o.did = append(o.did, what)
	return 7, o.refuse
}

func (o *office) Answer(_ context.Context, by frame.Account, _ domain.InquiryID, _ uuid.UUID, text string) (eventstore.Position, error) {
	return o.do("Answer " + by.Name + ": " + text)
}

func (o *office) Close(context.Context, frame.Account, domain.InquiryID, uuid.UUID) (eventstore.Position, error) {
	return o.do("Close")
}

func (o *office) Publish(_ context.Context, _ frame.Account, _ domain.NewsID, _ uuid.UUID, a domain.Article) (eventstore.Position, error) {
	return o.do("Publish " + a.Title)
}

func (o *office) Correct(_ context.Context, _ frame.Account, _ domain.NewsID, _ uuid.UUID, a domain.Article) (eventstore.Position, error) {
	return o.do("Correct " + a.Title)
}

func (o *office) Withdraw(context.Context, frame.Account, domain.NewsID, uuid.UUID) (eventstore.Position, error) {
	return o.do("Withdraw")
}

func (o *office) open(t *testing.T) *frame.Site {
	t.Helper()
	site, err := frame.New(frame.Config{
		Body: portaltest.Body, Clock: func() time.Time { return now }, Logger: slog.New(slog.DiscardHandler), Sessions: o, Views: o, Witness: o,
	})
	if err == nil {
		err = Open(site, Config{Views: o, Commands: o})
	}
	if err != nil {
		t.Fatal(err)
	}
	return site
}

// as is somebody with a role in front of the desk.
func (o *office) as(t *testing.T, role domain.Role) *portaltest.Client {
	c := portaltest.Open(t, o.open(t))
	if role != "" {
		c.Header.Set("Cookie", "saldo="+string(role))
	}
	return c
}

func newOffice() *office { return &office{status: domain.InquiryAsked} }

func written(title, text, action string) url.Values {
	return url.Values{"chiave": {key}, "titolo": {title}, "testo": {text}, "dal": {"2020-02-01"}, "al": {""}, "servizio": {"MENSA"}, "azione": {action}}
}

// walk is every route of the desk, and what it answers to the office.
var walk = []struct{ method, path, template, clerk string }{
	{"GET", "/ufficio/richieste", "", "200"},
	{"GET", "/ufficio/richieste/" + known, "/ufficio/richieste/{inquiry}", "200"},
	{"POST", "/ufficio/richieste/" + known, "/ufficio/richieste/{inquiry}", "/ufficio/richieste"},
	{"POST", "/ufficio/richieste/" + known + "/chiudi", "/ufficio/richieste/{inquiry}/chiudi", "/ufficio/richieste"},
	{"GET", "/ufficio/novita", "", "200"},
	{"GET", "/ufficio/novita/nuova", "", "200"},
	{"POST", "/ufficio/novita/nuova", "", "/ufficio/novita"},
	{"GET", "/ufficio/novita/" + known, "/ufficio/novita/{news}", "200"},
	{"POST", "/ufficio/novita/" + known, "/ufficio/novita/{news}", "/ufficio/novita"},
	{"POST", "/ufficio/novita/" + known + "/ritira", "/ufficio/novita/{news}/ritira", "/ufficio/novita"},
}

func TestTheDeskIsTheOfficesAlone(t *testing.T) {
	for _, role := range append([]domain.Role{"", "custode"}, domain.Roles...) {
		o := newOffice()
		c := o.as(t, role)
		for _, l := range walk {
			*o = *newOffice()
			want := "404"
			switch role {
			case "":
				want = "login"
			case domain.RoleOffice, domain.RoleAdministrator:
				want = l.clerk
			}
			back, form := l.path, url.Values(nil)
			if l.method == http.MethodPost {
				back, form = "/", written("Mensa", "Risposta o testo.", "pubblica")
			}
			c.Do(l.method, l.path, form).Answers(want, back)
			if want != l.clerk && len(o.did) > 0 {
				t.Errorf("%s %s as %q did %q", l.method, l.path, role, o.did)
			}
		}
	}
	walked := []string{"GET,HEAD /", "POST /sessione", "GET,HEAD /assets/"}
	for _, l := range walk {
		path := l.path
		if l.template != "" {
			path = l.template
		}
		walked = append(walked, strings.Replace(l.method, "GET", "GET,HEAD", 1)+" "+path)
	}
	portaltest.HasEachRoute(t, newOffice().open(t), walked)
}

func TestWhatIsNotThereIsNotFound(t *testing.T) {
	c := newOffice().as(t, domain.RoleOffice)
	for _, path := range []string{"/ufficio/richieste/" + key, "/ufficio/novita/" + key} {
		c.Get(path).Is(http.StatusNotFound)
	}
}

func TestTheOfficeAnswersInItsName(t *testing.T) {
	o := newOffice()
	c := o.as(t, domain.RoleOffice)
	page := "/ufficio/richieste/" + known
	c.Get("/ufficio/richieste")
	if o.looked != 1 {
		t.Errorf("the list was noted for %d people, want 1", o.looked)
	}
	c.Get(page).Is(http.StatusOK, "Tizio Sempronio", "Rimborso", "Caio Prova")
	c.Post(page, url.Values{"chiave": {key}, "testo": {"Con il modulo.\r\n"}, "azione": {"chiudi"}}).LeadsTo("/ufficio/richieste")
	if want := []string{"Answer Livia Prova: Con il modulo.", "Close"}; strings.Join(o.did, "|") != strings.Join(want, "|") {
		t.Errorf("it did %q", o.did)
	}
	for text, says := range map[string]string{"": "Scrivi la risposta", strings.Repeat("a", 4001): "accorciala"} {
		c.Post(page, url.Values{"chiave": {key}, "testo": {text}}).Is(http.StatusUnprocessableEntity, says).Has(`role="alert"`, key)
	}
	o.refuse = domain.ErrInquiryClosed
	c.Post(page, url.Values{"chiave": {key}, "testo": {"Ancora."}}).Is(http.StatusUnprocessableEntity, "La richiesta è chiusa", "Ancora.")
	o.refuse = domain.ErrParentErased
	c.Post(page, url.Values{"chiave": {key}, "testo": {"Ancora."}}).Is(http.StatusUnprocessableEntity, "sono stati cancellati")
	c.Post(page, url.Values{"testo": {"Senza chiave."}}).Is(http.StatusBadRequest)
}

func TestNothingOfSomebodyErasedIsShown(t *testing.T) {
	o := newOffice()
	o.erased = true
	c := o.as(t, domain.RoleOffice)
	c.Get("/ufficio/richieste").Is(http.StatusOK, "cancellato")
	c.Get("/ufficio/richieste/"+known).Is(http.StatusOK, "cancellato", "non gli si può più scrivere").Lacks("Invia la risposta")
}

func TestNewsIsSeenBeforeItIsPublished(t *testing.T) {
	o := newOffice()
	c := o.as(t, domain.RoleOffice)
	c.Post("/ufficio/novita/nuova", written("Mensa chiusa", "Domani.\n\n- pane", "anteprima")).
		Is(http.StatusOK, "Anteprima").Has("<li>pane</li>", `value="Mensa chiusa"`, `<option value="MENSA" selected>`)
	if len(o.did) > 0 {
		t.Fatalf("a preview did %q", o.did)
	}
	for _, wrong := range []struct {
		field, value, says string
	}{
		{"titolo", "a", "Scrivi un titolo di 3-120 caratteri"}, {"testo", "", "Scrivi un testo di 1-5000 caratteri"},
		{"dal", "domani", "Scegli il primo giorno"}, {"al", "2020-01-01", "non può venire prima del primo"},
	} {
		form := written("Mensa chiusa", "Domani.", "pubblica")
		form.Set(wrong.field, wrong.value)
		c.Post("/ufficio/novita/nuova", form).Is(http.StatusUnprocessableEntity, wrong.says).Has(`href="#` + wrong.field + `"`)
	}
	c.Post("/ufficio/novita/nuova", written("Mensa chiusa", "Domani.", "pubblica")).LeadsTo("/ufficio/novita")
	c.Post("/ufficio/novita/"+known, written("Mensa aperta", "Domani.", "pubblica")).LeadsTo("/ufficio/novita")
	c.Post("/ufficio/novita/"+known+"/ritira", url.Values{"chiave": {key}}).LeadsTo("/ufficio/novita")
	o.withdrawn = now
	c.Get("/ufficio/novita/"+known).Is(http.StatusOK, "Ritirata", "Pubblica di nuovo").Lacks("Ritira la novità")
	c.Post("/ufficio/novita/"+known, written("Mensa riaperta", "Domani.", "pubblica")).LeadsTo("/ufficio/novita")
	if want := "Publish Mensa chiusa|Correct Mensa aperta|Withdraw|Publish Mensa riaperta"; strings.Join(o.did, "|") != want {
		t.Errorf("it did %q", o.did)
	}
	o.refuse = domain.ErrUnknownService
	c.Post("/ufficio/novita/nuova", written("Mensa chiusa", "Domani.", "pubblica")).Is(http.StatusUnprocessableEntity, "Scegli uno dei servizi")
}

// states are the desk's pages as they can be.
var states = map[string]func(*office, *portaltest.Client) portaltest.Answer{
	"sportello-richieste": func(_ *office, c *portaltest.Client) portaltest.Answer { return c.Get("/ufficio/richieste") },
	"sportello-nessuna":   func(_ *office, c *portaltest.Client) portaltest.Answer { return c.Get("/ufficio/richieste?chiuse=1") },
	"sportello-richiesta": func(_ *office, c *portaltest.Client) portaltest.Answer { return c.Get("/ufficio/richieste/" + known) },
	"sportello-errore": func(_ *office, c *portaltest.Client) portaltest.Answer {
		return c.Post("/ufficio/richieste/"+known, url.Values{"chiave": {key}})
	},
	"sportello-chiusa": func(o *office, c *portaltest.Client) portaltest.Answer {
		o.status = domain.InquiryDone
		return c.Get("/ufficio/richieste/" + known)
	},
	"sportello-cancellato": func(o *office, c *portaltest.Client) portaltest.Answer {
		o.erased = true
		return c.Get("/ufficio/richieste/" + known)
	},
	"sportello-novita":  func(_ *office, c *portaltest.Client) portaltest.Answer { return c.Get("/ufficio/novita") },
	"sportello-nuova":   func(_ *office, c *portaltest.Client) portaltest.Answer { return c.Get("/ufficio/novita/nuova") },
	"sportello-notizia": func(_ *office, c *portaltest.Client) portaltest.Answer { return c.Get("/ufficio/novita/" + known) },
	"sportello-anteprima": func(_ *office, c *portaltest.Client) portaltest.Answer {
		return c.Post("/ufficio/novita/nuova", written("Mensa chiusa", article.Text, "anteprima"))
	},
	"sportello-nuova-errore": func(_ *office, c *portaltest.Client) portaltest.Answer {
		return c.Post("/ufficio/novita/nuova", written("", "", "pubblica"))
	},
}

func answersOf(t *testing.T) map[string]portaltest.Answer {
	answers := map[string]portaltest.Answer{}
	for name, state := range states {
		o := newOffice()
		answers[name] = state(o, o.as(t, domain.RoleOffice))
	}
	return answers
}

func TestEveryPageOfTheDeskKeepsTheRulesOfAll(t *testing.T) {
	for name, a := range answersOf(t) {
		t.Run(name, func(t *testing.T) { a.T = t; a.KeepsTheRules() })
	}
}

func TestTheDeskInABrowser(t *testing.T) {
	ctx := portaltest.Tab(t, portaltest.Chromium(t))
	portaltest.PassesEverywhere(t, ctx, newOffice().open(t), answersOf(t))
}
