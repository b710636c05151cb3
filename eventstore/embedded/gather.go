package embedded

import (
	"bytes"
	"cmp"
	"context"
	"iter"
	"math"
	"slices"
	"sync"

	"github.com/cockroachdb/pebble/v2"

	"github.com/saldo-ledger/saldo/eventstore"
)

var _ eventstore.Gatherer = (*Log)(nil)

// Gather is of eventstore.Gatherer: the streams' places in the log are looked up in
// the order of their names, and their events read in that of the log.
func (l *Log) Gather(ctx context.Context, tails []eventstore.Tail) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		g := gatherer{db: l.db, end: l.tide.mark()}
		if err := g.begin(tails); err != nil {
			yield(eventstore.Recorded{}, err)
			return
		}
		p := gathered.Get().(*page)
		defer gathered.Put(p)
		for more := true; more; {
			p.turn(lastPage)
			f := l.fill(ctx, g.fill, p)
			if !f.yield(ctx, yield) {
				return
			}
			more = f.more
		}
	}
}

// gathered keeps pages for Gather.
var gathered = sync.Pool{New: func() any { return &page{lent: true} }}

// gatherer reads several streams.
type gatherer struct {
	db    *pebble.DB
	end   eventstore.Position // events further on are not read
	tails []streamReader
	runs  []tailRun // to be read, by position; nil until they are looked up
}

// tailRun is a run of events of one of the tails.
type tailRun struct {
	run
	of *streamReader
}

// begin sorts the tails.
func (g *gatherer) begin(tails []eventstore.Tail) error {
	g.tails = make([]streamReader, len(tails))
	for i, t := range tails {
		if err := t.Stream.Check(); err != nil {
			return err
		}
		g.tails[i] = streamReader{db: g.db, stream: t.Stream, after: t.After, end: g.end}
	}
	slices.SortFunc(g.tails, func(a, b streamReader) int { return cmp.Compare(a.stream, b.stream) })
	return nil
}

// fill reads the next events into p.
func (g *gatherer) fill(p *page) (more bool, err error) {
	if g.runs == nil {
		if err := g.lookUp(); err != nil {
			return false, err
		}
	}
	events, err := g.db.NewIter(eventsAfter(0, g.end))
	if err != nil {
		return false, engineError(err, 0, "")
	}
	defer events.Close()
	var next eventstore.Position // what comes after the event that was read last
	for ; len(g.runs) > 0; g.runs = g.runs[1:] {
		r := g.runs[0]
		for r.of.after < r.last() {
			pos := r.at(r.of.after + 1)
			switch {
			case p.full():
				return true, nil
			case pos == next:
				events.Next()
			default:
				events.SeekGE(eventKey(pos))
			}
			if err := r.of.take(p, events, pos); err != nil {
				return false, err
			}
			next = pos + 1
		}
	}
	return false, nil
}

// lookUp finds the runs of all tails.
func (g *gatherer) lookUp() error {
	index, err := g.db.NewIter(&pebble.IterOptions{LowerBound: []byte{streamPrefix}, UpperBound: []byte{streamPrefix + 1}})
	if err != nil {
		return engineError(err, 0, "")
	}
	defer index.Close()
	g.runs = make([]tailRun, 0, 2*len(g.tails))
	for i := range g.tails {
		if err := g.lookUpOne(&g.tails[i], index); err != nil {
			return err
		}
	}
	slices.SortFunc(g.runs, func(a, b tailRun) int { return cmp.Compare(a.position, b.position) })
	return nil
}

func (g *gatherer) lookUpOne(tail *streamReader, index *pebble.Iterator) error {
	ahead := *tail
	if ahead.after >= math.MaxUint64-1 {
		return nil
	}
	first := appendStreamKey(nil, ahead.stream, 0)
	within := func() bool { return index.Valid() && bytes.HasPrefix(index.Key(), first[:len(first)-revisionSize]) }
	// Without a run that begins early enough, a later one is a gap to be found.
	if ahead.after == 0 || !index.SeekLT(appendStreamKey(nil, ahead.stream, ahead.after+2)) || !within() {
		index.SeekGE(first)
	}
	for ; within(); index.Next() {
		run, wanted, err := ahead.run(index)
		if err != nil {
			return err
		}
		if wanted {
			g.runs = append(g.runs, tailRun{run, tail})
			ahead.after = run.last()
		}
	}
	return engineError(index.Error(), 0, ahead.stream)
}
