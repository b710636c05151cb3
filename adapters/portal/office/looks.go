package office

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
)

// looksPage is Accessi del personale.
type looksPage struct {
	Username, Subject, From, To string
	Found                       []Look
	After                       string // the link to older ones; empty at the end
	Errors                      frame.FormErrors
}

// looksShown is how many looks one page has.
const looksShown = 50

func (s *site) looksRoutes() { s.Get(looksPath, s.Only(s.looks, watchers...)) }

// looks shows who of the staff looked at whose data. People are named by their ids
// alone: whoever watches need not see the data itself.
func (s *site) looks(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	query := r.URL.Query()
	p := looksPage{Username: strings.TrimSpace(query.Get("utente")), Subject: strings.TrimSpace(query.Get("persona")), From: query.Get("dal"), To: query.Get("al")}
	before, _ := strconv.ParseInt(query.Get("prima"), 10, 64) // of our own links
	status := http.StatusOK
	if q := s.looksQuery(&p); len(p.Errors) > 0 {
		status = http.StatusUnprocessableEntity
	} else {
		found, more, err := s.Looks.Search(r.Context(), q, before, looksShown)
		if err != nil {
			return err
		}
		p.Found = found
		if more {
			p.After = looksPath + "?" + url.Values{
				"utente": {p.Username}, "persona": {p.Subject}, "dal": {p.From}, "al": {p.To}, "prima": {strconv.FormatInt(found[len(found)-1].ID, 10)},
			}.Encode()
		}
	}
	return s.Show(w, r, who, status, frame.Page{Name: "accessi", Title: "Accessi del personale", Trail: []frame.Link{{Name: "Accessi del personale"}}, Content: p})
}

func (s *site) looksQuery(p *looksPage) LooksQuery {
	q := LooksQuery{Username: p.Username}
	if p.Subject != "" {
		id, err := uuid.Parse(p.Subject)
		if err != nil {
			p.Errors.Add("persona", "Scrivi il codice della persona come è nell'indirizzo della sua pagina")
		}
		q.Subject = id
	}
	if p.From != "" {
		q.From = s.midnight(&p.Errors, "dal", p.From, 0)
	}
	if p.To != "" {
		q.To = s.midnight(&p.Errors, "al", p.To, 1)
	}
	return q
}

// midnight is when a day begins in Italy, or one that follows after days.
func (s *site) midnight(e *frame.FormErrors, field, typed string, days int) time.Time {
	d := e.Day(field, typed, "Scrivi una data, ad esempio 01/10/2026")
	if !d.Valid() {
		return time.Time{}
	}
	day := d.Time()
	return time.Date(day.Year(), day.Month(), day.Day()+days, 0, 0, 0, 0, s.Now().Location())
}
