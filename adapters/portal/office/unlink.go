package office

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
)

// unlinkPage is Togli l'abbinamento, of one adult of a child.
type unlinkPage struct {
	Child  childPage
	Adult  linkedAdult
	Reason string // as typed
	Errors frame.FormErrors
}

func (s *site) unlinkForm(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	child, err := s.file(r)
	if err != nil {
		return err
	}
	return s.showUnlink(w, r, who, http.StatusOK, unlinkPage{Child: child})
}

// showUnlink shows the form of an adult who is linked still.
func (s *site) showUnlink(w http.ResponseWriter, r *http.Request, who frame.Visit, status int, p unlinkPage) error {
	id, err := adultIn(r)
	if err != nil {
		return err
	}
	all := p.Child.Linked()
	i := slices.IndexFunc(all, func(a linkedAdult) bool { return a.ID == id })
	if i < 0 {
		return frame.ErrNotFound
	}
	p.Adult = all[i]
	return s.Show(w, r, who, status, frame.Page{
		Name: "togli", Title: "Togli l'abbinamento", Content: p, Of: p.Child.of(),
		Trail: trail(frame.Link{Name: p.Child.Name, URL: childPath(p.Child.ID)}, frame.Link{Name: "Togli l'abbinamento"}),
	})
}

func (s *site) unlink(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	child, key, err := s.posting(r)
	if err != nil {
		return err
	}
	adult, err := adultIn(r)
	if err != nil {
		return err
	}
	p := unlinkPage{Child: child, Reason: strings.Join(strings.Fields(r.PostForm.Get("motivo")), " ")}
	if checkReason(&p.Errors, p.Reason); len(p.Errors) > 0 {
		return s.showUnlink(w, r, who, http.StatusUnprocessableEntity, p)
	}
	at, err := s.Links.Unlink(r.Context(), who.Account, key, child.ID, adult, p.Reason)
	if refusal, ok := errors.AsType[*domain.Refusal](err); ok && refusal.Kind != domain.NotFound {
		p.Errors.Add("motivo", s.Explained(refusal))
		return s.showUnlink(w, r, who, http.StatusUnprocessableEntity, p)
	}
	if err != nil {
		return err
	}
	return s.Done(w, r, at, "Abbinamento tolto: l'adulto non vede più il bambino e riceve il motivo per e-mail.", childPath(child.ID))
}
