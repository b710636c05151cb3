package portal

import (
	"errors"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
)

const (
	profilePath = "/profilo"
	confirmPath = "/conferma-email"
)

// profilePage is Modifica il tuo profilo. Now is what holds, Person what was typed.
type profilePage struct {
	Now       Profile
	Person    domain.Person
	Question  string
	Questions []string
	Key       string
	Errors    formErrors
}

func (s *site) profileForm(w http.ResponseWriter, r *http.Request, who visit) error {
	now, err := s.Members.Profile(r.Context(), who.parent())
	if err != nil {
		return err
	}
	return s.showProfile(w, r, who, http.StatusOK, profilePage{Now: now, Person: now.Person, Key: uuid.NewString()})
}

func (s *site) showProfile(w http.ResponseWriter, r *http.Request, who visit, status int, content profilePage) error {
	content.Questions = secretQuestions
	return s.show(w, r, who, status, page{
		Name: "profilo", Title: "Modifica il tuo profilo", Trail: []Link{{Name: "Modifica il tuo profilo"}}, Content: content,
	})
}

func (s *site) changeProfile(w http.ResponseWriter, r *http.Request, who visit) error {
	if err := parseForm(r); err != nil {
		return err
	}
	key, err := uuid.Parse(r.PostForm.Get("chiave"))
	if err != nil {
		return errForm
	}
	now, err := s.Members.Profile(r.Context(), who.parent())
	if err != nil {
		return err
	}
	form := profilePage{Now: now, Person: now.Person, Question: r.PostForm.Get("domanda"), Key: key.String()}
	form.Person.GivenName, form.Person.FamilyName = tidy(r.PostForm.Get("nome")), tidy(r.PostForm.Get("cognome"))
	form.Person.Mobile, form.Person.Email = tidy(r.PostForm.Get("cellulare")), tidyEmail(r.PostForm.Get("email"))
	change := ProfileChange{
		Key: key, Person: form.Person, Question: form.Question,
		Answer: tidy(r.PostForm.Get("risposta")), Password: r.PostForm.Get("attuale"),
	}
	form.check(change)
	if len(form.Errors) > 0 {
		return s.showProfile(w, r, who, http.StatusUnprocessableEntity, form)
	}
	at, err := s.Members.ChangeProfile(r.Context(), who.session.Account, change)
	if errors.Is(err, ErrTooManyEmails) {
		form.Errors.add("email", "Oggi hai già chiesto più volte di cambiare indirizzo. Riprova domani")
		return s.showProfile(w, r, who, http.StatusTooManyRequests, form)
	}
	if err != nil {
		status, err := form.Errors.refusedLogin(w, err, "attuale", "La password attuale non è corretta")
		if err != nil {
			return err
		}
		return s.showProfile(w, r, who, status, form)
	}
	s.wrote(w, at)
	s.tell(w, form.done())
	http.Redirect(w, r, profilePath, http.StatusSeeOther)
	return nil
}

// newEmail reports whether the address typed is another one.
func (p profilePage) newEmail() bool { return !strings.EqualFold(p.Person.Email, p.Now.Person.Email) }

func (p *profilePage) check(change ProfileChange) {
	p.Errors.checkPerson(p.Person)
	if change.Question != "" || change.Answer != "" {
		p.Errors.checkAnswer(change.Question, change.Answer)
	}
	if (p.newEmail() || change.Question != "") && change.Password == "" {
		p.Errors.add("attuale", "Inserisci la password attuale per cambiare e-mail o domanda")
	}
}

func (p profilePage) done() string {
	if p.newEmail() {
		return "Dati salvati. Ti abbiamo scritto a " + masked(p.Person.Email) + ": il nuovo indirizzo vale da quando apri il link e lo confermi."
	}
	return "Dati salvati."
}

// sendConfirmation writes to the parent's address again.
func (s *site) sendConfirmation(w http.ResponseWriter, r *http.Request, who visit) error {
	if err := parseForm(r); err != nil {
		return err
	}
	key, err := uuid.Parse(r.PostForm.Get("chiave"))
	if err != nil {
		return errForm
	}
	sentence := "Ti abbiamo scritto: apri il link nel messaggio per confermare l'indirizzo."
	switch err := s.Members.SendConfirmation(r.Context(), who.parent(), key); {
	case errors.Is(err, ErrTooManyEmails):
		sentence = "Oggi ti abbiamo già scritto più volte: cerca il messaggio nella tua posta, anche tra quella indesiderata."
	case err != nil:
		return err
	}
	s.tell(w, sentence)
	http.Redirect(w, r, profilePath, http.StatusSeeOther)
	return nil
}

// confirmPage asks to confirm an address: opening a link is not a command, since
// programs that look for malice in mail open links too.
type confirmPage struct {
	Code, Email string
	Problem     string
}

func (s *site) confirmForm(w http.ResponseWriter, r *http.Request, who visit) error {
	code := r.URL.Query().Get("codice")
	email, err := s.Members.Unconfirmed(r.Context(), code, address(r))
	if err != nil {
		return s.refuseConfirmation(w, r, who, err)
	}
	return s.showConfirmation(w, r, who, http.StatusOK, confirmPage{Code: code, Email: email})
}

func (s *site) showConfirmation(w http.ResponseWriter, r *http.Request, who visit, status int, content confirmPage) error {
	return s.show(w, r, who, status, page{
		Name: "conferma-email", Title: "Conferma il tuo indirizzo e-mail", Trail: []Link{{Name: "Conferma e-mail"}}, Content: content,
	})
}

func (s *site) refuseConfirmation(w http.ResponseWriter, r *http.Request, who visit, err error) error {
	content := confirmPage{}
	late, tooMany := errors.AsType[*TooManyAttempts](err)
	switch {
	case errors.Is(err, ErrNoCode):
		content.Problem = "Questo link è già stato usato o è scaduto. Se hai già confermato l'indirizzo non devi fare altro; altrimenti accedi e chiedine uno nuovo da Modifica il tuo profilo."
	case errors.Is(err, ErrEmailTaken):
		content.Problem = "Questo indirizzo è di un altro account. Accedi con quello, oppure scegli un altro indirizzo in Modifica il tuo profilo."
	case tooMany:
		content.Problem = "Troppi tentativi non riusciti. Riprova tra " + minutes(late.Wait) + "."
	default:
		return err
	}
	return s.showConfirmation(w, r, who, http.StatusUnprocessableEntity, content)
}

func (s *site) confirmEmail(w http.ResponseWriter, r *http.Request, who visit) error {
	if err := parseForm(r); err != nil {
		return err
	}
	at, err := s.Members.ConfirmEmail(r.Context(), r.PostForm.Get("codice"), address(r))
	if err != nil {
		return s.refuseConfirmation(w, r, who, err)
	}
	s.wrote(w, at)
	s.tell(w, "Indirizzo e-mail confermato.")
	target := loginPath
	if who.in() {
		target = profilePath
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
	return nil
}
