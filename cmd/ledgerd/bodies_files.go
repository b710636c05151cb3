package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image/png"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/saldo-ledger/saldo/adapters/portal"
)

// logoConfig is the body's coat of arms or mark: a PNG, and optionally the SHA-256 that
// it must have.
type logoConfig struct {
	File   string `yaml:"file"`
	SHA256 string `yaml:"sha256"`
}

// How large a logo may be: it is on every page.
const (
	maxLogoBytes  = 64 << 10
	maxLogoPixels = 1024 // of either side
)

// read returns the picture; nothing where there is none.
func (l logoConfig) read() ([]byte, error) {
	if l.File == "" {
		return nil, nil
	}
	picture, err := os.ReadFile(l.File)
	if err != nil {
		return nil, fmt.Errorf("logo.file: %w", err)
	}
	if sum := sha256.Sum256(picture); l.SHA256 != "" && !strings.EqualFold(l.SHA256, hex.EncodeToString(sum[:])) {
		return nil, fmt.Errorf("logo.sha256: %s has the SHA-256 %x", l.File, sum)
	}
	if len(picture) > maxLogoBytes {
		return nil, fmt.Errorf("logo.file: %s has %d bytes, more than %d", l.File, len(picture), maxLogoBytes)
	}
	size, err := png.DecodeConfig(bytes.NewReader(picture))
	if err != nil {
		return nil, fmt.Errorf("logo.file: %s is no PNG: %w", l.File, err)
	}
	if size.Width > maxLogoPixels || size.Height > maxLogoPixels {
		return nil, fmt.Errorf("logo.file: %s is %d by %d pixels, more than %d", l.File, size.Width, size.Height, maxLogoPixels)
	}
	if _, err := png.Decode(bytes.NewReader(picture)); err != nil {
		return nil, fmt.Errorf("logo.file: %s: %w", l.File, err)
	}
	return picture, nil
}

// textsConfig are files with what a body says in its own words: paragraphs with an
// empty line between them, lists of lines that begin with "- ".
type textsConfig struct {
	// Privacy and LegalNotes replace the portal's own words on those pages.
	Privacy    string `yaml:"privacy"`
	LegalNotes string `yaml:"legalNotes"`
	// Questions is YAML: sections with a title and questions. They come before the
	// portal's own, or replace them.
	Questions        string `yaml:"questions"`
	ReplaceQuestions bool   `yaml:"replaceQuestions"`
}

// maxText bounds a file of words.
const maxText = 256 << 10

// read returns the words; empty ones where the portal's own are good.
func (t textsConfig) read() (portal.Texts, error) {
	out := portal.Texts{ReplaceQuestions: t.ReplaceQuestions}
	var errs [3]error
	out.Privacy, errs[0] = readWords("texts.privacy", t.Privacy)
	out.LegalNotes, errs[1] = readWords("texts.legalNotes", t.LegalNotes)
	var words string
	if words, errs[2] = readWords("texts.questions", t.Questions); words != "" {
		out.Questions, errs[2] = readQuestions(words)
	}
	if err := errors.Join(errs[:]...); err != nil {
		return out, err
	}
	if t.ReplaceQuestions && len(out.Questions) == 0 {
		return out, errors.New("texts.questions is missing: without it nothing replaces the portal's questions")
	}
	return out, nil
}

func readWords(key, file string) (string, error) {
	if file == "" {
		return "", nil
	}
	text, err := os.ReadFile(file)
	switch {
	case err != nil:
		return "", fmt.Errorf("%s: %w", key, err)
	case len(text) > maxText || !utf8.Valid(text):
		return "", fmt.Errorf("%s: %s is not text in UTF-8 of at most %d bytes", key, file, maxText)
	case strings.TrimSpace(string(text)) == "":
		return "", fmt.Errorf("%s: %s is empty", key, file)
	}
	return strings.TrimSpace(strings.ReplaceAll(string(text), "\r\n", "\n")), nil
}

// readQuestions reads Domande frequenti. A key nobody knows is an error.
func readQuestions(text string) ([]portal.QuestionSection, error) {
	var sections []struct {
		Title     string `yaml:"title"`
		Questions []struct {
			Question string `yaml:"question"`
			Answer   string `yaml:"answer"`
		} `yaml:"questions"`
	}
	d := yaml.NewDecoder(strings.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&sections); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("texts.questions: %w", err)
	}
	var out []portal.QuestionSection
	for i, s := range sections {
		if s.Title == "" || len(s.Questions) == 0 {
			return nil, fmt.Errorf("texts.questions: section %d has no title or no questions", i+1)
		}
		section := portal.QuestionSection{Title: s.Title}
		for k, q := range s.Questions {
			if q.Question == "" || q.Answer == "" {
				return nil, fmt.Errorf("texts.questions: question %d of %q has no question or no answer", k+1, s.Title)
			}
			section.Questions = append(section.Questions, portal.Question{Question: q.Question, Answer: q.Answer})
		}
		out = append(out, section)
	}
	return out, nil
}
