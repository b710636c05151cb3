package seal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Seeds keeps the secret halves of the keys.
type Seeds interface {
	// SealSeed returns the 32 bytes that the n-th key is made of, which it draws by
	// chance when they are first asked for.
	SealSeed(ctx context.Context, n int) ([]byte, error)
}

// tailBytes is how much of the checkpoints is looked at to find the last: more than
// two of them take.
const tailBytes = 16 << 10

// lastCheckpoint returns the last whole checkpoint of a file, none if there is none,
// and cuts off what a crash left of the next.
func lastCheckpoint(file *os.File, keys Keys) (last Checkpoint, err error) {
	at, err := file.Stat()
	if err != nil {
		return last, err
	}
	from := max(0, at.Size()-tailBytes)
	tail := make([]byte, at.Size()-from)
	if _, err := file.ReadAt(tail, from); err != nil && !errors.Is(err, io.EOF) {
		return last, err
	}
	if from > 0 { // where one begins
		begin := bytes.Index(tail, []byte("\n"+keys.Origin+"\n"))
		if begin < 0 {
			return last, fmt.Errorf("seal: %s: %w", file.Name(), ErrNoCheckpoint)
		}
		tail, from = tail[begin+1:], from+int64(begin)+1
	}
	end := from
	for signed, err := range notes(bytes.NewReader(tail)) {
		if errors.Is(err, ErrTorn) {
			return last, file.Truncate(end)
		}
		if err != nil {
			return last, err
		}
		if last, err = ParseCheckpoint(signed); err == nil {
			err = keys.Check(last)
		}
		if err != nil {
			return last, fmt.Errorf("seal: %s: %w", file.Name(), err)
		}
		end += int64(len(signed))
	}
	return last, nil
}

// appendNote adds a note to a file and makes it durable. After an error nothing of
// it stays, as far as that can be had.
func appendNote(file *os.File, signed []byte) error {
	at, err := file.Stat()
	if err != nil {
		return err
	}
	_, err = file.Write(signed)
	if err == nil {
		err = file.Sync()
	}
	if err != nil {
		return errors.Join(err, file.Truncate(at.Size()))
	}
	return nil
}

// CopyTo copies what was signed, as it is at one moment, into a new directory. The
// tree is not in it: it is built again.
func (s *Sealer) CopyTo(dir string) error {
	ends, err := s.ends()
	if err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	for name, end := range ends {
		if err := copyFile(filepath.Join(s.dir, name), filepath.Join(dir, name), end); err != nil {
			return err
		}
	}
	return syncFolder(dir)
}

// ends are the sizes of the files of notes.
func (s *Sealer) ends() (map[string]int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ends := make(map[string]int64)
	for _, name := range []string{KeysFile, CheckpointsFile} {
		at, err := os.Stat(filepath.Join(s.dir, name))
		if err != nil {
			return nil, err
		}
		ends[name] = at.Size()
	}
	return ends, nil
}

func copyFile(from, to string, bytes int64) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.CopyN(out, in, bytes)
	return errors.Join(err, out.Sync(), out.Close())
}

func openNotes(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
}

// makeFolder makes a directory, durably.
func makeFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(dir))
}

func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
