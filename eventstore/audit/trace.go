package audit

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sort"
	"sync"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// Trace is where the events of one story stand in a log, with its balances every so
// often: whoever has it opens any of them by reading a few hundred events, however
// long the log is. It costs one pass, and goes on from there when the log has grown.
// An event of a story that is the whole log takes two bytes.
//
// Balances are counted over the events of the story alone. They are those of single
// accounts for a notice or a parent; where the story is of an account or of everything,
// accounts of which there is one for each person are counted together, but for the one
// that was asked for.
//
// A Trace can be used by many goroutines.
type Trace struct {
	filter Filter
	reg    *wire.Registry

	mu        sync.RWMutex
	story     *Story
	books     []Book
	index     map[Book]int
	sums      []domain.Money // of books, after the last event
	stretches []stretch
	count     int
	last      eventstore.Position // of the story's last event
	end       eventstore.Position // of the log, when it was read last
}

// stretchEvents is how many events there are from one set of balances to the next.
const stretchEvents = 256

// stretch is a run of the story's events, with the balances before it.
type stretch struct {
	before []domain.Money
	places
}

// Stop is a step of a story, as a Trace opens it.
type Stop struct {
	Step
	Number   int                   // in the story; the first is 1
	Balances map[Book]domain.Money // after the step, of every account that was touched so far
	book     func(domain.Posting) Book
}

// Book is the account that a move was counted in.
func (s Stop) Book(m Move) Book { return s.book(m.Posting) }

// NewTrace begins a Trace that has read nothing yet.
func NewTrace(f Filter) *Trace {
	return &Trace{filter: f, reg: wire.New(nil), story: NewStory(f), index: make(map[Book]int)}
}

// Len counts the events of the story.
func (t *Trace) Len() int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.count
}

// End is how far the log was read.
func (t *Trace) End() eventstore.Position {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.end
}

// Books are the accounts that the story touched, in the order in which it did.
func (t *Trace) Books() []Book {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return slices.Clone(t.books)
}

// Extend reads on to the end of the log. After an error it can be called again, and
// goes on from where it came to. watch, if there is one, is told how far that is, now and then.
func (t *Trace) Extend(ctx context.Context, log eventstore.Reader, watch func(eventstore.Position)) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := 0
	for rec, err := range log.ReadAll(ctx, t.end) {
		if err != nil {
			return err
		}
		step, err := decode(ctx, t.reg, rec)
		if err != nil {
			return err
		}
		if t.story.Holds(step) {
			t.add(step)
		}
		t.end = rec.Position
		if n++; watch != nil && n%4096 == 0 {
			watch(t.end)
		}
	}
	return nil
}

func (t *Trace) add(step Step) {
	if t.count%stretchEvents == 0 {
		t.stretches = append(t.stretches, stretch{slices.Clone(t.sums), places{after: t.last}})
	}
	t.stretches[len(t.stretches)-1].add(step.Event.Position, t.last)
	t.last = step.Event.Position
	t.count++
	for _, p := range domain.Postings(step.Fact) {
		book := t.book(p)
		i, ok := t.index[book]
		if !ok {
			i = len(t.books)
			t.index[book] = i
			t.books, t.sums = append(t.books, book), append(t.sums, 0)
		}
		t.sums[i] += p.Debit - p.Credit
	}
}

// book is the account that a posting is counted in.
func (t *Trace) book(p domain.Posting) Book {
	account := p.Account
	single := t.filter.Notice != "" || t.filter.Parent != domain.ParentID{}
	if !single && account != t.filter.Account {
		account = KindOf(account)
	}
	return Book{p.Creditor, account}
}

// Stops opens the story's events from one number to another, both included. The log is
// the one that was read.
func (t *Trace) Stops(ctx context.Context, log eventstore.Reader, first, last int) ([]Stop, error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if first < 1 || last > t.count || first > last {
		return nil, fmt.Errorf("audit: the story has events 1 to %d, not %d to %d", t.count, first, last)
	}
	begin := (first - 1) / stretchEvents
	var positions []eventstore.Position
	for i := begin; i <= (last-1)/stretchEvents; i++ {
		positions = append(positions, t.stretches[i].positions()...)
	}
	number := begin * stretchEvents
	positions = positions[:last-number]
	balances := t.balances(t.stretches[begin])
	stops := make([]Stop, 0, last-first+1)
	err := eachAt(ctx, log, positions, func(rec eventstore.Recorded) error {
		step, err := decode(ctx, t.reg, rec)
		if err != nil {
			return err
		}
		step.Moves = t.moves(balances, domain.Postings(step.Fact))
		if number++; number >= first {
			stops = append(stops, Stop{step, number, maps.Clone(balances), t.book})
		}
		return nil
	})
	return stops, err
}

func (t *Trace) balances(b stretch) Balances {
	balances := make(Balances, len(b.before))
	for i, sum := range b.before {
		balances[t.books[i]] = sum
	}
	return balances
}

// moves applies postings to the accounts that they are counted in.
func (t *Trace) moves(balances Balances, postings []domain.Posting) []Move {
	moves := make([]Move, len(postings))
	for i, p := range postings {
		book := t.book(p)
		before := balances[book]
		balances[book] = before + p.Debit - p.Credit
		moves[i] = Move{p, before, balances[book]}
	}
	return moves
}

// RecordedBy counts the story's events that the ledger knew at a moment.
func (t *Trace) RecordedBy(ctx context.Context, log eventstore.Reader, moment time.Time) (int, error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	var failed error
	later := func(at eventstore.Position) bool {
		if failed != nil {
			return true
		}
		var recorded time.Time
		failed = eachAt(ctx, log, []eventstore.Position{at}, func(rec eventstore.Recorded) error {
			meta, err := eventstore.ParseMetadata(rec.Metadata)
			recorded = meta.Recorded
			return err
		})
		return recorded.After(moment)
	}
	// The stretch that the moment is in is the last whose first event it knew.
	n := sort.Search(len(t.stretches), func(i int) bool { return later(t.stretches[i].positions()[0]) })
	if n == 0 || failed != nil {
		return 0, failed
	}
	positions := t.stretches[n-1].positions()
	within := sort.Search(len(positions), func(i int) bool { return later(positions[i]) })
	return (n-1)*stretchEvents + within, failed
}

// Number is where the story comes to at a position of the log: how many of its events
// stand up to there.
func (t *Trace) Number(at eventstore.Position) int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	n := sort.Search(len(t.stretches), func(i int) bool { return t.stretches[i].after >= at })
	if n == 0 {
		return 0
	}
	positions := t.stretches[n-1].positions()
	within := sort.Search(len(positions), func(i int) bool { return positions[i] > at })
	return (n-1)*stretchEvents + within
}
