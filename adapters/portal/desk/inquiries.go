package desk

import (
	"errors"
	"net/http"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/gorilla/mux"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/adapters/portal/prose"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
	"github.com/saldo-ledger/saldo/projections"
)

var inquiriesTrail = frame.Link{Name: "Richieste dei genitori", URL: inquiriesPath}

// inquiriesPage is the list of questions: those open, or those closed.
type inquiriesPage struct {
	Closed    bool
	Inquiries []inquiryRow
}

// inquiryRow is a question; what is about somebody erased has no words.
type inquiryRow struct{ Inquiry }

// Title is the subject as it is shown.
func (r inquiryRow) Title() string { return projections.NameOf(r.Subject) }

func (s *site) inquiries(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	var of []uuid.UUID
	content := inquiriesPage{Closed: r.URL.Query().Has("chiuse")}
	all, err := s.Views.Inquiries(r.Context(), content.Closed)
	if err != nil {
		return err
	}
	for _, i := range all {
		content.Inquiries = append(content.Inquiries, inquiryRow{i})
		of = append(of, i.Parent.UUID)
	}
	return s.Show(w, r, who, http.StatusOK, frame.Page{
		Name: "richieste", Title: inquiriesTrail.Name, Trail: trail(inquiriesTrail), Content: content, Of: of,
	})
}

// inquiryPage is one question with everything that was written.
type inquiryPage struct {
	ledger.Thread
	Asker  string
	Text   string // typed, and not taken
	Key    string
	Errors frame.FormErrors
}

// Closed reports whether the office can answer no more.
func (p inquiryPage) Closed() bool { return p.Status == domain.InquiryDone }

func inquiryID(r *http.Request) (domain.InquiryID, error) {
	id, err := uuid.Parse(mux.Vars(r)["inquiry"])
	if err != nil {
		return domain.InquiryID{}, frame.ErrNotFound
	}
	return domain.InquiryID{UUID: id}, nil
}

func (s *site) inquiry(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	return s.showInquiry(w, r, who, http.StatusOK, inquiryPage{Key: uuid.NewString()})
}

func (s *site) showInquiry(w http.ResponseWriter, r *http.Request, who frame.Visit, status int, content inquiryPage) error {
	id, err := inquiryID(r)
	if err != nil {
		return err
	}
	if content.Thread, content.Asker, err = s.Views.Thread(r.Context(), id); err != nil {
		return err
	}
	title := "Richiesta " + id.Ticket()
	return s.Show(w, r, who, status, frame.Page{Name: "richiesta", Title: title, Trail: trail(inquiriesTrail, frame.Link{Name: title}), Content: content, Of: []uuid.UUID{content.Parent.UUID}})
}

// answer writes to the parent, and closes the question with it if the office says so.
func (s *site) answer(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	id, err := inquiryID(r)
	if err != nil {
		return err
	}
	key, err := postedKey(r)
	if err != nil {
		return err
	}
	form := inquiryPage{Key: key.String(), Text: prose.Tidy(r.PostForm.Get("testo"))}
	switch n := utf8.RuneCountInString(form.Text); {
	case n == 0:
		form.Errors.Add("testo", "Scrivi la risposta")
	case n > domain.MaxAnswer:
		form.Errors.Add("testo", "La risposta ha "+frame.Count(n, "carattere", "caratteri")+": accorciala, al massimo sono 4000")
	}
	if len(form.Errors) > 0 {
		return s.showInquiry(w, r, who, http.StatusUnprocessableEntity, form)
	}
	at, err := s.Commands.Answer(r.Context(), who.Account, id, uuid.NewSHA1(key, []byte(form.Text)), form.Text)
	if errors.Is(err, domain.ErrBadAnswer) {
		form.Errors.Add("testo", "Togli dal testo i caratteri che non si possono leggere")
		return s.showInquiry(w, r, who, http.StatusUnprocessableEntity, form)
	}
	if refusal, ok := errors.AsType[*domain.Refusal](err); ok && refusal.Kind == domain.Conflict {
		form.Errors.Add("testo", s.Explained(refusal))
		return s.showInquiry(w, r, who, http.StatusUnprocessableEntity, form)
	}
	if err != nil {
		return err
	}
	sentence := "Risposta inviata. Il genitore la riceve anche per e-mail."
	if r.PostForm.Get("azione") == "chiudi" {
		if at, err = s.Commands.Close(r.Context(), who.Account, id, key); err != nil {
			return err
		}
		sentence = "Risposta inviata, richiesta chiusa."
	}
	return s.Done(w, r, at, sentence, inquiriesPath)
}

func (s *site) close(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	id, err := inquiryID(r)
	if err != nil {
		return err
	}
	key, err := postedKey(r)
	if err != nil {
		return err
	}
	at, err := s.Commands.Close(r.Context(), who.Account, id, key)
	if err != nil {
		return err
	}
	return s.Done(w, r, at, "Richiesta "+id.Ticket()+" chiusa.", inquiriesPath)
}
