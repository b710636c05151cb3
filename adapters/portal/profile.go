package portal

import (
	"errors"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
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
	Errors    frame.FormErrors
}

func (s *site) profileForm(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	now, err := s.Members.Profile(r.Context(), parentOf(who))
	if err != nil {
		return err
	}
	return s.showProfile(w, r, who, http.StatusOK, profilePage{Now: now, Person: now.Person, Key: uuid.NewString()})
}

func (s *site) showProfile(w http.ResponseWriter, r *http.Request, who frame.Visit, status int, content profilePage) error {
	content.Questions = secretQuestions
	return s.Show(w, r, who, status, frame.Page{
		Name: "profilo", Title: "Modifica il tuo profilo", Trail: []frame.Link{{Name: "Modifica il tuo profilo"}}, Content: content,
	})
}

func (s *site) changeProfile(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	if err := frame.ParseForm(r); err != nil {
		return err
	}
	key, err := uuid.Parse(r.PostForm.Get("chiave"))
	if err != nil {
		return frame.ErrForm
	}
	now, err := s.Members.Profile(r.Context(), parentOf(who))
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
	at, err := s.Members.ChangeProfile(r.Context(), who.Account, change)
	if errors.Is(err, ErrTooManyEmails) {
		form.Errors.Add("email", "Oggi hai già chiesto più volte di cambiare indirizzo. Riprova domani")
		return s.showProfile(w, r, who, http.StatusTooManyRequests, form)
	}
	if err != nil {
		status, err := refusedLogin(&form.Errors, w, err, "attuale", "La password attuale non è corretta")
		if err != nil {
			return err
		}
		return s.showProfile(w, r, who, status, form)
	}
	return s.Done(w, r, at, form.done(), profilePath)
}

// newEmail reports whether the address typed is another one.
func (p profilePage) newEmail() bool { return !strings.EqualFold(p.Person.Email, p.Now.Person.Email) }

func (p *profilePage) check(change ProfileChange) {
	checkPerson(&p.Errors, p.Person)
	if change.Question != "" || change.Answer != "" {
		checkAnswer(&p.Errors, change.Question, change.Answer)
	}
	if (p.newEmail() || change.Question != "") && change.Password == "" {
		p.Errors.Add("attuale", "Inserisci la password attuale per cambiare e-mail o domanda")
	}
}

func (p profilePage) done() string {
	if p.newEmail() {
		return "Dati salvati. Ti abbiamo scritto a " + frame.Masked(p.Person.Email) + ": il nuovo indirizzo vale da quando apri il link e lo confermi."
	}
	return "Dati salvati."
}

// sendConfirmation writes to the parent's address again.
func (s *site) sendConfirmation(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	if err := frame.ParseForm(r); err != nil {
		return err
	}
	key, err := uuid.Parse(r.PostForm.Get("chiave"))
	if err != nil {
		return frame.ErrForm
	}
	sentence := "Ti abbiamo scritto: apri il link nel messaggio per confermare l'indirizzo."
	switch err := s.Members.SendConfirmation(r.Context(), parentOf(who), key); {
	case errors.Is(err, ErrTooManyEmails):
		sentence = "Oggi ti abbiamo già scritto più volte: cerca il messaggio nella tua posta, anche tra quella indesiderata."
	case err != nil:
		return err
	}
	s.Tell(w, sentence)
	http.Redirect(w, r, profilePath, http.StatusSeeOther)
	return nil
}

// confirmPage asks to confirm an address: opening a link is not a command, since
// programs that look for malice in mail open links too.
type confirmPage struct {
	Code, Email string
	Problem     string
}

func (s *site) confirmForm(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	code := r.URL.Query().Get("codice")
	email, err := s.Members.Unconfirmed(r.Context(), code, frame.Address(r))
	if err != nil {
		return s.refuseConfirmation(w, r, who, err)
	}
	return s.showConfirmation(w, r, who, http.StatusOK, confirmPage{Code: code, Email: email})
}

func (s *site) showConfirmation(w http.ResponseWriter, r *http.Request, who frame.Visit, status int, content confirmPage) error {
	return s.Show(w, r, who, status, frame.Page{
		Name: "conferma-email", Title: "Conferma il tuo indirizzo e-mail", Trail: []frame.Link{{Name: "Conferma e-mail"}}, Content: content,
	})
}

func (s *site) refuseConfirmation(w http.ResponseWriter, r *http.Request, who frame.Visit, err error) error {
	content := confirmPage{}
	late, tooMany := errors.AsType[*TooManyAttempts](err)
	switch {
	case errors.Is(err, ErrNoCode):
		content.Problem = "Questo link è già stato usato o è scaduto. Se hai già confermato l'indirizzo non devi fare altro; altrimenti accedi e chiedine uno nuovo da Modifica il tuo profilo."
	case errors.Is(err, ErrEmailTaken):
		content.Problem = "Questo indirizzo è di un altro account. Accedi con quello, oppure scegli un altro indirizzo in Modifica il tuo profilo."
	case tooMany:
		content.Problem = "Troppi tentativi non riusciti. Riprova tra " + frame.Minutes(late.Wait) + "."
	default:
		return err
	}
	return s.showConfirmation(w, r, who, http.StatusUnprocessableEntity, content)
}

func (s *site) confirmEmail(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	if err := frame.ParseForm(r); err != nil {
		return err
	}
	at, err := s.Members.ConfirmEmail(r.Context(), r.PostForm.Get("codice"), frame.Address(r))
	if err != nil {
		return s.refuseConfirmation(w, r, who, err)
	}
	s.Wrote(w, at)
	s.Tell(w, "Indirizzo e-mail confermato.")
	target := frame.LoginPath
	if who.In() {
		target = profilePath
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
	return nil
}
