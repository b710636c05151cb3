package sqlstore

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/projections"
)

func removeViews(t *testing.T, path string) {
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
}

func TestADeletedFileIsBuiltAgain(t *testing.T) {
	log, path := town(), viewsFile(t)
	s := opened(t, path)
	catchUp(t, log, s)
	before := dump(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	removeViews(t, path)

	again := opened(t, path)
	if at, err := again.Position(t.Context()); err != nil || at != 0 {
		t.Fatalf("new views are at %d (%v)", at, err)
	}
	catchUp(t, log, again)
	if dump(t, again) != before {
		t.Error("built again, the views are others")
	}
}

func TestAFileThatIsOpenedAgainGoesOnWhereItWas(t *testing.T) {
	log, path := town(), viewsFile(t)
	s := opened(t, path)
	catchUp(t, log, s)
	before := dump(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again := opened(t, path)
	end, _ := log.End(t.Context())
	if at, err := again.Position(t.Context()); err != nil || at != end || dump(t, again) != before {
		t.Errorf("opened again at %d (%v), want %d and the same rows", at, err, end)
	}
}

// indexes counts the indexes there are, bar those of the keys.
func indexes(t *testing.T, s *Store) (n int) {
	t.Helper()
	err := s.read.QueryRow("SELECT COUNT(*) FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL").Scan(&n)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestViewsAreReadWhenTheyHaveCaughtUpAndNotBefore(t *testing.T) {
	log, path := town(), viewsFile(t)
	s := opened(t, path)
	b, to := folded(t, log, 0, 30)
	if err := s.Apply(t.Context(), 0, to, b); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Accounts(t.Context(), comune); !errors.Is(err, projections.ErrBuilding) {
		t.Errorf("half-built views were read: %v", err)
	}
	if n := indexes(t, s); n > 0 {
		t.Errorf("they have %d indexes already", n)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = opened(t, path)
	if at, err := s.Position(t.Context()); err != nil || at != 0 {
		t.Errorf("cut short, they go on at %d, %v", at, err)
	}
	catchUp(t, log, s)
	if n, want := indexes(t, s), len(s.dialect.indexes()); n != want {
		t.Errorf("they have %d indexes, want %d", n, want)
	}
	for range 2 { // and when they are opened again
		if _, _, err := s.Accounts(t.Context(), comune); err != nil {
			t.Errorf("whole views are not read: %v", err)
		}
		var mode string
		if err := s.read.QueryRow("PRAGMA journal_mode").Scan(&mode); err != nil || mode != "wal" {
			t.Errorf("the journal's mode is %q, %v", mode, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = opened(t, path)
	}
}

func TestViewsOfAnotherVersionAreBuiltAgain(t *testing.T) {
	log, path := town(), viewsFile(t)
	s := opened(t, path)
	catchUp(t, log, s)
	before := dump(t, s)
	for _, change := range []string{
		"UPDATE saldo_views SET version = '0-of-old'",
		"CREATE TABLE abandoned (id TEXT)",
		"INSERT INTO abandoned VALUES ('left over')",
	} {
		if _, err := s.write.Exec(change); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	again := opened(t, path)
	if at, err := again.Position(t.Context()); err != nil || at != 0 {
		t.Fatalf("views of another version are at %d (%v)", at, err)
	}
	if _, err := again.read.Exec("SELECT id FROM abandoned"); err == nil {
		t.Error("a table of the other version is still there")
	}
	catchUp(t, log, again)
	if dump(t, again) != before {
		t.Error("built again, the views are others")
	}
}

func TestTheVersionTellsTablesAndRulesApart(t *testing.T) {
	other := sqlite
	other.number = "INTEGER"
	a, b := (&Store{dialect: sqlite}).schemaVersion(), (&Store{dialect: other}).schemaVersion()
	if a == b {
		t.Errorf("other tables, the same version %s", a)
	}
	if !strings.HasPrefix(a, fmt.Sprintf("%d-", projections.Version)) {
		t.Errorf("version %s of rules %d", a, projections.Version)
	}
}

// refused opens path, which must be ErrUnusable and say what to do, and checks that
// the file was left as it is.
func refused(t *testing.T, path string) {
	t.Helper()
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Open(path)
	if !errors.Is(err, ErrUnusable) || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "may be deleted") {
		t.Errorf("opened with %v", err)
	}
	after, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file was changed (%v)", err)
	}
}

func TestAFileThatIsNoDatabaseIsRefused(t *testing.T) {
	path := viewsFile(t)
	if err := os.WriteFile(path, []byte(strings.Repeat("these are somebody's notes, and no database\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, path)
}

func TestADatabaseOfAnotherProgramIsRefused(t *testing.T) {
	path := viewsFile(t)
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("CREATE TABLE addresses (name TEXT)"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	refused(t, path)
}

func TestDamageFoundLaterSaysThatTheFileMayBeDeleted(t *testing.T) {
	path := viewsFile(t)
	s := opened(t, path)
	catchUp(t, town(), s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 8192; i < len(data); i++ { // all but the pages that say what is where
		data[i] = 0xff
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err = Open(path)
	if err == nil {
		defer s.Close()
		_, _, err = s.TrialBalance(t.Context(), "12345678901")
	}
	if !errors.Is(err, ErrUnusable) {
		t.Errorf("read with %v", err)
	}
}

func TestOnlyTheOwnerMayReadTheFile(t *testing.T) {
	path := viewsFile(t)
	s := kept(t, path)
	catchUp(t, town(), s)
	for _, side := range []string{"", "-wal"} {
		info, err := os.Stat(path + side)
		if err != nil {
			t.Fatal(err)
		}
		if mode := info.Mode().Perm(); mode != 0o600 {
			t.Errorf("%s%s has mode %o", path, side, mode)
		}
	}
}

func TestAPathWithAnyCharactersIsAPath(t *testing.T) {
	dir := t.TempDir() + "/a b?c=d#e%20f"
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	s := kept(t, dir+"/views.db")
	if _, err := s.Position(context.Background()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir + "/views.db-wal"); err != nil {
		t.Errorf("the views are elsewhere: %v", err)
	}
}
