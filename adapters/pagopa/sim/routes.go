package sim

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"runtime/debug"

	"github.com/gorilla/mux"
)

// maxForm bounds what a form may send.
const maxForm = 64 << 10

// policy allows nothing but what the simulator itself serves.
const policy = "default-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"

// handle is a handler of pages. Its error is shown as a page.
type handle func(w http.ResponseWriter, r *http.Request) error

// routes lays out all that the simulator serves.
func (s *Simulator) routes() http.Handler {
	r := mux.NewRouter()
	get := func(path string, h handle) { r.HandleFunc(path, s.page(h)).Methods(http.MethodGet, http.MethodHead) }
	post := func(path string, h handle) { r.HandleFunc(path, s.page(h)).Methods(http.MethodPost) }

	files, err := fs.Sub(assetFiles, "assets")
	if err != nil {
		panic("pagopa sim: embedded assets: " + err.Error()) // the binary itself is broken
	}
	r.PathPrefix("/assets/").Handler(http.StripPrefix("/assets/", http.FileServerFS(files))).Methods(http.MethodGet, http.MethodHead)
	r.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	r.HandleFunc("/checkout/ec/v1/carts", s.postCart(1)).Methods(http.MethodPost)
	r.HandleFunc("/checkout/ec/v2/carts", s.postCart(2)).Methods(http.MethodPost)
	r.HandleFunc("/api/switches", s.switchesJSON).Methods(http.MethodGet, http.MethodPut)
	r.HandleFunc("/api/switches/{notice}", s.ownSwitchesJSON).Methods(http.MethodPut, http.MethodDelete)
	r.HandleFunc("/api/receipts", s.receiptsJSON).Methods(http.MethodGet)
	r.HandleFunc("/api/clock", s.clockJSON).Methods(http.MethodGet, http.MethodPost)
	r.HandleFunc("/api/flows", s.flowsJSON).Methods(http.MethodGet)
	r.HandleFunc("/api/flows/close", s.closeJSON).Methods(http.MethodPost)
	r.HandleFunc("/api/flows/{flow:[0-9]{1,9}}/corrections", s.correctJSON).Methods(http.MethodPost)
	r.HandleFunc("/api/treasury/{body}/{day}/{document}", s.treasuryDocument).Methods(http.MethodGet)
	s.fdrRoutes(r)
	r.HandleFunc(nodeForPaPath, s.nodeForPa).Methods(http.MethodPost)
	r.HandleFunc(bizEventsBase, s.sendBizReceipt).Methods(http.MethodGet)
	r.HandleFunc(bizEventsBase+"/paymentoptions/{iuv}", s.sendBizReceipt).Methods(http.MethodGet)

	get("/", s.home)
	s.windowRoutes(get, post)
	get("/psp", s.counterForm)
	post("/psp", s.counterAsk)
	get("/psp/{cart}", s.counterNotice)
	post("/psp/{cart}", s.counterPay)
	get("/interruttori", s.switchesForm)
	post("/interruttori", s.switchesSet)
	post("/interruttori/avviso", s.ownSwitchesSet)
	get("/orologio", s.clockForm)
	post("/orologio", s.clockSet)
	get("/flussi", s.flows)
	post("/flussi/chiudi", s.closeNow)
	post("/flussi/{flow:[0-9]{1,9}}/correggi", s.correctFlow)
	get("/flussi/{flow:[0-9]{1,9}}/{revision:[0-9]{1,3}}.xml", s.flowXML)
	get("/tesoreria", s.treasury)
	get("/stato", s.state)
	post("/stato/{delivery:[0-9]{1,9}}/invia", s.resend)

	r.NotFoundHandler = s.page(func(http.ResponseWriter, *http.Request) error { return errNotFound })
	r.MethodNotAllowedHandler = s.page(func(http.ResponseWriter, *http.Request) error { return errMethod })
	return s.guarded(r)
}

func (s *Simulator) home(w http.ResponseWriter, _ *http.Request) error {
	return s.show(w, http.StatusOK, page{Name: "inizio", Title: "Simulatore della piattaforma", Content: s.config.Creditors})
}

// guarded is what holds for every answer: headers, no forms sent by other sites,
// no endless forms, and an answer even when code is wrong.
func (s *Simulator) guarded(next http.Handler) http.Handler {
	csrf := http.NewCrossOriginProtection()
	csrf.SetDenyHandler(s.page(func(http.ResponseWriter, *http.Request) error { return errForged }))
	checked := csrf.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		defer s.recover(w, r)
		checked.ServeHTTP(w, r)
	})
}

func (s *Simulator) recover(w http.ResponseWriter, r *http.Request) {
	switch v := recover(); v {
	case nil:
	case http.ErrAbortHandler:
		panic(v)
	default:
		s.fail(w, r, fmt.Errorf("panic: %v\n%s", v, debug.Stack()))
	}
}

// page turns h into a handler.
func (s *Simulator) page(h handle) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			s.fail(w, r, err)
		}
	}
}

// Errors of requests, as opposed to errors of ours.
var (
	errNotFound = errors.New("pagopa sim: no such page")
	errMethod   = errors.New("pagopa sim: method not allowed")
	errForged   = errors.New("pagopa sim: a form sent from another site")
)

// failure is what the page of an error says.
type failure struct {
	Status      int
	Title, Text string
}

// failures is the table from errors to pages. All else is ours to put right.
var failures = []struct {
	err  error
	page failure
}{
	{errNotFound, failure{http.StatusNotFound, "Pagina non trovata", "Il pagamento che cerchi non esiste, oppure è passato troppo tempo. Torna al sito dell'ente e ricomincia."}},
	{errMethod, failure{http.StatusMethodNotAllowed, "Pagina non trovata", "Questo indirizzo non si può aprire in questo modo."}},
	{errForged, failure{http.StatusForbidden, "Richiesta non accettata", "La richiesta arriva da un altro sito. Apri la pagina da qui e riprova."}},
	{errForm, failure{http.StatusBadRequest, "Richiesta non valida", "I dati inviati non sono quelli di una pagina di questo sito. Torna indietro e riprova."}},
	{errTooManyCarts, failure{http.StatusTooManyRequests, "Troppi pagamenti in corso", "Riprova tra qualche minuto."}},
}

func (s *Simulator) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(r.Context().Err(), context.Canceled) {
		return // nobody is there to read
	}
	f := failure{http.StatusInternalServerError, "Si è verificato un errore", "Non siamo riusciti a completare la richiesta. Riprova tra qualche minuto."}
	for _, known := range failures {
		if errors.Is(err, known.err) {
			f = known.page
		}
	}
	if f.Status == http.StatusInternalServerError {
		s.config.Logger.ErrorContext(r.Context(), "page failed", "method", r.Method, "route", route(r), "error", err)
	}
	if err := s.show(w, f.Status, page{Name: "errore", Title: f.Title, Content: f}); err != nil {
		http.Error(w, f.Title, f.Status)
	}
}

// route names the page without the cart's id, which is a secret.
func route(r *http.Request) string {
	if m := mux.CurrentRoute(r); m != nil {
		if path, err := m.GetPathTemplate(); err == nil {
			return path
		}
	}
	return ""
}
