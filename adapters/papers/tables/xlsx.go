package tables

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/table"
)

// ErrRows refuses what does not fit on a sheet of a workbook.
var ErrRows = &domain.Refusal{
	Kind: domain.Invalid, Field: "format", Rule: fmt.Sprintf("an XLSX sheet has %d rows: choose a shorter period, or another format", excelize.TotalRows),
}

// xlsxPrinter writes a workbook of one sheet. Rows go to a temporary file when they are
// many, and from there, packed, to w.
type xlsxPrinter struct {
	w io.Writer
	table.Table
	book   *excelize.File
	sheet  *excelize.StreamWriter
	styles map[table.Kind]int // of cells
	strong map[table.Kind]int // of cells of a sum
	rows   int
}

func newXLSX(w io.Writer, t table.Table) *xlsxPrinter {
	return &xlsxPrinter{w: w, Table: t, book: excelize.NewFile()}
}

func (x *xlsxPrinter) begin() error {
	// The library would pack the workbook in memory first.
	x.book.SetZipWriter(func(io.Writer) excelize.ZipWriter { return zip.NewWriter(x.w) })
	name := x.Title
	err := errors.Join(x.book.SetSheetName("Sheet1", name), x.describe(), x.makeStyles())
	if err != nil {
		return err
	}
	if x.sheet, err = x.book.NewStreamWriter(name); err != nil {
		return err
	}
	for i, c := range x.Columns {
		err = errors.Join(err, x.sheet.SetColWidth(i+1, i+1, columnWidth(c)))
	}
	if err = errors.Join(err, x.sheet.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})); err != nil {
		return err
	}
	var titles []any
	for _, c := range x.Columns {
		titles = append(titles, excelize.Cell{StyleID: x.strong[table.Text], Value: c.Title})
	}
	return x.row(titles)
}

// describe fixes what would otherwise be the day on which the library was made.
func (x *xlsxPrinter) describe() error {
	last := x.Date.Time().Format(time.RFC3339)
	return x.book.SetDocProps(&excelize.DocProperties{
		Title: x.Title, Subject: x.Heading, Creator: "Saldo", LastModifiedBy: "Saldo", Language: "it-IT", Created: last, Modified: last,
	})
}

func (x *xlsxPrinter) makeStyles() (err error) {
	formats := map[table.Kind]string{table.Text: "@", table.Whole: "0", table.Amount: "#,##0.00", table.Moment: "dd/mm/yyyy hh:mm:ss", table.Day: "dd/mm/yyyy"}
	x.styles, x.strong = make(map[table.Kind]int), make(map[table.Kind]int)
	for _, kind := range table.Kinds { // in this order: the styles have numbers
		format := formats[kind]
		if x.styles[kind], err = x.book.NewStyle(&excelize.Style{CustomNumFmt: &format}); err != nil {
			return err
		}
		if x.strong[kind], err = x.book.NewStyle(&excelize.Style{CustomNumFmt: &format, Font: &excelize.Font{Bold: true}}); err != nil {
			return err
		}
	}
	return nil
}

func (x *xlsxPrinter) line(l table.Line) error {
	styles := x.styles
	if l.Role != table.Entry {
		styles = x.strong
	}
	cells := make([]any, len(l.Cells))
	for i, cell := range l.Cells {
		kind := x.Columns[i].Kind
		switch {
		case cell.Set:
			cells[i] = excelize.Cell{StyleID: styles[kind], Value: xlsxCell(kind, cell)}
		case cell.Label != "":
			cells[i] = excelize.Cell{StyleID: styles[table.Text], Value: cell.Label}
		}
	}
	return x.row(cells)
}

func (x *xlsxPrinter) row(cells []any) error {
	if x.rows++; x.rows > excelize.TotalRows {
		return ErrRows
	}
	return x.sheet.SetRow(fmt.Sprintf("A%d", x.rows), cells)
}

func (x *xlsxPrinter) end() error {
	if err := x.sheet.Flush(); err != nil {
		return err
	}
	return x.book.Write(x.w)
}

// Close removes the temporary file.
func (x *xlsxPrinter) Close() error { return x.book.Close() }

// xlsxCell is what a workbook holds. Its numbers are binary floating point whatever is
// written to it; the shortest decimal of these is the amount itself, up to thousands of
// billions of euro.
func xlsxCell(kind table.Kind, cell table.Cell) any {
	switch kind {
	case table.Whole:
		return cell.Whole
	case table.Amount:
		return float64(cell.Amount) / 100
	case table.Moment: // what the clock in Italy shows: a workbook knows no zones
		t := cell.Moment
		return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
	case table.Day:
		return cell.Day.Time()
	}
	return cell.Text
}

func columnWidth(c table.Column) float64 {
	switch {
	case c.Width > 0:
		return float64(c.Width)
	case c.Kind == table.Moment:
		return 20
	case c.Kind != table.Text:
		return 14
	}
	return 24
}
