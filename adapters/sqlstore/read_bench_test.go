package sqlstore

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/projections"
	"github.com/saldo-ledger/saldo/projections/projectionstest"
)

func BenchmarkPortal(b *testing.B) {
	log := projectionstest.NewLog(slices.Collect(projectionstest.Year(10_000))...)
	end, _ := log.End(b.Context())
	s, err := Open(filepath.Join(b.TempDir(), "views.db"))
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	p := projections.NewProjector(log, s, log.Keys, nil)
	done := make(chan error)
	go func() { done <- p.Run(ctx) }()
	if err := p.WaitFor(ctx, end); err != nil {
		b.Fatal(err)
	}
	cancel()
	<-done
	portal := s.Portal(projectionstest.Creditor, time.Now)
	bench := func(name string, f func(n int) error) {
		b.Run(name, func(b *testing.B) {
			var took []time.Duration
			n := 0
			for b.Loop() {
				t0 := time.Now()
				if err := f(n * 7919 % 10000); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(t0))
				n++
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
		})
	}
	bench("overview", func(n int) error {
		_, err := portal.Overview(b.Context(), projectionstest.Parent(n))
		return err
	})
	bench("open", func(n int) error {
		_, err := portal.OpenBulletins(b.Context(), projectionstest.Parent(n), "REFEZIONE")
		return err
	})
	bench("movements", func(n int) error {
		_, err := portal.Movements(b.Context(), projectionstest.Parent(n), projectionstest.Child(n))
		return err
	})
}
