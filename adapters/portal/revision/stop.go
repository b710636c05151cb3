package revision

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
)

// stop is one event as a replay shows it.
type stop struct {
	audit.Stop
	Effective time.Time
	JSON      string
	Moves     []moveLine
	Debits    domain.Money
	Credits   domain.Money
	Previous  eventstore.Hash // of the event before in the stream
	Chained   bool            // the event's hash follows from it
	Fate      audit.Fate
	Concerned []uuid.UUID
	Chart     *chart
}

// moveLine is a posting, with the balance of the account that it is counted in.
type moveLine struct {
	audit.Move
	In domain.Account
}

// around is how many events a chart shows before and after the one that is open.
const around = 30

// stop opens the event that is asked for, with its neighbours for the chart.
func (s *site) stop(ctx context.Context, trace *audit.Trace, t tale, total int) (*stop, error) {
	first, last := max(1, t.Seq-around), min(total, t.Seq+around)
	stops, err := trace.Stops(ctx, s.Log, first, last)
	if err != nil {
		return nil, err
	}
	shown := &stop{Stop: stops[t.Seq-first]}
	shown.Effective, shown.Concerned = shown.Fact.OccurredAt(), audit.Concerned(shown.Fact)
	for _, m := range shown.Stop.Moves {
		shown.Moves = append(shown.Moves, moveLine{m, shown.Book(m).Account})
		shown.Debits += m.Debit
		shown.Credits += m.Credit
	}
	if shown.Fate, err = s.persons.Fate(ctx, shown.Fact); err != nil {
		return nil, err
	}
	shown.JSON = readable(shown.Event.Data, shown.Fate)
	if err := s.chain(ctx, shown); err != nil {
		return nil, err
	}
	shown.Chart = newChart(chosen(trace, t, shown.Stop), stops, t)
	return shown, nil
}

// chain checks the event against the one before it in its stream.
func (s *site) chain(ctx context.Context, shown *stop) error {
	if shown.Event.Revision > 1 {
		for before, err := range s.Log.Read(ctx, shown.Event.Stream, shown.Event.Revision-2) {
			if err != nil {
				return err
			}
			meta, err := eventstore.ParseMetadata(before.Metadata)
			if err != nil {
				return err
			}
			shown.Previous = meta.Hash
			break
		}
	}
	_, err := eventstore.VerifyLink(shown.Previous, shown.Event)
	shown.Chained = err == nil
	return nil
}

// chosen is the account that the chart is of: the one asked for, or the first that the
// event moves, or that the story touched.
func chosen(trace *audit.Trace, t tale, s audit.Stop) audit.Book {
	books := trace.Books()
	for _, book := range books {
		if string(book.Account) == t.Account {
			return book
		}
	}
	if t.Account == "" && t.Notice == "" && t.Adult == "" && len(s.Moves) > 0 {
		return s.Book(s.Moves[0])
	}
	if len(books) > 0 {
		return books[0]
	}
	return audit.Book{}
}

// sealedMember is the member of an event's data that holds sealed personal data.
const sealedMember = "personal"

// readable is an event's data, one member a line, with what became of personal data in
// their place: their sealed bytes say nothing to anybody.
func readable(data []byte, fate audit.Fate) string {
	var members map[string]json.RawMessage
	if json.Unmarshal(data, &members) == nil && members[sealedMember] != nil {
		word := `"` + fateName(fate) + `"`
		data = bytes.Replace(data, members[sealedMember], []byte(word), 1)
	}
	var b bytes.Buffer
	if json.Indent(&b, data, "", "  ") != nil {
		return string(data)
	}
	return b.String()
}

// Cause is the id of the event that led to the command, or "".
func (s *stop) Cause() string {
	if s.Metadata.Causation == uuid.Nil {
		return ""
	}
	return s.Metadata.Causation.String()
}
