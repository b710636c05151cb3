// Package archive is a ledger's log as a directory of text: events as JSON Lines,
// what was signed of them, the public keys, a manifest with the SHA-256 of every file,
// and a README for whoever finds it. It is an eventstore.Reader and a seal.Record, so
// that everything in package audit can be done with it on any machine, without a
// server or a database.
package archive

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/seal"
)

// The names of what is in an archive, beside those of package seal.
const (
	manifestFile = "manifest.json"
	readmeFile   = "README.txt"
	eventsFolder = "events"
)

// format is the version of the layout that this program writes and reads.
const format = 1

// ErrNoArchive says that a directory is no archive that this program can read.
var ErrNoArchive = errors.New("archive: not an archive of a ledger")

// DamageError says that an archive is not what was written.
type DamageError struct {
	File string
	What string
	At   eventstore.Position // the first event that cannot be read; 0 where that cannot be told
}

func (e *DamageError) Error() string { return fmt.Sprintf("archive: damaged: %s %s", e.File, e.What) }

// Manifest says what an archive holds. It is written in one way only, so that nothing
// in it can be another without being seen.
type Manifest struct {
	Format   int                 `json:"format"`
	Origin   string              `json:"origin,omitempty"` // the ledger's name, if it was sealed
	Events   uint64              `json:"events"`
	Position eventstore.Position `json:"position"` // of the last of them
	Files    []File              `json:"files"`
}

// File is one file of an archive, named from its top with slashes.
type File struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
	// First and Last are the positions that a file of events begins and ends with.
	First eventstore.Position `json:"first,omitempty"`
	Last  eventstore.Position `json:"last,omitempty"`
}

func (m Manifest) text() ([]byte, error) {
	text, err := json.MarshalIndent(m, "", " ")
	return append(text, '\n'), err
}

// Archive is an open archive.
type Archive struct {
	seal.Folder
	Manifest Manifest

	dir    string
	events []File
	index  remembered
}

var (
	_ eventstore.Reader = (*Archive)(nil)
	_ seal.Record       = (*Archive)(nil)
)

// Open opens the archive in a directory. One that has not the files it should have,
// or not so many bytes, is a *DamageError; whether the bytes are the right ones,
// CheckFiles tells.
func Open(dir string) (*Archive, error) {
	text, err := os.ReadFile(filepath.Join(dir, manifestFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s has no %s", ErrNoArchive, dir, manifestFile)
	}
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	a := &Archive{Folder: seal.Folder(dir), dir: dir}
	if err := a.read(text); err != nil {
		return nil, err
	}
	for _, f := range a.Manifest.Files {
		at, err := os.Stat(a.path(f.Name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, &DamageError{File: f.Name, What: "is missing"}
		case err != nil:
			return nil, fmt.Errorf("archive: %w", err)
		case at.Size() != f.Bytes:
			return nil, &DamageError{File: f.Name, What: fmt.Sprintf("has %d bytes, the manifest says %d", at.Size(), f.Bytes)}
		}
	}
	return a, nil
}

func (a *Archive) read(text []byte) error {
	if err := json.Unmarshal(text, &a.Manifest); err != nil {
		return &DamageError{File: manifestFile, What: fmt.Sprintf("cannot be read: %v", err)}
	}
	m := a.Manifest
	if m.Format != format {
		return fmt.Errorf("%w of a form known here: %s says %d, this program knows %d", ErrNoArchive, manifestFile, m.Format, format)
	}
	if again, err := m.text(); err != nil || !bytes.Equal(again, text) {
		return &DamageError{File: manifestFile, What: "is not as it was written"}
	}
	for _, f := range m.Files {
		folder, base := path.Split(f.Name)
		known := slices.Contains([]string{readmeFile, seal.KeysFile, seal.CheckpointsFile}, f.Name)
		if !known && (folder != eventsFolder+"/" || !filepath.IsLocal(base) || strings.ContainsAny(base, `\:`)) {
			return &DamageError{File: manifestFile, What: fmt.Sprintf("names %q", f.Name)}
		}
		if !known {
			a.events = append(a.events, f)
		}
	}
	return nil
}

func (a *Archive) path(name string) string { return filepath.Join(a.dir, filepath.FromSlash(name)) }

// Bytes are those of all files.
func (a *Archive) Bytes() (sum int64) {
	for _, f := range a.Manifest.Files {
		sum += f.Bytes
	}
	return sum
}

// Tree is not in an archive.
func (a *Archive) Tree(context.Context) (io.ReadCloser, error) { return nil, nil }

// End returns the position of the last event.
func (a *Archive) End(context.Context) (eventstore.Position, error) { return a.Manifest.Position, nil }

// CheckFiles compares every file with the manifest. The first that differs is a
// *DamageError. watch is shown every byte.
func (a *Archive) CheckFiles(ctx context.Context, watch io.Writer) error {
	for _, f := range a.Manifest.Files {
		file, err := os.Open(a.path(f.Name))
		if err != nil {
			return fmt.Errorf("archive: %w", err)
		}
		hash := sha256.New()
		_, err = io.Copy(io.MultiWriter(hash, watch), reader{ctx, file})
		if err = errors.Join(err, file.Close()); err != nil {
			return fmt.Errorf("archive: %s: %w", f.Name, err)
		}
		if found := hex.EncodeToString(hash.Sum(nil)); found != f.SHA256 {
			return &DamageError{File: f.Name, What: fmt.Sprintf("has SHA-256 %s, the manifest says %s", found, f.SHA256)}
		}
	}
	return nil
}

// reader ends with its context.
type reader struct {
	ctx context.Context
	io.Reader
}

func (r reader) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(b)
}
