package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/saldo-ledger/saldo/adapters/httpapi"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// issueReport prints what became of a file, and counts it.
type issueReport struct {
	w         io.Writer
	asJSON    bool
	Bulletins uint64 `json:"bulletins"`
	Issued    uint64 `json:"issued"`
	Before    uint64 `json:"before"` // of them, issued by an earlier run
	Refused   uint64 `json:"refused"`
}

func newIssueReport(w io.Writer, asJSON bool) *issueReport { return &issueReport{w: w, asJSON: asJSON} }

// issueLine is what became of one bulletin: issued, or refused.
type issueLine struct {
	Line     int                 `json:"line"`
	Notice   domain.NoticeNumber `json:"notice,omitempty"`
	IUV      domain.IUV          `json:"iuv,omitempty"`
	Position eventstore.Position `json:"position,omitempty"`
	Repeated bool                `json:"repeated,omitempty"`
	Field    string              `json:"field,omitempty"`
	Rule     string              `json:"rule,omitempty"`
}

// refused tells of a bulletin that was not issued.
func (r *issueReport) refused(l issueLine) error {
	r.Refused++
	if r.asJSON {
		return json.NewEncoder(r.w).Encode(l)
	}
	if l.Field != "" {
		l.Field += ": "
	}
	_, err := fmt.Fprintf(r.w, "line %d: %s%s\n", l.Line, l.Field, l.Rule)
	return err
}

// rows tells of a batch.
func (r *issueReport) rows(entries []entry, rows []httpapi.BatchRow) error {
	for i, row := range rows {
		r.Bulletins++
		l := issueLine{Line: entries[i].line, Notice: row.Notice, IUV: row.IUV, Position: row.Position, Repeated: row.Repeated}
		if no := row.Refusal; no != nil {
			l.Field, l.Rule = httpapi.RowField(no.Field), no.Rule
			l.Line = entries[i].lineOf(l.Field)
			if err := r.refused(l); err != nil {
				return err
			}
			continue
		}
		r.Issued++
		if row.Repeated {
			r.Before++
		}
		if r.asJSON {
			if err := json.NewEncoder(r.w).Encode(l); err != nil {
				return err
			}
		}
	}
	return nil
}

// checked tells of a file in which nothing is wrong.
func (r *issueReport) checked(file string, total uint64) error {
	if r.asJSON {
		return json.NewEncoder(r.w).Encode(map[string]uint64{"bulletins": total})
	}
	_, err := fmt.Fprintf(r.w, "%d bulletins in %s, and nothing is wrong with the file by itself\n", total, file)
	return err
}

// end prints the sums.
func (r *issueReport) end() error {
	var err error
	if r.asJSON {
		err = json.NewEncoder(r.w).Encode(r)
	} else {
		_, err = fmt.Fprintf(r.w, "Of %d bulletins %d are issued, %d of them by an earlier run, and %d are refused\n", r.Bulletins, r.Issued, r.Before, r.Refused)
	}
	switch {
	case err != nil:
		return outOfReach(err)
	case r.Refused > 0:
		return found(fmt.Errorf("%d of %d bulletins were refused", r.Refused, r.Bulletins))
	}
	return nil
}
