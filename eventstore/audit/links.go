package audit

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/saldo-ledger/saldo/eventstore"
)

// digest stands for a stream's name, in 16 bytes. Its key is another at each
// verification, so that nobody can prepare two names that have the same.
type digest [16]byte

// link is what is kept of an event to check that it follows.
type link struct {
	stream   digest
	revision eventstore.Revision
	position eventstore.Position
	content  eventstore.Hash
	found    eventstore.Hash
}

const linkSize = 96

func (l *link) appendTo(b []byte) []byte {
	b = append(b, l.stream[:]...)
	b = binary.LittleEndian.AppendUint64(b, uint64(l.revision))
	b = binary.LittleEndian.AppendUint64(b, uint64(l.position))
	b = append(b, l.content[:]...)
	return append(b, l.found[:]...)
}

func (l *link) read(b []byte) {
	copy(l.stream[:], b)
	l.revision = eventstore.Revision(binary.LittleEndian.Uint64(b[16:]))
	l.position = eventstore.Position(binary.LittleEndian.Uint64(b[24:]))
	copy(l.content[:], b[32:])
	copy(l.found[:], b[64:])
}

// room bounds what links take, in bytes: altogether before they go to a file, and
// at once when they do.
type room struct{ memory, block int }

// links are the links of a log, dealt by stream so that a part's streams fit into
// memory at once. Each part is in log order.
type links struct {
	key      [32]byte // of the digests
	room     room
	parts    [256]part
	kept     int // bytes of full blocks in memory
	file     *os.File
	fileEnd  int64
	err      error               // of the file
	suspect  eventstore.Position // of the last link, if its event is broken in another way
	linkless bool                // the suspect has no hash
}

// part has full blocks and, after them, one that is filling.
type part struct {
	full    []block
	filling []byte
}

// block is in memory or, without bytes, in the file.
type block struct {
	bytes []byte
	at    int64
}

func newLinks(r room) *links {
	l := &links{room: r}
	l.room.block = max(r.block/linkSize, 1) * linkSize
	_, _ = rand.Read(l.key[:]) // it never fails
	return l
}

// add keeps a link. Links come in log order.
func (l *links) add(k *link) error {
	p := &l.parts[k.stream[0]]
	if p.filling == nil {
		p.filling = make([]byte, 0, l.room.block)
	}
	p.filling = k.appendTo(p.filling)
	if len(p.filling) < l.room.block {
		return nil
	}
	if l.kept+l.room.block <= l.room.memory {
		l.kept += l.room.block
		p.full, p.filling = append(p.full, block{bytes: p.filling}), nil
		return nil
	}
	l.err = l.spill(p)
	return l.err
}

// suspectLast says that the event of the link added last is broken in another way.
func (l *links) suspectLast(at eventstore.Position, linkless bool) {
	l.suspect, l.linkless = at, linkless
}

func (l *links) spill(p *part) (err error) {
	if l.file == nil {
		if l.file, err = os.CreateTemp("", "saldo-verify-*"); err != nil {
			return fmt.Errorf("audit: a file for the links: %w", err)
		}
		_ = os.Remove(l.file.Name()) // where a file in use can go, nothing stays even of a program that is killed
	}
	if _, err = l.file.WriteAt(p.filling, l.fileEnd); err != nil {
		return fmt.Errorf("audit: keeping links: %w", err)
	}
	p.full, p.filling = append(p.full, block{at: l.fileEnd}), p.filling[:0]
	l.fileEnd += int64(l.room.block)
	return nil
}

func (l *links) close() {
	if l.file != nil {
		_ = l.file.Close()
		_ = os.Remove(l.file.Name()) // if it could not go before
	}
}

// check follows the chain of every stream. It returns the first link in log order
// that does not follow, nil if all do, and how many streams there are.
func (l *links) check(ctx context.Context) (first *finding, streams uint64, err error) {
	var mu sync.Mutex
	var next atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() error {
			f := follower{links: l, heads: make(map[digest]head)}
			for i := next.Add(1) - 1; i < int64(len(l.parts)); i = next.Add(1) - 1 {
				if err := f.part(ctx, &l.parts[i]); err != nil {
					return err
				}
			}
			mu.Lock()
			defer mu.Unlock()
			streams += f.streams
			if f.first != nil && (first == nil || f.first.Position < first.Position) {
				first = f.first
			}
			return nil
		})
	}
	err = group.Wait()
	return first, streams, err
}

// head is where a stream stands.
type head struct {
	revision eventstore.Revision
	hash     eventstore.Hash
}

// follower follows the streams of one part after the other.
type follower struct {
	*links
	heads   map[digest]head
	buf     []byte
	streams uint64
	first   *finding
}

func (f *follower) part(ctx context.Context, p *part) error {
	clear(f.heads)
	for _, b := range p.full {
		if err := ctx.Err(); err != nil {
			return err
		}
		bytes, err := f.bytes(b)
		if err != nil {
			return err
		}
		if !f.follow(bytes) {
			return nil
		}
	}
	f.follow(p.filling)
	return nil
}

func (f *follower) bytes(b block) ([]byte, error) {
	if b.bytes != nil {
		return b.bytes, nil
	}
	if f.buf == nil {
		f.buf = make([]byte, f.room.block)
	}
	if _, err := f.file.ReadAt(f.buf, b.at); err != nil {
		return nil, fmt.Errorf("audit: links that were kept: %w", err)
	}
	return f.buf, nil
}

// follow goes on with links of a part, and says whether all follow.
func (f *follower) follow(bytes []byte) bool {
	var k link
	for ; len(bytes) > 0; bytes = bytes[linkSize:] {
		k.read(bytes)
		if found := f.link(&k); found != nil {
			if f.first == nil || found.Position < f.first.Position {
				f.first = found
			}
			return false
		}
	}
	return true
}

func (f *follower) link(k *link) *finding {
	at := f.heads[k.stream]
	if k.revision != at.revision+1 {
		cause := fmt.Errorf("the stream was at revision %d: an event is missing or out of order", at.revision)
		return &finding{Break: Break{Position: k.position, Revision: k.revision, Cause: cause}}
	}
	suspect := k.position == f.suspect
	if suspect && f.linkless {
		return nil
	}
	if want := eventstore.Link(at.hash, k.content); want != k.found {
		return &finding{Break: Break{Position: k.position, Revision: k.revision}, expected: want, link: k.found}
	}
	if !suspect {
		if at.revision == 0 {
			f.streams++
		}
		f.heads[k.stream] = head{k.revision, k.found}
	}
	return nil
}
