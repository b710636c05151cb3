package registers

import (
	"io"
	"strconv"

	"github.com/saldo-ledger/saldo/adapters/papers"
	"github.com/saldo-ledger/saldo/eventstore/audit/register"
)

// pdfPrinter prints the columns that are for paper.
type pdfPrinter struct {
	*papers.Roll
	w       io.Writer
	columns []register.Column
}

func newPDF(w io.Writer, q register.Query) *pdfPrinter {
	p := &pdfPrinter{w: w, columns: q.Kind.Columns()}
	var columns []papers.RollColumn
	for _, c := range p.columns {
		if !c.Long {
			columns = append(columns, papers.RollColumn{Title: c.Title, Share: share(c), Right: c.Kind == register.Amount})
		}
	}
	p.Roll = papers.NewRoll(q.Kind.Title(), q.Heading(), string(q.Creditor), columns)
	return p
}

// share is a column's width in millimetres, before all are fitted to the sheet.
func share(c register.Column) float64 {
	switch c.Name {
	case "number", "position":
		return 14
	case "account":
		return 56
	case "accountName":
		return 72
	case "operation", "notice":
		return 30
	}
	switch c.Kind {
	case register.Moment:
		return 27
	case register.Amount:
		return 21
	}
	return 30
}

func (p *pdfPrinter) begin() error { return nil }

func (p *pdfPrinter) line(l register.Line) error {
	var texts []string
	for i, cell := range l.Cells {
		if !p.columns[i].Long {
			texts = append(texts, pdfCell(p.columns[i].Kind, cell))
		}
	}
	return p.Row(texts, l.Role != register.Entry)
}

func (p *pdfPrinter) end() error { return p.Write(p.w) }

func pdfCell(kind register.CellKind, cell register.Cell) string {
	switch {
	case !cell.Set:
		return ""
	case kind == register.Whole:
		return strconv.FormatUint(cell.Whole, 10)
	case kind == register.Amount:
		return papers.ItalianAmount(cell.Amount)
	case kind == register.Moment:
		return cell.Moment.Format(csvTime)
	}
	return cell.Text
}
