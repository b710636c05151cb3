package seal

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/saldo-ledger/saldo/eventstore"
)

// Checkpoint is a signed root: what the log was at a moment. Its text begins as
// C2SP's tlog-checkpoint has it (origin, size, root) and goes on with the position
// of the last event and the time of signing.
type Checkpoint struct {
	Origin   string
	Size     uint64 // events
	Root     Hash
	Position eventstore.Position // of the last of them
	Time     time.Time
	// Note is the signed text, to be shown to others.
	Note []byte
}

func (c Checkpoint) text() string {
	return fmt.Sprintf("%s\n%d\n%s\nposition %d\ntime %s\n",
		c.Origin, c.Size, base64.StdEncoding.EncodeToString(c.Root[:]), c.Position, c.Time.UTC().Format(time.RFC3339Nano))
}

// sign returns the checkpoint with its Note.
func (c Checkpoint) sign(signers ...note.Signer) (Checkpoint, error) {
	var err error
	c.Note, err = note.Sign(&note.Note{Text: c.text()}, signers...)
	return c, err
}

// ParseCheckpoint reads a signed checkpoint, and does not look at its signatures:
// Keys.Check does.
func ParseCheckpoint(signed []byte) (Checkpoint, error) {
	c := Checkpoint{Note: signed}
	text, _, ok := strings.Cut(string(signed), "\n\n")
	lines := strings.Split(text, "\n")
	if !ok || len(lines) != 5 {
		return c, fmt.Errorf("%w: it is not five lines and a signature", ErrNoCheckpoint)
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || copy(c.Root[:], root) != len(c.Root) {
		return c, fmt.Errorf("%w: %q is no root", ErrNoCheckpoint, lines[2])
	}
	c.Origin = lines[0]
	if c.Size, err = strconv.ParseUint(lines[1], 10, 64); err != nil {
		return c, fmt.Errorf("%w: %q is no size", ErrNoCheckpoint, lines[1])
	}
	position, err := strconv.ParseUint(strings.TrimPrefix(lines[3], "position "), 10, 64)
	if err != nil {
		return c, fmt.Errorf("%w: %q is no position", ErrNoCheckpoint, lines[3])
	}
	c.Position = eventstore.Position(position)
	if c.Time, err = time.Parse(time.RFC3339Nano, strings.TrimPrefix(lines[4], "time ")); err != nil {
		return c, fmt.Errorf("%w: %q is no time", ErrNoCheckpoint, lines[4])
	}
	if c.text() != text+"\n" {
		return c, fmt.Errorf("%w: it is written in another way than ours", ErrNoCheckpoint)
	}
	return c, nil
}

// MarshalText is the signed text.
func (c Checkpoint) MarshalText() ([]byte, error) { return c.Note, nil }

// UnmarshalText reads a signed text, as ParseCheckpoint does.
func (c *Checkpoint) UnmarshalText(text []byte) (err error) {
	*c, err = ParseCheckpoint(slices.Clone(text))
	return err
}
