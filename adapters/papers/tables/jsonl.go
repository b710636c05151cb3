package tables

import (
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/saldo-ledger/saldo/domain/table"
)

// jsonPrinter writes an object a line, with a member for each cell that is set. A line
// that is no entry says in "line" what it is.
type jsonPrinter struct {
	*jsontext.Encoder
	columns []table.Column
}

func newJSONL(w io.Writer, t table.Table) *jsonPrinter {
	return &jsonPrinter{jsontext.NewEncoder(w), t.Columns}
}

func (j *jsonPrinter) begin() error { return nil }

func (j *jsonPrinter) line(l table.Line) error {
	tokens := []jsontext.Token{jsontext.BeginObject}
	if l.Role != table.Entry {
		tokens = append(tokens, jsontext.String("line"), jsontext.String(string(l.Role)))
	}
	for i, cell := range l.Cells {
		if cell.Set {
			tokens = append(tokens, jsontext.String(j.columns[i].Name), jsonCell(j.columns[i].Kind, cell))
		}
	}
	for _, t := range append(tokens, jsontext.EndObject) {
		if err := j.WriteToken(t); err != nil {
			return err
		}
	}
	return nil
}

func (j *jsonPrinter) end() error { return nil }

func jsonCell(kind table.Kind, cell table.Cell) jsontext.Token {
	switch v := cell.Value(kind).(type) {
	case uint64:
		return jsontext.Uint(v)
	default:
		return jsontext.String(v.(string))
	}
}
