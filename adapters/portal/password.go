package portal

import (
	"errors"
	"net/http"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
)

// passwordPage is Modifica Password. What was typed is never shown again.
type passwordPage struct {
	Username string // for password managers
	Errors   frame.FormErrors
}

// passwordRules says each rule of Accounts as the parent should hear it.
var passwordRules = map[error]string{
	ErrPasswordLength:      "Scegli una password di 8-64 caratteri",
	ErrPasswordSpace:       "Scegli una password senza spazi",
	ErrPasswordComposition: "Scegli una password con almeno una lettera, un numero e un simbolo",
	ErrPasswordCommon:      "Questa password è tra le più usate: scegline una meno comune",
	ErrPasswordPersonal:    "Scegli una password che non contenga il tuo nome utente, la tua e-mail o il tuo codice fiscale",
}

func (s *site) passwordForm(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	return s.showPassword(w, r, who, http.StatusOK, nil)
}

func (s *site) showPassword(w http.ResponseWriter, r *http.Request, who frame.Visit, status int, problems frame.FormErrors) error {
	return s.Show(w, r, who, status, frame.Page{
		Name: "password", Title: "Modifica password", Trail: []frame.Link{{Name: "Modifica password"}},
		Content: passwordPage{who.Account.Username, problems},
	})
}

func (s *site) changePassword(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	if err := frame.ParseForm(r); err != nil {
		return err
	}
	current, next := r.PostForm.Get("attuale"), r.PostForm.Get("nuova")
	var problems frame.FormErrors
	if current == "" {
		problems.Add("attuale", "Inserisci la password attuale")
	}
	if next == "" {
		problems.Add("nuova", "Inserisci la nuova password")
	}
	if r.PostForm.Get("ripeti") != next {
		problems.Add("ripeti", "Digita ancora la stessa nuova password")
	}
	if len(problems) > 0 {
		return s.showPassword(w, r, who, http.StatusUnprocessableEntity, problems)
	}
	account := who.Account
	if err := s.Accounts.ChangePassword(r.Context(), account, current, next); err != nil {
		status, err := refusedPassword(&problems, w, err)
		if err != nil {
			return err
		}
		return s.showPassword(w, r, who, status, problems)
	}
	if err := s.Admit(w, r, frame.Visit{}, account); err != nil { // the change ended them all
		return err
	}
	s.Tell(w, "Password modificata. Gli altri accessi con questo account sono stati chiusi.")
	http.Redirect(w, r, frame.PasswordPath, http.StatusSeeOther)
	return nil
}

func refusedPassword(e *frame.FormErrors, w http.ResponseWriter, err error) (int, error) {
	for rule, message := range passwordRules {
		if errors.Is(err, rule) {
			e.Add("nuova", message)
			return http.StatusUnprocessableEntity, nil
		}
	}
	return refusedLogin(e, w, err, "attuale", "La password attuale non è corretta")
}
