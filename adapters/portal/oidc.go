package portal

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/gorilla/mux"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
)

// Addresses that the identity provider knows, on the portal's origin.
const (
	// IdentityReturnPath is where it sends people back to.
	IdentityReturnPath = frame.LoginPath + "/ritorno"
	// IdentityLeftPath is where it sends those who left through it.
	IdentityLeftPath = frame.LoginPath + "?uscito=1"
)

// Provider logs people in at the body's identity provider: SPID, CIE, and the body's
// own for staff. Between leaving and coming back the browser has a ticket in a cookie,
// which is good once and for ten minutes.
type Provider interface {
	// Doors are the ways in, in the order of their buttons.
	Doors() []Door
	// Depart begins a log-in for somebody at addr who wants to go to back then, and
	// returns the provider's address and the ticket; ErrIdentityUnavailable, or a
	// *TooManyAttempts.
	Depart(ctx context.Context, door Door, back, addr string) (address, ticket string, err error)
	// Return ends the log-in of a ticket with the query that the browser came back
	// with, or says why nobody enters: one of the ErrIdentity… errors.
	Return(ctx context.Context, ticket string, answer url.Values) (Welcome, error)
	// Arrival returns who came with a token of Welcome and is no parent yet, as often as
	// it is asked; ErrIdentityStale when that was too long ago.
	Arrival(ctx context.Context, token string) (Arrival, error)
	// ForgetArrival forgets them, once registered. It can be repeated.
	ForgetArrival(ctx context.Context, token string) error
	// Farewell is the address where who entered by the provider leaves it, and its
	// origin, which forms may lead to; "" when it has none.
	Farewell() (address, origin string)
}

// Welcome is who came back from the provider: an account that may enter, or the token
// of an Arrival.
type Welcome struct {
	Account frame.Account
	Arrival string // "" when the account is known
	Back    string // where they wanted to go, told also with an error
}

// Arrival is somebody whom the provider vouches for and who is not registered yet.
type Arrival struct {
	FiscalCode domain.FiscalCode
	GivenName  string
	FamilyName string
	Email      string // may be empty
	Level      string // SpidL1, SpidL2, SpidL3
}

// Door is a way in through the provider.
type Door string

// The doors.
const (
	SPID  Door = "spid"
	CIE   Door = "cie"
	Staff Door = "ente" // who works for the body
)

// Label is the text of the door's button.
func (d Door) Label() string {
	return map[Door]string{SPID: "Entra con SPID", CIE: "Entra con CIE", Staff: "Accesso per il personale"}[d]
}

// Errors of Provider.
var (
	ErrIdentityUnavailable = errors.New("portal: the identity provider does not answer")
	ErrIdentityCancelled   = errors.New("portal: the log-in was given up")
	ErrIdentityRefused     = errors.New("portal: the log-in was refused")
	ErrIdentityLevel       = errors.New("portal: the log-in's level is too low")
	ErrIdentityNoCode      = errors.New("portal: the provider told no codice fiscale")
	ErrIdentityStale       = errors.New("portal: a log-in that is over, or not this browser's")
	ErrIdentityNoRole      = errors.New("portal: no role for that person")
)

// trouble is why nobody entered, as the login page tells it.
type trouble struct {
	err    error
	word   string // in the page's address
	status int
	text   string
}

var troubles = []trouble{
	{ErrIdentityUnavailable, "non-disponibile", http.StatusServiceUnavailable, "In questo momento l'accesso con SPID o CIE non è disponibile. Riprova tra qualche minuto, oppure usa nome utente e password."},
	{ErrIdentityCancelled, "annullato", http.StatusOK, "Hai annullato l'accesso. Puoi riprovare quando vuoi."},
	{ErrIdentityLevel, "livello", http.StatusForbidden, "Per entrare serve un livello di sicurezza più alto: con SPID almeno il livello 2. Riprova scegliendo un accesso più sicuro."},
	{ErrIdentityNoCode, "codice-fiscale", http.StatusForbidden, "Il servizio di identità non ci ha comunicato un codice fiscale valido. Riprova, oppure contatta l'ufficio."},
	{ErrIdentityStale, "scaduto", http.StatusBadRequest, "Questo accesso è scaduto o è già stato usato. Inizia di nuovo da questa pagina."},
	{ErrIdentityNoRole, "senza-ruolo", http.StatusForbidden, "Con questo accesso non ci sono pagine per te in questo portale. Se ti servono, contatta chi lo gestisce."},
	{&TooManyAttempts{}, "attesa", http.StatusTooManyRequests, "Da questa rete sono iniziati troppi accessi. Riprova tra 15 minuti."},
	{ErrIdentityRefused, "rifiutato", http.StatusForbidden, "L'accesso non è riuscito. Riprova; se il problema continua, contatta l'ufficio."},
}

// Cookies of a log-in at the provider.
const (
	departureCookie = "saldo-partenza"
	departureKept   = 10 * time.Minute
	arrivalCookie   = "saldo-arrivo"
	arrivalKept     = 30 * time.Minute
)

// identityRoutes are the pages of the provider's doors, where there is one.
func (s *site) identityRoutes() {
	if s.Provider == nil {
		return
	}
	s.GetOnce(frame.LoginPath+"/{porta:spid|cie|ente}", s.Public(s.depart))
	s.GetOnce(IdentityReturnPath, s.Public(s.comeBack))
}

// doors are the buttons of the login page.
func (s *site) doors() []Door {
	if s.Provider == nil {
		return nil
	}
	return s.Provider.Doors()
}

// depart sends to the provider.
func (s *site) depart(w http.ResponseWriter, r *http.Request, _ frame.Visit) error {
	back := frame.LocalPath(r.URL.Query().Get("torna"))
	to, ticket, err := s.Provider.Depart(r.Context(), Door(mux.Vars(r)["porta"]), back, frame.Address(r))
	if err != nil {
		return s.refuseEntry(w, r, back, err)
	}
	s.Keep(w, departureCookie, ticket, departureKept)
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// comeBack lets in who comes back from the provider. What the address says goes to the
// port alone; it is never shown, and the page after it has another address.
func (s *site) comeBack(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	ticket := s.Carried(r, departureCookie)
	s.Keep(w, departureCookie, "", -1)
	welcome, err := s.Provider.Return(r.Context(), ticket, r.URL.Query())
	if err == nil && welcome.Arrival == "" {
		err = s.homeOf(welcome.Account)
	}
	if err != nil {
		return s.refuseEntry(w, r, welcome.Back, err)
	}
	if welcome.Arrival != "" {
		if err := s.Dismiss(w, r, who); err != nil {
			return err
		}
		s.Keep(w, arrivalCookie, welcome.Arrival, arrivalKept)
		http.Redirect(w, r, registrationPath, http.StatusSeeOther)
		return nil
	}
	if err := s.Admit(w, r, who, welcome.Account); err != nil {
		return err
	}
	return s.Enter(w, r, welcome.Account, welcome.Back)
}

// homeOf refuses an account that would find nothing here.
func (s *site) homeOf(account frame.Account) error {
	if !s.HasHome(account) {
		return ErrIdentityNoRole
	}
	return nil
}

// refuseEntry leads back to the login page, which says why. Other errors are returned.
func (s *site) refuseEntry(w http.ResponseWriter, r *http.Request, back string, err error) error {
	for _, t := range troubles {
		_, late := errors.AsType[*TooManyAttempts](err)
		if !errors.Is(err, t.err) && (!late || t.status != http.StatusTooManyRequests) {
			continue
		}
		s.Logger.InfoContext(r.Context(), "nobody entered by the identity provider", "why", t.word)
		query := url.Values{"esito": {t.word}}
		if back := frame.LocalPath(back); back != "" {
			query.Set("torna", back)
		}
		http.Redirect(w, r, frame.LoginPath+"?"+query.Encode(), http.StatusSeeOther)
		return nil
	}
	return err
}

// troubled returns what the login page says of an entry that failed, and its status.
func troubled(word string) (text string, status int) {
	for _, t := range troubles {
		if word == t.word {
			return t.text, t.status
		}
	}
	return "", http.StatusOK
}

// arrival returns whom the provider vouches for and who has yet to register, for the
// registration's form: what it says of them is verified. False is nobody.
func (s *site) arrival(r *http.Request) (Arrival, bool, error) {
	token := s.Carried(r, arrivalCookie)
	if s.Provider == nil || token == "" {
		return Arrival{}, false, nil
	}
	a, err := s.Provider.Arrival(r.Context(), token)
	if errors.Is(err, ErrIdentityStale) {
		return Arrival{}, false, nil
	}
	return a, err == nil, err
}

// arrivalRegistered forgets who was in arrival, once they have registered.
func (s *site) arrivalRegistered(w http.ResponseWriter, r *http.Request) error {
	token := s.Carried(r, arrivalCookie)
	if s.Provider == nil || token == "" {
		return nil
	}
	s.Keep(w, arrivalCookie, "", -1)
	return s.Provider.ForgetArrival(r.Context(), token)
}

// leftFor is where an account goes after leaving: who entered by the provider leaves
// it as well, so that the next person at the same computer is asked who they are.
func (s *site) leftFor(account frame.Account) string {
	if s.Provider != nil && account.ByProvider {
		if address, _ := s.Provider.Farewell(); address != "" {
			return address
		}
	}
	return IdentityLeftPath
}

// formTargets are the origins that forms may lead to beside the portal's own: the
// checkout's, and since leaving is a form, the provider's.
func (s *site) formTargets() []string {
	targets := []string{s.CheckoutOrigin}
	if s.Provider != nil {
		if _, origin := s.Provider.Farewell(); origin != "" {
			targets = append(targets, origin)
		}
	}
	return targets
}
