package audit

import (
	"context"
	"crypto/sha256"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// checked is what a checker has to say of a batch.
type checked struct {
	// links are those of the sound events and of the first that is not, unless
	// nothing can be said of its link because it is not even in its place.
	links           []link
	sound           int // events
	debits, credits domain.Money
	cause           error // what is wrong with the event after the sound ones
	linkless        bool  // that event has no hash
}

// checker checks events by themselves. One checker is for one goroutine.
type checker struct {
	books *wire.Books
	key   []byte // and after it the stream, for its digest
	last  eventstore.Stream
	id    digest // of the last stream
}

func newChecker(key [32]byte) *checker { return &checker{books: wire.NewBooks(), key: key[:]} }

func (c *checker) check(events []eventstore.Recorded, out *checked) {
	*out = checked{links: out.links[:0]}
	for i := range events {
		if i > 0 && events[i].Position <= events[i-1].Position {
			out.cause = disorder(events[i].Position, events[i-1].Position)
			return
		}
		if out.cause = c.event(&events[i], out); out.cause != nil {
			return
		}
		out.sound++
	}
}

func (c *checker) event(rec *eventstore.Recorded, out *checked) error {
	content, found, err := eventstore.Content(*rec)
	out.links = append(out.links, link{c.digest(rec.Stream), rec.Revision, rec.Position, content, found})
	if err != nil {
		out.linkless = true
		return &eventstore.ChainError{Stream: rec.Stream, Revision: rec.Revision, Position: rec.Position, Found: found, Cause: err}
	}
	_, postings, err := c.books.Read(context.Background(), *rec) // it has no keys and asks nobody
	if err != nil {
		return err
	}
	if err := domain.CheckPostings(postings); err != nil {
		return err
	}
	for _, p := range postings {
		out.debits += p.Debit
		out.credits += p.Credit
	}
	return nil
}

// digest returns what stands for a stream's name.
func (c *checker) digest(stream eventstore.Stream) digest {
	if stream != c.last || c.id == (digest{}) {
		c.key = append(c.key[:sha256.Size], stream...)
		sum := sha256.Sum256(c.key)
		c.last, c.id = stream, digest(sum[:])
	}
	return c.id
}
