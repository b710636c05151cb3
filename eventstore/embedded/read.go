package embedded

import (
	"context"
	"iter"
	"math"

	"github.com/cockroachdb/pebble/v2"

	"github.com/saldo-ledger/saldo/eventstore"
)

// Read yields the events of stream after the given revision, up to the end of
// the log as it was when reading began.
func (l *Log) Read(ctx context.Context, stream eventstore.Stream, after eventstore.Revision) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		if err := stream.Check(); err != nil {
			yield(eventstore.Recorded{}, err)
			return
		}
		r := streamReader{db: l.db, stream: stream, after: after, end: l.tide.mark()}
		l.pages(ctx, &book{}, r.fill, yield)
	}
}

// ReadAll yields the events after the given position, up to the end of the log
// as it was when reading began.
func (l *Log) ReadAll(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return l.all(ctx, after, false)
}

// Follow yields the events after the given position, those that are there and
// those to come, until ctx is done or the log is closed.
func (l *Log) Follow(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return l.on(ctx, after, false)
}

var _ eventstore.Lender = (*Log)(nil)

// LendAll is of eventstore.Lender.
func (l *Log) LendAll(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return l.all(ctx, after, true)
}

// LendOn is of eventstore.Lender.
func (l *Log) LendOn(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return l.on(ctx, after, true)
}

func (l *Log) all(ctx context.Context, after eventstore.Position, lent bool) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		r := logReader{db: l.db, after: after, end: l.tide.mark()}
		l.pages(ctx, &book{lent: lent}, r.fill, yield)
	}
}

func (l *Log) on(ctx context.Context, after eventstore.Position, lent bool) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		r, b := logReader{db: l.db, after: after}, &book{lent: lent}
		for {
			var risen <-chan struct{}
			r.end, risen = l.tide.watch()
			if !l.pages(ctx, b, r.fill, yield) {
				return
			}
			b.rest()
			select {
			case <-risen:
			case <-ctx.Done():
				yield(eventstore.Recorded{}, ctx.Err())
				return
			case <-l.closing:
				yield(eventstore.Recorded{}, eventstore.ErrClosed)
				return
			}
		}
	}
}

// End returns the position of the last event.
func (l *Log) End(ctx context.Context) (eventstore.Position, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	l.gate.RLock()
	defer l.gate.RUnlock()
	if l.closed {
		return 0, eventstore.ErrClosed
	}
	return l.tide.mark(), nil
}

// book is the pages of a reader, of which two are in use.
type book struct {
	lent  bool // see page.lent
	pages [2]*page
}

// leaf returns one of the pages, empty and for so many events.
func (b *book) leaf(i, limit int) *page {
	if b.pages[i] == nil {
		b.pages[i] = &page{lent: b.lent}
	}
	b.pages[i].turn(limit)
	return b.pages[i]
}

// rest lets go of what a reader who waits need not keep: all but small pages to be
// written over.
func (b *book) rest() {
	for i, p := range b.pages {
		if p != nil && (!b.lent || p.limit > twoSided) {
			b.pages[i] = nil
		}
	}
}

// pages yields what fill reads, page after page, and returns whether the
// consumer goes on after the last. The next page is read while the consumer is
// at work; beyond that nothing of the engine is held, however long that takes.
func (l *Log) pages(ctx context.Context, b *book, fill filler, yield func(eventstore.Recorded, error) bool) bool {
	current, next := l.fill(ctx, fill, b.leaf(0, firstPage)), 1
	for limit := 2 * firstPage; current.more; limit = min(2*limit, lastPage) {
		ahead := make(chan filled, 1)
		p := b.leaf(next, limit)
		go func() { ahead <- l.fill(ctx, fill, p) }()
		if !current.yield(ctx, yield) {
			return false
		}
		current, next = <-ahead, 1-next
	}
	return current.yield(ctx, yield)
}

// filled is a page after it was filled.
type filled struct {
	page *page
	more bool
	err  error // after the events of the page
}

// filler reads the next events into a page, and says whether there are more.
type filler func(p *page) (more bool, err error)

func (l *Log) fill(ctx context.Context, fill filler, p *page) filled {
	if err := ctx.Err(); err != nil {
		return filled{page: p, err: err}
	}
	l.gate.RLock()
	defer l.gate.RUnlock()
	if l.closed {
		return filled{page: p, err: eventstore.ErrClosed}
	}
	more, err := fill(p)
	return filled{page: p, more: more, err: err}
}

// yield hands over the events and the error of f, and returns whether the
// consumer goes on.
func (f filled) yield(ctx context.Context, yield func(eventstore.Recorded, error) bool) bool {
	for _, e := range f.page.events {
		if !yield(e, nil) {
			return false
		}
		if err := ctx.Err(); err != nil {
			yield(eventstore.Recorded{}, err)
			return false
		}
	}
	if f.err != nil {
		yield(eventstore.Recorded{}, f.err)
		return false
	}
	return true
}

// logReader reads the log in its global order.
type logReader struct {
	db         *pebble.DB
	after, end eventstore.Position
	large      bool // events are so large that pages are full before they are counted
}

// fill reads the next events into p.
func (r *logReader) fill(p *page) (more bool, err error) {
	if p.limit >= twoSided && !r.large {
		err = r.fillBoth(p)
	} else {
		err = r.fillOne(p)
	}
	return err == nil && r.after < r.end, err
}

// fillBoth reads the next events into p from both ends of it at once: whoever
// reads that many wants the whole log, and taking blocks apart is more work than
// one core does in the time. The places of the events are known beforehand, for
// positions have no gaps.
func (r *logReader) fillBoth(p *page) error {
	if p.back == nil {
		p.back = &page{lent: p.lent}
	}
	p.back.turn(p.limit / 2)
	p.limit -= p.back.limit
	back := logReader{db: r.db, after: r.after + eventstore.Position(p.limit), end: r.end}
	ahead := make(chan error, 1)
	go func() { ahead <- back.fillOne(p.back) }()
	err := r.fillOne(p)
	behind := <-ahead
	if err != nil || r.after >= r.end {
		return err
	}
	if !p.counted() { // the two sides do not meet
		r.large = true
		return nil
	}
	p.events = append(p.events, p.back.events...)
	clear(p.back.events) // for as long as the page is kept, they belong to p
	r.after = back.after
	return behind
}

func (r *logReader) fillOne(p *page) error {
	if r.after >= r.end {
		return nil
	}
	it, err := r.db.NewIter(eventsAfter(r.after, r.end))
	if err != nil {
		return engineError(err, r.after+1, "")
	}
	defer it.Close()
	for it.First(); r.after < r.end && !p.full(); it.Next() {
		e, err := p.take(it, r.after+1, "")
		if err != nil {
			return err
		}
		p.events = append(p.events, e)
		r.after++
	}
	return nil
}

// eventsAfter returns the bounds of the events after one position, up to
// another.
func eventsAfter(after, end eventstore.Position) *pebble.IterOptions {
	return &pebble.IterOptions{LowerBound: eventKey(after + 1), UpperBound: eventKey(end + 1)}
}

// streamReader reads one stream.
type streamReader struct {
	db     *pebble.DB
	stream eventstore.Stream
	after  eventstore.Revision
	end    eventstore.Position // events further on are not read
}

// fill reads the next events of the stream into p.
func (r *streamReader) fill(p *page) (more bool, err error) {
	lower, upper := streamBounds(r.stream)
	index, err := r.db.NewIter(&pebble.IterOptions{LowerBound: lower, UpperBound: upper})
	if err != nil {
		return false, engineError(err, 0, r.stream)
	}
	defer index.Close()
	if !r.seek(index) {
		return false, engineError(index.Error(), 0, r.stream)
	}
	events, err := r.db.NewIter(eventsAfter(0, r.end))
	if err != nil {
		return false, engineError(err, 0, r.stream)
	}
	defer events.Close()
	for ; index.Valid(); index.Next() {
		if done, err := r.fillRun(p, index, events); err != nil || done {
			return false, err
		}
		if p.full() {
			return true, nil
		}
	}
	return false, engineError(index.Error(), 0, r.stream)
}

// seek moves index to the run that holds the revision after r.after or, if there
// is none, to the last one before it.
func (r *streamReader) seek(index *pebble.Iterator) bool {
	if r.after >= math.MaxUint64-1 {
		return false
	}
	// Without a run that begins early enough, a later one is a gap to be found.
	return index.SeekLT(appendStreamKey(nil, r.stream, r.after+2)) || index.Error() == nil && index.First()
}

// fillRun reads the rest of the run at index. It says whether the stream ends
// there.
func (r *streamReader) fillRun(p *page, index, events *pebble.Iterator) (done bool, err error) {
	run, wanted, err := r.run(index)
	if err != nil || !wanted {
		return err == nil && run.position > r.end, err
	}
	for events.SeekGE(eventKey(run.at(r.after + 1))); r.after < run.last() && !p.full(); events.Next() {
		if err := r.take(p, events, run.at(r.after+1)); err != nil {
			return false, err
		}
	}
	return false, nil
}

// run returns the run at index, and whether events of it are to be read.
func (r *streamReader) run(index *pebble.Iterator) (found run, wanted bool, err error) {
	value, err := index.ValueAndErr()
	if err != nil {
		return found, false, engineError(err, 0, r.stream)
	}
	found, err = decodeRun(r.stream, index.Key(), value)
	if err != nil || found.last() <= r.after || found.position > r.end {
		return found, false, err
	}
	if found.revision > r.after+1 {
		return found, false, &CorruptError{Stream: r.stream, Err: errMissing}
	}
	return found, true, nil
}

// take reads the stream's next event, which must be that at pos, into p.
func (r *streamReader) take(p *page, events *pebble.Iterator, pos eventstore.Position) error {
	e, err := p.take(events, pos, r.stream)
	if err != nil {
		return err
	}
	if e.Stream != r.stream || e.Revision != r.after+1 {
		return &CorruptError{Position: e.Position, Stream: r.stream, Err: errMisfiled}
	}
	p.events = append(p.events, e)
	r.after++
	return nil
}
