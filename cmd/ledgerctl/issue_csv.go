package main

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"iter"
	"slices"
	"strings"
)

// Columns of a CSV file.
var (
	neededColumns   = []string{"parent", "category", "consumer", "service", "amount", "from", "to", "due", "causale"}
	optionalColumns = []string{bulletinColumn, "at"}
	// perBulletin are the columns that a bulletin has once, however many services.
	perBulletin = []string{"parent", "category", "from", "to", "due", "causale", "at"}
)

// bulletinColumn has what lines of one bulletin share.
const bulletinColumn = "bulletin"

// csvText is a bulletin as the API takes it.
type csvText struct {
	Parent   string    `json:"parent"`
	Category string    `json:"category"`
	Lines    []csvLine `json:"lines"`
	Period   struct {
		From string `json:"from"`
		To   string `json:"to"`
	} `json:"period"`
	Due     string `json:"due"`
	Causale string `json:"causale"`
	At      string `json:"at,omitempty"`
}

type csvLine struct {
	Consumer string `json:"consumer"`
	Service  string `json:"service"`
	Amount   string `json:"amount"`
}

// record is one line of a CSV file, by column.
type record struct {
	line  int
	cells map[string]string
	wrong *misreading
}

// csvBulletins yields the bulletins of a CSV file: one a line, or one for lines that
// follow one another and have the same key.
func csvBulletins(file io.Reader) iter.Seq2[entry, error] {
	return func(yield func(entry, error) bool) {
		var open []record // of the bulletin that is being read
		done := newKeys()
		for rec, err := range records(file) {
			if err != nil {
				yield(entry{}, err)
				return
			}
			key := rec.cells[bulletinColumn]
			if len(open) > 0 && (key == "" || key != open[0].cells[bulletinColumn]) {
				if !yield(gather(open), nil) {
					return
				}
				open = open[:0]
			}
			if len(open) == 0 && key != "" && !done.add(key) {
				rec.wrong = &misreading{bulletinColumn, "the lines of one bulletin follow one another"}
			}
			open = append(open, rec)
		}
		if len(open) > 0 {
			yield(gather(open), nil)
		}
	}
}

// keys tells which keys have been seen; it keeps their hashes alone.
type keys struct {
	seed maphash.Seed
	seen map[uint64]struct{}
}

func newKeys() keys { return keys{maphash.MakeSeed(), make(map[uint64]struct{})} }

func (k keys) add(key string) (first bool) {
	n := len(k.seen)
	k.seen[maphash.String(k.seed, key)] = struct{}{}
	return len(k.seen) > n
}

// records yields the lines below the header.
func records(file io.Reader) iter.Seq2[record, error] {
	return func(yield func(record, error) bool) {
		lines, columns, err := header(file)
		if err != nil {
			yield(record{}, err)
			return
		}
		for {
			cells, err := lines.Read()
			if errors.Is(err, io.EOF) {
				return
			}
			rec := record{cells: make(map[string]string, len(columns))}
			if err != nil && !errors.Is(err, csv.ErrFieldCount) {
				yield(record{}, err) // it names the line
				return
			}
			rec.line, _ = lines.FieldPos(0)
			if err != nil {
				rec.wrong = &misreading{"", fmt.Sprintf("a line has a cell for each of the %d columns", len(columns))}
			}
			for i := range min(len(cells), len(columns)) {
				rec.cells[columns[i]] = strings.TrimSpace(cells[i])
			}
			if !yield(rec, nil) {
				return
			}
		}
	}
}

// header reads the names of the columns. What parts them, a comma or a semicolon as
// Italian spreadsheets write it, is seen from it.
func header(file io.Reader) (*csv.Reader, []string, error) {
	text := bufio.NewReaderSize(file, 1<<16)
	if start, _ := text.Peek(len(byteOrderMark)); bytes.Equal(start, byteOrderMark) {
		_, _ = text.Discard(len(byteOrderMark)) // it is there
	}
	start, _ := text.Peek(1 << 10)
	first, _, _ := bytes.Cut(start, []byte("\n"))
	lines := csv.NewReader(text)
	if bytes.ContainsRune(first, ';') {
		lines.Comma = ';'
	}
	columns, err := lines.Read()
	if errors.Is(err, io.EOF) {
		err = errors.New("the file is empty: its first line names the columns")
	}
	if err != nil {
		return nil, nil, err
	}
	for i, name := range columns {
		columns[i] = strings.ToLower(strings.TrimSpace(name))
	}
	return lines, columns, checkColumns(columns)
}

func checkColumns(columns []string) error {
	for i, name := range columns {
		if !slices.Contains(neededColumns, name) && !slices.Contains(optionalColumns, name) {
			return fmt.Errorf("column %q: the columns are %s, and %s if you like", name, strings.Join(neededColumns, ", "), strings.Join(optionalColumns, " and "))
		}
		if slices.Contains(columns[:i], name) {
			return fmt.Errorf("column %q is there twice", name)
		}
	}
	for _, name := range neededColumns {
		if !slices.Contains(columns, name) {
			return fmt.Errorf("column %q is missing", name)
		}
	}
	return nil
}

// gather makes one bulletin of its lines. What it has once is said on the first, and
// on the others again or not at all.
func gather(lines []record) entry {
	first := lines[0]
	out := entry{line: first.line}
	b := csvText{
		Parent: first.cells["parent"], Category: first.cells["category"],
		Due: first.cells["due"], Causale: first.cells["causale"], At: first.cells["at"],
	}
	b.Period.From, b.Period.To = first.cells["from"], first.cells["to"]
	for _, line := range lines {
		if wrong := differs(first, line); wrong != nil && out.wrong == nil {
			out.wrong, out.line = wrong, line.line
		}
		out.parts = append(out.parts, line.line)
		b.Lines = append(b.Lines, csvLine{line.cells["consumer"], line.cells["service"], decimalPoint(line.cells["amount"])})
	}
	out.text, _ = json.Marshal(b) // it is text
	return out
}

func differs(first, line record) *misreading {
	if line.wrong != nil {
		return line.wrong
	}
	for _, column := range perBulletin {
		if cell := line.cells[column]; cell != "" && cell != first.cells[column] {
			return &misreading{column, "the lines of one bulletin say the same, or nothing"}
		}
	}
	return nil
}

// decimalPoint lets an amount be written 57,33.
func decimalPoint(amount string) string {
	if strings.ContainsRune(amount, '.') {
		return amount
	}
	return strings.Replace(amount, ",", ".", 1)
}
