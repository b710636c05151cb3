package audit

import (
	"context"
	"fmt"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// Verified says what a verification went through and found sound.
type Verified struct {
	Events  uint64              `json:"events"`
	Streams uint64              `json:"streams"`
	End     eventstore.Position `json:"end"` // of the last event
	Debits  domain.Money        `json:"debits"`
	Credits domain.Money        `json:"credits"`
}

// A Break is the first thing that is wrong with a log.
type Break struct {
	Position eventstore.Position
	Stream   eventstore.Stream
	Revision eventstore.Revision
	Cause    error
}

func (b *Break) Error() string {
	return fmt.Sprintf("audit: broken at position %d, stream %s, revision %d: %v", b.Position, b.Stream, b.Revision, b.Cause)
}

func (b *Break) Unwrap() error { return b.Cause }

// Verify recomputes the chain of every stream in log order: each event's hash
// from its content and its predecessor, revisions without a gap, positions that
// grow, events this program can read, debits equal to credits. The first thing
// wrong is a *Break; any other error means that the log could not be read.
// progress, when not nil, is told how many events were verified, now and then.
func Verify(ctx context.Context, log eventstore.Reader, progress func(events uint64)) (Verified, error) {
	v := verifier{heads: make(map[eventstore.Stream]head), reg: wire.New(nil)}
	for rec, err := range log.ReadAll(ctx, 0) {
		if err != nil {
			return v.sound, err
		}
		if err := v.check(ctx, rec); err != nil {
			return v.sound, &Break{rec.Position, rec.Stream, rec.Revision, err}
		}
		if progress != nil && v.sound.Events%progressEvery == 0 {
			progress(v.sound.Events)
		}
	}
	return v.sound, nil
}

// progressEvery is after how many events a verification reports.
const progressEvery = 10_000

// head is where a stream stands.
type head struct {
	revision eventstore.Revision
	hash     eventstore.Hash
}

type verifier struct {
	heads map[eventstore.Stream]head
	reg   *wire.Registry
	sound Verified
}

func (v *verifier) check(ctx context.Context, rec eventstore.Recorded) error {
	if rec.Position <= v.sound.End {
		return fmt.Errorf("position %d comes after %d", rec.Position, v.sound.End)
	}
	at := v.heads[rec.Stream]
	if rec.Revision != at.revision+1 {
		return fmt.Errorf("the stream was at revision %d: an event is missing or out of order", at.revision)
	}
	hash, err := eventstore.VerifyLink(at.hash, rec)
	if err != nil {
		return err
	}
	fact, err := v.reg.Decode(ctx, rec)
	if err != nil {
		return err
	}
	postings := domain.Postings(fact)
	if err := domain.CheckPostings(postings); err != nil {
		return err
	}
	v.count(rec, hash, at, postings)
	return nil
}

func (v *verifier) count(rec eventstore.Recorded, hash eventstore.Hash, before head, postings []domain.Posting) {
	v.heads[rec.Stream] = head{rec.Revision, hash}
	if before.revision == 0 {
		v.sound.Streams++
	}
	v.sound.Events++
	v.sound.End = rec.Position
	for _, p := range postings {
		v.sound.Debits += p.Debit
		v.sound.Credits += p.Credit
	}
}
