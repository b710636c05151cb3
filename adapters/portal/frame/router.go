package frame

import (
	"net/http"
	"strings"

	"github.com/gorilla/mux"
)

// Paths that pages of several families lead to.
const (
	LoginPath    = "/accesso"
	LeavePath    = "/esci"
	PasswordPath = "/profilo/password"
)

// UUIDVar is the expression of a uuid in a route: "/consumatori/{consumer:" + UUIDVar + "}".
const UUIDVar = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

// NoticeVar is the expression of a notice number in a route.
const NoticeVar = "[0-9]{18}"

// MaxForm bounds what a form may send, in bytes.
const MaxForm = 64 << 10

func (s *Site) newRouter() *mux.Router {
	r := mux.NewRouter().SkipClean(true) // an address has one spelling: "/paga/%2e%2e/x" leads nowhere
	r.PathPrefix("/assets/").Handler(s.assets).Methods(http.MethodGet, http.MethodHead)
	return r
}

// ownRoutes are the addresses that no family brings.
func (s *Site) ownRoutes() {
	s.own.Get("/", s.own.Public(s.start))
	s.own.Post("/sessione", s.own.Only(stay))
	s.router.NotFoundHandler = s.own.Public(func(http.ResponseWriter, *http.Request, Visit) error { return ErrNotFound })
	s.router.MethodNotAllowedHandler = s.own.Public(func(w http.ResponseWriter, asked *http.Request, _ Visit) error {
		w.Header().Set("Allow", strings.Join(s.methods(asked), ", "))
		return errMethod
	})
}

// start leads who is in home, and others to Accesso.
func (s *Site) start(w http.ResponseWriter, r *http.Request, who Visit) error {
	if !who.In() {
		http.Redirect(w, r, LoginPath, http.StatusSeeOther)
		return nil
	}
	return s.Enter(w, r, who.Account, "")
}

// stay answers "Resta collegato": asking has moved the session's end already.
func stay(w http.ResponseWriter, _ *http.Request, _ Visit) error {
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// methods lists what can be done with the address that asked is about.
func (s *Site) methods(asked *http.Request) []string {
	var methods []string
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost} {
		probe := asked.Clone(asked.Context())
		probe.Method = method
		var match mux.RouteMatch
		if s.router.Match(probe, &match) && match.MatchErr == nil {
			methods = append(methods, method)
		}
	}
	return methods
}

// limited bounds what a request may send.
func limited(most int64, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, most)
		next(w, r)
	}
}

// Routes lists every address of the site as "METHODS template", such as
// "GET,HEAD /paga/esito/{payment:…}", in the order in which they were added.
func (s *Site) Routes() ([]string, error) {
	var known []string
	err := s.router.Walk(func(r *mux.Route, _ *mux.Router, _ []*mux.Route) error {
		template, err := r.GetPathTemplate()
		if err != nil {
			return err
		}
		methods, err := r.GetMethods()
		known = append(known, strings.Join(methods, ",")+" "+template)
		return err
	})
	return known, err
}
