package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/seal"
)

// Sealed is where a running service publishes what was signed of its log.
func (r Remote) Sealed() seal.Record { return remoteRecord{r} }

type remoteRecord struct{ Remote }

// Keys asks for the public keys.
func (r remoteRecord) Keys(ctx context.Context) (io.ReadCloser, error) {
	body, err := r.get(ctx, "/api/v1/seal/keys")
	if no, ok := errors.AsType[*answered](err); ok && no.status == http.StatusConflict {
		return nil, fmt.Errorf("%w: %w", seal.ErrUnsealed, err)
	}
	return body, err
}

// Checkpoints asks for all checkpoints, and keeps them in a file of its own: they are
// read as slowly as the log, and the service does not wait so long.
func (r remoteRecord) Checkpoints(ctx context.Context) (io.ReadCloser, error) {
	body, err := r.get(ctx, "/api/v1/seal/checkpoints")
	if err != nil {
		return nil, err
	}
	defer body.Close()
	file, err := os.CreateTemp("", "saldo-checkpoints-*")
	if err != nil {
		return nil, fmt.Errorf("httpapi: a file for the checkpoints: %w", err)
	}
	_ = os.Remove(file.Name()) // where a file in use can go, nothing stays of it
	if _, err = io.Copy(file, body); err != nil {
		err = fmt.Errorf("%w: %w", ErrCutShort, err)
	} else {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// Tree is not at hand from afar.
func (r remoteRecord) Tree(context.Context) (io.ReadCloser, error) { return nil, nil }

// Checkpoint asks for the last checkpoint.
func (r Remote) Checkpoint(ctx context.Context) (seal.Checkpoint, error) {
	body, err := r.get(ctx, "/api/v1/seal/checkpoint")
	if err != nil {
		return seal.Checkpoint{}, err
	}
	defer body.Close()
	text, err := io.ReadAll(io.LimitReader(body, maxBody))
	if err != nil {
		return seal.Checkpoint{}, fmt.Errorf("%w: %w", ErrCutShort, err)
	}
	return seal.ParseCheckpoint(text)
}

// Prove asks for the proof of the event at a position. It is for the caller to check.
func (r Remote) Prove(ctx context.Context, position eventstore.Position) (p seal.Proof, err error) {
	return p, r.answer(ctx, fmt.Sprintf("/api/v1/seal/proofs/%d", position), &p)
}

// ProveConsistency asks for the proof that the log continues an older checkpoint. It
// is for the caller to check.
func (r Remote) ProveConsistency(ctx context.Context, older seal.Checkpoint) (seal.Consistency, error) {
	var since continuationJSON
	err := r.answer(ctx, fmt.Sprintf("/api/v1/seal/continuations/%d", older.Size), &since)
	return seal.Consistency{Older: older, Newer: since.Newer, Path: since.Path}, err
}

func (r Remote) answer(ctx context.Context, path string, to any) error {
	body, err := r.get(ctx, path)
	if err != nil {
		return err
	}
	defer body.Close()
	if err := json.NewDecoder(body).Decode(to); err != nil {
		return fmt.Errorf("%w: %w", ErrCutShort, err)
	}
	return nil
}
