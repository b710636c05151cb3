// Package backup is the form in which a ledger is kept apart from its service: a
// directory with the log, the vault and a manifest that names every file with its
// SHA-256, or a tar of the same. The manifest comes last: what has none is no
// backup, wherever the copying broke off.
//
// What was signed of the log is in it, because nothing could sign the past again.
// The views, the bus and the mailbox are not in a backup, and nor is the vault's
// master key.
package backup

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/saldo-ledger/saldo/eventstore"
)

// Where things are, in a backup as in a data directory.
const (
	LogFolder    = "log"
	SealFolder   = "seal" // what was signed of the log, where it is sealed
	VaultFile    = "vault.db"
	manifestFile = "manifest.json"
)

// format is the version of the layout that this program writes and reads.
const format = 1

var (
	// ErrNoBackup says that something is no backup that this program can read.
	ErrNoBackup = errors.New("backup: not a backup")
	// ErrCutShort says that a backup broke off before its end.
	ErrCutShort = errors.New("backup: it was cut short")
)

// DamageError says that a file of a backup is not what its manifest says.
type DamageError struct {
	File string
	What string
}

func (e *DamageError) Error() string { return fmt.Sprintf("backup: damaged: %s %s", e.File, e.What) }

// Manifest says what a backup holds.
type Manifest struct {
	Format   int                 `json:"format"`
	Position eventstore.Position `json:"position"` // of the last event in the log's copy
	Taken    time.Time           `json:"taken"`
	Files    []File              `json:"files"`
}

// File is one file of a backup, named from its top with slashes.
type File struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"` // in hex
}

// Bytes are those of all files.
func (m Manifest) Bytes() int64 {
	var sum int64
	for _, f := range m.Files {
		sum += f.Bytes
	}
	return sum
}

// ReadManifest reads the manifest of the backup in dir, or says with ErrNoBackup
// that there is none.
func ReadManifest(dir string) (Manifest, error) {
	text, err := os.ReadFile(filepath.Join(dir, manifestFile))
	if errors.Is(err, fs.ErrNotExist) {
		return Manifest{}, fmt.Errorf("%w: %s has no %s", ErrNoBackup, dir, manifestFile)
	}
	if err != nil {
		return Manifest{}, fmt.Errorf("backup: %w", err)
	}
	return parse(text)
}

func parse(text []byte) (Manifest, error) {
	var m Manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("%w: %s: %w", ErrNoBackup, manifestFile, err)
	}
	if m.Format != format {
		return m, fmt.Errorf("%w of a format known here: %s says %d, this program knows %d", ErrNoBackup, manifestFile, m.Format, format)
	}
	seen := make(map[string]bool, len(m.Files))
	for _, f := range m.Files {
		if !belongs(f.Name) || seen[f.Name] {
			return m, fmt.Errorf("%w: %s names %q", ErrNoBackup, manifestFile, f.Name)
		}
		seen[f.Name] = true
	}
	if !seen[VaultFile] || !slices.ContainsFunc(m.Files, func(f File) bool { return strings.HasPrefix(f.Name, LogFolder+"/") }) {
		return m, fmt.Errorf("%w: %s names no log or no vault", ErrNoBackup, manifestFile)
	}
	return m, nil
}

func (m Manifest) text() ([]byte, error) {
	text, err := json.MarshalIndent(m, "", "  ")
	return append(text, '\n'), err
}

// signed are the files of SealFolder that cannot be made again.
var signed = []string{SealFolder + "/keys", SealFolder + "/checkpoints"}

// belongs reports whether a backup has files of that name. A name comes from
// outside: it must not lead out of the directory.
func belongs(name string) bool {
	folder, base := path.Split(name)
	return name == VaultFile || slices.Contains(signed, name) ||
		folder == LogFolder+"/" && filepath.IsLocal(base) && base != "." && !strings.ContainsAny(base, `\:`)
}

// kept lists the files that a copy of the directory dir is made of: what was signed,
// the log's, without those that only say who is using it, and last the vault.
func kept(dir string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(dir, LogFolder))
	if err != nil {
		return nil, err
	}
	var names []string
	for _, name := range signed {
		if exists(filepath.Join(dir, filepath.FromSlash(name))) {
			names = append(names, name)
		}
	}
	for _, e := range entries {
		passing := slices.Contains([]string{"LOCK", "pid"}, e.Name()) || strings.HasSuffix(e.Name(), ".next")
		if e.Type().IsRegular() && !passing {
			names = append(names, LogFolder+"/"+e.Name())
		}
	}
	return append(names, VaultFile), nil
}
