package registers

import (
	"io"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/saldo-ledger/saldo/eventstore/audit/register"
)

// jsonPrinter writes an object a line, with a member for each cell that is set. A line
// that is no posting and no account says in "line" what it is.
type jsonPrinter struct {
	*jsontext.Encoder
	columns []register.Column
}

func newJSONL(w io.Writer, q register.Query) *jsonPrinter {
	return &jsonPrinter{jsontext.NewEncoder(w), q.Kind.Columns()}
}

func (j *jsonPrinter) begin() error { return nil }

func (j *jsonPrinter) line(l register.Line) error {
	tokens := []jsontext.Token{jsontext.BeginObject}
	if l.Role != register.Entry {
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

// jsonCell writes amounts as the rest of the program does: as decimal text.
func jsonCell(kind register.CellKind, cell register.Cell) jsontext.Token {
	switch kind {
	case register.Whole:
		return jsontext.Uint(cell.Whole)
	case register.Amount:
		return jsontext.String(cell.Amount.String())
	case register.Moment:
		return jsontext.String(cell.Moment.UTC().Format(time.RFC3339Nano))
	}
	return jsontext.String(cell.Text)
}
