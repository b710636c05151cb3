package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/saldo-ledger/saldo/adapters/papers"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/seal"
)

// proofPatience is how long a paper waits until an event that was just recorded is
// sealed: there is a checkpoint every second.
const proofPatience = 2 * time.Second

// What papers say beside a proof, and instead of one.
const (
	proofWords = "Il codice QR prova, senza rete, che %s è nel registro dell’ente (%s): si verifica con " +
		"«ledgerctl audit prove --check FILE --keys CHIAVI», con le chiavi pubblicate in /api/v1/seal/keys."
	noProofYet = "La prova di integrità non è ancora disponibile: scarica di nuovo il documento tra qualche secondo."
)

// proof proves the event at a position, by the first checkpoint that holds it: the same
// paper has the same proof whenever it is printed. What cannot be proved is printed all the
// same, and says that it has no proof; why, the service's log says.
func (p parentPapers) proof(ctx context.Context, at eventstore.Position, what string) papers.Proof {
	proven, err := p.prove(ctx, at)
	var text string
	if err == nil {
		text, err = proven.Short()
	}
	if err != nil || len(text) > papers.MaxProof {
		if err != nil && !errors.Is(err, seal.ErrNotSealed) && !errors.Is(err, seal.ErrUnsealed) {
			p.logger.ErrorContext(ctx, "a paper has no proof", "position", at, "error", err)
		}
		return papers.Proof{Words: noProofYet}
	}
	return papers.Proof{Text: text, Words: fmt.Sprintf(proofWords, what, proven.Checkpoint.Origin)}
}

func (p parentPapers) prove(ctx context.Context, at eventstore.Position) (seal.Proof, error) {
	rec, err := p.eventAt(ctx, at)
	if err != nil {
		return seal.Proof{}, err
	}
	meta, err := eventstore.ParseMetadata(rec.Metadata)
	if err != nil {
		return seal.Proof{}, err
	}
	if p.now().Sub(meta.Recorded) < proofPatience { // an older one is sealed, or will not be so soon
		patience, stop := context.WithTimeout(ctx, proofPatience)
		defer stop()
		if _, err := p.sealer.Covering(patience, at); err != nil {
			return seal.Proof{}, err
		}
	}
	prover, err := p.sealer.Prover()
	if err == nil {
		prover, err = prover.At(at)
	}
	if err != nil {
		return seal.Proof{}, err
	}
	return prover.Prove(ctx, p.log, rec)
}

// eventAt is the event at a position.
func (p parentPapers) eventAt(ctx context.Context, at eventstore.Position) (eventstore.Recorded, error) {
	for rec, err := range p.log.ReadAll(ctx, at-1) {
		if err != nil || rec.Position == at {
			return rec, err
		}
		break
	}
	return eventstore.Recorded{}, fmt.Errorf("the log has no event at position %d", at)
}
