package seal

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
)

// signatureMark begins each line of a note's signatures.
const signatureMark = "— "

// ErrTorn says that a file of signed notes ends in the middle of one.
var ErrTorn = errors.New("the text ends in the middle of a signed note")

func notesOf(text []byte) iter.Seq2[[]byte, error] { return notes(bytes.NewReader(text)) }

// notes yields signed notes that stand one after the other: each is its text, an
// empty line, and lines of signatures, after which the next begins.
func notes(r io.Reader) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		lines := bufio.NewReader(r)
		var open strings.Builder
		signed := false // the open note has a signature
		for {
			line, err := lines.ReadString('\n')
			if err != nil && !errors.Is(err, io.EOF) {
				yield(nil, err)
				return
			}
			begins := signed && !strings.HasPrefix(line, signatureMark)
			if begins || err != nil && line == "" {
				if open.Len() > 0 && !signed {
					yield(nil, ErrTorn)
					return
				}
				if open.Len() > 0 && !yield([]byte(open.String()), nil) || line == "" {
					return
				}
				open.Reset()
				signed = false
			}
			if err != nil {
				yield(nil, ErrTorn)
				return
			}
			open.WriteString(line)
			signed = strings.HasPrefix(line, signatureMark)
		}
	}
}

// Record is where what was signed about a log can be read: a directory, an archive,
// a service.
type Record interface {
	// Keys returns the text of the public keys.
	Keys(ctx context.Context) (io.ReadCloser, error)
	// Checkpoints returns the text of all checkpoints.
	Checkpoints(ctx context.Context) (io.ReadCloser, error)
	// Tree returns the stored hashes of the tree, 32 bytes each, or nil where they
	// are not at hand. Nothing depends on them but how exactly a break is named.
	Tree(ctx context.Context) (io.ReadCloser, error)
}

// Folder is the Record in a directory.
type Folder string

var _ Record = Folder("")

// ErrUnsealed says that nothing was ever signed about a log.
var ErrUnsealed = errors.New("seal: nothing was ever signed here")

// Keys opens the public keys; ErrUnsealed where there are none.
func (f Folder) Keys(context.Context) (io.ReadCloser, error) {
	file, err := os.Open(filepath.Join(string(f), KeysFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s does not exist", ErrUnsealed, filepath.Join(string(f), KeysFile))
	}
	return file, err
}

// Checkpoints opens the checkpoints, of which there may be none yet.
func (f Folder) Checkpoints(context.Context) (io.ReadCloser, error) {
	file, err := os.Open(filepath.Join(string(f), CheckpointsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return io.NopCloser(strings.NewReader("")), nil
	}
	if err != nil {
		return nil, err
	}
	at, err := file.Stat()
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &limited{io.LimitedReader{R: file, N: at.Size()}, file}, nil
}

// limited is a file up to where it ended when it was opened: what is signed later
// speaks of a longer log.
type limited struct {
	io.LimitedReader
	io.Closer
}

// Tree opens the stored hashes.
func (f Folder) Tree(context.Context) (io.ReadCloser, error) {
	file, err := os.Open(filepath.Join(string(f), TreeFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return file, err
}

// ReadKeys reads and checks the public keys of a record.
func ReadKeys(ctx context.Context, r Record) (Keys, error) {
	from, err := r.Keys(ctx)
	if err != nil {
		return Keys{}, err
	}
	text, err := io.ReadAll(from)
	if err = errors.Join(err, from.Close()); err != nil {
		return Keys{}, fmt.Errorf("seal: reading the public keys: %w", err)
	}
	return ParseKeys(text)
}

// Checkpoints yields the checkpoints in a text, each signed by the key whose turn it
// was and of a larger tree than the one before it.
func (k Keys) Checkpoints(r io.Reader) iter.Seq2[Checkpoint, error] {
	return func(yield func(Checkpoint, error) bool) {
		var before Checkpoint
		n := 0
		for signed, err := range notes(r) {
			n++
			var c Checkpoint
			if err == nil {
				c, err = ParseCheckpoint(signed)
			}
			if err == nil {
				err = k.Check(c)
			}
			if err == nil && (c.Size <= before.Size || c.Position <= before.Position) {
				err = fmt.Errorf("it is of %d events up to position %d, and the one before it of %d up to %d", c.Size, c.Position, before.Size, before.Position)
			}
			if err != nil {
				yield(c, &CheckpointError{n, before, err})
				return
			}
			before = c
			if !yield(c, nil) {
				return
			}
		}
	}
}

// CheckpointError says which of a ledger's checkpoints is wrong by itself.
type CheckpointError struct {
	Number int        // 1 is the first
	Before Checkpoint // the last that is sound
	Cause  error
}

func (e *CheckpointError) Error() string { return fmt.Sprintf("checkpoint %d: %v", e.Number, e.Cause) }

func (e *CheckpointError) Unwrap() error { return e.Cause }
