package tables

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/table"
)

// csvPrinter writes what Italian spreadsheets open as it is: UTF-8 with a byte order
// mark, semicolons, decimal commas.
type csvPrinter struct {
	*csv.Writer
	columns []table.Column
	cells   []string
}

func newCSV(w io.Writer, t table.Table) *csvPrinter {
	_, _ = io.WriteString(w, "\ufeff") // a bufio.Writer tells of it at its flush
	c := &csvPrinter{Writer: csv.NewWriter(w), columns: t.Columns}
	c.Comma, c.UseCRLF = ';', true
	return c
}

func (c *csvPrinter) begin() error {
	for _, column := range c.columns {
		c.cells = append(c.cells, column.Title)
	}
	return c.Write(c.cells)
}

func (c *csvPrinter) line(l table.Line) error {
	for i, cell := range l.Cells {
		c.cells[i] = csvCell(c.columns[i].Kind, cell)
	}
	return c.Write(c.cells)
}

func (c *csvPrinter) end() error {
	c.Flush()
	return c.Error()
}

// How days are written, and times in Italy's zone.
const (
	csvDay  = "02/01/2006"
	csvTime = csvDay + " 15:04:05"
)

func csvCell(kind table.Kind, cell table.Cell) string {
	switch {
	case !cell.Set:
		return Inert(cell.Label)
	case kind == table.Whole:
		return strconv.FormatUint(cell.Whole, 10)
	case kind == table.Amount:
		return comma(cell.Amount)
	case kind == table.Moment:
		return cell.Moment.Format(csvTime)
	case kind == table.Day:
		return cell.Day.Time().Format(csvDay)
	}
	return Inert(cell.Text)
}

// comma writes an amount with a decimal comma and no points, as spreadsheets read it.
func comma(m domain.Money) string { return strings.Replace(m.String(), ".", ",", 1) }

// Inert keeps a spreadsheet from taking a text for a formula.
func Inert(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
