package reconciliation

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/summary"
	"github.com/saldo-ledger/saldo/domain/table"
)

// summariesPage is Resoconti: what was taken, reported and settled of some days.
type summariesPage struct {
	From, To string
	Per      frame.Choice
	Of       string        // the summary's title
	Columns  []summaryCell // their titles
	Lines    []summaryLine
	Total    summary.Sums
	Files    []summaryFile
	Paging   frame.Paging
	Search   searchBox
	Errors   frame.FormErrors
}

// summaryLine is a line as people read it.
type summaryLine struct {
	Sum   bool
	Cells []summaryCell
}

type summaryCell struct {
	Title, Text string
	Right       bool
}

// summaryFile is a link to the summary in a format.
type summaryFile struct{ Name, Path string }

// fileNames are the formats that people fetch.
var fileNames = []struct {
	format table.Format
	name   string
}{{table.CSV, "Scarica CSV"}, {table.XLSX, "Scarica XLSX (Excel)"}, {table.PDF, "Scarica PDF"}}

func perOptions() (all []frame.Option) {
	for _, p := range summary.Pers {
		all = append(all, frame.Option{Value: string(p), Name: p.Title()})
	}
	return all
}

// summaryForm reads what is asked for.
func (s *site) summaryForm(query url.Values) (summariesPage, summary.Question) {
	p := summariesPage{From: strings.TrimSpace(query.Get("dal")), To: strings.TrimSpace(query.Get("al"))}
	if p.From == "" {
		p.From = frame.Day(domain.DateOf(s.Now().AddDate(0, 0, -usualSpan)))
	}
	if p.To == "" {
		p.To = frame.Day(s.Today())
	}
	q := summary.Question{Creditor: s.Body.FiscalCode, Per: summary.Per(query.Get("per"))}
	if q.Per == "" {
		q.Per = summary.Day
	}
	q.Span.From = p.Errors.Day("dal", p.From, "Scrivi il primo giorno, ad esempio 01/10/2026")
	q.Span.To = p.Errors.Day("al", p.To, "Scrivi l'ultimo giorno, ad esempio 31/10/2026")
	if err := q.Check(); len(p.Errors) == 0 && errors.Is(err, summary.ErrSpan) {
		p.Errors.Add("al", "L'ultimo giorno viene dopo il primo, al massimo di 400 giorni")
	} else if errors.Is(err, summary.ErrPer) {
		p.Errors.Add("per", "Scegli un resoconto dell'elenco")
	}
	p.Per = frame.NewChoice("per", "Resoconto", string(q.Per), perOptions(), p.Errors).Free()
	return p, q
}

func (s *site) summaries(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	p, q := s.summaryForm(r.URL.Query())
	if len(p.Errors) > 0 {
		return s.showSummaries(w, r, who, http.StatusUnprocessableEntity, p)
	}
	sum, err := s.Views.Summary(r.Context(), q)
	if err != nil {
		return err
	}
	p.fill(r, sum)
	return s.showSummaries(w, r, who, http.StatusOK, p)
}

func (s *site) showSummaries(w http.ResponseWriter, r *http.Request, who frame.Visit, status int, p summariesPage) error {
	return s.Show(w, r, who, status, frame.Page{Name: "resoconti", Title: "Resoconti", Trail: trail(frame.Link{Name: "Resoconti"}), Content: p})
}

// fill shows one page of the summary's lines.
func (p *summariesPage) fill(r *http.Request, sum *summary.Summary) {
	t := sum.Table()
	p.Of, p.Total = t.Title, sum.Total
	for _, c := range t.Columns {
		p.Columns = append(p.Columns, summaryCell{Title: c.Title, Right: right(c.Kind)})
	}
	page, n := frame.PageOf(r), 0
	for l := range sum.Lines() {
		if n >= page*rowsShown && n < (page+1)*rowsShown {
			p.Lines = append(p.Lines, lineOf(t.Columns, l))
		}
		n++
	}
	p.Paging = frame.PagingOf(r, page, n > (page+1)*rowsShown)
	query := url.Values{"per": {string(sum.Per)}, "dal": {string(sum.Span.From)}, "al": {string(sum.Span.To)}}
	for _, f := range fileNames {
		query.Set("formato", string(f.format))
		p.Files = append(p.Files, summaryFile{f.name, summaryFilePath + "?" + query.Encode()})
	}
}

func lineOf(columns []table.Column, l table.Line) summaryLine {
	line := summaryLine{Sum: l.Role != table.Entry}
	for i, c := range l.Cells {
		of := columns[i]
		line.Cells = append(line.Cells, summaryCell{of.Title, cellText(of.Kind, c), right(of.Kind)})
	}
	return line
}

// right reports whether cells of a kind end at the column's end.
func right(k table.Kind) bool { return k == table.Amount || k == table.Whole }

func cellText(kind table.Kind, c table.Cell) string {
	switch {
	case !c.Set:
		return c.Label
	case kind == table.Whole:
		return strconv.FormatUint(c.Whole, 10)
	case kind == table.Amount:
		return frame.Euro(c.Amount)
	case kind == table.Day:
		return frame.Day(c.Day)
	}
	return c.Text
}

// summaryFile answers with a summary as a file. One that its format has no room for is
// shown, and the page says so.
func (s *site) summaryFile(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	p, q := s.summaryForm(r.URL.Query())
	format, err := table.ParseFormat(r.URL.Query().Get("formato"))
	if err != nil || len(p.Errors) > 0 {
		return frame.ErrNotFound
	}
	sum, err := s.Views.Summary(r.Context(), q)
	if err != nil {
		return err
	}
	var file bytes.Buffer
	err = s.Printer.Print(&file, sum.Table(), format, sum.All())
	if _, refused := errors.AsType[*domain.Refusal](err); refused {
		p.Errors.Add("al", fmt.Sprintf("Un file %s non contiene tante righe: scegli meno giorni, o un altro formato", strings.ToUpper(string(format))))
		return s.showSummaries(w, r, who, http.StatusUnprocessableEntity, p)
	}
	if err == nil {
		frame.Download(w, format.MediaType(), sum.Name(string(format)), file.Bytes())
	}
	return err
}
