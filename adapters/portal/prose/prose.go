// Package prose reads what people write for others to read: paragraphs with an empty
// line between them, lists of lines that begin with "- ", headings after "# ", and
// addresses that begin with https://. There is no other markup: everything else is
// shown as it was written.
package prose

import (
	"regexp"
	"strings"
)

// Block is a paragraph, a heading or a list.
type Block struct {
	Heading bool
	List    bool
	Lines   []Line // of a list: its items
}

// Line is one line, in the order of its parts.
type Line []Span

// Span is a piece of text; with a URL it is a link.
type Span struct {
	Text string
	URL  string
}

const (
	bullet  = "- "
	heading = "# "
)

// Parse reads a text.
func Parse(text string) []Block {
	var all []Block
	for part := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n") {
		for line := range strings.SplitSeq(part, "\n") {
			if line = strings.TrimSpace(line); line != "" {
				all = add(all, line)
			}
		}
		all = append(all, Block{}) // what follows begins anew
	}
	kept := all[:0]
	for _, b := range all {
		if len(b.Lines) > 0 {
			kept = append(kept, b)
		}
	}
	return kept
}

// add puts a line into the last block, or into one of its own.
func add(all []Block, line string) []Block {
	b := Block{}
	switch {
	case strings.HasPrefix(line, bullet):
		b.List, line = true, strings.TrimSpace(line[len(bullet):])
	case strings.HasPrefix(line, heading):
		b.Heading, line = true, strings.TrimSpace(line[len(heading):])
	}
	if n := len(all); n > 0 && !b.Heading && len(all[n-1].Lines) > 0 && all[n-1].List == b.List && !all[n-1].Heading {
		all[n-1].Lines = append(all[n-1].Lines, spans(line))
		return all
	}
	b.Lines = []Line{spans(line)}
	return append(all, b)
}

// address is an https address up to a space. What ends a sentence is not of it.
var address = regexp.MustCompile(`https://[^\s<>"]+[^\s<>".,;:!?)\]']`)

func spans(line string) Line {
	var all Line
	for {
		at := address.FindStringIndex(line)
		if at == nil {
			break
		}
		if at[0] > 0 {
			all = append(all, Span{Text: line[:at[0]]})
		}
		all = append(all, Span{Text: line[at[0]:at[1]], URL: line[at[0]:at[1]]})
		line = line[at[1]:]
	}
	if line != "" {
		all = append(all, Span{Text: line})
	}
	return all
}

// Tidy is a text as it is kept: lines that end in \n, without spaces at their ends,
// and never two empty ones in a row.
func Tidy(text string) string {
	lines := strings.Split(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \t")
	}
	text = strings.TrimSpace(strings.Join(lines, "\n"))
	for strings.Contains(text, "\n\n\n") {
		text = strings.ReplaceAll(text, "\n\n\n", "\n\n")
	}
	return text
}
