package portal

import (
	"errors"
	"math"
	"net/http"
	"strconv"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
)

// loginPage is Accesso.
type loginPage struct {
	Username string
	Return   string // where to go then
	Expired  bool   // the session ended by itself
	Left     bool   // the parent just left
	Trouble  string // why nobody entered by the identity provider
	Doors    []Door // through it
	Errors   frame.FormErrors
}

func (s *site) loginForm(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	query := r.URL.Query()
	if who.In() {
		return s.Enter(w, r, who.Account, query.Get("torna"))
	}
	text, status := troubled(query.Get("esito"))
	return s.showLogin(w, r, status, loginPage{
		Trouble: text,
		Return:  frame.LocalPath(query.Get("torna")),
		Expired: query.Has("scaduta"),
		Left:    query.Has("uscito"),
	})
}

func (s *site) showLogin(w http.ResponseWriter, r *http.Request, status int, content loginPage) error {
	content.Doors = s.doors()
	return s.Show(w, r, frame.Visit{}, status, frame.Page{Name: "accesso", Title: "Accesso", Content: content})
}

func (s *site) login(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	if err := frame.ParseForm(r); err != nil {
		return err
	}
	form := loginPage{Username: r.PostForm.Get("username"), Return: frame.LocalPath(r.PostForm.Get("torna"))}
	password := r.PostForm.Get("password")
	if form.Username == "" {
		form.Errors.Add("username", "Inserisci il nome utente")
	}
	if password == "" {
		form.Errors.Add("password", "Inserisci la password")
	}
	if len(form.Errors) > 0 {
		return s.showLogin(w, r, http.StatusUnprocessableEntity, form)
	}
	account, err := s.Accounts.Authenticate(r.Context(), form.Username, password, frame.Address(r))
	if err != nil {
		status, err := refusedLogin(&form.Errors, w, err, "username", "Nome utente o password non corretti")
		if err != nil {
			return err
		}
		return s.showLogin(w, r, status, form)
	}
	if !s.HasHome(account) {
		form.Errors.Add("username", "Con questo account non ci sono pagine per te in questo portale. Se ti servono, contatta chi lo gestisce")
		return s.showLogin(w, r, http.StatusForbidden, form)
	}
	if err := s.Admit(w, r, who, account); err != nil {
		return err
	}
	return s.Enter(w, r, account, form.Return)
}

// refusedLogin adds what a parent may know of a failed log-in, and returns its
// status. Other errors are returned.
func refusedLogin(e *frame.FormErrors, w http.ResponseWriter, err error, field, wrong string) (int, error) {
	if late, ok := errors.AsType[*TooManyAttempts](err); ok {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(late.Wait.Seconds()))))
		e.Add(field, "Troppi tentativi non riusciti. Riprova tra "+frame.Minutes(late.Wait))
		return http.StatusTooManyRequests, nil
	}
	if errors.Is(err, ErrWrongCredentials) {
		e.Add(field, wrong)
		return http.StatusUnprocessableEntity, nil
	}
	return 0, err
}

// logoutForm asks, because leaving is a command and a link is not.
func (s *site) logoutForm(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	if !who.In() {
		http.Redirect(w, r, frame.LoginPath, http.StatusSeeOther)
		return nil
	}
	return s.Show(w, r, who, http.StatusOK, frame.Page{Name: "esci", Title: "Esci"})
}

func (s *site) logout(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	if err := s.Dismiss(w, r, who); err != nil {
		return err
	}
	http.Redirect(w, r, s.leftFor(who.Account), http.StatusSeeOther)
	return nil
}
