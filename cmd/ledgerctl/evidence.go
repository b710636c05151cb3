package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/saldo-ledger/saldo/adapters/httpapi"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
	"github.com/saldo-ledger/saldo/eventstore/seal"
)

// sealFolder is where a service keeps what it signs, in its data directory.
const sealFolder = "seal"

// remote is the running service that a command asks.
func (s *source) remote() httpapi.Remote {
	return httpapi.Remote{URL: s.url, Token: cmp.Or(s.token, s.getenv(tokenVariable)), HTTP: &http.Client{}}
}

// record is where what was signed of the log can be read.
func (s *source) record() seal.Record {
	switch {
	case s.url != "":
		return s.remote().Sealed()
	case s.archive != "":
		return seal.Folder(s.archive)
	}
	return seal.Folder(filepath.Join(s.data, sealFolder))
}

// withProver lets f make proofs from what is at hand.
func (s *source) withProver(ctx context.Context, log eventstore.Reader, f func(seal.Prover) error) error {
	if s.archive != "" {
		return seal.WithProverOver(ctx, s.record(), log, f)
	}
	return seal.WithProver(ctx, filepath.Join(s.data, sealFolder), f)
}

// trust is what an auditor knows of a ledger before they look at it.
type trust struct {
	key   string
	heads []string
}

func (t *trust) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&t.key, "key", "", "the public `key` that you know the ledger by, as audit key prints it")
	f.StringSliceVar(&t.heads, "head", nil, "`file` with a checkpoint that was kept elsewhere, and that the log must continue; can be repeated")
}

// keys reads a ledger's public keys, and compares them with the one that is known.
func (t *trust) keys(ctx context.Context, record seal.Record) (seal.Keys, error) {
	keys, err := seal.ReadKeys(ctx, record)
	switch {
	case errors.Is(err, seal.ErrUnsealed):
		return keys, err
	case errors.Is(err, seal.ErrNoKeys), errors.Is(err, seal.ErrSignature), errors.Is(err, seal.ErrForeign), errors.Is(err, seal.ErrTorn):
		return keys, found(fmt.Errorf("the ledger's public keys: %w", err))
	case err != nil:
		return keys, err
	case t.key != "" && !keys.Knows(strings.TrimSpace(t.key)):
		return keys, found(fmt.Errorf("--key is none of the public keys of %s: it is another ledger, or somebody made its seal anew", keys.Origin))
	}
	return keys, nil
}

// evidence is what the log is held against; nil where nothing was ever signed and
// nothing is asked for.
func (t *trust) evidence(ctx context.Context, record seal.Record) (*audit.Evidence, error) {
	heads, err := t.readHeads()
	if err != nil {
		return nil, err
	}
	keys, err := t.keys(ctx, record)
	if errors.Is(err, seal.ErrUnsealed) {
		if len(heads) > 0 || t.key != "" {
			return nil, found(fmt.Errorf("%w, and --head or --key says that it was", err))
		}
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &audit.Evidence{Keys: keys, Record: record, Heads: heads}, nil
}

func (t *trust) readHeads() (heads []seal.Checkpoint, err error) {
	for _, file := range t.heads {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, wrongUsage(fmt.Errorf("--head: %w", err))
		}
		head, err := seal.ParseCheckpoint(text)
		if err != nil {
			return nil, wrongUsage(fmt.Errorf("--head %s: %w", file, err))
		}
		heads = append(heads, head)
	}
	return heads, nil
}

// sealLine says what was found of the seal.
func sealLine(s *audit.Sealed, events uint64) string {
	if s == nil {
		return "Not sealed: nothing was ever signed of this log\n"
	}
	line := fmt.Sprintf("Sealed: %s under %s of %s, the last of %s", counted(s.Events, "event"), counted(s.Checkpoints, "checkpoint"), s.Origin, inUTC(s.Last))
	if s.Checkpoints == 0 {
		line = "Sealed: no event yet, of " + s.Origin
	}
	if after := events - s.Events; after > 0 {
		line += fmt.Sprintf("; %s came after it", counted(after, "event"))
	}
	if s.Heads > 0 {
		line += fmt.Sprintf("; the log continues %s kept elsewhere", counted(uint64(s.Heads), "head"))
	}
	return line + "\n"
}

// sealedOrNot makes it a finding that nothing was ever signed.
func sealedOrNot(err error) error {
	if errors.Is(err, seal.ErrUnsealed) || errors.Is(err, seal.ErrAltered) {
		return found(err)
	}
	return err
}

// lastHead returns the last checkpoint of a record.
func lastHead(ctx context.Context, keys seal.Keys, record seal.Record) (last seal.Checkpoint, err error) {
	text, err := record.Checkpoints(ctx)
	if err != nil {
		return last, err
	}
	defer text.Close()
	for c, err := range keys.Checkpoints(text) {
		if err != nil {
			return last, found(err)
		}
		last = c
	}
	if last.Size == 0 {
		return last, found(seal.ErrUnsealed)
	}
	return last, nil
}

// counted is a number of things, in words.
func counted(n uint64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
