package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/mail"
	"github.com/saldo-ledger/saldo/adapters/portal"
	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

const (
	borgoHost, valleHost                     = "scuola.borgo.example", "scuola.valle.example"
	valle                domain.FiscalCode   = "97654321006"
	valleCategory        domain.CategoryCode = "TRASPORTO"
)

// installation is a service with two bodies, on a host each. The demonstration's parent
// has a child in both.
type installation struct {
	*service
	t       *testing.T
	handler http.Handler
	notices map[string]domain.NoticeNumber // by host
}

func openInstallation(t *testing.T) *installation {
	t.Helper()
	c := demoConfig(t.TempDir(), "http://"+borgoHost, "http://127.0.0.1:1")
	c.Stations = append(c.Stations, stationConfig{Creditor: valle, Broker: string(valle), ID: string(valle) + "_01"})
	c.Bodies = []bodyConfig{another(func(b *bodyConfig) {
		b.URL, b.Hosts, b.From = "http://"+valleHost, []string{"mensa.valle.example"}, "Valle Prova <scuola@valle.example>"
		b.Office.Email = "scuola@valle.example"
	})}
	c.Listen = "127.0.0.1:0"
	if err := c.check(); err != nil {
		t.Fatal(err)
	}
	master, err := demoMasterKey(c)
	if err != nil {
		t.Fatal(err)
	}
	n := &installation{t: t, notices: map[string]domain.NoticeNumber{}}
	if n.service, err = open(t.Context(), c, master, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- n.projector.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := errors.Join(<-done, n.close()); err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	if err := n.settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	n.settleValle()
	if n.handler, err = n.service.handler(false); err != nil {
		t.Fatal(err)
	}
	return n
}

// settleValle makes the second body, and a bulletin of it for the same parent.
func (n *installation) settleValle() {
	n.t.Helper()
	ctx, at, child := n.t.Context(), winter(2020, time.January, 10, 9), domain.ConsumerID{UUID: uuid.New()}
	env := func() eventstore.Envelope { return eventstore.Envelope{Command: uuid.New(), Actor: "test"} }
	check := func(_ ledger.Outcome, err error) {
		n.t.Helper()
		if err != nil {
			n.t.Fatal(err)
		}
	}
	check(n.ledger.Creditor(ctx, env(), domain.RegisterCreditor{At: at, Profile: domain.CreditorProfile{
		FiscalCode: valle, Name: "Comune di Valle Prova", Office: "Ufficio scuola", Broker: string(valle), Station: string(valle) + "_01",
		CBILL: "BE099", IBAN: "IT63L9999901600000000012345",
	}}))
	check(n.ledger.Creditor(ctx, env(), domain.DefineCategory{Creditor: valle, Category: valleCategory, Name: "SCUOLABUS DI VALLE", At: at}))
	check(n.ledger.Creditor(ctx, env(), domain.DefineService{Creditor: valle, Code: "BUS", Service: domain.Service{Name: "SCUOLABUS", Taxonomy: "9/0107101TS/"}, At: at}))
	check(n.ledger.Consumer(ctx, env(), domain.EnrolConsumer{Consumer: child, Creditor: valle, Child: domain.Child{GivenName: "BIMBA", FamilyName: "VALLIGIANA"}, School: "EL. VALLE", At: at}))
	check(n.ledger.Consumer(ctx, env(), domain.LinkParent{Consumer: child, Parent: demoParent, At: at}))
	issued, err := n.ledger.IssueBulletin(ctx, env(), domain.IssueBulletin{
		Creditor: valle, Parent: demoParent, Category: valleCategory, Lines: []domain.Line{{Consumer: child, Service: "BUS", Amount: 77_77}},
		Period: domain.Period{From: "2020-01-01", To: "2020-01-31"}, Due: "2020-02-20", Causale: "Scuolabus di gennaio", At: at,
	})
	check(issued.Outcome, err)
	check(n.ledger.Bulletin(ctx, env(), domain.SendBulletin{Creditor: valle, Notice: issued.Notice, At: at}))
	n.notices[valleHost] = issued.Notice
	check(n.ledger.News(ctx, env(), domain.PublishNews{News: domain.NewsID{UUID: uuid.New()}, Creditor: valle, At: at,
		Article: domain.Article{Title: "Il bus di Valle parte alle 7", Text: "Dal lunedì.", From: "2020-01-10"}}))
	end, err := n.log.End(ctx)
	check(ledger.Outcome{}, err)
	check(ledger.Outcome{}, n.projector.WaitFor(ctx, end))
	borgo, err := n.bodies[0].parentViews().BulletinNames(ctx, demoParent)
	check(ledger.Outcome{}, err)
	n.notices[borgoHost] = borgo[0].Notice
}

// enter returns the token of a session of the demonstration's parent at a host.
func (n *installation) enter(host string) string {
	n.t.Helper()
	token, err := (accounts{n.at(host)}).StartSession(n.t.Context(), frame.Account{Subject: demoParent.UUID, Username: demoUsername, Roles: []domain.Role{domain.RoleParent}})
	if err != nil {
		n.t.Fatal(err)
	}
	return token
}

// at is the body of a host.
func (n *installation) at(host string) *body {
	for _, b := range n.bodies {
		if slices.Contains(b.Body.hosts(), host) {
			return b
		}
	}
	n.t.Fatal("no body is at ", host)
	return nil
}

func (n *installation) ask(host, method, path, token string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://"+host+path, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if token != "" {
		r.AddCookie(&http.Cookie{Name: "saldo", Value: token})
	}
	w := httptest.NewRecorder()
	n.handler.ServeHTTP(w, r)
	return w
}

func TestEachBodyIsAloneOnItsHosts(t *testing.T) {
	n := openInstallation(t)
	tokens := map[string]string{borgoHost: n.enter(borgoHost), valleHost: n.enter(valleHost)}
	own := map[string]string{
		borgoHost: "Comune di Borgo Esempio|UTENTE TEST|57,33|AUT. REFEZIONE|Iscrizioni ai servizi scolastici|Pasti non consumati",
		valleHost: "Comune di Valle Prova|VALLIGIANA|77,77|SCUOLABUS DI VALLE|Il bus di Valle|scuola@valle.example",
	}
	pages := []string{"/accesso", "/privacy", "/note-legali", "/domande-frequenti", "/preferiti", "/stato", "/registrazione", "/recupero",
		"/consumatori", "/paga", "/paga?categoria=" + string(demoCategory), "/paga?categoria=" + string(valleCategory), "/profilo", "/novita", "/richieste"}
	for host, other := range map[string]string{borgoHost: valleHost, valleHost: borgoHost} {
		var read strings.Builder
		token := tokens[host]
		for _, path := range append(pages, "/paga/avvisi/"+string(n.notices[host])) {
			a := n.ask(host, "GET", path, token, nil)
			body := a.Body.String()
			read.WriteString(body)
			for _, word := range strings.Split(own[other], "|") {
				if strings.Contains(body, word) {
					t.Errorf("%s%s tells %q, which is the other body's", host, path, word)
				}
			}
			if a.Code != http.StatusOK && a.Code != http.StatusSeeOther {
				t.Errorf("%s%s: %d", host, path, a.Code)
			}
		}
		for _, word := range strings.Split(own[host], "|") {
			if !strings.Contains(read.String(), word) {
				t.Errorf("%s tells nowhere %q", host, word)
			}
		}
		notice := "/paga/avvisi/" + string(n.notices[other])
		inquiry := "/richieste/" + demoID("inquiry").String()
		foreign := []string{notice, notice + ".pdf"}
		if host == valleHost {
			foreign = append(foreign, inquiry, "/novita/"+demoID("news").String(), "/consumatori/"+demoConsumer.String()+"/movimenti")
		}
		for _, path := range foreign {
			if a := n.ask(host, "GET", path, token, nil); a.Code != http.StatusNotFound {
				t.Errorf("%s%s, another body's: %d", host, path, a.Code)
			}
		}
		if a := n.ask(valleHost, "POST", inquiry, tokens[valleHost], url.Values{"chiave": {uuid.NewString()}, "testo": {"Qui?"}}); a.Code != http.StatusNotFound {
			t.Errorf("writing in another body's inquiry: %d", a.Code)
		}
	}
}

func TestStaffEnterWhereTheyWorkAlone(t *testing.T) {
	n := openInstallation(t)
	const password = "Cane-bianco8"
	for username, at := range map[string]domain.FiscalCode{"anna.verdi": valle, "mario.bianchi": ""} {
		if err := n.vault.AddStaff(t.Context(), username, []domain.Role{domain.RoleOffice}, at, password); err != nil {
			t.Fatal(err)
		}
	}
	enter := func(host, username string) (token string) {
		a := n.ask(host, "POST", "/accesso", "", url.Values{"username": {username}, "password": {password}})
		for _, c := range a.Result().Cookies() {
			if c.Name == "saldo" {
				token = c.Value
			}
		}
		return token
	}
	status := func(host, token string) int { return n.ask(host, "GET", "/ufficio", token, nil).Code }
	for host, code := range map[string]int{borgoHost: http.StatusSeeOther, valleHost: http.StatusOK} {
		if got := status(host, enter(host, "anna.verdi")); got != code {
			t.Errorf("who works for Valle, at %s: %d, want %d", host, got, code)
		}
		if got := status(host, enter(host, "mario.bianchi")); got != http.StatusOK {
			t.Errorf("who works for both, at %s: %d", host, got)
		}
	}
	if got := status(borgoHost, enter(valleHost, "mario.bianchi")); got != http.StatusSeeOther {
		t.Errorf("a session of Valle is good at Borgo: %d", got)
	}
}

func TestATokenIsGoodAtItsBodyAlone(t *testing.T) {
	n := openInstallation(t)
	tokens := map[domain.FiscalCode]string{}
	for _, body := range []domain.FiscalCode{"", valle} {
		token, err := n.vault.CreateAPIToken(t.Context(), "gestionale "+string(body), []domain.Role{domain.RoleOffice}, body)
		if err != nil {
			t.Fatal(err)
		}
		tokens[body] = token
	}
	for _, c := range []struct {
		token, path string
		want        int
	}{
		{tokens[valle], "/creditors/" + string(valle) + "/accounts", http.StatusOK},
		{tokens[valle], "/creditors/" + string(demoCreditor) + "/accounts", http.StatusForbidden},
		{tokens[valle], "/consumers/" + demoConsumer.String(), http.StatusNotFound},
		{tokens[""], "/creditors/" + string(valle) + "/accounts", http.StatusOK},
		{tokens[""], "/creditors/" + string(demoCreditor) + "/accounts", http.StatusOK},
		{tokens[""], "/consumers/" + demoConsumer.String(), http.StatusOK},
	} {
		r := httptest.NewRequest("GET", "http://"+borgoHost+"/api/v1"+c.path, nil)
		r.Header.Set("Authorization", "Bearer "+c.token)
		w := httptest.NewRecorder()
		if n.handler.ServeHTTP(w, r); w.Code != c.want {
			t.Errorf("%s: %d, want %d: %s", c.path, w.Code, c.want, w.Body)
		}
	}
}

func TestAHostThatIsNobodysSaysSoAndNothingElse(t *testing.T) {
	n := openInstallation(t)
	for _, host := range []string{"altrove.example", "127.0.0.1:8080", "", "borgo.example"} {
		r := httptest.NewRequest("GET", "/consumatori", nil)
		r.Host = host
		a := httptest.NewRecorder()
		n.handler.ServeHTTP(a, r)
		if body := a.Body.String(); a.Code != http.StatusMisdirectedRequest || !strings.Contains(body, "Nessun portale") || strings.Contains(body, "Borgo") || strings.Contains(body, "Valle") {
			t.Errorf("%q: %d %s", host, a.Code, body)
		}
	}
	for _, host := range []string{"SCUOLA.valle.example.:8080", "mensa.valle.example"} {
		r := httptest.NewRequest("GET", "/accesso", nil)
		r.Host = host
		w := httptest.NewRecorder()
		if n.handler.ServeHTTP(w, r); !strings.Contains(w.Body.String(), "Comune di Valle Prova") {
			t.Errorf("%q is not the second body's", host)
		}
	}
	if a := n.ask("altrove.example", "GET", "/healthz", "", nil); a.Code != http.StatusOK {
		t.Errorf("health hangs on the host: %d", a.Code)
	}
}

func TestCommandsNoticesAndLettersActForTheirBody(t *testing.T) {
	n := openInstallation(t)
	ctx, second := t.Context(), parentCommands{n.bodies[1]}
	payment := domain.PaymentID{UUID: uuid.New()}
	selection := portal.Selection{Payment: payment, Parent: demoParent, Category: demoCategory, Notices: []domain.NoticeNumber{n.notices[valleHost]}}
	if _, err := second.Select(ctx, selection); !errors.Is(err, domain.ErrUnknownCategory) {
		t.Errorf("a cart of another body's category: %v", err)
	}
	selection.Category, selection.Notices = valleCategory, []domain.NoticeNumber{n.notices[borgoHost]}
	if _, err := second.Select(ctx, selection); !errors.Is(err, domain.ErrUnknownBulletin) {
		t.Errorf("a cart with another body's bulletin: %v", err)
	}
	selection.Notices = []domain.NoticeNumber{n.notices[valleHost]}
	if _, err := second.Select(ctx, selection); err != nil {
		t.Fatal(err)
	}
	if _, err := (parentCommands{n.bodies[0]}).RequestNotices(ctx, demoParent, payment); !errors.Is(err, domain.ErrUnknownPayment) {
		t.Errorf("a cart of another body: %v", err)
	}
	if r := second.returns(payment); !strings.HasPrefix(r.OK, "http://"+valleHost+"/paga/ritorno/") {
		t.Errorf("the payer comes back to %s", r.OK)
	}
	printed, err := second.ownNotice(ctx, demoParent, n.notices[valleHost])
	if err != nil || printed.Creditor.Name != "Comune di Valle Prova" || !strings.Contains(printed.Creditor.Contacts, "scuola@valle.example") {
		t.Errorf("the notice is of %+v, %v", printed.Creditor, err)
	}
	for creditor, name := range map[domain.FiscalCode]string{demoCreditor: "Comune di Borgo Esempio", valle: "Comune di Valle Prova"} {
		for _, e := range []domain.Event{
			domain.ParentRegistered{Parent: demoParent, Creditor: creditor}, domain.PaymentConfirmed{Parent: demoParent, Creditor: creditor, Notice: n.notices[valleHost]},
			domain.InquiryOpened{Parent: demoParent, Creditor: creditor}, domain.InquiryAnswered{Parent: demoParent, Creditor: creditor},
			domain.InquiryClosed{Parent: demoParent, Creditor: creditor, By: domain.ByOffice},
		} {
			if err := n.writeLetters(ctx, eventstore.Recorded{ID: uuid.New()}, e); err != nil {
				t.Fatal(err)
			}
			letter := n.newest()
			if !strings.Contains(letter.Text, name) || !strings.Contains(letter.HTML, name) || creditor == valle && letter.From != "Valle Prova <scuola@valle.example>" {
				t.Errorf("%T of %s is from %s:\n%s", e, name, letter.From, letter.Text)
			}
		}
	}
	if err := n.writeLetters(ctx, eventstore.Recorded{ID: uuid.New()}, domain.InquiryClosed{Parent: demoParent, Creditor: valle, By: domain.ByParent}); !errors.Is(err, ledger.ErrNoReaction) {
		t.Errorf("the parent is told what the parent did: %v", err)
	}
}

// newest is the letter that was written last.
func (n *installation) newest() mail.Letter {
	n.t.Helper()
	envelopes, _, err := n.folder.List(1)
	if err != nil || len(envelopes) == 0 {
		n.t.Fatalf("%d letters, %v", len(envelopes), err)
	}
	letter, err := n.folder.Read(envelopes[0].Name)
	if err != nil {
		n.t.Fatal(err)
	}
	return letter
}
