package main

import (
	"testing"

	"github.com/saldo-ledger/saldo/adapters/httpapi"
	"github.com/saldo-ledger/saldo/eventstore/audit"
	"github.com/saldo-ledger/saldo/eventstore/seal"
)

// sealed fails the test unless the whole log comes under a checkpoint, continues the
// heads given, and is what was signed. It returns the head.
func (d *demo) sealed(t *testing.T, heads ...seal.Checkpoint) seal.Checkpoint {
	t.Helper()
	remote := d.events().(httpapi.Remote)
	var head seal.Checkpoint
	eventually(t, "the log to be sealed to its end", func() bool {
		var err error
		head, err = remote.Checkpoint(t.Context())
		return err == nil && head.Position == d.end(t)
	})
	keys, err := seal.ReadKeys(t.Context(), remote.Sealed())
	if err != nil {
		t.Fatal(err)
	}
	sound, err := audit.VerifySealed(t.Context(), remote, audit.Evidence{Keys: keys, Record: remote.Sealed(), Heads: heads}, nil)
	if err != nil || sound.Sealed.Events != sound.Events || sound.Sealed.Heads != len(heads) {
		t.Fatalf("%+v, %v", sound.Sealed, err)
	}
	proof, err := remote.Prove(t.Context(), head.Position)
	if err != nil || proof.Check(keys) != nil {
		t.Errorf("%v, %v", err, proof.Check(keys))
	}
	return head
}
