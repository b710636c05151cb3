package embedded

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/eventstore"
)

var flatMillions = flag.Int("millions", 10, "how many million events BenchmarkFlat files")

// BenchmarkFlat files ten million events and reports of each million how fast it
// went, and what the process and its log took then. Most come in bulk; the last
// of each million come one by one from 64 writers, each event in a stream of its
// own, as when bollettini are issued. At the end the log is closed, opened again
// and read from one end to the other.
//
//	go test ./eventstore/embedded -run '^$' -bench Flat -benchtime 1x
func BenchmarkFlat(b *testing.B) {
	for range b.N {
		flat(b)
	}
}

// Of each million, so many come one by one.
const (
	million = 1_000_000
	singles = 40_000
)

func flat(b *testing.B) {
	dir := b.TempDir()
	says := new(journal)
	l := open(b, dir, Options{Logger: says.logger()})
	f := flow{b: b, log: l, pool: make([]eventstore.Proposed, 1<<16)}
	w, raw := newTown(b), 0
	for i := range f.pool {
		made := w.next()
		f.pool[i], raw = made.event, raw+made.rawSize()
	}
	var bulk, crowd, share []float64
	for m := range *flatMillions {
		f.slowest = 0
		bulk = append(bulk, rate(million-singles, f.bulks))
		bare := rate(singles, f.bare)
		crowd = append(crowd, rate(singles, f.crowd))
		share = append(share, crowd[m]/bare)
		b.Logf("million %2d: %7.0f events/s in bulk, slowest %4.0f ms; %6.0f by 64 writers, bare file %6.0f; RSS %d MiB, heap %d MiB, %d bytes/event on disk",
			m+1, bulk[m], f.slowest.Seconds()*1e3, crowd[m], bare, resident()>>20, heap()>>20, onDisk(b, dir)/int64(f.filed.Load()))
	}
	closeLog(b, l)
	if says.says("waiting") {
		b.Log("the log had to wait for its disk")
	}
	b.Logf("closed: %d bytes/event on disk, %d as plain JSON", onDisk(b, dir)/int64(f.filed.Load()), raw/len(f.pool))
	l = open(b, dir, Options{ReadOnly: true})
	scan := rate(int(f.filed.Load()), func() { scan(b, l, int(f.filed.Load())) })
	b.Logf("scanned at %.0f events/s; RSS %d MiB, heap %d MiB", scan, resident()>>20, heap()>>20)
	b.ReportMetric(bulk[len(bulk)-1]/bulk[0]*100, "%last/first-bulk")
	b.ReportMetric(crowd[len(crowd)-1]/crowd[0]*100, "%last/first-64")
	b.ReportMetric(share[len(share)-1]/share[0]*100, "%last/first-64/bare")
	b.ReportMetric(scan, "scanned/s")
}

// rate does what files or reads n events, and returns how many that are a second.
func rate(n int, do func()) float64 {
	start := time.Now()
	do()
	return float64(n) / time.Since(start).Seconds()
}

// flow files events of a pool over and over: making them would take longer than
// filing them. A block of the log is a small part of the pool, and does not see
// that they come again.
type flow struct {
	b       *testing.B
	log     *Log
	pool    []eventstore.Proposed
	filed   atomic.Int64
	slowest time.Duration // bulk
}

// bulks files all but the singles of a million.
func (f *flow) bulks() {
	const bulk = 1000
	for range (million - singles) / bulk {
		n := int(f.filed.Load())
		at := n % (len(f.pool) - bulk)
		start := time.Now()
		stream := eventstore.Stream(fmt.Sprintf("bulletin-12345678903-b%d", n))
		if _, err := f.log.Append(f.b.Context(), stream, 0, f.pool[at:at+bulk]...); err != nil {
			f.b.Fatal(err)
		}
		f.slowest = max(f.slowest, time.Since(start))
		f.filed.Add(bulk)
	}
}

// crowd files the singles of a million.
func (f *flow) crowd() {
	const writers = 64
	var writing sync.WaitGroup
	for range writers {
		writing.Go(func() {
			for range singles / writers {
				n := f.filed.Add(1)
				stream := eventstore.Stream(fmt.Sprintf("bulletin-12345678903-3010%014d", n))
				if _, err := f.log.Append(f.b.Context(), stream, 0, f.pool[int(n)%len(f.pool)]); err != nil {
					f.b.Error(err)
					return
				}
			}
		})
	}
	writing.Wait()
}

// bare writes the singles of a million to a bare file, 64 at a time, with an
// fdatasync for each 64: what the disk, which is seldom as fast at one moment as
// at another, gives at this one.
func (f *flow) bare() {
	const writers = 64
	file := createBare(f.b)
	var records []byte
	for i := range singles / writers {
		records = records[:0]
		for j := range writers {
			records = appendRecord(records, "bulletin-12345678903-301000000000000000", 1, f.pool[(i*writers+j)%len(f.pool)])
		}
		if err := file.append(records); err != nil {
			f.b.Fatal(err)
		}
	}
}

// scan reads the whole of l, which has so many events.
func scan(b *testing.B, l *Log, events int) {
	n := 0
	for _, err := range l.ReadAll(b.Context(), 0) {
		if err != nil {
			b.Fatal(err)
		}
		n++
	}
	if n != events {
		b.Fatalf("the scan gave %d events, want %d", n, events)
	}
}

// resident returns the bytes of memory that the process has of the system, 0
// where it cannot be told.
func resident() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	lines := strings.Split(string(status), "\n")
	i := slices.IndexFunc(lines, func(line string) bool { return strings.HasPrefix(line, "VmRSS:") })
	if i < 0 {
		return 0
	}
	kib, _ := strconv.ParseInt(strings.Fields(lines[i])[1], 10, 64)
	return kib << 10
}

// heap returns the bytes of Go's heap that are in use.
func heap() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse
}
