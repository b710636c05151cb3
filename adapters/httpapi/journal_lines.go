package httpapi

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"
)

// writer writes entries in one of the formats.
type writer interface {
	write(JournalEntry) error
	end() error
}

type jsonWriter struct{ *json.Encoder }

func jsonLines(w io.Writer) jsonWriter { return jsonWriter{json.NewEncoder(w)} }

func (j jsonWriter) write(e JournalEntry) error { return j.Encode(e) }

func (jsonWriter) end() error { return nil }

type csvWriter struct {
	*csv.Writer
	begun bool
}

func csvLines(w io.Writer) *csvWriter { return &csvWriter{Writer: csv.NewWriter(w)} }

var csvHeader = []string{
	"id", "at", "direction", "operation", "creditor", "station", "notices", "iuv", "receipt", "peer",
	"outcome", "fault", "status", "milliseconds", "requestSize", "answerSize",
}

func (c *csvWriter) write(e JournalEntry) error {
	if err := c.begin(); err != nil {
		return err
	}
	notices := make([]string, len(e.Notices))
	for i, n := range e.Notices {
		notices[i] = string(n)
	}
	line := []string{
		strconv.FormatInt(e.ID, 10), e.At.Format(time.RFC3339Nano), e.Direction, e.Operation, string(e.Creditor), e.Station,
		strings.Join(notices, " "), string(e.IUV), string(e.Receipt), e.Peer, e.Outcome, e.Fault, strconv.Itoa(e.Status),
		strconv.FormatFloat(e.Milliseconds, 'f', -1, 64), strconv.Itoa(e.RequestSize), strconv.Itoa(e.AnswerSize),
	}
	for i := range line {
		line[i] = inert(line[i])
	}
	return c.Write(line)
}

// begin writes the header, which an export of nothing has too.
func (c *csvWriter) begin() error {
	if c.begun {
		return nil
	}
	c.begun = true
	return c.Write(csvHeader)
}

func (c *csvWriter) end() error {
	err := c.begin()
	c.Flush()
	return errors.Join(err, c.Error())
}

// inert keeps a spreadsheet from taking for a formula what a stranger wrote as the id
// of a station or of a receipt.
func inert(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
