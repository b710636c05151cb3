package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
)

// entry is one bulletin of a file.
type entry struct {
	line  int    // where it begins, counted from 1
	parts []int  // where each of its services stands, where they have lines of their own
	text  []byte // as the API takes it
	wrong *misreading
}

// misreading is what is wrong with a line before it is a bulletin.
type misreading struct{ field, rule string }

// lineOf is the line of the file that a field of the bulletin is on.
func (e entry) lineOf(field string) int {
	if rest, ok := strings.CutPrefix(field, "lines/"); ok {
		number, _, _ := strings.Cut(rest, "/")
		if i, err := strconv.Atoi(number); err == nil && i < len(e.parts) {
			return e.parts[i]
		}
	}
	return e.line
}

// maxLine bounds a line of a file, in bytes: a bulletin of a hundred services.
const maxLine = 1 << 20

var byteOrderMark = []byte("\ufeff") // which spreadsheets write first

// jsonLines yields the bulletins of a file that has one on each line. Empty lines
// are none.
func jsonLines(file io.Reader) iter.Seq2[entry, error] {
	return func(yield func(entry, error) bool) {
		lines := bufio.NewScanner(file)
		lines.Buffer(make([]byte, 0, 1<<16), maxLine)
		n := 0
		for lines.Scan() {
			n++
			text := bytes.TrimSpace(bytes.TrimPrefix(lines.Bytes(), byteOrderMark))
			if len(text) > 0 && !yield(entry{line: n, text: bytes.Clone(text)}, nil) {
				return
			}
		}
		if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
			yield(entry{}, fmt.Errorf("line %d is longer than %d bytes", n+1, maxLine))
		} else if err != nil {
			yield(entry{}, err)
		}
	}
}
