package fdr

import (
	"errors"
	"testing"
)

func TestADocumentHasALimit(t *testing.T) {
	if _, err := Decode(make([]byte, MaxBytes+1)); !errors.Is(err, ErrTooLong) {
		t.Errorf("%v", err)
	}
}
