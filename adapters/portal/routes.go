package portal

import (
	"net/http"
	"strings"

	"github.com/gorilla/mux"

	"github.com/saldo-ledger/saldo/domain"
)

// Paths of the pages that others refer to.
const (
	homePath  = "/consumatori"
	loginPath = "/accesso"
	payPath   = "/paga"
)

// maxForm bounds what a form may send.
const maxForm = 64 << 10

// ReturnPath is where the checkout sends the payer back to, on the portal's
// origin. A how that the checkout does not know is as good as an error.
func ReturnPath(payment domain.PaymentID, how domain.CheckoutOutcome) string {
	word := "errore"
	for w, h := range outcomes {
		if h == how {
			word = w
		}
	}
	return payPath + "/ritorno/" + payment.String() + "/" + word
}

// outcomes are the words of the return addresses.
var outcomes = map[string]domain.CheckoutOutcome{
	"ok":        domain.ReturnedOK,
	"annullato": domain.ReturnedCancelled,
	"errore":    domain.ReturnedError,
	"attesa":    domain.ReturnedWaiting,
}

const (
	uuidVar   = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
	noticeVar = "[0-9]{18}"
)

func (s *site) handler() http.Handler { return s.guarded(s.router()) }

// router knows every address of the portal.
func (s *site) router() *mux.Router {
	r := mux.NewRouter().SkipClean(true) // an address has one spelling: "/paga/%2e%2e/x" leads nowhere
	r.Use(limited)
	get := func(path string, h http.HandlerFunc) { r.HandleFunc(path, h).Methods(http.MethodGet, http.MethodHead) }
	post := func(path string, h http.HandlerFunc) { r.HandleFunc(path, h).Methods(http.MethodPost) }

	r.PathPrefix("/assets/").Handler(s.assets).Methods(http.MethodGet, http.MethodHead)
	get("/", s.public(s.home))
	get(loginPath, s.public(s.loginForm))
	post(loginPath, s.public(s.login))
	get("/esci", s.public(s.logoutForm))
	post("/esci", s.public(s.logout))
	s.identityRoutes(r)
	post("/sessione", s.parents(s.stay))
	for path, text := range texts {
		get(path, s.public(s.text(text)))
	}
	get("/stato", s.public(s.status))

	get(homePath, s.parents(s.overview))
	get("/consumatori/{consumer:"+uuidVar+"}/movimenti", s.parents(s.movements))
	get("/profilo/password", s.parents(s.passwordForm))
	post("/profilo/password", s.parents(s.changePassword))
	get(profilePath, s.parents(s.profileForm))
	post(profilePath, s.parents(s.changeProfile))
	post("/profilo/conferma", s.parents(s.sendConfirmation))
	get(confirmPath, s.public(s.confirmForm))
	post(confirmPath, s.public(s.confirmEmail))
	get(registrationPath, s.public(s.registrationForm))
	post(registrationPath, s.public(s.register))
	post("/registrazione/verifica", s.public(s.checkUsername))
	get(recoveryPath, s.public(s.recoveryForm))
	post(recoveryPath, s.public(s.identify))
	post("/recupero/domanda", s.public(s.answerQuestion))
	get("/recupero/password", s.public(s.newPasswordForm))
	post("/recupero/password", s.public(s.chooseNewPassword))

	get(payPath, s.parents(s.pay))
	post("/paga/totali", s.parents(s.totals))
	post("/paga/riepilogo", s.parents(s.choose))
	get("/paga/riepilogo", s.parents(s.review))
	post("/paga/avvio", s.parents(s.startCheckout))
	get("/paga/ritorno/{payment:"+uuidVar+"}/{how:ok|annullato|errore|attesa}", s.parents(s.returned))
	post("/paga/ritorno/{payment:"+uuidVar+"}/{how:annullato}", s.parents(s.returned))
	get("/paga/esito/{payment:"+uuidVar+"}", s.parents(s.outcome))
	get("/paga/avvisi", s.parents(s.noticeList))
	get("/paga/avvisi.zip", s.parents(s.noticeArchive))
	get("/paga/avvisi/{notice:"+noticeVar+"}", s.parents(s.notice))
	get("/paga/avvisi/{notice:"+noticeVar+"}.pdf", s.parents(s.noticePDF))
	post("/paga/avvisi/{notice:"+noticeVar+"}/email", s.parents(s.emailNotice))

	r.NotFoundHandler = s.public(func(http.ResponseWriter, *http.Request, visit) error { return ErrNotFound })
	r.MethodNotAllowedHandler = s.public(func(w http.ResponseWriter, asked *http.Request, _ visit) error {
		w.Header().Set("Allow", strings.Join(methodsOf(r, asked), ", "))
		return errMethod
	})
	return r
}

// methodsOf lists what can be done with the address that asked is about.
func methodsOf(router *mux.Router, asked *http.Request) []string {
	var methods []string
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost} {
		probe := asked.Clone(asked.Context())
		probe.Method = method
		var match mux.RouteMatch
		if router.Match(probe, &match) && match.MatchErr == nil {
			methods = append(methods, method)
		}
	}
	return methods
}

func limited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		next.ServeHTTP(w, r)
	})
}
