package office

import (
	"errors"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/gorilla/mux"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/projections"
)

var requestsTrail = frame.Link{Name: "Richieste di abbinamento", URL: requestsPath}

func (s *site) requestsWork() work {
	return work{
		Title: requestsTrail.Name, Path: requestsPath, Count: s.Links.CountLinkRequests,
		Help: "Genitori senza codice di attivazione che chiedono di vedere un bambino: aspettano una risposta.",
	}
}

// requestsPage is Richieste di abbinamento: those that wait, or those that were
// answered.
type requestsPage struct {
	Decided  bool
	Requests []LinkRequest
	Paging   frame.Paging
}

func (s *site) waitingRequests(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	return s.showRequests(w, r, who, false, trail(frame.Link{Name: requestsTrail.Name}))
}

func (s *site) decidedRequests(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	return s.showRequests(w, r, who, true, trail(requestsTrail, frame.Link{Name: "Richieste con risposta"}))
}

func (s *site) showRequests(w http.ResponseWriter, r *http.Request, who frame.Visit, decided bool, steps []frame.Link) error {
	page := frame.PageOf(r)
	found, more, err := s.Links.LinkRequests(r.Context(), decided, page)
	if err != nil {
		return err
	}
	var of []uuid.UUID
	for _, q := range found {
		of = append(of, q.Parent.ID.UUID)
	}
	return s.Show(w, r, who, http.StatusOK, frame.Page{
		Name: "abbinamenti", Title: steps[len(steps)-1].Name, Trail: steps, Of: of,
		Content: requestsPage{decided, found, frame.PagingOf(r, page, more)},
	})
}

// requestPage is one request, with what there is to decide it.
type requestPage struct {
	LinkRequest
	Linked     []projections.Consumer // whom who asks sees already
	Text       string                 // what the children are searched by
	Candidates []Candidate
	More       bool
	Child      string // as chosen
	Reason     string // as typed
	Key        string
	Errors     frame.FormErrors
}

// of are the people that the page shows.
func (p requestPage) of() []uuid.UUID {
	ids := []uuid.UUID{p.Parent.ID.UUID}
	for _, c := range p.Linked {
		ids = append(ids, c.ID.UUID)
	}
	for _, c := range p.Candidates {
		ids = append(ids, c.ID.UUID)
	}
	return ids
}

// asked returns the request that the address names, and the children who may be meant:
// those with the name that was given, unless the officer searches by another text.
func (s *site) asked(r *http.Request) (p requestPage, err error) {
	id, err := uuid.Parse(mux.Vars(r)["request"])
	if err != nil {
		return p, frame.ErrNotFound
	}
	if p.LinkRequest, err = s.Links.LinkRequest(r.Context(), domain.LinkRequestID{UUID: id}); err != nil {
		return p, err
	}
	asker, err := s.Views.Adult(r.Context(), p.Parent.ID)
	if err != nil {
		return p, err
	}
	p.Key, p.Linked, p.Text = uuid.NewString(), asker.Overview.Consumers, p.Sought.FullName()
	if !p.Open() {
		return p, nil
	}
	if r.URL.Query().Has("testo") {
		p.Text = strings.Join(strings.Fields(r.URL.Query().Get("testo")), " ")
		if len([]rune(p.Text)) < leastText || len(p.Text) > 100 {
			p.Errors.Add("testo", "Scrivi almeno 3 lettere del nome o della scuola, e non più di 100")
			return p, nil
		}
	}
	p.Candidates, p.More, err = s.Links.Candidates(r.Context(), p.LinkRequest, p.Text)
	return p, err
}

func (s *site) request(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	p, err := s.asked(r)
	if err != nil {
		return err
	}
	return s.showRequest(w, r, who, p)
}

func (s *site) showRequest(w http.ResponseWriter, r *http.Request, who frame.Visit, p requestPage) error {
	status := http.StatusOK
	if len(p.Errors) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return s.Show(w, r, who, status, frame.Page{
		Name: "abbinamento", Title: "Richiesta di abbinamento", Trail: trail(requestsTrail, frame.Link{Name: "Richiesta"}), Content: p, Of: p.of(),
	})
}

// answered reads a form that answers a request.
func (s *site) answered(r *http.Request) (requestPage, uuid.UUID, error) {
	if err := frame.ParseForm(r); err != nil {
		return requestPage{}, uuid.Nil, err
	}
	key, err := uuid.Parse(r.PostForm.Get("chiave"))
	if err != nil {
		return requestPage{}, uuid.Nil, frame.ErrForm
	}
	p, err := s.asked(r)
	p.Key, p.Child, p.Reason = key.String(), r.PostForm.Get("bambino"), strings.Join(strings.Fields(r.PostForm.Get("motivo")), " ")
	return p, key, err
}

func (s *site) approve(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	p, key, err := s.answered(r)
	if err != nil {
		return err
	}
	child, err := uuid.Parse(p.Child)
	if err != nil {
		p.Errors.Add("bambino", "Scegli il bambino da abbinare")
		return s.showRequest(w, r, who, p)
	}
	at, err := s.Links.ApproveLink(r.Context(), who.Account, key, p.ID, domain.ConsumerID{UUID: child})
	return s.decided(w, r, who, p, "bambino", at, err, "Richiesta accolta: il genitore vede il bambino e riceve una e-mail.")
}

func (s *site) refuse(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	p, key, err := s.answered(r)
	if err != nil {
		return err
	}
	if checkReason(&p.Errors, p.Reason); len(p.Errors) > 0 {
		return s.showRequest(w, r, who, p)
	}
	at, err := s.Links.RefuseLink(r.Context(), who.Account, key, p.ID, p.Reason)
	return s.decided(w, r, who, p, "motivo", at, err, "Richiesta non accolta: il genitore riceve il motivo per e-mail.")
}

// decided goes on to the next request after an answer, or shows why there is none.
func (s *site) decided(w http.ResponseWriter, r *http.Request, who frame.Visit, p requestPage, field string, at eventstore.Position, err error, told string) error {
	if refusal, ok := errors.AsType[*domain.Refusal](err); ok {
		if !p.Open() {
			field = "esito"
		}
		p.Errors.Add(field, s.Explained(refusal))
		return s.showRequest(w, r, who, p)
	}
	if err != nil {
		return err
	}
	return s.Done(w, r, at, told, requestsPath)
}

// checkReason holds a reason to what its reader and the registers need.
func checkReason(e *frame.FormErrors, reason string) {
	if n := utf8.RuneCountInString(reason); n < 3 || n > 140 {
		e.Add("motivo", "Scrivi il motivo con 3-140 caratteri")
	}
}
