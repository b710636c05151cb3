package registers

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore/audit/register"
)

// csvPrinter writes what Italian spreadsheets open as it is: UTF-8 with a byte order
// mark, semicolons, decimal commas.
type csvPrinter struct {
	*csv.Writer
	columns []register.Column
	cells   []string
}

func newCSV(w io.Writer, q register.Query) *csvPrinter {
	_, _ = io.WriteString(w, "\ufeff") // a bufio.Writer tells of it at its flush
	c := &csvPrinter{Writer: csv.NewWriter(w), columns: q.Kind.Columns()}
	c.Comma, c.UseCRLF = ';', true
	return c
}

func (c *csvPrinter) begin() error {
	for _, column := range c.columns {
		c.cells = append(c.cells, column.Title)
	}
	return c.Write(c.cells)
}

func (c *csvPrinter) line(l register.Line) error {
	for i, cell := range l.Cells {
		c.cells[i] = csvCell(c.columns[i].Kind, cell)
	}
	return c.Write(c.cells)
}

func (c *csvPrinter) end() error {
	c.Flush()
	return c.Error()
}

// csvTime is how books write a time, in Italy's zone.
const csvTime = "02/01/2006 15:04:05"

func csvCell(kind register.CellKind, cell register.Cell) string {
	switch {
	case !cell.Set:
		return ""
	case kind == register.Whole:
		return strconv.FormatUint(cell.Whole, 10)
	case kind == register.Amount:
		return comma(cell.Amount)
	case kind == register.Moment:
		return cell.Moment.Format(csvTime)
	}
	return inert(cell.Text)
}

// comma writes an amount with a decimal comma and no points, as spreadsheets read it.
func comma(m domain.Money) string { return strings.Replace(m.String(), ".", ",", 1) }

// inert keeps a spreadsheet from taking a text for a formula.
func inert(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
