package portal

import (
	"errors"
	"net/http"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
)

const registrationPath = "/registrazione"

// registrationPage is Creazione nuovo utente (adulto). Passwords and the answer are
// never shown again.
type registrationPage struct {
	Key       string
	CF        string // as typed
	Verified  bool   // the identity provider vouches for the codice fiscale
	Person    domain.Person
	Repeat    string // the e-mail again
	Question  string
	Questions []string
	Read      bool // the privacy notice
	Doubt     bool // name and codice fiscale do not look like the same person's
	Checked   bool // that was said before
	Username  *availability
	Errors    frame.FormErrors
}

// availability is the answer to "Verifica disponibilità".
type availability struct {
	Username string
	Free     bool
	Problem  string // why there is no answer
}

func (s *site) registrationForm(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	if who.In() {
		return s.Enter(w, r, who.Account, "")
	}
	form := registrationPage{Key: uuid.NewString()}
	if arrived, ok, err := s.arrival(r); err != nil {
		return err
	} else if ok {
		form.Repeat = arrived.Email
		form.Person = domain.Person{GivenName: arrived.GivenName, FamilyName: arrived.FamilyName, Email: arrived.Email}
		form.vouch(arrived)
	}
	return s.showRegistration(w, r, http.StatusOK, form)
}

// vouch takes the codice fiscale from the identity provider, whatever was typed.
func (p *registrationPage) vouch(arrived Arrival) {
	p.CF, p.Verified = string(arrived.FiscalCode), true
}

func (s *site) showRegistration(w http.ResponseWriter, r *http.Request, status int, content registrationPage) error {
	content.Questions = secretQuestions
	return s.Show(w, r, frame.Visit{}, status, frame.Page{
		Name: "registrazione", Title: "Creazione nuovo utente (adulto)", Trail: []frame.Link{{Name: "Accesso", URL: frame.LoginPath}, {Name: "Registrazione"}}, Content: content,
	})
}

// readRegistration takes what was typed as it is meant.
func readRegistration(r *http.Request) (registrationPage, uuid.UUID, error) {
	if err := frame.ParseForm(r); err != nil {
		return registrationPage{}, uuid.Nil, err
	}
	form := r.PostForm
	key, err := uuid.Parse(form.Get("chiave"))
	if err != nil {
		return registrationPage{}, uuid.Nil, frame.ErrForm
	}
	return registrationPage{
		Key: key.String(), CF: form.Get("cf"), Repeat: tidyEmail(form.Get("ripetiemail")),
		Person: domain.Person{
			GivenName: tidy(form.Get("nome")), FamilyName: tidy(form.Get("cognome")), Mobile: tidy(form.Get("cellulare")),
			Email: tidyEmail(form.Get("email")), Username: form.Get("username"),
		},
		Question: form.Get("domanda"), Read: form.Get("informativa") == "si", Checked: form.Get("controllato") == "si",
	}, key, nil
}

func (s *site) register(w http.ResponseWriter, r *http.Request, _ frame.Visit) error {
	form, key, err := s.registration(r)
	if err != nil {
		return err
	}
	password, answer := r.PostForm.Get("password"), tidy(r.PostForm.Get("risposta"))
	form.check(password, r.PostForm.Get("ripeti"), answer)
	if len(form.Errors) > 0 {
		return s.showRegistration(w, r, http.StatusUnprocessableEntity, form)
	}
	if !form.Checked && !form.Verified && !agrees(form.Person.FiscalCode, form.Person.GivenName, form.Person.FamilyName) {
		form.Doubt = true
		return s.showRegistration(w, r, http.StatusUnprocessableEntity, form)
	}
	err = s.Members.Register(r.Context(), Registration{Key: key, Person: form.Person, Password: password, Question: form.Question, Answer: answer}, frame.Address(r))
	if err != nil {
		status, err := refusedRegistration(&form.Errors, w, err)
		if err != nil {
			return err
		}
		return s.showRegistration(w, r, status, form)
	}
	if err := s.arrivalRegistered(w, r); err != nil {
		return err
	}
	http.Redirect(w, r, registrationPath+"/fatta", http.StatusSeeOther)
	return nil
}

// registration is what was typed, with what the identity provider vouches for.
func (s *site) registration(r *http.Request) (registrationPage, uuid.UUID, error) {
	form, key, err := readRegistration(r)
	if err != nil {
		return form, key, err
	}
	arrived, ok, err := s.arrival(r)
	if ok {
		form.vouch(arrived)
	}
	return form, key, err
}

// check finds what has to be put right, in the order of the form.
func (p *registrationPage) check(password, repeat, answer string) {
	e := &p.Errors
	p.Person.FiscalCode = checkFiscalCode(e, p.CF)
	checkPerson(e, p.Person)
	if p.Repeat != p.Person.Email {
		e.Add("ripetiemail", "Digita ancora lo stesso indirizzo e-mail")
	}
	checkUsername(e, p.Person.Username)
	if password == "" {
		e.Add("password", "Inserisci la password")
	}
	if repeat != password {
		e.Add("ripeti", "Digita ancora la stessa password")
	}
	checkAnswer(e, p.Question, answer)
	if !p.Read {
		e.Add("informativa", "Leggi l'informativa e conferma di averla letta")
	}
}

func refusedRegistration(e *frame.FormErrors, w http.ResponseWriter, err error) (int, error) {
	if errors.Is(err, ErrUsernameTaken) {
		e.Add("username", "Questo username non è disponibile: scegline un altro")
		return http.StatusUnprocessableEntity, nil
	}
	return refusedNewPassword(e, w, err, "password")
}

// refusedNewPassword adds what a password's rules say to the field where it was
// typed.
func refusedNewPassword(e *frame.FormErrors, w http.ResponseWriter, err error, field string) (int, error) {
	for rule, message := range passwordRules {
		if errors.Is(err, rule) {
			e.Add(field, message)
			return http.StatusUnprocessableEntity, nil
		}
	}
	return refusedLogin(e, w, err, field, "")
}

// checkUsername answers "Verifica disponibilità": in its place for a script, else by
// the whole form with what was typed.
func (s *site) checkUsername(w http.ResponseWriter, r *http.Request, _ frame.Visit) error {
	form, _, err := s.registration(r)
	if err != nil {
		return err
	}
	form.Username, err = s.availability(r, form.Person.Username)
	if err != nil {
		return err
	}
	if frame.IsFragment(r) {
		return s.Part(w, "disponibile", form.Username)
	}
	return s.showRegistration(w, r, http.StatusOK, form)
}

func (s *site) availability(r *http.Request, username string) (*availability, error) {
	answer := &availability{Username: username}
	var problems frame.FormErrors
	if checkUsername(&problems, username); len(problems) > 0 {
		answer.Problem = problems[0].Message
		return answer, nil
	}
	free, err := s.Members.UsernameFree(r.Context(), username, frame.Address(r))
	if late, ok := errors.AsType[*TooManyAttempts](err); ok {
		answer.Problem = "Hai fatto molte verifiche. Riprova tra " + frame.Minutes(late.Wait)
		return answer, nil
	}
	answer.Free = free
	return answer, err
}
