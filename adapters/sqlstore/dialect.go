package sqlstore

import (
	"context"
	"database/sql"

	"github.com/saldo-ledger/saldo/projections"
)

// dialect is what one database says differently from another. All else is
// standard, or common to SQLite and PostgreSQL.
type dialect struct {
	// rebind turns the ? that hold the places of arguments into what the database
	// has for it.
	rebind func(query string) string
	// text and number are the types of columns.
	text, number string
	// clustered ends a table's definition so that its rows are stored in the order of
	// its key, where the database does that only when asked.
	clustered string
	// keep ends the building of the views in db at path: it calls make, which makes the
	// indexes, and sees to it that all is durable.
	keep func(ctx context.Context, db *sql.DB, path string, make func() error) error
}

var sqlite = dialect{
	rebind:    func(query string) string { return query },
	text:      "TEXT",
	number:    "BIGINT",
	clustered: " WITHOUT ROWID",
	keep:      keep,
}

// column returns the type of a column and what it holds in a new row.
func (d dialect) column(k projections.Kind) string {
	if k.Number() {
		return d.number + " NOT NULL DEFAULT 0"
	}
	return d.text + " NOT NULL DEFAULT ''"
}
