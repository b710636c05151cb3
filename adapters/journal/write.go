package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/eventstore/wire"
)

const (
	retryPause = time.Second     // after a batch could not be written
	lastLimit  = 5 * time.Second // for what still waits at the end
	pruneEvery = time.Hour
	pruneBatch = 1000
)

// Run writes what is noted until ctx is done, then what still waits, and returns nil.
// A file that cannot be written to is logged and tried again: meanwhile entries are
// held, and lost beyond the bounds.
func (j *Journal) Run(ctx context.Context) error {
	prune := time.NewTicker(pruneEvery)
	defer prune.Stop()
	j.prune(ctx)
	for {
		select {
		case <-j.queue.ready:
			j.flush(ctx)
		case <-prune.C:
			j.prune(ctx)
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastLimit)
			defer cancel()
			j.last(last)
			return nil
		}
	}
}

// flush writes what waits, however often that takes. When ctx ends first it puts
// nothing back: last has one more try.
func (j *Journal) flush(ctx context.Context) {
	batch := j.take()
	for {
		err := j.write(ctx, batch)
		if err == nil {
			return
		}
		if ctx.Err() != nil {
			j.give(context.WithoutCancel(ctx), batch)
			return
		}
		j.Logger.Error("the journal could not be written", "entries", len(batch), "error", err)
		select {
		case <-time.After(retryPause):
		case <-ctx.Done():
		}
	}
}

// last writes what waits at the end.
func (j *Journal) last(ctx context.Context) { j.give(ctx, j.take()) }

// give tries once, and counts what cannot be written as lost.
func (j *Journal) give(ctx context.Context, batch []Entry) {
	ctx, cancel := context.WithTimeout(ctx, lastLimit)
	defer cancel()
	if err := j.write(ctx, batch); err != nil {
		j.queue.lose(len(batch))
		j.Logger.Error("entries of the journal are lost", "entries", len(batch), "error", err)
	}
}

func (j *Journal) take() []Entry {
	batch, lost := j.queue.take()
	if lost > 0 {
		j.Logger.Error("entries of the journal are lost: they came faster than they could be written", "entries", lost)
	}
	return batch
}

// write adds entries to the file, all or none.
func (j *Journal) write(ctx context.Context, batch []Entry) error {
	if len(batch) == 0 {
		return nil
	}
	return inTx(ctx, j.db, func(tx *sql.Tx) error {
		var id int64
		if err := tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(id), 0) FROM entry`).Scan(&id); err != nil {
			return err
		}
		for i, e := range batch {
			e.ID = id + int64(i) + 1
			if err := j.insert(ctx, tx, e); err != nil {
				return err
			}
		}
		return nil
	})
}

func (j *Journal) insert(ctx context.Context, tx *sql.Tx, e Entry) error {
	subject, err := j.subject(ctx, e)
	if err != nil {
		return fmt.Errorf("whose notices %v are: %w", e.Notices, err)
	}
	request, err := j.seal(ctx, e.ID, subject, "request", e.Request)
	if err != nil {
		return err
	}
	answer, err := j.seal(ctx, e.ID, subject, "answer", e.Answer)
	if err != nil {
		return err
	}
	notices := make([]string, len(e.Notices))
	for i, n := range e.Notices {
		notices[i] = string(n)
		_, err := tx.ExecContext(ctx, `INSERT OR IGNORE INTO entry_notice (notice, entry) VALUES ($1, $2)`, string(n), e.ID)
		if err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO entry (`+columns+`, subject, request, answer)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`,
		e.ID, e.At.UnixMicro(), string(e.Direction), e.Operation, string(e.Creditor), e.Station, strings.Join(notices, " "),
		string(e.IUV), string(e.Receipt), e.Peer, e.Outcome, e.Fault, e.Status, e.Took.Microseconds(), e.RequestSize, e.AnswerSize,
		subject.String(), request, answer)
	return err
}

// seal encrypts a message for its subject, bound to its place in the journal. Of
// somebody erased meanwhile nothing is kept.
func (j *Journal) seal(ctx context.Context, id int64, subject uuid.UUID, what string, message []byte) ([]byte, error) {
	if len(message) == 0 {
		return nil, nil
	}
	sealed, err := j.keys.Seal(ctx, subject, message, place(id, what))
	if errors.Is(err, wire.ErrErased) {
		return nil, nil
	}
	return sealed, err
}

func place(id int64, what string) []byte { return fmt.Appendf(nil, "journal/%d/%s", id, what) }

// prune deletes what was kept long enough, a little at a time so that no writer waits.
// The newest entry stays, so that no number is ever given twice.
func (j *Journal) prune(ctx context.Context) {
	before := j.Now().Add(-j.Keep).UnixMicro()
	for ctx.Err() == nil {
		n, err := j.pruneSome(ctx, before)
		if err != nil && ctx.Err() == nil {
			j.Logger.Error("old entries of the journal could not be deleted", "error", err)
		}
		if err != nil || n == 0 {
			return
		}
	}
}

func (j *Journal) pruneSome(ctx context.Context, before int64) (n int64, err error) {
	const old = ` (SELECT id FROM entry WHERE at < $1 AND id < (SELECT MAX(id) FROM entry) ORDER BY at LIMIT $2)`
	err = inTx(ctx, j.db, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM entry_notice WHERE entry IN`+old, before, pruneBatch); err != nil {
			return err
		}
		res, err := tx.ExecContext(ctx, `DELETE FROM entry WHERE id IN`+old, before, pruneBatch)
		if err != nil {
			return err
		}
		n, err = res.RowsAffected()
		return err
	})
	return n, err
}
