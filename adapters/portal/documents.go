package portal

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/gorilla/mux"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/projections"
)

// Paths of documents.
const (
	documentsPath = "/documenti"
	historyPath   = documentsPath + "/pagamenti"
	expensesPath  = documentsPath + "/spese/"
)

var (
	documentsTrail = frame.Link{Name: "Documenti disponibili", URL: documentsPath}
	historyTrail   = frame.Link{Name: "Pagamenti fatti", URL: historyPath}
)

// latestPapers is how many quietanze the page of documents lists itself.
const latestPapers = 5

// documentsPage is Documenti disponibili.
type documentsPage struct {
	Statements []paper
	Quittances []paper
	More       bool // there are more payments than Quittances shows
}

// paper is a PDF to download, and the page that says the same.
type paper struct {
	Year int // of a statement
	Open bool
	Paid
	URL  string
	Size int // bytes; 0 when it cannot be made now
}

func (s *site) documents(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	h, err := s.Views.History(r.Context(), parentOf(who), projections.HistoryPart{Count: latestPapers})
	if err != nil {
		return err
	}
	content := documentsPage{More: h.Total > len(h.Paid)}
	for _, year := range h.Years {
		size := s.sized(s.Papers.Statement(r.Context(), parentOf(who), year))
		content.Statements = append(content.Statements, paper{Year: year, Open: s.open(year), URL: expensesPath + strconv.Itoa(year), Size: size})
	}
	for _, p := range h.Paid {
		q := paper{Paid: p, URL: paidPath(p)}
		if printable(p) {
			q.Size = s.sized(s.Papers.Quittance(r.Context(), parentOf(who), p.Notice, p.Entry))
		}
		content.Quittances = append(content.Quittances, q)
	}
	return s.Show(w, r, who, http.StatusOK, frame.Page{
		Name: "documenti", Title: documentsTrail.Name, Trail: []frame.Link{documentsTrail}, Content: content,
	})
}

// sized returns the size of a PDF. The pages hold all that the PDFs do, so they are
// shown without one too.
func (s *site) sized(pdf []byte, err error) int {
	if err != nil {
		s.Logger.Error("a paper is not printed", "error", err)
	}
	return len(pdf)
}

// open reports whether a calendar year is not over.
func (s *site) open(year int) bool { return s.Now().Year() <= year }

// printable reports whether there is a quietanza of an amount: what is still looked
// at, is not ours or was revoked has none.
func printable(p Paid) bool {
	return p.State == projections.PaidClosed || p.State == projections.PaidCredit || p.State == projections.PaidBack
}

// paidPath leads to the page of an amount paid.
func paidPath(p Paid) string {
	return historyPath + "/" + string(p.Notice) + "/" + strconv.FormatUint(uint64(p.Entry), 10)
}

// historyRows is how many payments a page of the history has.
const historyRows = 20

// historyPage is the history of payments: a part of it.
type historyPage struct {
	projections.History
	Year domain.SchoolYear // the one asked for, or "" for all
	Page int               // from 1
}

// Pages is how many there are.
func (p historyPage) Pages() int { return max(1, (p.Total+historyRows-1)/historyRows) }

// Address leads to a page of the same year.
func (p historyPage) Address(page int) string {
	query := url.Values{"pagina": {strconv.Itoa(page)}}
	if p.Year != "" {
		query.Set("anno", string(p.Year))
	}
	return historyPath + "?" + query.Encode()
}

func (s *site) history(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	query := r.URL.Query()
	content := historyPage{Year: domain.SchoolYear(query.Get("anno")), Page: 1}
	if n, err := strconv.Atoi(query.Get("pagina")); err == nil && n > 0 && n < 1_000_000 {
		content.Page = n
	}
	var err error
	content.History, err = s.Views.History(r.Context(), parentOf(who), projections.HistoryPart{
		Year: content.Year, From: (content.Page - 1) * historyRows, Count: historyRows,
	})
	if err != nil {
		return err
	}
	return s.Show(w, r, who, http.StatusOK, frame.Page{
		Name: "pagamenti", Title: historyTrail.Name, Trail: []frame.Link{documentsTrail, historyTrail}, Content: content,
	})
}

// paidPage is one payment, as its quietanza says it.
type paidPage struct {
	Paid
	Position eventstore.Position
	URL      string
	PDFSize  int // 0 when there is no quietanza, or none can be made now
}

// paidOf returns the amount paid that the address names.
func (s *site) paidOf(r *http.Request, who frame.Visit) (Paid, error) {
	entry, err := strconv.ParseUint(mux.Vars(r)["entry"], 10, 63)
	if err != nil {
		return Paid{}, ErrNotFound
	}
	return s.Views.Paid(r.Context(), parentOf(who), noticeNumber(r), eventstore.Position(entry))
}

func (s *site) paid(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	p, err := s.paidOf(r, who)
	if err != nil {
		return err
	}
	content := paidPage{Paid: p, Position: p.Position, URL: paidPath(p)}
	if printable(p) {
		content.PDFSize = s.sized(s.Papers.Quittance(r.Context(), parentOf(who), p.Notice, p.Entry))
	}
	return s.Show(w, r, who, http.StatusOK, frame.Page{
		Name: "pagamento", Title: "Pagamento", Trail: []frame.Link{documentsTrail, historyTrail, {Name: "Pagamento"}}, Content: content,
	})
}

func (s *site) paidPDF(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	p, err := s.paidOf(r, who)
	if err != nil {
		return err
	}
	if !printable(p) {
		return ErrNotFound
	}
	pdf, err := s.Papers.Quittance(r.Context(), parentOf(who), p.Notice, p.Entry)
	if err != nil {
		return err
	}
	frame.Download(w, "application/pdf", "quietanza-"+string(p.Notice)+".pdf", pdf)
	return nil
}

// expensesPage is the yearly statement, as its PDF says it.
type expensesPage struct {
	projections.Expenses
	Open    bool
	PDFSize int
}

// yearOf returns the year that the address names, if there is something to say of it.
func (s *site) yearOf(r *http.Request) (int, error) {
	year, err := strconv.Atoi(mux.Vars(r)["year"])
	if err != nil || year < 2000 || year > s.Now().Year() {
		return 0, ErrNotFound
	}
	return year, nil
}

func (s *site) expenses(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	year, err := s.yearOf(r)
	if err != nil {
		return err
	}
	x, err := s.Views.Expenses(r.Context(), parentOf(who), year)
	if err != nil {
		return err
	}
	content := expensesPage{x, s.open(year), s.sized(s.Papers.Statement(r.Context(), parentOf(who), year))}
	title := "Spese scolastiche " + strconv.Itoa(year)
	return s.Show(w, r, who, http.StatusOK, frame.Page{
		Name: "spese", Title: title, Trail: []frame.Link{documentsTrail, {Name: title}}, Content: content,
	})
}

func (s *site) expensesPDF(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	year, err := s.yearOf(r)
	if err != nil {
		return err
	}
	pdf, err := s.Papers.Statement(r.Context(), parentOf(who), year)
	if err != nil {
		return err
	}
	frame.Download(w, "application/pdf", "spese-scolastiche-"+strconv.Itoa(year)+".pdf", pdf)
	return nil
}
