package vault_test

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/vault"
)

// cheap makes hashing fast; what it costs in earnest is DefaultHashing.
var cheap = vault.Argon2id{Memory: 64, Passes: 1, Threads: 1}

// clock is a time that moves only when told.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 9, 14, 8, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// fixture is a vault in a folder of its own.
type fixture struct {
	*vault.Vault
	*clock
	path   string
	master vault.MasterKey
}

func open(t *testing.T, opts ...vault.Option) *fixture {
	t.Helper()
	dir := t.TempDir()
	master, err := vault.CreateMasterKey(filepath.Join(dir, "master.key"))
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{clock: newClock(), path: filepath.Join(dir, "vault.db"), master: master}
	f.Vault = f.another(t, opts...)
	return f
}

// another opens the same file once more, as another process would.
func (f *fixture) another(t *testing.T, opts ...vault.Option) *vault.Vault {
	t.Helper()
	opts = append([]vault.Option{vault.WithClock(f.Now), vault.WithHashing(cheap)}, opts...)
	v, err := vault.Open(f.path, f.master, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := v.Close(); err != nil {
			t.Error(err)
		}
	})
	return v
}

// raw opens the file below the vault, to see and change what is stored.
func (f *fixture) raw(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+f.path+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func (f *fixture) exec(t *testing.T, statement string, args ...any) {
	t.Helper()
	if _, err := f.raw(t).Exec(statement, args...); err != nil {
		t.Fatal(err)
	}
}

// mustBe fails unless err is the error wanted; want nil means success.
func mustBe(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("error %v, want %v", err, want)
	}
}

var (
	anna  = uuid.MustParse("6f1c0f5e-0d0e-4c39-9a4e-0a8f6f0f3a01")
	bruno = uuid.MustParse("6f1c0f5e-0d0e-4c39-9a4e-0a8f6f0f3a02")
)

func TestAVaultOpensWithItsOwnMasterKeyOnly(t *testing.T) {
	f := open(t)
	other, err := vault.CreateMasterKey(filepath.Join(t.TempDir(), "other.key"))
	mustBe(t, err, nil)
	_, err = vault.Open(f.path, other)
	mustBe(t, err, vault.ErrWrongMasterKey)
	f.another(t)
}

func TestProcessesThatStartTogetherShareOneNewVault(t *testing.T) {
	master := open(t).master
	path := filepath.Join(t.TempDir(), "vault.db")
	claims := make([]string, 4)
	var all sync.WaitGroup
	for i := range claims {
		all.Go(func() {
			v, err := vault.Open(path, master)
			if err != nil {
				t.Error(err)
				return
			}
			defer v.Close()
			claims[i] = v.ClaimID("username", "anna")
		})
	}
	all.Wait()
	for _, claim := range claims {
		if claim != claims[0] || claim == "" {
			t.Errorf("claims %v, want one and the same", claims)
		}
	}
}

func TestAVaultUpgradedByALaterVersionIsRefused(t *testing.T) {
	f := open(t)
	f.exec(t, `INSERT INTO schema_version (version, taken_at) VALUES (99, 0)`)
	_, err := vault.Open(f.path, f.master)
	mustBe(t, err, vault.ErrNewerVault)
}

func TestTheFilesOfAVaultAreForTheirOwnerAlone(t *testing.T) {
	f := open(t)
	mustBe(t, f.SaveCheckpoint(t.Context(), "mail", 1), nil)
	for _, suffix := range []string{"", "-wal", "-shm"} {
		found, err := os.Stat(f.path + suffix)
		mustBe(t, err, nil)
		if found.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %04o, want 0600", found.Name(), found.Mode().Perm())
		}
	}
}

func TestAPathMayHaveCharactersThatMeanSomethingInAURL(t *testing.T) {
	f := open(t)
	path := filepath.Join(t.TempDir(), "comune di prova?#%41.db")
	v, err := vault.Open(path, f.master)
	mustBe(t, err, nil)
	defer v.Close()
	if _, err := os.Stat(path); err != nil {
		t.Fatal(err)
	}
	found, err := filepath.Glob(filepath.Join(filepath.Dir(path), "comune di prova*.db-wal"))
	if err != nil || len(found) != 1 {
		t.Fatalf("the database is not in the file named: %v %v", found, err)
	}
}

func TestACostOutOfBoundsIsRefused(t *testing.T) {
	f := open(t)
	for _, cost := range []vault.Argon2id{{}, {Memory: 4, Passes: 1, Threads: 1}, {Memory: 1 << 30, Passes: 1, Threads: 1}} {
		if v, err := vault.Open(f.path, f.master, vault.WithHashing(cost)); err == nil {
			v.Close()
			t.Errorf("%+v was accepted", cost)
		}
	}
}
