package tables

import (
	"io"
	"strconv"

	"github.com/saldo-ledger/saldo/adapters/papers"
	"github.com/saldo-ledger/saldo/domain/table"
)

// pdfPrinter prints the columns that are for paper.
type pdfPrinter struct {
	*papers.Roll
	w       io.Writer
	columns []table.Column
}

func newPDF(w io.Writer, t table.Table) *pdfPrinter {
	p := &pdfPrinter{w: w, columns: t.Columns}
	var columns []papers.RollColumn
	for _, c := range p.columns {
		if !c.Long {
			columns = append(columns, papers.RollColumn{Title: c.Title, Share: share(c), Right: c.Kind == table.Amount || c.Kind == table.Whole})
		}
	}
	p.Roll = papers.NewRoll(t.Title, t.Heading, t.Author, columns)
	return p
}

// share is a column's width in millimetres, before all are fitted to the sheet.
func share(c table.Column) float64 {
	switch {
	case c.Share > 0:
		return c.Share
	case c.Kind == table.Moment:
		return 27
	case c.Kind == table.Amount:
		return 21
	case c.Kind == table.Day:
		return 17
	case c.Kind == table.Whole:
		return 14
	}
	return 30
}

func (p *pdfPrinter) begin() error { return nil }

func (p *pdfPrinter) line(l table.Line) error {
	var texts []string
	for i, cell := range l.Cells {
		if !p.columns[i].Long {
			texts = append(texts, pdfCell(p.columns[i].Kind, cell))
		}
	}
	return p.Row(texts, l.Role != table.Entry)
}

func (p *pdfPrinter) end() error { return p.Write(p.w) }

func pdfCell(kind table.Kind, cell table.Cell) string {
	switch {
	case !cell.Set:
		return cell.Label
	case kind == table.Whole:
		return strconv.FormatUint(cell.Whole, 10)
	case kind == table.Amount:
		return papers.ItalianAmount(cell.Amount)
	case kind == table.Moment:
		return cell.Moment.Format(csvTime)
	case kind == table.Day:
		return cell.Day.Time().Format(csvDay)
	}
	return cell.Text
}
