package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"

	driver "modernc.org/sqlite"
	result "modernc.org/sqlite/lib"
)

// readers bounds the connections that read at once; in WAL mode they never wait
// for the writer.
const readers = 4

// A commit is atomic, and after a power failure the last ones may be missing: the
// log still has them, and the checkpoint says from where to go on. The writer
// carries batches of many megabytes: it moves the write-ahead log into the file
// seldom (at 64 MB), and keeps in memory what each statement would need to undo
// itself, which on disk takes a quarter of a rebuild's time. What is overwritten
// becomes zeros, because it may be the data of somebody erased: see Scrub.
//
// While views are built nobody reads them and nobody needs half of them: there is no
// journal, each page is written once, and what is cut short begins anew.
const (
	commonPragmas = "_pragma=busy_timeout(5000)"
	writePragmas  = commonPragmas + "&_txlock=immediate&_pragma=cache_size(-65536)&_pragma=temp_store(MEMORY)" +
		"&_pragma=wal_autocheckpoint(16384)&_pragma=journal_size_limit(67108864)&_pragma=secure_delete(ON)"
	keepPragmas  = writePragmas + "&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)"
	buildPragmas = writePragmas + "&_pragma=journal_mode(OFF)&_pragma=synchronous(OFF)"
	readPragmas  = commonPragmas + "&_pragma=query_only(ON)&_pragma=cache_size(-16384)"
)

func openSQLite(path string, building bool) (write, read *sql.DB, err error) {
	pragmas := keepPragmas
	if building {
		pragmas = buildPragmas
	}
	if write, err = dial(path, pragmas, 1); err != nil {
		return nil, nil, err
	}
	if read, err = dial(path, readPragmas, readers); err != nil {
		return nil, nil, errors.Join(err, write.Close())
	}
	return write, read, nil
}

// keep turns the database at path from one being built into one that is kept up: from
// here on each batch is there as a whole or not at all. make makes the indexes.
//
// They are sorted in temporary files: in memory, where the writer keeps what else is
// temporary, they would take more the larger the tables are.
func keep(ctx context.Context, db *sql.DB, path string, make func() error) error {
	if _, err := db.ExecContext(ctx, "PRAGMA temp_store = FILE"); err != nil {
		return err
	}
	if err := make(); err != nil {
		return err
	}
	for _, pragma := range []string{"temp_store = MEMORY", "synchronous = NORMAL"} {
		if _, err := db.ExecContext(ctx, "PRAGMA "+pragma); err != nil {
			return err
		}
	}
	var mode string
	if err := db.QueryRowContext(ctx, "PRAGMA journal_mode = WAL").Scan(&mode); err != nil || mode != "wal" {
		return fmt.Errorf("the journal's mode stays %q: %w", mode, errors.Join(err, errReaders))
	}
	if err := syncFile(path); err != nil {
		return err
	}
	return os.Remove(path + buildingMark)
}

// buildingMark ends the name of a file that is there while views are built.
const buildingMark = "-building"

// markBuilding makes that file, before there is anything in the database.
func markBuilding(path string) error {
	if err := os.WriteFile(path+buildingMark, []byte("These views are being built. Cut short, they are begun anew.\n"), 0o600); err != nil {
		return err
	}
	return errors.Join(syncFile(path+buildingMark), syncFile(filepath.Dir(path)))
}

func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// errReaders says that somebody was reading for longer than the busy timeout.
var errReaders = errors.New("a reader is in the way")

// Scrub takes what was overwritten out of the files, where the write-ahead log
// would keep it for a while. It is for after an erasure, and can be repeated.
func (s *Store) Scrub(ctx context.Context) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	var busy, frames, moved int
	err := s.write.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &moved)
	if err == nil && busy != 0 {
		err = errReaders
	}
	if err != nil {
		return fmt.Errorf("sqlstore: %s: emptying the write-ahead log: %w", s.path, err)
	}
	return nil
}

func dial(path, pragmas string, connections int) (*sql.DB, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	name := (&url.URL{Scheme: "file", Path: filepath.ToSlash(absolute), RawQuery: pragmas}).String()
	db, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// prepareFile makes sure that the file at path holds whole views of version, or
// nothing at all, and reports whether it holds nothing. Views of another version, and
// those whose building was cut short, are deleted. Only the owner may read the file:
// people's names are in it.
func prepareFile(ctx context.Context, path, version string) (fresh bool, err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return false, err
	}
	if err := file.Close(); err != nil {
		return false, err
	}
	if _, err := os.Stat(path + buildingMark); err == nil {
		return true, removeFile(path)
	}
	found, err := inspect(ctx, path)
	switch {
	case err != nil:
		return false, err
	case found == version:
		return false, nil
	case found == "":
		return true, nil
	}
	return true, removeFile(path)
}

// inspect returns the version of the views in the file at path, none for an empty
// file. It changes nothing, because the file may be another program's.
func inspect(ctx context.Context, path string) (version string, err error) {
	db, err := dial(path, "mode=ro&_pragma=busy_timeout(5000)", 1)
	if err != nil {
		return "", err
	}
	defer db.Close()
	tables, err := tableNames(ctx, db)
	switch {
	case err != nil:
		return "", err
	case len(tables) == 0:
		return "", nil
	case !slices.Contains(tables, checkpoint):
		return "", fmt.Errorf("%w: it has tables of another kind (%s, …)", ErrUnusable, tables[0])
	}
	err = db.QueryRowContext(ctx, "SELECT version FROM "+checkpoint).Scan(&version)
	return version, err
}

func tableNames(ctx context.Context, db *sql.DB) ([]string, error) {
	rows, err := db.QueryContext(ctx, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var tables []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		tables = append(tables, name)
	}
	return tables, rows.Err()
}

// removeFile deletes a SQLite database with its side files, and leaves an empty
// file that only its owner may read.
func removeFile(path string) error {
	for _, side := range []string{"-wal", "-shm"} {
		if err := os.Remove(path + side); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return os.Truncate(path, 0)
}

// unusable adds ErrUnusable to an error that says a file is damaged.
func unusable(err error) error {
	var e *driver.Error
	if errors.As(err, &e) && !errors.Is(err, ErrUnusable) {
		switch e.Code() & 0xff {
		case result.SQLITE_NOTADB, result.SQLITE_CORRUPT:
			return fmt.Errorf("%w (%w)", ErrUnusable, err)
		}
	}
	return err
}
