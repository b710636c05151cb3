package archive

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"sync"

	"github.com/saldo-ledger/saldo/eventstore"
)

// ReadAll yields the events after a position, in log order.
func (a *Archive) ReadAll(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		for _, f := range a.events {
			if f.Last <= after {
				continue
			}
			for rec, err := range a.file(ctx, f) {
				if err == nil && rec.Position <= after {
					continue
				}
				if !yield(rec, err) || err != nil {
					return
				}
			}
		}
	}
}

// file yields the events of one file. What cannot be read is a *DamageError, and so is a
// file that does not begin and end where the manifest says.
func (a *Archive) file(ctx context.Context, f File) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		file, err := os.Open(a.path(f.Name))
		if err != nil {
			yield(eventstore.Recorded{}, fmt.Errorf("archive: %w", err))
			return
		}
		defer file.Close()
		lines := bufio.NewReaderSize(reader{ctx, file}, 1<<18)
		at, first := f.First-1, eventstore.Position(0)
		for n := 1; ; n++ {
			text, err := fullLine(lines)
			if errors.Is(err, io.EOF) && len(text) == 0 {
				if err := f.spans(first, at); err != nil {
					yield(eventstore.Recorded{}, err)
				}
				return
			}
			if ctx.Err() != nil {
				yield(eventstore.Recorded{}, ctx.Err())
				return
			}
			var l line
			if err == nil {
				err = parse(text, &l)
			}
			if err == nil && (l.Position == 0 || l.Position <= at && n > 1) {
				err = fmt.Errorf("position %d comes after %d", l.Position, at)
			}
			if err != nil {
				yield(eventstore.Recorded{}, &DamageError{f.Name, fmt.Sprintf("line %d: %v", n, err), at + 1})
				return
			}
			if at = l.Position; n == 1 {
				first = at
			}
			rec := l.recorded()
			if err := l.agrees(rec); err != nil {
				yield(eventstore.Recorded{}, &DamageError{f.Name, fmt.Sprintf("line %d: %v", n, err), at})
				return
			}
			if !yield(rec, nil) {
				return
			}
		}
	}
}

// spans compares the positions of a file's events with what the manifest says.
func (f File) spans(first, last eventstore.Position) error {
	if first == f.First && last == f.Last {
		return nil
	}
	damaged := &DamageError{File: f.Name, What: fmt.Sprintf("has the positions %d to %d, the manifest says %d to %d", first, last, f.First, f.Last)}
	if first == f.First || first == 0 {
		damaged.At = min(last, f.Last) + 1
	}
	return damaged
}

// fullLine returns a line with its end; io.EOF and nothing where there is none.
func fullLine(r *bufio.Reader) ([]byte, error) {
	text, err := r.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return text, err
	}
	rest, err := r.ReadBytes('\n')
	return append(text[:len(text):len(text)], rest...), err
}

// Read yields the events of a stream after a revision. The streams of parents and of
// closings, which are asked for again and again, are remembered in one pass; any other
// costs a pass.
func (a *Archive) Read(ctx context.Context, stream eventstore.Stream, after eventstore.Revision) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		events := a.ReadAll(ctx, 0)
		if asked[stream.Category()] {
			known, err := a.index.of(a.ReadAll(ctx, 0), stream)
			if err != nil {
				yield(eventstore.Recorded{}, err)
				return
			}
			events = known
		}
		for rec, err := range events {
			if err == nil && (rec.Stream != stream || rec.Revision <= after) {
				continue
			}
			if !yield(rec, err) || err != nil {
				return
			}
		}
	}
}

// asked are the categories of streams that are remembered.
var asked = map[string]bool{"parent": true, "closing": true, "closings": true}

// remembered are the events of these streams.
type remembered struct {
	mu   sync.Mutex
	made bool
	all  map[eventstore.Stream][]eventstore.Recorded
}

func (p *remembered) of(events iter.Seq2[eventstore.Recorded, error], stream eventstore.Stream) (iter.Seq2[eventstore.Recorded, error], error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.made {
		p.all = make(map[eventstore.Stream][]eventstore.Recorded)
		for rec, err := range events {
			if err != nil {
				return nil, err
			}
			if asked[rec.Stream.Category()] {
				p.all[rec.Stream] = append(p.all[rec.Stream], rec)
			}
		}
		p.made = true
	}
	mine := p.all[stream]
	return func(yield func(eventstore.Recorded, error) bool) {
		for _, rec := range mine {
			if !yield(rec, nil) {
				return
			}
		}
	}, nil
}
