package fdr

import (
	"errors"
	"io"
	"strings"
	"testing"
)

// endless is a document that goes on for ever.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestAnEndlessDocumentEnds(t *testing.T) {
	if _, err := decode(endless{}, 1<<20); !errors.Is(err, ErrTooLong) {
		t.Errorf("%v", err)
	}
	text := io.MultiReader(strings.NewReader(`<FlussoRiversamento xmlns="`+Namespace+`"><versioneOggetto>`), endless{})
	if _, err := decode(text, 1<<20); err == nil || errors.Is(err, ErrTooLong) {
		t.Errorf("an endless text is read to the limit: %v", err)
	}
}
