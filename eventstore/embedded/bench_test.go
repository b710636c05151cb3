package embedded

import (
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/saldo-ledger/saldo/eventstore"
)

// The benchmarks measure the log and, beside it in the same run, what the disk
// can do: the same records written to the end of a bare file, grouped in the
// same way, with one fdatasync for each group.

// sample makes n events as the ledger files them: some 640 bytes as plain JSON,
// half of which does not compress.
func sample(b *testing.B, n int) []eventstore.Proposed {
	b.Helper()
	w, events := newTown(b), make([]eventstore.Proposed, n)
	for i := range events {
		events[i] = w.next().event
	}
	return events
}

func BenchmarkAppend(b *testing.B) {
	for _, writers := range []int{1, 8, 64, 512} {
		b.Run(fmt.Sprintf("writers=%d/log", writers), func(b *testing.B) {
			l := open(b, b.TempDir(), Options{})
			crowd(b, writers, func(w, i int, e eventstore.Proposed) error {
				_, err := l.Append(b.Context(), eventstore.Stream(fmt.Sprintf("bulletin-01234567890-%d", w)), eventstore.Revision(i), e)
				return err
			})
		})
		b.Run(fmt.Sprintf("writers=%d/bare", writers), func(b *testing.B) {
			f := createBare(b)
			crowd(b, writers, func(w, i int, e eventstore.Proposed) error {
				stream := eventstore.Stream(fmt.Sprintf("bulletin-01234567890-%d", w))
				return f.append(appendRecord(make([]byte, 0, recordSize(stream, e)), stream, eventstore.Revision(i)+1, e))
			})
		})
	}
}

// BenchmarkIssue is Append with a new stream for each event, as when bollettini
// are issued.
func BenchmarkIssue(b *testing.B) {
	l := open(b, b.TempDir(), Options{})
	var notice atomic.Int64
	crowd(b, 512, func(_, _ int, e eventstore.Proposed) error {
		_, err := l.Append(b.Context(), eventstore.Stream(fmt.Sprintf("bulletin-01234567890-3020000%011d", notice.Add(1))), 0, e)
		return err
	})
}

// crowd shares b.N appends among writers, each waiting for its last before its
// next.
func crowd(b *testing.B, writers int, file func(writer, i int, e eventstore.Proposed) error) {
	events := sample(b, 1000)
	took := make([][]time.Duration, writers)
	var left atomic.Int64
	left.Store(int64(b.N))
	b.ResetTimer()
	var writing sync.WaitGroup
	for w := range writers {
		writing.Go(func() {
			for i := 0; left.Add(-1) >= 0; i++ {
				start := time.Now()
				if err := file(w, i, events[i%len(events)]); err != nil {
					b.Error(err)
					return
				}
				took[w] = append(took[w], time.Since(start))
			}
		})
	}
	writing.Wait()
	b.StopTimer()
	all := slices.Concat(took...)
	slices.Sort(all)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(all[len(all)/2].Seconds()*1e3, "p50-ms")
	b.ReportMetric(all[len(all)*99/100].Seconds()*1e3, "p99-ms")
}

func BenchmarkBulk(b *testing.B) {
	const bulk = 1000
	events := sample(b, bulk)
	report := func(b *testing.B) {
		b.ReportMetric(float64(b.N)*bulk/b.Elapsed().Seconds(), "events/s")
	}
	b.Run("log", func(b *testing.B) {
		l := open(b, b.TempDir(), Options{})
		for i := 0; b.Loop(); i++ {
			if _, err := l.Append(b.Context(), "numbers-01234567890", eventstore.Revision(i*bulk), events...); err != nil {
				b.Fatal(err)
			}
		}
		report(b)
	})
	b.Run("bare", func(b *testing.B) {
		f := createBare(b)
		var records []byte
		for i := 0; b.Loop(); i++ {
			records = records[:0]
			for j, e := range events {
				records = appendRecord(records, "numbers-01234567890", eventstore.Revision(i*bulk+j+1), e)
			}
			if err := f.append(records); err != nil {
				b.Fatal(err)
			}
		}
		report(b)
	})
}

// BenchmarkScan reads a log of scanned events from one end to the other, after
// it was closed and opened again.
func BenchmarkScan(b *testing.B) {
	const scanned, bulk = 1_000_000, 1000
	dir := b.TempDir()
	l := open(b, dir, Options{})
	pool := sample(b, 50*bulk)
	for i := range scanned / bulk {
		events := pool[i*bulk%len(pool):][:bulk]
		stream := eventstore.Stream(fmt.Sprintf("bulletin-01234567890-%d", i))
		if _, err := l.Append(b.Context(), stream, 0, events...); err != nil {
			b.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		b.Fatal(err)
	}
	l = open(b, dir, Options{ReadOnly: true})
	b.ReportAllocs()
	for b.Loop() {
		scan(b, l, scanned)
	}
	b.ReportMetric(float64(b.N)*scanned/b.Elapsed().Seconds(), "events/s")
}

// bareFile is a file at whose end records are written, in groups like the log's.
type bareFile struct {
	file  vfs.File
	queue chan bareAppend
}

type bareAppend struct {
	records []byte
	done    chan error
}

func createBare(b *testing.B) *bareFile {
	file, err := vfs.Default.Create(filepath.Join(b.TempDir(), "bare"), vfs.WriteCategoryUnspecified)
	if err != nil {
		b.Fatal(err)
	}
	f := &bareFile{file: file, queue: make(chan bareAppend, groupAppends)}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		f.run()
	}()
	b.Cleanup(func() {
		close(f.queue)
		<-ended
		if err := file.Close(); err != nil {
			b.Error(err)
		}
	})
	return f
}

func (f *bareFile) append(records []byte) error {
	a := bareAppend{records, make(chan error, 1)}
	f.queue <- a
	return <-a.done
}

func (f *bareFile) run() {
	var group []bareAppend
	var buf []byte
	for first := range f.queue {
		group = append(group[:0], first)
		for yielded := 0; yielded < yields; yielded++ {
			before := len(group)
			for len(f.queue) > 0 {
				group = append(group, <-f.queue)
			}
			if yielded > 0 && len(group) == before {
				break
			}
			runtime.Gosched()
		}
		buf = buf[:0]
		for _, a := range group {
			buf = append(buf, a.records...)
		}
		_, err := f.file.Write(buf)
		if err == nil {
			err = f.file.SyncData()
		}
		for _, a := range group {
			a.done <- err
		}
	}
}
