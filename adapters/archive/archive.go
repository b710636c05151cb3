// Package archive opens ZIP files that come from outside, and lets none of them fill
// memory: what is more than the limits, nested or encrypted is refused whole.
package archive

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// Limits of an archive, and of a file in it.
const (
	MaxFiles = 5000
	MaxFile  = 128 << 20
	MaxTotal = 512 << 20
	// maxRatio bounds how much a file may grow, beyond what is small anyway.
	maxRatio = 200
	small    = 1 << 20
)

// File is one file of an archive.
type File struct {
	Name string // without its folders
	Raw  []byte
}

// ErrRefused is an archive that is too much, or cannot be opened.
var ErrRefused = errors.New("archivio ZIP rifiutato")

// Is reports whether raw begins as a ZIP file does.
func Is(raw []byte) bool { return bytes.HasPrefix(raw, []byte("PK\x03\x04")) }

// Files returns the files of an archive, whole; or refuses it, whole.
func Files(raw []byte) ([]File, error) {
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	if len(z.File) > MaxFiles {
		return nil, fmt.Errorf("%w: più di %d file", ErrRefused, MaxFiles)
	}
	var files []File
	total := 0
	for _, f := range z.File {
		if f.FileInfo().IsDir() || strings.HasPrefix(f.Name, "__MACOSX/") {
			continue
		}
		content, err := open(f)
		if err != nil {
			return nil, fmt.Errorf("%w: %.60q: %w", ErrRefused, f.Name, err)
		}
		if total += len(content); total > MaxTotal {
			return nil, fmt.Errorf("%w: più di %d MiB una volta aperto", ErrRefused, MaxTotal>>20)
		}
		files = append(files, File{path.Base(f.Name), content})
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%w: è vuoto", ErrRefused)
	}
	return files, nil
}

// open reads a file as far as its limits, whatever its header says of its size.
func open(f *zip.File) ([]byte, error) {
	if f.Flags&1 != 0 {
		return nil, errors.New("è cifrato")
	}
	limit := int64(min(MaxFile, max(small, maxRatio*int64(f.CompressedSize64))))
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	content, err := io.ReadAll(io.LimitReader(r, limit+1))
	switch {
	case err != nil:
		return nil, err
	case int64(len(content)) > limit:
		return nil, errors.New("si gonfia oltre misura")
	case Is(content):
		return nil, errors.New("è un archivio dentro l'archivio")
	}
	return content, nil
}
