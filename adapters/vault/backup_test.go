package vault_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/vault"
	"github.com/saldo-ledger/saldo/domain"
)

func TestABackupHoldsWhatTheVaultHeldWhileOthersWriteToIt(t *testing.T) {
	f := open(t)
	person := uuid.New()
	sealed, err := f.Seal(t.Context(), person, []byte("via Esempio 1"), nil)
	mustBe(t, err, nil)
	token, err := f.CreateAPIToken(t.Context(), "gestionale", []domain.Role{domain.RoleOffice}, "")
	mustBe(t, err, nil)

	ctx, stop := context.WithCancel(t.Context())
	var writing sync.WaitGroup
	writing.Go(func() {
		for n := uint64(1); ctx.Err() == nil; n++ {
			if err := f.SaveCheckpoint(context.WithoutCancel(ctx), "mail", n); err != nil {
				t.Error(err)
			}
		}
	})
	to := filepath.Join(t.TempDir(), "vault.db")
	err = vault.Backup(t.Context(), f.path, to)
	stop()
	writing.Wait()
	mustBe(t, err, nil)

	info, err := os.Stat(to)
	mustBe(t, err, nil)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("its mode is %s", info.Mode())
	}
	if left, err := filepath.Glob(to + "?*"); err != nil || left != nil {
		t.Errorf("beside it there is %v, %v", left, err)
	}
	copied, err := vault.Open(to, f.master, vault.WithHashing(cheap))
	mustBe(t, err, nil)
	defer copied.Close()
	plain, err := copied.Open(t.Context(), person, sealed, nil)
	if err != nil || string(plain) != "via Esempio 1" {
		t.Errorf("the copy opens %q, %v", plain, err)
	}
	if account, err := copied.APIToken(t.Context(), token); err != nil || account.Name != "gestionale" {
		t.Errorf("the copy knows %v, %v", account, err)
	}
	if copied.ClaimID("email", "x") != f.ClaimID("email", "x") {
		t.Error("the copy names claims in another way")
	}
}

func TestABackupIsNotWrittenOverAnythingNorMadeOfAnythingElse(t *testing.T) {
	f := open(t)
	dir := t.TempDir()
	there := filepath.Join(dir, "there")
	mustBe(t, os.WriteFile(there, []byte("precious"), 0o600), nil)
	if err := vault.Backup(t.Context(), f.path, there); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over another file: %v", err)
	}
	if text, err := os.ReadFile(there); err != nil || string(text) != "precious" {
		t.Errorf("it is now %q, %v", text, err)
	}
	for name, from := range map[string]string{"nothing": filepath.Join(dir, "nowhere"), "no vault": there} {
		to := filepath.Join(dir, "copy")
		if err := vault.Backup(t.Context(), from, to); err == nil {
			t.Errorf("of %s: accepted", name)
		}
		if _, err := os.Stat(to); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("of %s: there is a copy, %v", name, err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "nowhere")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a vault was made: %v", err)
	}
}

func TestAKeyThatWasDestroyedIsNotInABackup(t *testing.T) {
	f := open(t)
	person := uuid.New()
	_, err := f.Seal(t.Context(), person, []byte("x"), nil)
	mustBe(t, err, nil)
	var wrapped []byte
	row := f.raw(t).QueryRowContext(t.Context(), `SELECT wrapped FROM person_key WHERE person = $1`, person.String())
	mustBe(t, row.Scan(&wrapped), nil)
	dir := t.TempDir()
	inBackup := func(name string) bool {
		to := filepath.Join(dir, name)
		mustBe(t, vault.Backup(t.Context(), f.path, to), nil)
		text, err := os.ReadFile(to)
		mustBe(t, err, nil)
		return bytes.Contains(text, wrapped)
	}
	if !inBackup("before") {
		t.Error("the key is not in a backup made before")
	}
	mustBe(t, f.DestroyKey(t.Context(), person), nil)
	if inBackup("after") {
		t.Error("the key is in a backup made after it was destroyed")
	}
}

func TestCheckpointsBeyondTheLogAreHeldAtItsEnd(t *testing.T) {
	f := open(t)
	for name, at := range map[string]uint64{"behind": 7, "there": 10, "ahead": 11, "far": 5000} {
		mustBe(t, f.SaveCheckpoint(t.Context(), name, at), nil)
	}
	for pass, want := range []int64{2, 0} {
		held, err := vault.HoldCheckpoints(t.Context(), f.path, 10)
		if err != nil || held != want {
			t.Errorf("pass %d: %d were held, %v, want %d", pass, held, err, want)
		}
	}
	for name, want := range map[string]uint64{"behind": 7, "there": 10, "ahead": 10, "far": 10, "never": 0} {
		got, err := f.another(t).Checkpoint(t.Context(), name)
		if err != nil || got != want {
			t.Errorf("%s is at %d, %v, want %d", name, got, err, want)
		}
	}
	if _, err := vault.HoldCheckpoints(t.Context(), f.path, 1<<63); err == nil {
		t.Error("a position beyond any log was accepted")
	}
	if _, err := vault.HoldCheckpoints(t.Context(), filepath.Join(t.TempDir(), "x"), 1); !errors.Is(err, fs.ErrNotExist) {
		t.Error(fmt.Errorf("of no vault: %w", err))
	}
}
