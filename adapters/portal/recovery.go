package portal

import (
	"errors"
	"net/http"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
)

const recoveryPath = "/recupero"

// recoveryPage is Recupero/Rigenerazione password, in its two steps.
type recoveryPage struct {
	Step     int // 0: who, 1: the secret question
	By       string
	Value    string
	Question string
	Key      string
	Errors   frame.FormErrors
}

// identities are the radios of "Ricerca username per".
var identities = map[string]domain.ClaimKind{
	"email": domain.ClaimEmail, "cf": domain.ClaimFiscalCode, "username": domain.ClaimUsername,
}

func (s *site) recoveryForm(w http.ResponseWriter, r *http.Request, _ frame.Visit) error {
	return s.showRecovery(w, r, http.StatusOK, recoveryPage{By: "email"})
}

func (s *site) showRecovery(w http.ResponseWriter, r *http.Request, status int, content recoveryPage) error {
	return s.Show(w, r, frame.Visit{}, status, frame.Page{
		Name: "recupero", Title: "Recupero/Rigenerazione password", Trail: []frame.Link{{Name: "Accesso", URL: frame.LoginPath}, {Name: "Recupero password"}}, Content: content,
	})
}

// readSought takes who is looked for, in the form in which it is compared.
func readSought(r *http.Request) (recoveryPage, Sought, error) {
	if err := frame.ParseForm(r); err != nil {
		return recoveryPage{}, Sought{}, err
	}
	form := recoveryPage{By: r.PostForm.Get("per"), Value: tidy(r.PostForm.Get("valore"))}
	who := Sought{identities[form.By], form.Value}
	switch {
	case who.Kind == "":
		form.Errors.Add("per-email", "Scegli con quale dato cercare")
	case form.Value == "":
		form.Errors.Add("valore", "Inserisci il dato con cui ti sei registrato")
	case who.Kind == domain.ClaimFiscalCode:
		code, err := domain.ParsePersonCode(form.Value)
		if err != nil {
			form.Errors.Add("valore", "Il codice fiscale non è corretto: ricopialo dalla tessera sanitaria")
		}
		who.Value = string(code)
	case who.Kind == domain.ClaimEmail && !fits(func(p *domain.Person) { p.Email = form.Value }):
		form.Errors.Add("valore", "Scrivi un solo indirizzo e-mail completo, ad esempio nome@esempio.it")
	}
	return form, who, nil
}

// identify goes on to the secret question, of somebody and of nobody alike.
func (s *site) identify(w http.ResponseWriter, r *http.Request, _ frame.Visit) error {
	form, who, err := readSought(r)
	if err != nil {
		return err
	}
	if len(form.Errors) > 0 {
		return s.showRecovery(w, r, http.StatusUnprocessableEntity, form)
	}
	if form.Question, err = s.Members.Question(r.Context(), who, frame.Address(r)); err != nil {
		status, err := refusedLogin(&form.Errors, w, err, "valore", "")
		if err != nil {
			return err
		}
		return s.showRecovery(w, r, status, form)
	}
	form.Step, form.Key = 1, uuid.NewString()
	return s.showRecovery(w, r, http.StatusOK, form)
}

// answerQuestion ends the same way whatever was answered.
func (s *site) answerQuestion(w http.ResponseWriter, r *http.Request, _ frame.Visit) error {
	form, who, err := readSought(r)
	if err != nil {
		return err
	}
	key, bad := uuid.Parse(r.PostForm.Get("chiave"))
	if bad != nil || len(form.Errors) > 0 {
		return frame.ErrForm
	}
	if err := s.Members.Recover(r.Context(), who, tidy(r.PostForm.Get("risposta")), key, frame.Address(r)); err != nil {
		status, err := refusedLogin(&form.Errors, w, err, "valore", "")
		if err != nil {
			return err
		}
		return s.showRecovery(w, r, status, form)
	}
	http.Redirect(w, r, recoveryPath+"/inviata", http.StatusSeeOther)
	return nil
}

// newPasswordPage is Scegli una nuova password, which a code opens.
type newPasswordPage struct {
	Code   string
	Errors frame.FormErrors
}

func (s *site) newPasswordForm(w http.ResponseWriter, r *http.Request, _ frame.Visit) error {
	return s.showNewPassword(w, r, http.StatusOK, newPasswordPage{Code: r.URL.Query().Get("codice")})
}

func (s *site) showNewPassword(w http.ResponseWriter, r *http.Request, status int, content newPasswordPage) error {
	return s.Show(w, r, frame.Visit{}, status, frame.Page{
		Name: "nuova-password", Title: "Scegli una nuova password",
		Trail: []frame.Link{{Name: "Accesso", URL: frame.LoginPath}, {Name: "Recupero password", URL: recoveryPath}, {Name: "Nuova password"}}, Content: content,
	})
}

func (s *site) chooseNewPassword(w http.ResponseWriter, r *http.Request, _ frame.Visit) error {
	if err := frame.ParseForm(r); err != nil {
		return err
	}
	form := newPasswordPage{Code: tidy(r.PostForm.Get("codice"))}
	next := r.PostForm.Get("nuova")
	if form.Code == "" {
		form.Errors.Add("codice", "Inserisci il codice che hai ricevuto per e-mail")
	}
	if next == "" {
		form.Errors.Add("nuova", "Inserisci la nuova password")
	}
	if r.PostForm.Get("ripeti") != next {
		form.Errors.Add("ripeti", "Digita ancora la stessa nuova password")
	}
	if len(form.Errors) > 0 {
		return s.showNewPassword(w, r, http.StatusUnprocessableEntity, form)
	}
	if err := s.Members.ChoosePassword(r.Context(), form.Code, next, frame.Address(r)); err != nil {
		status, err := refusedCode(&form.Errors, w, err)
		if err != nil {
			return err
		}
		return s.showNewPassword(w, r, status, form)
	}
	if err := s.Dismiss(w, r, frame.Visit{}); err != nil { // the change ended every session, this browser's too
		return err
	}
	s.Tell(w, "Password modificata. Ora accedi con la nuova password.")
	http.Redirect(w, r, frame.LoginPath, http.StatusSeeOther)
	return nil
}

func refusedCode(e *frame.FormErrors, w http.ResponseWriter, err error) (int, error) {
	if errors.Is(err, ErrNoCode) {
		e.Add("codice", "Il codice non è corretto, è già stato usato o è scaduto. Controllalo, oppure chiedine uno nuovo")
		return http.StatusUnprocessableEntity, nil
	}
	if _, late := errors.AsType[*TooManyAttempts](err); late {
		return refusedLogin(e, w, err, "codice", "")
	}
	return refusedNewPassword(e, w, err, "nuova")
}
