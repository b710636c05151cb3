package vault_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/vault"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

var (
	plain = []byte(`{"name":"ANNA VERDI"}`)
	aad   = []byte("parent-1 name")
)

func seal(t *testing.T, v *vault.Vault, person uuid.UUID) []byte {
	t.Helper()
	sealed, err := v.Seal(t.Context(), person, plain, aad)
	mustBe(t, err, nil)
	return sealed
}

func mustOpen(t *testing.T, v *vault.Vault, person uuid.UUID, sealed []byte) {
	t.Helper()
	opened, err := v.Open(t.Context(), person, sealed, aad)
	mustBe(t, err, nil)
	if !bytes.Equal(opened, plain) {
		t.Errorf("opened %q, want %q", opened, plain)
	}
}

func TestWhatIsSealedOpensHereElsewhereAndLater(t *testing.T) {
	f := open(t)
	one, two := seal(t, f.Vault, anna), seal(t, f.Vault, anna)
	if bytes.Equal(one, two) || bytes.Contains(one, []byte("VERDI")) {
		t.Error("sealed twice the same, or readable")
	}
	elsewhere := f.another(t)
	for _, sealed := range [][]byte{one, two} {
		mustOpen(t, f.Vault, anna, sealed)
		mustOpen(t, elsewhere, anna, sealed)
	}
}

func TestSealedDataOpensForItsPersonAndItsPlaceOnly(t *testing.T) {
	f := open(t)
	ctx := t.Context()
	sealed := seal(t, f.Vault, anna)
	seal(t, f.Vault, bruno)
	opening := func(person uuid.UUID, sealed, aad []byte) error {
		_, err := f.Open(ctx, person, sealed, aad)
		return err
	}
	mustBe(t, opening(bruno, sealed, aad), vault.ErrNotSealed)
	mustBe(t, opening(anna, sealed, []byte("parent-1 email")), vault.ErrNotSealed)
	mustBe(t, opening(uuid.Nil, sealed, aad), vault.ErrNoKey)
	mustBe(t, opening(anna, nil, aad), vault.ErrNotSealed)
	mustBe(t, opening(anna, sealed[:10], aad), vault.ErrNotSealed)
	for i := range sealed {
		altered := bytes.Clone(sealed)
		altered[i] ^= 1
		mustBe(t, opening(anna, altered, aad), vault.ErrNotSealed)
	}
}

func TestAnErasedPersonIsErasedForGood(t *testing.T) {
	f := open(t)
	sealed, others := seal(t, f.Vault, anna), seal(t, f.Vault, bruno)
	mustBe(t, f.DestroyKey(t.Context(), anna), nil)
	mustBe(t, f.DestroyKey(t.Context(), anna), nil)
	for _, v := range []*vault.Vault{f.Vault, f.another(t)} {
		_, err := v.Open(t.Context(), anna, sealed, aad)
		mustBe(t, err, vault.ErrKeyDestroyed)
		mustBe(t, err, wire.ErrErased)
		_, err = v.Seal(t.Context(), anna, plain, aad)
		mustBe(t, err, vault.ErrKeyDestroyed)
		mustOpen(t, v, bruno, others)
	}
}

func TestAPersonErasedBeforeAnythingWasSealedGetsNoKey(t *testing.T) {
	f := open(t)
	mustBe(t, f.DestroyKey(t.Context(), anna), nil)
	_, err := f.Seal(t.Context(), anna, plain, aad)
	mustBe(t, err, vault.ErrKeyDestroyed)
}

func TestADestroyedKeyIsInNoFileOfTheVault(t *testing.T) {
	f := open(t)
	for range 10 {
		seal(t, f.Vault, uuid.New())
	}
	seal(t, f.Vault, anna)
	for range 10 {
		seal(t, f.Vault, uuid.New())
	}
	var wrapped []byte
	mustBe(t, f.raw(t).QueryRow(`SELECT wrapped FROM person_key WHERE person = $1`, anna.String()).Scan(&wrapped), nil)
	if !stored(t, f, wrapped) {
		t.Fatal("the key is not where it should be before it is destroyed")
	}
	mustBe(t, f.DestroyKey(t.Context(), anna), nil)
	if stored(t, f, wrapped) {
		t.Error("part of the key is still in the file or in its write-ahead log")
	}
}

// stored reports whether any eight bytes of value are in the vault's files.
func stored(t *testing.T, f *fixture, value []byte) bool {
	t.Helper()
	for _, suffix := range []string{"", "-wal"} {
		content, err := os.ReadFile(f.path + suffix)
		mustBe(t, err, nil)
		for i := range len(value) - 8 {
			if bytes.Contains(content, value[i:i+8]) {
				return true
			}
		}
	}
	return false
}

func TestAReaderInTheWayMakesDestroyingFailAndRepeatable(t *testing.T) {
	f := open(t)
	sealed := seal(t, f.Vault, anna)
	db := f.raw(t)
	reader, err := db.BeginTx(t.Context(), nil)
	mustBe(t, err, nil)
	var n int
	mustBe(t, reader.QueryRow(`SELECT COUNT(*) FROM person_key`).Scan(&n), nil)

	ctx, giveUp := context.WithCancel(t.Context())
	outcome := make(chan error)
	go func() { outcome <- f.DestroyKey(ctx, anna) }()
	for held := 1; held != 0; { // until only the write-ahead log still has it
		mustBe(t, db.QueryRow(`SELECT COUNT(wrapped) FROM person_key`).Scan(&held), nil)
	}
	giveUp()
	if err := <-outcome; err == nil {
		t.Error("destroyed while a reader could still see the key")
	}
	_, err = f.Open(t.Context(), anna, sealed, aad)
	mustBe(t, err, vault.ErrKeyDestroyed)
	mustBe(t, reader.Rollback(), nil)
	mustBe(t, f.DestroyKey(t.Context(), anna), nil)
}

func TestAKeyDestroyedElsewhereIsUsedForAMinuteAtMost(t *testing.T) {
	f := open(t)
	sealed := seal(t, f.Vault, anna)
	elsewhere := f.another(t)
	mustOpen(t, elsewhere, anna, sealed)
	mustBe(t, f.DestroyKey(t.Context(), anna), nil)
	f.Advance(time.Minute)
	_, err := elsewhere.Open(t.Context(), anna, sealed, aad)
	mustBe(t, err, vault.ErrKeyDestroyed)
}

func TestAKeyMovedToAnotherPersonDoesNotUnwrap(t *testing.T) {
	f := open(t)
	sealed := seal(t, f.Vault, anna)
	f.exec(t, `UPDATE person_key SET person = $1`, bruno.String())
	if _, err := f.Open(t.Context(), bruno, sealed, aad); err == nil {
		t.Error("anna's data opened as bruno's")
	}
}

func TestTheFirstSealersOfAPersonShareOneKey(t *testing.T) {
	f := open(t)
	nodes := []*vault.Vault{f.Vault, f.another(t)}
	sealed := make([][]byte, 16)
	var all sync.WaitGroup
	for i := range sealed {
		all.Go(func() {
			var err error
			if sealed[i], err = nodes[i%2].Seal(context.Background(), anna, plain, aad); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, s := range sealed {
		mustOpen(t, f.Vault, anna, s)
	}
}

// Destroying races with readers that load the same key; whoever reads it before,
// nobody has it afterwards.
func TestNoReaderBringsADestroyedKeyBack(t *testing.T) {
	f := open(t, vault.WithKeyCache(1))
	other := seal(t, f.Vault, bruno)
	for range 20 {
		person := uuid.New()
		sealed := seal(t, f.Vault, person)
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				// Opening another's makes the next opening read the key again.
				_, _ = f.Open(t.Context(), bruno, other, aad)
				if _, err := f.Open(t.Context(), person, sealed, aad); err != nil && !errors.Is(err, vault.ErrKeyDestroyed) {
					t.Error(err)
				}
			})
		}
		mustBe(t, f.DestroyKey(t.Context(), person), nil)
		all.Wait()
		_, err := f.Open(t.Context(), person, sealed, aad)
		mustBe(t, err, vault.ErrKeyDestroyed)
	}
}

func BenchmarkOpen(b *testing.B) {
	master, err := vault.CreateMasterKey(b.TempDir() + "/master.key")
	if err != nil {
		b.Fatal(err)
	}
	v, err := vault.Open(b.TempDir()+"/vault.db", master)
	if err != nil {
		b.Fatal(err)
	}
	defer v.Close()
	text, _ := json.Marshal(map[string]string{"name": "ANNA VERDI", "email": "anna@esempio.example"})
	sealed, err := v.Seal(b.Context(), anna, text, aad)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := v.Open(b.Context(), anna, sealed, aad); err != nil {
			b.Fatal(err)
		}
	}
}
