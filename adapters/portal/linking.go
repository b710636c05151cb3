package portal

import (
	"errors"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
)

const (
	linkPath    = homePath + "/abbinamento"
	askLinkPath = linkPath + "/richiesta"
)

var linkTrail = frame.Link{Name: "Abbina un bambino", URL: linkPath}

// linkPage is how to come to see a child.
type linkPage struct {
	Account  frame.Account
	Code     string // as typed
	Declared int    // children whom who is in can be linked to by the identity provider
	Provable bool   // there is a provider, and who is in did not enter by it
	Asked    []LinkRequest
	Errors   frame.FormErrors
}

func (s *site) linkForm(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	return s.showLink(w, r, who, http.StatusOK, linkPage{})
}

func (s *site) showLink(w http.ResponseWriter, r *http.Request, who frame.Visit, status int, content linkPage) (err error) {
	content.Account, content.Provable = who.Account, s.Provider != nil && !who.Account.ByProvider
	if content.Declared, err = s.declared(r, who); err != nil {
		return err
	}
	if content.Asked, err = s.Links.Asked(r.Context(), parentOf(who)); err != nil {
		return err
	}
	return s.Show(w, r, who, status, frame.Page{
		Name: "abbinamento", Title: linkTrail.Name, Trail: []frame.Link{overviewTrail, linkTrail}, Content: content,
	})
}

// declared counts the children whom who is in can be linked to by who they are: only
// somebody who entered by the identity provider has proved that.
func (s *site) declared(r *http.Request, who frame.Visit) (int, error) {
	if !who.Account.ByProvider {
		return 0, nil
	}
	return s.Links.Declared(r.Context(), parentOf(who))
}

// activate links the child of a code. Codes that open nothing are all answered alike.
func (s *site) activate(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	if err := frame.ParseForm(r); err != nil {
		return err
	}
	form := linkPage{Code: strings.TrimSpace(r.PostForm.Get("codice"))}
	if form.Code == "" {
		form.Errors.Add("codice", "Inserisci il codice di attivazione che ti ha dato l'ufficio")
		return s.showLink(w, r, who, http.StatusUnprocessableEntity, form)
	}
	child, at, err := s.Links.Activate(r.Context(), parentOf(who), form.Code, frame.Address(r))
	late, tooMany := errors.AsType[*TooManyAttempts](err)
	switch {
	case errors.Is(err, ErrNoCode):
		form.Errors.Add("codice", "Questo codice non è valido: può essere sbagliato, già usato o scaduto. Ricopialo dalla lettera; se non funziona, chiedine un altro all'ufficio oppure chiedi l'abbinamento")
		return s.showLink(w, r, who, http.StatusUnprocessableEntity, form)
	case tooMany:
		form.Errors.Add("codice", "Troppi codici non validi. Riprova tra "+frame.Minutes(late.Wait))
		return s.showLink(w, r, who, http.StatusTooManyRequests, form)
	case err != nil:
		return err
	}
	return s.Done(w, r, at, "Abbinamento riuscito: ora vedi "+child+".", homePath)
}

// linkDeclared links the children whom the office has declared who is in for. It is a
// button and not done on entering: the account may have been made by somebody else,
// with another's codice fiscale and a password, and its owner sees here whose it is.
func (s *site) linkDeclared(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	if !who.Account.ByProvider {
		s.Tell(w, "Per questo abbinamento entra con SPID o CIE.")
		http.Redirect(w, r, linkPath, http.StatusSeeOther)
		return nil
	}
	at, err := s.Links.LinkDeclared(r.Context(), parentOf(who))
	if err != nil {
		return err
	}
	return s.Done(w, r, at, "Abbinamento riuscito.", homePath)
}

// askLinkPage is Chiedi l'abbinamento.
type askLinkPage struct {
	Key    string
	CF     string // as typed
	Child  domain.SoughtChild
	Errors frame.FormErrors
}

func (s *site) askLinkForm(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	return s.showAskLink(w, r, who, http.StatusOK, askLinkPage{Key: uuid.NewString()})
}

func (s *site) showAskLink(w http.ResponseWriter, r *http.Request, who frame.Visit, status int, content askLinkPage) error {
	return s.Show(w, r, who, status, frame.Page{
		Name: "abbinamento-richiesta", Title: "Chiedi l'abbinamento",
		Trail: []frame.Link{overviewTrail, linkTrail, {Name: "Chiedi l'abbinamento"}}, Content: content,
	})
}

func (s *site) askLink(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	if err := frame.ParseForm(r); err != nil {
		return err
	}
	key, err := uuid.Parse(r.PostForm.Get("chiave"))
	if err != nil {
		return frame.ErrForm
	}
	form := askLinkPage{Key: key.String(), CF: r.PostForm.Get("cf"), Child: domain.SoughtChild{
		GivenName: tidy(r.PostForm.Get("nome")), FamilyName: tidy(r.PostForm.Get("cognome")),
		School: tidy(r.PostForm.Get("scuola")), Note: tidy(r.PostForm.Get("nota")),
	}}
	if form.check(); len(form.Errors) > 0 {
		return s.showAskLink(w, r, who, http.StatusUnprocessableEntity, form)
	}
	at, err := s.Links.Ask(r.Context(), parentOf(who), key, form.Child)
	if errors.Is(err, ErrTooManyRequests) {
		form.Errors.Add("nome", "Oggi hai già inviato molte richieste. Attendi la risposta dell'ufficio, o riprova domani")
		return s.showAskLink(w, r, who, http.StatusTooManyRequests, form)
	}
	if err != nil {
		return err
	}
	return s.Done(w, r, at, "Richiesta inviata. L'ufficio la controlla e ti risponde per e-mail e in questa pagina.", linkPath)
}

// check finds what has to be put right, in the order of the form.
func (p *askLinkPage) check() {
	e := &p.Errors
	checkName(e, "nome", p.Child.GivenName)
	checkName(e, "cognome", p.Child.FamilyName)
	p.Child.FiscalCode = checkFiscalCode(e, p.CF)
	if n := utf8.RuneCountInString(p.Child.School); n < 1 || n > 100 {
		e.Add("scuola", "Scrivi il nome della scuola, in 1-100 caratteri")
	}
	if utf8.RuneCountInString(p.Child.Note) > 500 {
		e.Add("nota", "Scrivi una nota di al massimo 500 caratteri")
	}
}
