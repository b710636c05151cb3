package eventstore

import (
	"context"
	"iter"
)

// Lender is what a Store may also be: one that reads along the log and does not leave a
// copy of each event to the reader. No rule of the ledger needs that. What embeds a
// Lender and has a ReadAll or Follow of its own needs these of its own as well.
type Lender interface {
	// LendAll and LendOn are ReadAll and Follow, but that the Data and Metadata of an
	// event are only good until the next is asked for.
	LendAll(ctx context.Context, after Position) iter.Seq2[Recorded, error]
	LendOn(ctx context.Context, after Position) iter.Seq2[Recorded, error]
}

// LendAll is log.ReadAll for whom Data and Metadata of an event will do until the next
// is asked for.
func LendAll(ctx context.Context, log ReaderOfAll, after Position) iter.Seq2[Recorded, error] {
	if lender, ok := log.(Lender); ok {
		return lender.LendAll(ctx, after)
	}
	return log.ReadAll(ctx, after)
}

// LendOn is log.Follow, likewise.
func LendOn(ctx context.Context, log Follower, after Position) iter.Seq2[Recorded, error] {
	if lender, ok := log.(Lender); ok {
		return lender.LendOn(ctx, after)
	}
	return log.Follow(ctx, after)
}

// ReaderOfAll is the part of a Store for those who go along the log to its end.
type ReaderOfAll interface {
	ReadAll(ctx context.Context, after Position) iter.Seq2[Recorded, error]
}

// Follower is the part of a Store for those who go along the log and wait for more.
type Follower interface {
	Follow(ctx context.Context, after Position) iter.Seq2[Recorded, error]
}
