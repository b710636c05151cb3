package portal

import (
	"errors"
	"net/http"
)

// passwordPage is Modifica Password. What was typed is never shown again.
type passwordPage struct {
	Username string // for password managers
	Errors   formErrors
}

// passwordRules says each rule of Accounts as the parent should hear it.
var passwordRules = map[error]string{
	ErrPasswordLength:      "Scegli una password di 8-64 caratteri",
	ErrPasswordSpace:       "Scegli una password senza spazi",
	ErrPasswordComposition: "Scegli una password con almeno una lettera, un numero e un simbolo",
	ErrPasswordCommon:      "Questa password è tra le più usate: scegline una meno comune",
	ErrPasswordPersonal:    "Scegli una password che non contenga il tuo nome utente, la tua e-mail o il tuo codice fiscale",
}

func (s *site) passwordForm(w http.ResponseWriter, r *http.Request, who visit) error {
	return s.showPassword(w, r, who, http.StatusOK, nil)
}

func (s *site) showPassword(w http.ResponseWriter, r *http.Request, who visit, status int, problems formErrors) error {
	return s.show(w, r, who, status, page{
		Name: "password", Title: "Modifica password", Trail: []Link{{Name: "Modifica password"}},
		Content: passwordPage{who.session.Account.Username, problems},
	})
}

func (s *site) changePassword(w http.ResponseWriter, r *http.Request, who visit) error {
	if err := parseForm(r); err != nil {
		return err
	}
	current, next := r.PostForm.Get("attuale"), r.PostForm.Get("nuova")
	var problems formErrors
	if current == "" {
		problems.add("attuale", "Inserisci la password attuale")
	}
	if next == "" {
		problems.add("nuova", "Inserisci la nuova password")
	}
	if r.PostForm.Get("ripeti") != next {
		problems.add("ripeti", "Digita ancora la stessa nuova password")
	}
	if len(problems) > 0 {
		return s.showPassword(w, r, who, http.StatusUnprocessableEntity, problems)
	}
	account := who.session.Account
	if err := s.Accounts.ChangePassword(r.Context(), account, current, next); err != nil {
		status, err := problems.refusedPassword(w, err)
		if err != nil {
			return err
		}
		return s.showPassword(w, r, who, status, problems)
	}
	if err := s.startSession(w, r, account); err != nil { // the change ended them all
		return err
	}
	s.tell(w, "Password modificata. Gli altri accessi con questo account sono stati chiusi.")
	http.Redirect(w, r, "/profilo/password", http.StatusSeeOther)
	return nil
}

func (e *formErrors) refusedPassword(w http.ResponseWriter, err error) (int, error) {
	for rule, message := range passwordRules {
		if errors.Is(err, rule) {
			e.add("nuova", message)
			return http.StatusUnprocessableEntity, nil
		}
	}
	return e.refusedLogin(w, err, "attuale", "La password attuale non è corretta")
}
