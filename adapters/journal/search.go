package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// Query says which entries are wanted; what is zero leaves all in.
type Query struct {
	Creditor  domain.FiscalCode
	Direction Direction
	Operation string
	Notice    domain.NoticeNumber
	IUV       domain.IUV
	Receipt   domain.ReceiptID
	Outcome   string
	Fault     string
	From, To  time.Time // when the exchange began: from From, before To
}

// ErrNoEntry says that there is no such entry, or no more.
var ErrNoEntry = &domain.Refusal{Kind: domain.NotFound, Field: "entry", Rule: "there is no such entry in the journal, or no more"}

// Search returns at most limit entries, newest first, that were written before the
// entry with the given id (0: the newest of all). More says that there are others.
func (j *Journal) Search(ctx context.Context, q Query, before int64, limit int) (found []Entry, more bool, err error) {
	where, args := q.where()
	if before > 0 {
		where, args = append(where, "id < ?"), append(args, before)
	}
	found, err = j.read(ctx, where, args, "id DESC", limit+1)
	if len(found) > limit {
		return found[:limit], true, err
	}
	return found, false, err
}

// exportPage is how many entries Export reads at once: between two pages it holds
// nothing open, however slowly they are taken.
const exportPage = 500

// Export yields all entries, oldest first, up to the last one that there was when it
// began.
func (j *Journal) Export(ctx context.Context, q Query) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		var last, end int64
		if err := j.db.QueryRowContext(ctx, `SELECT COALESCE(MAX(id), 0) FROM entry`).Scan(&end); err != nil {
			yield(Entry{}, err)
			return
		}
		for {
			where, args := q.where()
			page, err := j.read(ctx, append(where, "id > ?", "id <= ?"), append(args, last, end), "id", exportPage)
			if err != nil {
				yield(Entry{}, err)
				return
			}
			for _, e := range page {
				if !yield(e, nil) {
					return
				}
				last = e.ID
			}
			if len(page) < exportPage {
				return
			}
		}
	}
}

// Messages opens the messages of an entry; of somebody erased they are empty. Nobody
// is asked who wants to know: see NoteAccess.
func (j *Journal) Messages(ctx context.Context, id int64) (request, answer []byte, err error) {
	var subject uuid.UUID
	row := j.db.QueryRowContext(ctx, `SELECT subject, request, answer FROM entry WHERE id = ?`, id)
	if err := row.Scan(&subject, &request, &answer); errors.Is(err, sql.ErrNoRows) {
		return nil, nil, fmt.Errorf("entry %d: %w", id, ErrNoEntry)
	} else if err != nil {
		return nil, nil, err
	}
	if request, err = j.open(ctx, id, subject, "request", request); err != nil {
		return nil, nil, err
	}
	answer, err = j.open(ctx, id, subject, "answer", answer)
	return request, answer, err
}

func (j *Journal) open(ctx context.Context, id int64, subject uuid.UUID, what string, sealed []byte) ([]byte, error) {
	if len(sealed) == 0 {
		return nil, nil
	}
	plain, err := j.keys.Open(ctx, subject, sealed, place(id, what))
	switch {
	case errors.Is(err, wire.ErrErased):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("%s of entry %d: %w", what, id, err)
	}
	return plain, nil
}

// NoteAccess writes down that somebody is about to open messages, and what was asked
// for. It returns when that is in the file.
func (j *Journal) NoteAccess(ctx context.Context, who, asked string) error {
	return j.write(ctx, []Entry{{At: j.Now(), Direction: Access, Operation: "messages", Peer: who, Outcome: "OK", Fault: asked}})
}

func (q Query) where() (where []string, args []any) {
	for _, c := range []struct {
		condition, value string
	}{
		{"creditor = ?", string(q.Creditor)},
		{"direction = ?", string(q.Direction)},
		{"operation = ?", q.Operation},
		{"id IN (SELECT entry FROM entry_notice WHERE notice = ?)", string(q.Notice)},
		{"iuv = ?", string(q.IUV)},
		{"receipt = ?", string(q.Receipt)},
		{"outcome = ?", q.Outcome},
		{"fault = ?", q.Fault},
	} {
		if c.value != "" {
			where, args = append(where, c.condition), append(args, c.value)
		}
	}
	if !q.From.IsZero() {
		where, args = append(where, "at >= ?"), append(args, q.From.UnixMicro())
	}
	if !q.To.IsZero() {
		where, args = append(where, "at < ?"), append(args, q.To.UnixMicro())
	}
	return where, args
}

// columns are those of an entry without its messages, as scan reads them.
const columns = `id, at, direction, operation, creditor, station, notices, iuv, receipt, peer, outcome, fault, status, took, request_size, answer_size`

func (j *Journal) read(ctx context.Context, where []string, args []any, order string, limit int) (all []Entry, err error) {
	statement := `SELECT ` + columns + ` FROM entry`
	if len(where) > 0 {
		statement += ` WHERE ` + strings.Join(where, ` AND `)
	}
	rows, err := j.db.QueryContext(ctx, statement+` ORDER BY `+order+` LIMIT ?`, append(args, limit)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		e, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, rows.Err()
}

func scan(rows *sql.Rows) (Entry, error) {
	var e Entry
	var at, took int64
	var notices string
	err := rows.Scan(&e.ID, &at, &e.Direction, &e.Operation, &e.Creditor, &e.Station, &notices, &e.IUV, &e.Receipt, &e.Peer,
		&e.Outcome, &e.Fault, &e.Status, &took, &e.RequestSize, &e.AnswerSize)
	e.At, e.Took = time.UnixMicro(at).UTC(), time.Duration(took)*time.Microsecond
	for n := range strings.FieldsSeq(notices) {
		e.Notices = append(e.Notices, domain.NoticeNumber(n))
	}
	return e, err
}
