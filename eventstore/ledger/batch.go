package ledger

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// MaxBatch is how many bulletins one mass issue raises at most.
const MaxBatch = 10_000

// ErrBadBatch refuses a mass issue of no bulletin or of more than MaxBatch.
var ErrBadBatch = &domain.Refusal{Kind: domain.Invalid, Field: "bulletins", Rule: "a batch is 1 to 10000 bulletins"}

// ErrBatchNumber refuses a bulletin of a batch that brings a notice number, or is
// another creditor's.
var ErrBatchNumber = &domain.Refusal{Kind: domain.Invalid, Field: "notice", Rule: "the bulletins of a batch are one creditor's and get their notice numbers from the ledger"}

// Batch is a mass issue: many debts of one creditor.
type Batch struct {
	Creditor  domain.FiscalCode
	Bulletins []domain.IssueBulletin // without notice numbers: the ledger gives them
	Send      bool                   // make each payable at once, at its own time
	At        time.Time              // when the numbers were taken
}

// Row is what became of one bulletin of a batch. One that could not be issued has
// only Err; one that was issued and then could not be sent, because it was cancelled
// before, has both.
type Row struct {
	Issued
	Err error // a *domain.Refusal, or an accident after which the batch is to be repeated
}

// IssueBulletins raises many debts of one creditor, each on its own: a row that is
// refused keeps none of the others back. The same batch repeated, by the id of its
// command, gives every row the number it had before, and raises and sends what an
// accident or a refusal left out. The error is what kept all of it from being done;
// the first accident of a row is one.
func (l *Ledger) IssueBulletins(ctx context.Context, env eventstore.Envelope, b Batch) ([]Row, error) {
	if len(b.Bulletins) == 0 || len(b.Bulletins) > MaxBatch {
		return nil, fmt.Errorf("%d: %w", len(b.Bulletins), ErrBadBatch)
	}
	body, err := l.creditor(ctx, b.Creditor, now)
	if err != nil {
		return nil, err
	}
	first, err := l.batchNumbers(ctx, env, b)
	if err != nil {
		return nil, err
	}
	rows := make([]Row, len(b.Bulletins))
	concurrently(len(rows), func(i int) {
		rows[i] = l.raiseRow(ctx, Step(env, "row/"+strconv.Itoa(i)), body.Profile, first+uint64(i), b.Bulletins[i], b.Send)
	})
	for i, row := range rows {
		if row.Err != nil && !refused(row.Err) {
			return rows, fmt.Errorf("row %d: %w", i+1, row.Err)
		}
	}
	return rows, nil
}

// batchNumbers reserves the numbers of a batch, once for its command.
func (l *Ledger) batchNumbers(ctx context.Context, env eventstore.Envelope, b Batch) (uint64, error) {
	count := uint64(len(b.Bulletins))
	out, err := l.numbers.Handle(ctx, NumbersStream(b.Creditor), env, domain.ReserveNumbers{Creditor: b.Creditor, Count: count, At: b.At})
	if err != nil {
		return 0, err
	}
	reserved := out.Events[0].(domain.NumbersReserved)
	if reserved.Count != count {
		return 0, fmt.Errorf("a batch of %d bulletins before, of %d now: %w", reserved.Count, count, eventstore.ErrCommandReused)
	}
	return reserved.First, nil
}

// raiseRow issues one bulletin of a batch, and sends it if it is to be payable.
func (l *Ledger) raiseRow(
	ctx context.Context, env eventstore.Envelope, p domain.CreditorProfile, base uint64, cmd domain.IssueBulletin, send bool,
) Row {
	row := l.issueRow(ctx, env, p, base, cmd)
	if row.Err != nil || !send {
		return row
	}
	sent, err := l.Bulletin(ctx, Step(env, "send"), domain.SendBulletin{Creditor: p.FiscalCode, Notice: row.Notice, At: cmd.At})
	if err != nil {
		row.Err = err
		return row
	}
	row.Position = max(row.Position, sent.Position)
	row.Repeated = row.Repeated && sent.Repeated
	return row
}

func (l *Ledger) issueRow(ctx context.Context, env eventstore.Envelope, p domain.CreditorProfile, base uint64, cmd domain.IssueBulletin) Row {
	numbered := func(part domain.Instalment) bool { return part.Notice != "" }
	if cmd.Creditor != p.FiscalCode || cmd.Notice != "" || slices.ContainsFunc(cmd.Instalments, numbered) {
		return Row{Err: ErrBatchNumber}
	}
	notice, err := domain.NewNoticeNumber(p.Segregation, base)
	if err != nil {
		return Row{Err: err}
	}
	cmd.Notice = notice
	issued, err := l.IssueBulletin(ctx, env, cmd)
	if err != nil {
		return Row{Err: err}
	}
	return Row{Issued: issued}
}

// batchWriters is how many bulletins of a batch are under way at once. What queues
// during one flush goes into the next, so that many share it.
const batchWriters = 256

// concurrently calls do for 0 to n-1.
func concurrently(n int, do func(i int)) {
	_ = eventstore.Each(batchWriters, n, func(i int) error { do(i); return nil })
}
