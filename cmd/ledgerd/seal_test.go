package main

import (
	"os"
	"path/filepath"
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

func TestTheDaysHeadGoesOutOfTheHouse(t *testing.T) {
	data, outside := filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "outside")
	platform := closedPort(t)
	file := exampleConfig(t, map[string]any{
		"data": data, "listen": "127.0.0.1:0", "masterKeyFile": masterKey(t), "nats.url": "", "nats.replicas": 1, "heads.folder": outside, "heads.mail": []string{"revisori@posta.example"},
		"checkout.api": platform + "/checkout/ec/v1", "checkout.origin": platform, "mail.mailbox": filepath.Join(data, "mailbox"),
	})
	officeToken, auditToken := token(t, file, "gestionale", "ufficio"), token(t, file, "revisori", "revisore")
	for range 2 { // started again on the same day, it sends no second
		d := startService(t, file)
		d.data, d.officeToken, d.auditToken = data, officeToken, auditToken
		if d.end(t) == 0 {
			d.setUp(t)
		}
		var kept []string
		eventually(t, "a file and a letter with the head", func() bool {
			kept, _ = filepath.Glob(filepath.Join(outside, "saldo-*.head"))
			return len(kept) == 1 && d.letters(t) == 1
		})
		text, err := os.ReadFile(kept[0])
		if err != nil {
			t.Fatal(err)
		}
		head, err := seal.ParseCheckpoint(text)
		if err != nil {
			t.Fatal(err)
		}
		d.sealed(t, head)
		d.halt(t)
	}
}
