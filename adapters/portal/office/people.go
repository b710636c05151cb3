package office

import (
	"net/http"
	"strings"

	"github.com/google/uuid"
	"github.com/gorilla/mux"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/projections"
)

// officeTrail begins the breadcrumb of every page of the office.
var officeTrail = frame.Link{Name: "Ufficio scuola", URL: homePath}

func trail(steps ...frame.Link) []frame.Link { return append([]frame.Link{officeTrail}, steps...) }

// searchPage is Cerca.
type searchPage struct {
	Text   string
	Found  projections.Found
	Asked  bool
	Paging frame.Paging
	Errors frame.FormErrors
}

// None says that nobody was found.
func (p searchPage) None() bool {
	return p.Asked && len(p.Found.Adults)+len(p.Found.Children) == 0
}

// leastText is how many characters a search takes: fewer would find everybody.
const leastText = 3

func (s *site) search(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	content := searchPage{Text: strings.Join(strings.Fields(r.URL.Query().Get("testo")), " ")}
	status := http.StatusOK
	var of []uuid.UUID
	switch notice, isNotice := noticeIn(content.Text); {
	case isNotice:
		http.Redirect(w, r, bulletinsPath+"/"+string(notice), http.StatusSeeOther)
		return nil
	case !r.URL.Query().Has("testo"):
	case len([]rune(content.Text)) < leastText || len(content.Text) > 100:
		content.Errors.Add("testo", "Scrivi almeno 3 lettere o numeri, e non più di 100")
		status = http.StatusUnprocessableEntity
	default:
		page := frame.PageOf(r)
		found, err := s.Views.Search(r.Context(), content.Text, page)
		if err != nil {
			return err
		}
		content.Asked, content.Found, content.Paging = true, found, frame.PagingOf(r, page, found.More)
		of = foundIDs(found)
	}
	return s.Show(w, r, who, status, frame.Page{Name: "cerca", Title: "Cerca", Trail: trail(frame.Link{Name: "Cerca"}), Content: content, Of: of})
}

// noticeIn reads a notice number, however its digits are spaced.
func noticeIn(text string) (domain.NoticeNumber, bool) {
	n, err := domain.ParseNoticeNumber(strings.ReplaceAll(text, " ", ""))
	return n, err == nil
}

func foundIDs(f projections.Found) (ids []uuid.UUID) {
	for _, a := range f.Adults {
		ids = append(ids, a.ID.UUID)
	}
	for _, c := range f.Children {
		ids = append(ids, c.ID.UUID)
	}
	return ids
}

// childIn returns the consumer that the address names.
func childIn(r *http.Request) (domain.ConsumerID, error) {
	id, err := uuid.Parse(mux.Vars(r)["child"])
	if err != nil {
		return domain.ConsumerID{}, frame.ErrNotFound
	}
	return domain.ConsumerID{UUID: id}, nil
}

// adultIn returns the adult that the address names.
func adultIn(r *http.Request) (domain.ParentID, error) {
	id, err := uuid.Parse(mux.Vars(r)["adult"])
	if err != nil {
		return domain.ParentID{}, frame.ErrNotFound
	}
	return domain.ParentID{UUID: id}, nil
}

func (s *site) adult(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	id, err := adultIn(r)
	if err != nil {
		return err
	}
	file, err := s.Views.Adult(r.Context(), id)
	if err != nil {
		return err
	}
	name := projections.NameOf(file.Parent.Person.FullName())
	of := []uuid.UUID{id.UUID}
	for _, c := range file.Overview.Consumers {
		of = append(of, c.ID.UUID)
	}
	return s.Show(w, r, who, http.StatusOK, frame.Page{
		Name: "adulto", Title: name, Trail: trail(frame.Link{Name: "Cerca", URL: searchPath}, frame.Link{Name: name}), Content: file, Of: of,
	})
}
