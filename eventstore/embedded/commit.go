package embedded

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/saldo-ledger/saldo/eventstore"
)

const (
	// groupAppends and groupBytes bound what one flush carries. groupAppends is
	// well under headsKept, so that a group never forgets its own heads.
	groupAppends = 4096
	groupBytes   = 4 << 20
	// yields bounds how often a group lets others run before it is closed.
	yields = 4
)

// committer is the one goroutine that writes to the log.
type committer struct {
	db     *pebble.DB
	guard  *guard
	tide   *tide
	room   room
	log    *slog.Logger
	queue  chan *pending
	ended  chan struct{}
	writes sync.Mutex // held while a group is being written

	heads  *heads
	end    eventstore.Position // of the last event filed, flushed or not
	failed error               // of the first commit that failed: nothing is filed any more

	// Of the group at hand.
	group   []*pending
	answers []answer
	filed   []filed // still to be put into the index
	seeker  headSeeker
	full    error // why there is no room to file
	key     []byte
	value   []byte
}

// filed is a run of events and the stream that they were filed in.
type filed struct {
	stream eventstore.Stream
	run    run
}

func newCommitter(db *pebble.DB, g *guard, t *tide, r room, log *slog.Logger) *committer {
	return &committer{
		db: db, guard: g, tide: t, room: r, log: log,
		queue: make(chan *pending, groupAppends),
		ended: make(chan struct{}),
		heads: newHeads(),
		end:   t.mark(),
	}
}

// run commits group after group until the queue is closed and empty.
func (c *committer) run() {
	defer close(c.ended)
	for c.gather() {
		c.commit()
	}
}

// stop waits until what is queued is answered, and returns why commits failed,
// if they did. No append may be queued any more.
func (c *committer) stop() error {
	close(c.queue)
	<-c.ended
	return c.failed
}

// backup copies the log to dir between two groups: a WAL copied while it is
// being written would look damaged.
func (c *committer) backup(dir string) (eventstore.Position, error) {
	if err := c.flushTables(); err != nil {
		return 0, fmt.Errorf("embedded: backup to %s: %w", dir, err)
	}
	c.writes.Lock()
	defer c.writes.Unlock()
	if c.failed != nil {
		return 0, c.failed
	}
	end := c.tide.mark()
	err := c.guard.do(func() error {
		if err := c.db.Checkpoint(dir); err != nil {
			return err
		}
		return writeWatermark(c.room.fs, dir, end)
	})
	if err != nil {
		return 0, fmt.Errorf("embedded: backup to %s: %w", dir, err)
	}
	return end, nil
}

// flushTables writes out what is in memory, while appends go on. What is in tables
// by then is linked and not copied, so that appends wait less for the copy. And the
// engine now has a manifest of its own: one opened without anything to recover goes
// on with that of before until something changes, and would copy none of it.
func (c *committer) flushTables() error {
	c.writes.Lock()
	failed := c.failed
	c.writes.Unlock()
	if failed != nil {
		return failed
	}
	return c.guard.flush(c.db.Flush)
}

// gather waits for an append and takes with it all that are queued.
func (c *committer) gather() bool {
	p, ok := <-c.queue
	if !ok {
		return false
	}
	c.group = append(c.group[:0], p)
	bytes := p.size()
	// Those whom the last flush answered may be about to queue again. Letting
	// them run costs next to nothing, a flush for the first of them a flush.
	for yielded := 0; yielded < yields; yielded++ {
		before := len(c.group)
		if bytes = c.drain(bytes); bytes >= groupBytes || len(c.group) >= groupAppends {
			break
		}
		if yielded > 0 && len(c.group) == before {
			break
		}
		runtime.Gosched()
	}
	return true
}

// drain takes what is queued, and returns the bytes of the group.
func (c *committer) drain(bytes int) int {
	for bytes < groupBytes && len(c.group) < groupAppends {
		select {
		case p, ok := <-c.queue:
			if !ok {
				return bytes
			}
			c.group = append(c.group, p)
			bytes += p.size()
		default:
			return bytes
		}
	}
	return bytes
}

// commit files the group, flushes once, and answers.
func (c *committer) commit() {
	c.writes.Lock()
	defer c.writes.Unlock()
	c.answers = c.answers[:0]
	if c.failed == nil {
		c.fileGroup()
	}
	for i, p := range c.group {
		if c.failed != nil {
			p.answer <- answer{err: c.failed}
		} else {
			p.answer <- c.answers[i]
		}
		c.group[i] = nil // lets go of the records
	}
}

func (c *committer) fileGroup() {
	b := c.db.NewBatch(pebble.WithMaxRetainedSizeBytes(2 * groupBytes))
	c.seeker = headSeeker{db: c.db}
	c.full = c.check()
	for _, p := range c.group {
		c.answers = append(c.answers, c.file(b, p))
	}
	_ = c.seeker.close() // an error of its reads was answered already
	c.index(b)
	if !b.Empty() {
		c.flush(b)
	}
	if c.failed == nil { // or else the engine may still have a hand on b
		_ = b.Close()
	}
}

// check returns why there is no room to file.
func (c *committer) check() error { return cmp.Or(c.room.check(), c.guard.strain.check()) }

// file puts p's events into b, if that is what the stream's revision tells.
func (c *committer) file(b *pebble.Batch, p *pending) answer {
	if err := p.ctx.Err(); err != nil {
		return answer{err: err} // nobody is waiting any more
	}
	for q := p; q != nil; q = q.also {
		head, err := c.head(q)
		switch {
		case err != nil:
			return answer{err: err}
		case q.expected < head && p.also == nil:
			return answer{err: errBehind, head: head}
		case q.expected != head:
			return answer{err: q.conflict(head)}
		}
	}
	if c.full != nil {
		return answer{err: c.full}
	}
	var done eventstore.Appended
	for q := p; q != nil; q = q.also {
		r := run{revision: q.expected + 1, position: c.end + 1, count: uint64(len(q.ends))}
		c.write(b, q, r.position)
		c.filed = append(c.filed, filed{q.stream, r})
		c.end += eventstore.Position(r.count)
		c.heads.set(q.stream, r.last())
		done = eventstore.Appended{Revision: r.last(), Position: c.end, New: true}
	}
	return answer{done: done}
}

// head returns the revision of the stream that p is to be filed in.
func (c *committer) head(p *pending) (eventstore.Revision, error) {
	if rev, ok := c.heads.of(p.stream); ok {
		return rev, nil
	}
	return c.seeker.head(p.stream, p.expected > 0)
}

// write puts p's events into b, from position pos on. A batch is memory: it has no
// errors.
func (c *committer) write(b *pebble.Batch, p *pending, pos eventstore.Position) {
	start := 0
	for _, end := range p.ends {
		record := p.records[start:end]
		seal(record, pos)
		c.key = appendEventKey(c.key[:0], pos)
		_ = b.Set(c.key, record, nil)
		pos, start = pos+1, end
	}
}

// index puts the group's entries of the index into b, after all its events: the
// engine finds the place of a key in no time if it follows the key before it.
func (c *committer) index(b *pebble.Batch) {
	for _, f := range c.filed {
		c.key = appendStreamKey(c.key[:0], f.stream, f.run.revision)
		c.value = appendRun(c.value[:0], f.run)
		_ = b.Set(c.key, c.value, nil)
	}
	c.filed = c.filed[:0]
}

// flush makes b durable and then visible. If it cannot, the log takes no more
// events: what reached the disk is not known, and a second flush that succeeds
// would not prove the first.
func (c *committer) flush(b *pebble.Batch) {
	err := c.guard.do(func() error { return b.Commit(pebble.Sync) })
	if err != nil {
		c.failed = fmt.Errorf("%w: %w", ErrFailed, err)
		c.log.Error("a commit failed, the log takes no more events", "err", err, "end", c.tide.mark())
		return
	}
	c.tide.rise(c.end)
}

// room is the space on the disk that appends have to leave.
type room struct {
	fs      vfs.FS
	dir     string
	reserve uint64
}

// check returns ErrDiskFull when there is too little.
func (r room) check() error {
	usage, err := r.fs.GetDiskUsage(r.dir)
	switch {
	case errors.Is(err, vfs.ErrUnsupported):
		return nil
	case err != nil:
		return fmt.Errorf("embedded: asking for the free space: %w", err)
	case usage.AvailBytes < r.reserve:
		return fmt.Errorf("%w: %d bytes are free, %d are kept in reserve", ErrDiskFull, usage.AvailBytes, r.reserve)
	}
	return nil
}
