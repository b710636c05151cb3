package audit

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"iter"
	"math"
	"slices"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/seal"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// agedMost is how many sums a pass for closings keeps, of 24 bytes each: one for each
// account, and one more for each period's end that its postings lie on both sides of
// while closings of both sides are still to be checked.
const agedMost = 4_000_000

// closingCheck holds closings against the log, in one pass along it. Of each account it
// keeps sums by the first period that took them in, of those that are still to be checked.
type closingCheck struct {
	creditors map[domain.FiscalCode]bool
	digests   []closing // still to be compared with the trial balance, by position
	roots     []closing // and with the tree, by its size
	later     []closing // what did not fit
	// What is wrong with roots and with trial balances.
	badRoots, badDigests []*Break

	most  int
	kept  int     // sums in ages
	ends  []int64 // of the periods still to be checked, in order
	ages  map[Book]*[]agedSum
	books []Book // of ages: those before sorted are in order
	order int

	tree  seal.Frontier
	spare []seal.Hash
}

// agedSum is what moved on an account within the first period that ends at a moment.
type agedSum struct {
	end int64
	Turnover
}

func newClosingCheck(all []closing, most int) *closingCheck {
	c := &closingCheck{creditors: make(map[domain.FiscalCode]bool), most: most, ages: make(map[Book]*[]agedSum)}
	for _, one := range all {
		c.creditors[one.Creditor] = true
	}
	c.digests = slices.SortedStableFunc(slices.Values(all), func(a, b closing) int { return cmp.Compare(a.Position, b.Position) })
	c.roots = slices.SortedStableFunc(slices.Values(all), func(a, b closing) int { return cmp.Compare(a.Events, b.Events) })
	c.setEnds()
	return c
}

// setEnds forgets the ends of periods that are checked.
func (c *closingCheck) setEnds() {
	c.ends = c.ends[:0]
	for i := range c.digests {
		c.ends = append(c.ends, endOf(&c.digests[i]))
	}
	slices.Sort(c.ends)
	c.ends = slices.Compact(c.ends)
}

// endOf is the first second after a closing's period.
func endOf(c *closing) int64 { return c.Period.End().Unix() }

// taking is the first end after a moment; false where no period takes it in.
func (c *closingCheck) taking(second int64) (int64, bool) {
	i, _ := slices.BinarySearch(c.ends, second+1)
	if i == len(c.ends) {
		return 0, false
	}
	return c.ends[i], true
}

// pass goes along the log as far as the closings look.
func (c *closingCheck) pass(ctx context.Context, log eventstore.Reader) error {
	err := inBatches(ctx,
		func(ctx context.Context) iter.Seq2[eventstore.Recorded, error] {
			return Range{To: c.last()}.upTo(log.ReadAll(ctx, 0))
		},
		func() func([]eventstore.Recorded, *closable) {
			books := wire.NewBooks()
			return func(events []eventstore.Recorded, out *closable) { out.read(ctx, books, c.creditors, events) }
		},
		func(events []eventstore.Recorded, out *closable) error {
			for i, leaf := range out.leaves {
				c.event(&events[i], leaf, out.postings[out.until(i-1):out.until(i)])
			}
			return out.err
		})
	if err != nil {
		return err
	}
	c.settle(math.MaxUint64)
	for i := range c.roots {
		one := &c.roots[i]
		c.badRoots = append(c.badRoots, one.broken("number of events", "at most "+fmt.Sprint(c.tree.Size()), fmt.Sprint(one.Events)))
	}
	return nil
}

// last is where the pass ends: a closing that counts more events than stand before its
// position is compared at the end.
func (c *closingCheck) last() (to eventstore.Position) {
	for _, one := range c.digests {
		to = max(to, eventstore.Position(one.Position), one.place.position)
	}
	return to
}

// event takes in one event.
func (c *closingCheck) event(rec *eventstore.Recorded, leaf seal.Hash, postings []agedPosting) {
	c.settle(uint64(rec.Position))
	for _, p := range postings {
		if end, taken := c.taking(p.at); taken {
			c.post(p.Book, agedSum{end, p.Turnover})
		}
	}
	c.spare = c.tree.Add(leaf, c.spare[:0])
	for ; len(c.roots) > 0 && c.roots[0].Events == c.tree.Size(); c.roots = c.roots[1:] {
		c.checkRoot(&c.roots[0], rec.Position)
	}
}

func (c *closingCheck) checkRoot(one *closing, at eventstore.Position) {
	root := c.tree.Root()
	switch got := hex.EncodeToString(root[:]); {
	case got != one.Root:
		c.badRoots = append(c.badRoots, one.broken("root", got, one.Root))
	case uint64(at) != one.Position:
		c.badRoots = append(c.badRoots, one.broken("position", fmt.Sprint(at), fmt.Sprint(one.Position)))
	}
}

func (c *closingCheck) post(book Book, moved agedSum) {
	ages, known := c.ages[book]
	if !known {
		ages = new([]agedSum)
		c.ages[book], c.books = ages, append(c.books, book)
	}
	for i := range *ages {
		if (*ages)[i].end == moved.end {
			(*ages)[i].Turnover = (*ages)[i].plus(moved.Turnover)
			return
		}
	}
	*ages = append(*ages, moved)
	if c.kept++; c.kept > c.most && len(c.ends) > 1 {
		c.shed()
	}
}

// shed leaves the closings of the periods that end last for another pass.
func (c *closingCheck) shed() {
	kept := c.ends[len(c.ends)/2-1]
	goes := func(one closing) bool { return endOf(&one) > kept }
	for _, one := range c.digests {
		if goes(one) {
			c.later = append(c.later, one)
		}
	}
	c.digests, c.roots = slices.DeleteFunc(c.digests, goes), slices.DeleteFunc(c.roots, goes)
	c.merge()
}

// settle compares the closings that look no further than before a position.
func (c *closingCheck) settle(before uint64) {
	if len(c.digests) == 0 || c.digests[0].Position >= before {
		return
	}
	if c.order < len(c.books) {
		slices.SortFunc(c.books, compareBooks)
		c.order = len(c.books)
	}
	for ; len(c.digests) > 0 && c.digests[0].Position < before; c.digests = c.digests[1:] {
		one := &c.digests[0]
		if broken := one.check(c.frozen(one)); broken != nil {
			c.badDigests = append(c.badDigests, broken)
		}
	}
	c.merge()
}

// frozen is what the log gives for a closing.
func (c *closingCheck) frozen(one *closing) domain.Frozen {
	f, end := newFreezing(), endOf(one)
	for _, book := range c.books {
		if book.Creditor != one.Creditor {
			continue
		}
		var moved Turnover
		for _, sum := range *c.ages[book] {
			if sum.end <= end {
				moved = moved.plus(sum.Turnover)
			}
		}
		f.add(book.Account, moved)
	}
	return f.sum()
}

// merge adds up the sums that no closing tells apart any more.
func (c *closingCheck) merge() {
	before := len(c.ends)
	if c.setEnds(); len(c.ends) == before {
		return
	}
	c.kept = 0
	for _, ages := range c.ages {
		old := *ages
		*ages = old[:0]
		for _, sum := range old {
			end, taken := c.taking(sum.end - 1)
			if !taken {
				continue
			}
			if i := slices.IndexFunc(*ages, func(s agedSum) bool { return s.end == end }); i >= 0 {
				(*ages)[i].Turnover = (*ages)[i].plus(sum.Turnover)
			} else {
				*ages = append(*ages, agedSum{end, sum.Turnover})
			}
		}
		c.kept += len(*ages)
	}
}

// closable is what closings need of a batch of events, up to the first error.
type closable struct {
	leaves   []seal.Hash
	ends     []int // of each event's postings
	postings []agedPosting
	err      error
}

// agedPosting is a posting and the second in which it took place.
type agedPosting struct {
	at int64
	Book
	Turnover
}

// until is where the postings of an event end.
func (b *closable) until(i int) int {
	if i < 0 {
		return 0
	}
	return b.ends[i]
}

func (b *closable) read(ctx context.Context, books *wire.Books, of map[domain.FiscalCode]bool, events []eventstore.Recorded) {
	*b = closable{leaves: b.leaves[:0], ends: b.ends[:0], postings: b.postings[:0]}
	for i := range events {
		var leaf seal.Hash
		if leaf, b.err = seal.LeafOf(events[i]); b.err != nil {
			return
		}
		var at time.Time
		var postings []domain.Posting
		if wire.Moves(events[i].Type) {
			if at, postings, b.err = books.Read(ctx, events[i]); b.err != nil {
				return
			}
		}
		for _, p := range postings {
			if of[p.Creditor] {
				b.postings = append(b.postings, agedPosting{at.Unix(), Book{p.Creditor, p.Account}, Turnover{p.Debit, p.Credit}})
			}
		}
		b.leaves, b.ends = append(b.leaves, leaf), append(b.ends, len(b.postings))
	}
}
