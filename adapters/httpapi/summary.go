package httpapi

import (
	"bytes"
	"cmp"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/summary"
	"github.com/saldo-ledger/saldo/domain/table"
)

// asJSON is the format of a summary that is no file's.
const asJSON = "json"

// summaryJSON is a summary as the API has it: an object for each line, with the columns'
// names.
type summaryJSON struct {
	Per   summary.Per      `json:"per"`
	From  domain.Date      `json:"from"`
	To    domain.Date      `json:"to"`
	Lines []map[string]any `json:"lines"`
}

// summarise answers what was taken, reported and settled in a span of days, as JSON or as a
// file. The file is made whole before anything is sent.
func (a *api) summarise(w http.ResponseWriter, r *http.Request) {
	if err := a.await(r); err != nil {
		a.fail(w, r, err)
		return
	}
	s, err := a.summary(r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	w.Header().Set(headerPosition, strconv.FormatUint(s.Position, 10))
	asked := cmp.Or(r.URL.Query().Get("format"), asJSON)
	if asked == asJSON {
		writeJSON(w, summaryAnswer(s))
		return
	}
	format, err := table.ParseFormat(asked)
	if err != nil {
		a.fail(w, r, invalid("format", "a format is json, csv, xlsx, jsonl or pdf"))
		return
	}
	var file bytes.Buffer
	if err := a.Printer.Print(&file, s.Table(), format, s.All()); err != nil {
		a.fail(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", format.MediaType())
	h.Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", s.Name(string(format))))
	h.Set("Content-Length", strconv.Itoa(file.Len()))
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // a limit for reading a request would end a long answer as well
	_, _ = file.WriteTo(&patient{w: w, control: http.NewResponseController(w)})
}

// summary reads the question of a query and answers it.
func (a *api) summary(r *http.Request) (*summary.Summary, error) {
	creditor, err := a.knownCreditor(r)
	if err != nil {
		return nil, err
	}
	span, err := a.span(r)
	if err != nil {
		return nil, err
	}
	q := summary.Question{Creditor: creditor, Span: span, Per: summary.Per(cmp.Or(r.URL.Query().Get("per"), string(summary.Day)))}
	if err := q.Check(); err != nil {
		return nil, err
	}
	terms, err := a.terms(r.Context(), creditor)
	if err != nil {
		return nil, err
	}
	s, _, err := a.Reconciled.Summary(r.Context(), q, terms)
	return s, err
}

func summaryAnswer(s *summary.Summary) summaryJSON {
	out := summaryJSON{Per: s.Per, From: s.Span.From, To: s.Span.To, Lines: []map[string]any{}}
	columns := s.Table().Columns
	for l := range s.Lines() {
		one := make(map[string]any)
		if l.Role != table.Entry {
			one["line"] = l.Role
		}
		for i, c := range l.Cells {
			if c.Set {
				one[columns[i].Name] = c.Value(columns[i].Kind)
			}
		}
		out.Lines = append(out.Lines, one)
	}
	return out
}
