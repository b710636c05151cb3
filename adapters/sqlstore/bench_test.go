package sqlstore

import (
	"context"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/projections"
	"github.com/saldo-ledger/saldo/projections/projectionstest"
)

func cpu() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(0, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func BenchmarkRebuild(b *testing.B) {
	log := projectionstest.NewLog(slices.Collect(projectionstest.Year(10_000))...)
	end, _ := log.End(b.Context())
	events := 0
	for range log.ReadAll(b.Context(), 0) {
		events++
	}
	runtime.GC()
	b.Logf("%d events", events)
	c0 := cpu()
	for b.Loop() {
		s, err := Open(filepath.Join(b.TempDir(), "views.db"))
		if err != nil {
			b.Fatal(err)
		}
		ctx, cancel := context.WithCancel(b.Context())
		p := projections.NewProjector(log, s, log.Keys, func(p projections.Progress) {
		})
		done := make(chan error)
		go func() { done <- p.Run(ctx) }()
		if err := p.WaitFor(ctx, end); err != nil {
			b.Fatal(err)
		}
		cancel()
		if err := <-done; err != nil {
			b.Fatal(err)
		}
		s.Close()
	}
	b.ReportMetric(float64(events)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64((cpu()-c0).Microseconds())/(float64(events)*float64(b.N)), "cpu-µs/event")
}
