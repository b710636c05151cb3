package office

import (
	"errors"
	"net/http"
	"strings"

	"github.com/google/uuid"
	"github.com/gorilla/mux"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/projections"
)

// unsentPage is Bollettini da inviare.
type unsentPage struct {
	Bulletins []projections.BulletinLine
	Paging    frame.Paging
}

func (s *site) unsent(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	page := frame.PageOf(r)
	found, more, err := s.Views.Unsent(r.Context(), page)
	if err != nil {
		return err
	}
	return s.Show(w, r, who, http.StatusOK, frame.Page{
		Name: "da-inviare", Title: "Bollettini da inviare", Trail: trail(frame.Link{Name: "Bollettini da inviare"}),
		Content: unsentPage{found, frame.PagingOf(r, page, more)},
	})
}

// bulletinPage is one bulletin.
type bulletinPage struct {
	projections.IssuedBulletin
	Lines  []bulletinPart
	Reason string // typed for a cancellation
	Key    string
	Errors frame.FormErrors
}

// bulletinPart is one line of a bulletin, with its names.
type bulletinPart struct {
	domain.Line
	Service string
	Pupil   projections.Pupil
}

// CanSend says that the bulletin can be sent.
func (p bulletinPage) CanSend() bool { return p.Status == domain.BulletinIssuedOnly }

// CanCancel says that the bulletin can be taken back.
func (p bulletinPage) CanCancel() bool {
	return p.Status == domain.BulletinIssuedOnly || p.Status == domain.BulletinSentOut
}

// found returns the bulletin that the address names, and the people it is about.
func (s *site) found(r *http.Request) (bulletinPage, []uuid.UUID, error) {
	b, err := s.Views.Bulletin(r.Context(), domain.NoticeNumber(mux.Vars(r)["notice"])) // 18 digits, by its route
	if err != nil {
		return bulletinPage{}, nil, err
	}
	content := bulletinPage{IssuedBulletin: b, Key: uuid.NewString()}
	of := []uuid.UUID{b.Issued.Parent.UUID}
	for i, line := range b.Issued.Lines {
		content.Lines = append(content.Lines, bulletinPart{line, b.Services[i], b.Pupils[i]})
		of = append(of, line.Consumer.UUID)
	}
	return content, of, nil
}

func bulletinPath(n domain.NoticeNumber) string { return bulletinsPath + "/" + string(n) }

func (s *site) bulletin(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	content, of, err := s.found(r)
	if err != nil {
		return err
	}
	return s.Show(w, r, who, http.StatusOK, frame.Page{
		Name: "bollettino", Title: "Bollettino " + content.Issued.Notice.Groups(), Trail: trail(frame.Link{Name: "Bollettino"}), Content: content, Of: of,
	})
}

func (s *site) send(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	content, _, err := s.found(r)
	if err != nil {
		return err
	}
	at, err := s.Commands.Send(r.Context(), who.Account, content.Issued.Notice)
	if err != nil {
		return err
	}
	return s.Done(w, r, at, "Bollettino inviato: il genitore lo vede e può pagarlo.", bulletinPath(content.Issued.Notice))
}

func (s *site) cancelForm(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	content, of, err := s.found(r)
	if err != nil {
		return err
	}
	return s.showCancel(w, r, who, http.StatusOK, content, of)
}

func (s *site) showCancel(w http.ResponseWriter, r *http.Request, who frame.Visit, status int, content bulletinPage, of []uuid.UUID) error {
	return s.Show(w, r, who, status, frame.Page{
		Name: "annulla", Title: "Annulla il bollettino",
		Trail:   trail(frame.Link{Name: "Bollettino", URL: bulletinPath(content.Issued.Notice)}, frame.Link{Name: "Annulla"}),
		Content: content, Of: of,
	})
}

func (s *site) cancel(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	if err := frame.ParseForm(r); err != nil {
		return err
	}
	key, err := uuid.Parse(r.PostForm.Get("chiave"))
	if err != nil {
		return frame.ErrForm
	}
	content, of, err := s.found(r)
	if err != nil {
		return err
	}
	content.Key, content.Reason = key.String(), strings.Join(strings.Fields(r.PostForm.Get("motivo")), " ")
	if checkReason(&content.Errors, content.Reason); len(content.Errors) > 0 {
		return s.showCancel(w, r, who, http.StatusUnprocessableEntity, content, of)
	}
	at, err := s.Commands.Cancel(r.Context(), who.Account, key, content.Issued.Notice, content.Reason)
	if refusal, ok := errors.AsType[*domain.Refusal](err); ok {
		content.Errors.Add("motivo", s.Explained(refusal))
		return s.showCancel(w, r, who, http.StatusUnprocessableEntity, content, of)
	}
	if err != nil {
		return err
	}
	return s.Done(w, r, at, "Bollettino annullato.", bulletinPath(content.Issued.Notice))
}
