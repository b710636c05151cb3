package main

import (
	"context"
	"iter"

	"github.com/saldo-ledger/saldo/adapters/httpapi"
	"github.com/saldo-ledger/saldo/adapters/journal"
)

// exchanges is the journal as the API knows it.
type exchanges struct{ *journal.Journal }

// Search returns one page of entries, newest first.
func (x exchanges) Search(ctx context.Context, q httpapi.JournalQuery, before int64, limit int) ([]httpapi.JournalEntry, bool, error) {
	found, more, err := x.Journal.Search(ctx, journalQuery(q), before, limit)
	all := make([]httpapi.JournalEntry, len(found))
	for i, e := range found {
		all[i] = journalEntry(e)
	}
	return all, more, err
}

// Export yields all entries, oldest first.
func (x exchanges) Export(ctx context.Context, q httpapi.JournalQuery) iter.Seq2[httpapi.JournalEntry, error] {
	return func(yield func(httpapi.JournalEntry, error) bool) {
		for e, err := range x.Journal.Export(ctx, journalQuery(q)) {
			if !yield(journalEntry(e), err) {
				return
			}
		}
	}
}

func journalQuery(q httpapi.JournalQuery) journal.Query {
	return journal.Query{
		Creditor: q.Creditor, Direction: journal.Direction(q.Direction), Operation: q.Operation, Notice: q.Notice, IUV: q.IUV,
		Receipt: q.Receipt, Outcome: q.Outcome, Fault: q.Fault, From: q.From, To: q.To,
	}
}

func journalEntry(e journal.Entry) httpapi.JournalEntry {
	return httpapi.JournalEntry{
		ID: e.ID, At: e.At, Direction: string(e.Direction), Operation: e.Operation, Creditor: e.Creditor, Station: e.Station,
		Notices: e.Notices, IUV: e.IUV, Receipt: e.Receipt, Peer: e.Peer, Outcome: e.Outcome, Fault: e.Fault, Status: e.Status,
		Milliseconds: float64(e.Took.Microseconds()) / 1000, RequestSize: e.RequestSize, AnswerSize: e.AnswerSize,
	}
}
