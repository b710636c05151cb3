package office

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/projections"
)

// childPage is a consumer, with who sees it and how others come to.
type childPage struct {
	projections.ChildFile
	Links  projections.Enrolled
	Code   string // a codice fiscale, as typed
	Key    string
	Errors frame.FormErrors
}

// linkedAdult is an adult who answers for a child.
type linkedAdult struct {
	projections.FoundAdult
	Link projections.LinkedParent
}

// Linked are the adults who answer for the child.
func (p childPage) Linked() (all []linkedAdult) {
	for _, a := range p.Adults {
		if i := slices.IndexFunc(p.Links.Parents, func(l projections.LinkedParent) bool { return l.ID == a.ID }); i >= 0 {
			all = append(all, linkedAdult{a, p.Links.Parents[i]})
		}
	}
	return all
}

// of are the people that the page shows.
func (p childPage) of() []uuid.UUID {
	ids := []uuid.UUID{p.ID.UUID}
	for _, a := range p.Adults {
		ids = append(ids, a.ID.UUID)
	}
	return ids
}

func childPath(id domain.ConsumerID) string { return homePath + "/bambini/" + id.String() }

// file returns what there is of the child that the address names.
func (s *site) file(r *http.Request) (p childPage, err error) {
	id, err := childIn(r)
	if err != nil {
		return p, err
	}
	if p.ChildFile, err = s.Views.Child(r.Context(), id); err != nil {
		return p, err
	}
	p.Key = uuid.NewString()
	p.Links, err = s.Links.Enrolled(r.Context(), id)
	return p, err
}

func (s *site) child(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	p, err := s.file(r)
	if err != nil {
		return err
	}
	return s.showChild(w, r, who, http.StatusOK, p)
}

func (s *site) showChild(w http.ResponseWriter, r *http.Request, who frame.Visit, status int, p childPage) error {
	return s.Show(w, r, who, status, frame.Page{
		Name: "bambino", Title: p.Name, Trail: trail(frame.Link{Name: "Cerca", URL: searchPath}, frame.Link{Name: p.Name}), Content: p, Of: p.of(),
	})
}

// posting reads a form of the page of a child.
func (s *site) posting(r *http.Request) (childPage, uuid.UUID, error) {
	if err := frame.ParseForm(r); err != nil {
		return childPage{}, uuid.Nil, err
	}
	key, err := uuid.Parse(r.PostForm.Get("chiave"))
	if err != nil {
		return childPage{}, uuid.Nil, frame.ErrForm
	}
	p, err := s.file(r)
	p.Key = key.String()
	return p, key, err
}

// named declares an adult for a child, or takes that back. The page never shows whose
// codes were named: the body holds them hidden.
func (s *site) named(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	p, key, err := s.posting(r)
	if err != nil {
		return err
	}
	act, told := s.Links.DeclareAdult, "Adulto indicato: quando entra con SPID o CIE può abbinare il bambino."
	if r.PostForm.Get("azione") == "togli" {
		act, told = s.Links.WithdrawAdult, "Indicazione tolta. Chi era già abbinato lo resta."
	}
	p.Code = strings.TrimSpace(r.PostForm.Get("cf"))
	code, err := domain.ParsePersonCode(p.Code)
	if err != nil {
		p.Errors.Add("cf", "Scrivi un codice fiscale corretto, come è sulla tessera sanitaria")
		return s.showChild(w, r, who, http.StatusUnprocessableEntity, p)
	}
	at, err := act(r.Context(), who.Account, key, p.ID, code)
	if refusal, ok := errors.AsType[*domain.Refusal](err); ok {
		p.Errors.Add("cf", s.Explained(refusal))
		return s.showChild(w, r, who, http.StatusUnprocessableEntity, p)
	}
	if err != nil {
		return err
	}
	return s.Done(w, r, at, told, childPath(p.ID))
}

// letterPage is the letter to a family with its child's activation code.
type letterPage struct {
	Child projections.ChildFile
	IssuedCode
}

// issueCode answers with the letter itself: the code is kept nowhere that a page could
// show it again from. The same form again gives the same letter, as long as the code
// is the child's.
func (s *site) issueCode(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	p, key, err := s.posting(r)
	if err != nil {
		return err
	}
	issued, err := s.Links.IssueCode(r.Context(), who.Account, key, p.ID)
	if err != nil {
		return err
	}
	s.Wrote(w, issued.Position)
	return s.Show(w, r, who, http.StatusOK, frame.Page{
		Name: "lettera", Title: "Lettera con il codice di attivazione", Content: letterPage{p.ChildFile, issued}, Of: p.of(),
		Trail: trail(frame.Link{Name: p.Name, URL: childPath(p.ID)}, frame.Link{Name: "Codice di attivazione"}),
	})
}

func (s *site) revokeCode(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	p, key, err := s.posting(r)
	if err != nil {
		return err
	}
	at, err := s.Links.RevokeCode(r.Context(), who.Account, key, p.ID)
	if err != nil {
		return err
	}
	return s.Done(w, r, at, "Codice di attivazione revocato: nessuno lo può più usare.", childPath(p.ID))
}
