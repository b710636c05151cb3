package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/seal"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// checking is what a file of proofs is checked against.
type checking struct{ file, keys, key string }

func (c *checking) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&c.file, "check", "", "check the proofs in this `file`; - is the standard input")
	f.StringVar(&c.keys, "keys", "", "`file` with the ledger's public keys, as /api/v1/seal/keys and an archive have them")
	f.StringVar(&c.key, "key", "", "the public `key` that you know the ledger by")
}

// checkedJSON is a proof that holds.
type checkedJSON struct {
	Proved    bool                `json:"proved"` // true
	Ledger    string              `json:"ledger"`
	Position  eventstore.Position `json:"position"`
	Stream    eventstore.Stream   `json:"stream"`
	Type      string              `json:"type"`
	Effective time.Time           `json:"effective"`
	Recorded  time.Time           `json:"recorded"`
	Sealed    time.Time           `json:"sealed"`
	Events    uint64              `json:"events"` // under the checkpoint
	Data      json.RawMessage     `json:"data"`
}

func (c *checking) run(stdin io.Reader, out io.Writer, asJSON bool) error {
	keys, err := c.known()
	if err != nil {
		return err
	}
	in := stdin
	if c.file != "-" {
		file, err := os.Open(c.file)
		if err != nil {
			return wrongUsage(fmt.Errorf("--check: %w", err))
		}
		defer file.Close()
		in = file
	}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 4*eventstore.MaxEventSize)
	n := 0
	for lines.Scan() {
		line := lines.Text()
		if own, ok := ownKeys(line); ok {
			if keys, err = c.choose(keys, own); err != nil {
				return err
			}
			continue
		}
		if strings.TrimSpace(line) == "" {
			continue
		}
		n++
		if err := c.line(line, keys, out, asJSON); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return wrongUsage(fmt.Errorf("--check: %w", err))
	}
	if n == 0 {
		return wrongUsage(fmt.Errorf("--check %s: %w: it holds none", c.file, seal.ErrNoProof))
	}
	if c.keys == "" && c.key == "" && !asJSON {
		_, err = fmt.Fprintln(out, "Checked against the keys in the file itself: bring --key or --keys to know whose it is.")
	}
	return err
}

// known reads the public keys that the auditor brings; none if they bring none.
func (c *checking) known() (*seal.Keys, error) {
	if c.keys == "" {
		return nil, nil
	}
	text, err := os.ReadFile(c.keys)
	if err != nil {
		return nil, wrongUsage(fmt.Errorf("--keys: %w", err))
	}
	keys, err := seal.ParseKeys(text)
	if err != nil {
		return nil, wrongUsage(fmt.Errorf("--keys %s: %w", c.keys, err))
	}
	return &keys, nil
}

func ownKeys(line string) (string, bool) {
	var file proofFile
	err := json.Unmarshal([]byte(line), &file)
	return file.Keys, err == nil && file.Keys != ""
}

// choose takes the keys in the file unless the auditor brought others.
func (c *checking) choose(known *seal.Keys, own string) (*seal.Keys, error) {
	if known != nil {
		return known, nil
	}
	keys, err := seal.ParseKeys([]byte(own))
	if err != nil {
		return nil, found(fmt.Errorf("the keys in %s: %w", c.file, err))
	}
	if c.key != "" && !keys.Knows(strings.TrimSpace(c.key)) {
		return nil, found(fmt.Errorf("--key is none of the keys in %s, which are those of %s: %w", c.file, keys.Origin, seal.ErrForeign))
	}
	return &keys, nil
}

func (c *checking) line(line string, keys *seal.Keys, out io.Writer, asJSON bool) error {
	var p seal.Proof
	var err error
	if strings.HasPrefix(line, "{") {
		err = json.Unmarshal([]byte(line), &p)
	} else {
		p, err = seal.ParseShort(line)
	}
	if err != nil {
		return wrongUsage(fmt.Errorf("--check %s: %w", c.file, err))
	}
	if keys == nil {
		return wrongUsage(errors.New("a proof without public keys: bring them with --keys"))
	}
	if c.key != "" && !keys.Knows(strings.TrimSpace(c.key)) {
		return found(fmt.Errorf("--key is none of the keys of %s: %w", keys.Origin, seal.ErrForeign))
	}
	if err := p.Check(*keys); err != nil {
		return found(fmt.Errorf("position %d: %w", p.Event.Position, err))
	}
	return printProved(out, p, asJSON)
}

func printProved(out io.Writer, p seal.Proof, asJSON bool) error {
	rec := p.Event.Recorded()
	meta, err := eventstore.ParseMetadata(rec.Metadata)
	if err != nil {
		return found(err)
	}
	at, postings, err := wire.NewBooks().Read(context.Background(), rec) // it has no keys and asks nobody
	if err != nil {
		return found(err)
	}
	if asJSON {
		return json.NewEncoder(out).Encode(checkedJSON{
			true, p.Checkpoint.Origin, rec.Position, rec.Stream, rec.Type, at, meta.Recorded, p.Checkpoint.Time, p.Checkpoint.Size, rec.Data,
		})
	}
	_, err = fmt.Fprintf(out, "Proved: %s of stream %s, at position %d of %s\n  took place %s, was recorded %s, and is under the checkpoint of %s, signed %s\n",
		rec.Type, rec.Stream, rec.Position, p.Checkpoint.Origin, inUTC(at), inUTC(meta.Recorded), counted(p.Checkpoint.Size, "event"), inUTC(p.Checkpoint.Time))
	for _, m := range postings {
		if err == nil {
			line := fmt.Sprintf("  %-50s  %13s %13s", m.Account, blank(m.Debit), blank(m.Credit))
			_, err = fmt.Fprintln(out, strings.TrimRight(line, " "))
		}
	}
	if err == nil {
		_, err = fmt.Fprintf(out, "  %s\n", rec.Data)
	}
	return err
}
