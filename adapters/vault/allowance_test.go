package vault_test

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/adapters/vault"
)

func TestSomethingIsDoneAsOftenAsItMayBe(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	dir := t.TempDir()
	master, err := vault.CreateMasterKey(filepath.Join(dir, "key"))
	if err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(filepath.Join(dir, "vault.db"), master, vault.WithClock(func() time.Time { return now }))
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	spend := func(bucket, item string) error { return v.Spend(t.Context(), bucket, item, 2, time.Hour) }
	for i, step := range []struct {
		bucket, item string
		wait         time.Duration
		want         error
	}{
		{"mail", "a", 0, nil},
		{"mail", "a", 0, nil}, // the same time again
		{"mail", "b", 30 * time.Minute, nil},
		{"mail", "c", 0, vault.ErrSpent},
		{"other", "c", 0, nil},
		{"mail", "c", 30 * time.Minute, nil}, // a is over
		{"mail", "d", 0, vault.ErrSpent},
	} {
		now = now.Add(step.wait)
		if err := spend(step.bucket, step.item); !errors.Is(err, step.want) {
			t.Errorf("step %d: %v, want %v", i, err, step.want)
		}
	}
}
