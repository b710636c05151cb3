package portal

import (
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"strconv"
)

// loginPage is Accesso.
type loginPage struct {
	Username string
	Return   string // where to go then
	Expired  bool   // the session ended by itself
	Left     bool   // the parent just left
	Trouble  string // why nobody entered by the identity provider
	Doors    []Door // through it
	Errors   formErrors
}

func (s *site) home(w http.ResponseWriter, r *http.Request, who visit) error {
	if !who.in() {
		http.Redirect(w, r, loginPath, http.StatusSeeOther)
		return nil
	}
	return s.enter(w, r, who.session.Account, "")
}

// enter leads an account to where it wanted to go, or to its home.
func (s *site) enter(w http.ResponseWriter, r *http.Request, account Account, wanted string) error {
	target := localPath(wanted)
	if target == "" {
		target = homePath
		if account.Role != Parent {
			target = s.Homes[account.Role]
		}
	}
	if target == "" {
		return fmt.Errorf("role %q has no home: %w", account.Role, ErrNotFound)
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
	return nil
}

func (s *site) loginForm(w http.ResponseWriter, r *http.Request, who visit) error {
	query := r.URL.Query()
	if who.in() {
		return s.enter(w, r, who.session.Account, query.Get("torna"))
	}
	text, status := troubled(query.Get("esito"))
	return s.showLogin(w, r, status, loginPage{
		Trouble: text,
		Return:  localPath(query.Get("torna")),
		Expired: query.Has("scaduta"),
		Left:    query.Has("uscito"),
	})
}

func (s *site) showLogin(w http.ResponseWriter, r *http.Request, status int, content loginPage) error {
	content.Doors = s.doors()
	return s.show(w, r, visit{}, status, page{Name: "accesso", Title: "Accesso", Content: content})
}

func (s *site) login(w http.ResponseWriter, r *http.Request, who visit) error {
	if err := parseForm(r); err != nil {
		return err
	}
	form := loginPage{Username: r.PostForm.Get("username"), Return: localPath(r.PostForm.Get("torna"))}
	password := r.PostForm.Get("password")
	if form.Username == "" {
		form.Errors.add("username", "Inserisci il nome utente")
	}
	if password == "" {
		form.Errors.add("password", "Inserisci la password")
	}
	if len(form.Errors) > 0 {
		return s.showLogin(w, r, http.StatusUnprocessableEntity, form)
	}
	account, err := s.Accounts.Authenticate(r.Context(), form.Username, password, address(r))
	if err != nil {
		status, err := form.Errors.refusedLogin(w, err, "username", "Nome utente o password non corretti")
		if err != nil {
			return err
		}
		return s.showLogin(w, r, status, form)
	}
	if who.in() {
		if err := s.Accounts.EndSession(r.Context(), who.token); err != nil {
			return err
		}
	}
	if err := s.startSession(w, r, account); err != nil {
		return err
	}
	return s.enter(w, r, account, form.Return)
}

// refusedLogin adds what a parent may know of a failed log-in, and returns its
// status. Other errors are returned.
func (e *formErrors) refusedLogin(w http.ResponseWriter, err error, field, wrong string) (int, error) {
	if late, ok := errors.AsType[*TooManyAttempts](err); ok {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(late.Wait.Seconds()))))
		e.add(field, "Troppi tentativi non riusciti. Riprova tra "+minutes(late.Wait))
		return http.StatusTooManyRequests, nil
	}
	if errors.Is(err, ErrWrongCredentials) {
		e.add(field, wrong)
		return http.StatusUnprocessableEntity, nil
	}
	return 0, err
}

func (s *site) startSession(w http.ResponseWriter, r *http.Request, account Account) error {
	token, err := s.Accounts.StartSession(r.Context(), account)
	if err != nil {
		return err
	}
	s.keep(w, "saldo", token, 0)
	return nil
}

// address returns the caller's IP address. Behind a proxy the server in front of
// this handler sets RemoteAddr.
func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// logoutForm asks, because leaving is a command and a link is not.
func (s *site) logoutForm(w http.ResponseWriter, r *http.Request, who visit) error {
	if !who.in() {
		http.Redirect(w, r, loginPath, http.StatusSeeOther)
		return nil
	}
	return s.show(w, r, who, http.StatusOK, page{Name: "esci", Title: "Esci"})
}

func (s *site) logout(w http.ResponseWriter, r *http.Request, who visit) error {
	if who.in() {
		if err := s.Accounts.EndSession(r.Context(), who.token); err != nil {
			return err
		}
	}
	s.keep(w, "saldo", "", -1)
	s.keep(w, positionCookie, "", -1)
	http.Redirect(w, r, s.leftFor(who.session.Account), http.StatusSeeOther)
	return nil
}

// stay answers "Resta collegato": asking has moved the session's end already.
func (s *site) stay(w http.ResponseWriter, _ *http.Request, _ visit) error {
	w.WriteHeader(http.StatusNoContent)
	return nil
}
