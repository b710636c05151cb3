package sqlstore

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"strings"

	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/projections"
)

// Lack says in what way a row is not as the log gives it.
type Lack string

// The ways.
const (
	Missing   Lack = "missing"   // the log gives it
	Extra     Lack = "extra"     // the log does not give it
	Different Lack = "different" // in the column named
)

// Difference is a row of views that is not as the log gives it.
type Difference struct {
	Table    string `json:"table"`
	Key      string `json:"key"`
	Lack     Lack   `json:"lack"`
	Column   string `json:"column,omitempty"`
	Expected string `json:"expected,omitempty"`
	Found    string `json:"found,omitempty"`
}

// TableDigest says what a table holds: the SHA-256 of its rows in the order of their
// keys.
type TableDigest struct {
	Table    string `json:"table"`
	Rows     int64  `json:"rows"`
	Expected string `json:"expected"` // of the views that were built anew
	Found    string `json:"found"`
}

// ErrOtherVersion says that views were made by another version of this program, which
// empties them at its next start.
var ErrOtherVersion = errors.New("sqlstore: the views are of another version of this program: the service builds them again at its next start")

// PositionOf returns how far the views in a file are, and changes nothing.
func PositionOf(ctx context.Context, path string) (eventstore.Position, error) {
	db, err := dial(path, "mode=ro&_pragma=busy_timeout(5000)", 1)
	if err != nil {
		return 0, err
	}
	defer db.Close()
	var version string
	var at eventstore.Position
	err = db.QueryRowContext(ctx, "SELECT version, position FROM "+checkpoint).Scan(&version, &at)
	if err == nil && version != (&Store{dialect: sqlite}).schemaVersion() {
		err = ErrOtherVersion
	}
	if err != nil {
		return 0, fmt.Errorf("sqlstore: %s: %w", path, unusable(err))
	}
	return at, nil
}

// Compare holds the views in a file against those that were built anew, row by row in
// both directions, and changes neither. found is told each difference.
func Compare(ctx context.Context, kept, anew string, found func(Difference) error) (all []TableDigest, err error) {
	var files [2]*sql.DB
	for i, path := range []string{kept, anew} {
		if files[i], err = dial(path, "mode=ro&_pragma=busy_timeout(5000)", 1); err != nil {
			return nil, err
		}
		defer files[i].Close()
	}
	for _, t := range projections.Tables() {
		digest, err := compareTable(ctx, t, files[0], files[1], found)
		if err != nil {
			return nil, fmt.Errorf("sqlstore: %s: %s: %w", kept, t.Name, unusable(err))
		}
		all = append(all, digest)
	}
	return all, nil
}

func compareTable(ctx context.Context, t *projections.Table, kept, anew *sql.DB, found func(Difference) error) (TableDigest, error) {
	have, err := openRows(ctx, t, kept)
	if err != nil {
		return TableDigest{}, err
	}
	defer have.rows.Close()
	want, err := openRows(ctx, t, anew)
	if err != nil {
		return TableDigest{}, err
	}
	defer want.rows.Close()
	for have.there || want.there {
		var d *Difference
		order := have.compare(want)
		switch {
		case order < 0:
			d = &Difference{Table: t.Name, Key: have.key(), Lack: Extra}
		case order > 0:
			d = &Difference{Table: t.Name, Key: want.key(), Lack: Missing}
		default:
			d = have.differs(want)
		}
		if d != nil {
			if err := found(*d); err != nil {
				return TableDigest{}, err
			}
		}
		if order <= 0 {
			err = have.next()
		}
		if order >= 0 && err == nil {
			err = want.next()
		}
		if err != nil {
			return TableDigest{}, err
		}
	}
	return TableDigest{t.Name, have.count, want.sum(), have.sum()}, nil
}

// sortedRows goes along a table in the order of its key.
type sortedRows struct {
	table  *projections.Table
	rows   *sql.Rows
	hash   hash.Hash
	count  int64
	there  bool
	values []projections.Value
}

func openRows(ctx context.Context, t *projections.Table, db *sql.DB) (*sortedRows, error) {
	rows, err := db.QueryContext(ctx, fmt.Sprintf("SELECT %s FROM %s ORDER BY %s", names(t.Columns), t.Name, names(t.Columns[:t.Keys])))
	if err != nil {
		return nil, err
	}
	r := &sortedRows{table: t, rows: rows, hash: sha256.New(), values: make([]projections.Value, len(t.Columns))}
	return r, r.next()
}

func (r *sortedRows) next() error {
	if r.there = r.rows.Next(); !r.there {
		return r.rows.Err()
	}
	r.count++
	into := make([]any, len(r.values))
	for i, c := range r.table.Columns {
		if into[i] = &r.values[i].Text; c.Kind.Number() {
			into[i] = &r.values[i].Number
		}
	}
	if err := r.rows.Scan(into...); err != nil {
		return err
	}
	for i := range r.values {
		fmt.Fprintf(r.hash, "%d:%s", len(r.cell(i)), r.cell(i))
	}
	return nil
}

func (r *sortedRows) sum() string { return hex.EncodeToString(r.hash.Sum(nil)) }

// compare orders two rows; one that is not there comes after all.
func (r *sortedRows) compare(o *sortedRows) int {
	switch {
	case !r.there:
		return 1
	case !o.there:
		return -1
	}
	for i := range r.table.Keys {
		a, b := r.values[i], o.values[i]
		if a.Number != b.Number {
			if a.Number < b.Number {
				return -1
			}
			return 1
		}
		if c := strings.Compare(a.Text, b.Text); c != 0 {
			return c
		}
	}
	return 0
}

func (r *sortedRows) differs(o *sortedRows) *Difference {
	for i, c := range r.table.Columns {
		if r.values[i] != o.values[i] {
			return &Difference{r.table.Name, r.key(), Different, c.Name, o.cell(i), r.cell(i)}
		}
	}
	return nil
}

func (r *sortedRows) cell(i int) string {
	if r.table.Columns[i].Kind.Number() {
		return fmt.Sprint(r.values[i].Number)
	}
	return r.values[i].Text
}

func (r *sortedRows) key() string {
	parts := make([]string, r.table.Keys)
	for i := range parts {
		parts[i] = r.cell(i)
	}
	return strings.Join(parts, " ")
}
