package ledger

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
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

// Row is what became of one bulletin of a batch: Issued, or Err.
type Row struct {
	Issued
	Err error // a *domain.Refusal, or an accident after which the batch is to be repeated
}

// IssueBulletins raises many debts of one creditor, each on its own: a row that is
// refused keeps none of the others back. The same batch repeated, by the id of its
// command, gives every row the number it had before, and raises what an accident
// or a refusal left out. The error is what kept all of it from being done; the
// first accident of a row is one.
func (l *Ledger) IssueBulletins(
	ctx context.Context, env eventstore.Envelope, creditor domain.FiscalCode, cmds []domain.IssueBulletin, at time.Time,
) ([]Row, error) {
	if len(cmds) == 0 || len(cmds) > MaxBatch {
		return nil, fmt.Errorf("%d: %w", len(cmds), ErrBadBatch)
	}
	body, err := l.creditor(ctx, creditor, now)
	if err != nil {
		return nil, err
	}
	first, err := l.batchNumbers(ctx, env, creditor, uint64(len(cmds)), at)
	if err != nil {
		return nil, err
	}
	rows := make([]Row, len(cmds))
	concurrently(len(cmds), func(i int) {
		rows[i] = l.issueRow(ctx, Step(env, "row/"+strconv.Itoa(i)), body.Profile, first+uint64(i), cmds[i])
	})
	for i, row := range rows {
		if row.Err != nil && !refused(row.Err) {
			return rows, fmt.Errorf("row %d: %w", i+1, row.Err)
		}
	}
	return rows, nil
}

// batchNumbers reserves the numbers of a batch, once for its command.
func (l *Ledger) batchNumbers(ctx context.Context, env eventstore.Envelope, creditor domain.FiscalCode, count uint64, at time.Time) (uint64, error) {
	out, err := l.numbers.Handle(ctx, NumbersStream(creditor), env, domain.ReserveNumbers{Creditor: creditor, Count: count, At: at})
	if err != nil {
		return 0, err
	}
	reserved := out.Events[0].(domain.NumbersReserved)
	if reserved.Count != count {
		return 0, fmt.Errorf("a batch of %d bulletins before, of %d now: %w", reserved.Count, count, eventstore.ErrCommandReused)
	}
	return reserved.First, nil
}

func (l *Ledger) issueRow(ctx context.Context, env eventstore.Envelope, p domain.CreditorProfile, base uint64, cmd domain.IssueBulletin) Row {
	if cmd.Creditor != p.FiscalCode || cmd.Notice != "" {
		return Row{Err: ErrBatchNumber}
	}
	notice, err := domain.NewNoticeNumber(p.Segregation, base)
	if err != nil {
		return Row{Err: err}
	}
	cmd.Notice = notice
	issued, err := l.IssueBulletin(ctx, env, cmd)
	return Row{issued, err}
}

// batchWriters is how many bulletins of a batch are under way at once. What queues
// during one flush goes into the next, so that many share it.
const batchWriters = 256

// concurrently calls do for 0 to n-1.
func concurrently(n int, do func(i int)) {
	var next atomic.Int64
	var group sync.WaitGroup
	for range min(n, batchWriters) {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	group.Wait()
}
