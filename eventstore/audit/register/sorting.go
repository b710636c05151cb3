package register

import (
	"bufio"
	"container/heap"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
)

// inMemory is how many slips are sorted at once: with what they hold, some 20 MB.
const inMemory = 1 << 16

// sorting puts slips in order, in memory that does not grow with them: when there are
// many, sorted runs of them wait in a temporary file and are merged.
type sorting struct {
	limit int
	slips []slip
	file  *os.File
	runs  []io.Reader
	end   int64
}

func (s *sorting) add(one slip) error {
	if s.slips = append(s.slips, one); len(s.slips) < s.limit {
		return nil
	}
	return s.spill()
}

// spill writes a run to the file.
func (s *sorting) spill() (err error) {
	if s.file == nil {
		if s.file, err = os.CreateTemp("", "saldo-register-*"); err != nil {
			return fmt.Errorf("register: a temporary file: %w", err)
		}
		_ = os.Remove(s.file.Name()) // where a file in use can go, nothing stays even of a program that is killed
	}
	slices.SortFunc(s.slips, func(a, b slip) int { return a.before(&b) })
	begin := s.end
	out := bufio.NewWriterSize(io.NewOffsetWriter(s.file, begin), 1<<16)
	var text []byte
	for i := range s.slips {
		text = s.slips[i].appendTo(text[:0])
		if _, err = out.Write(text); err != nil {
			return fmt.Errorf("register: the temporary file: %w", err)
		}
		s.end += int64(len(text))
	}
	s.slips = s.slips[:0]
	s.runs = append(s.runs, io.NewSectionReader(s.file, begin, s.end-begin))
	return out.Flush()
}

// close gives the file back.
func (s *sorting) close() {
	if s.file != nil {
		_ = s.file.Close() // it is nobody's any more
	}
}

// sorted yields all slips in order.
func (s *sorting) sorted() iter.Seq2[slip, error] {
	return func(yield func(slip, error) bool) {
		if s.file == nil {
			slices.SortFunc(s.slips, func(a, b slip) int { return a.before(&b) })
			for _, one := range s.slips {
				if !yield(one, nil) {
					return
				}
			}
			return
		}
		if err := s.merge(func(one slip) bool { return yield(one, nil) }); err != nil {
			yield(slip{}, err)
		}
	}
}

// merge yields the runs' slips in order, until nobody wants more.
func (s *sorting) merge(yield func(slip) bool) error {
	if err := s.spill(); err != nil {
		return err
	}
	var heads runs
	for _, r := range s.runs {
		if err := heads.push(bufio.NewReaderSize(r, 1<<16)); err != nil {
			return err
		}
	}
	for len(heads) > 0 {
		first := heads[0]
		if !yield(first.slip) {
			return nil
		}
		heap.Pop(&heads)
		if err := heads.push(first.rest); err != nil {
			return err
		}
	}
	return nil
}

// run is a sorted run: its first slip, and the rest.
type run struct {
	slip
	rest *bufio.Reader
}

// runs is a heap of them, by their first slips.
type runs []run

// push takes a run in, unless it has ended.
func (r *runs) push(rest *bufio.Reader) error {
	next, err := readSlip(rest)
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err == nil {
		heap.Push(r, run{next, rest})
	}
	return err
}

func (r runs) Len() int           { return len(r) }
func (r runs) Less(i, j int) bool { return r[i].before(&r[j].slip) < 0 }
func (r runs) Swap(i, j int)      { r[i], r[j] = r[j], r[i] }

// Push is for package heap.
func (r *runs) Push(x any) { *r = append(*r, x.(run)) }

// Pop is for package heap.
func (r *runs) Pop() any {
	last := (*r)[len(*r)-1]
	*r = (*r)[:len(*r)-1]
	return last
}
