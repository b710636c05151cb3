package sqlstore

import (
	"context"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/projections"
	"github.com/saldo-ledger/saldo/projections/projectionstest"
)

// A school year of that many children: 100,000 bulletins, 80,000 of them paid, in
// 800,000 events.
const benchChildren = 10_000

func BenchmarkRebuild(b *testing.B) {
	log := projectionstest.NewLog(slices.Collect(projectionstest.Year(benchChildren))...)
	events := log.Len()
	for b.Loop() {
		s, err := Open(viewsFile(b))
		if err != nil {
			b.Fatal(err)
		}
		catchUp(b, log, s)
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(events*b.N)/b.Elapsed().Seconds(), "events/s")
}

func BenchmarkPortal(b *testing.B) {
	s := kept(b, viewsFile(b))
	catchUp(b, projectionstest.NewLog(slices.Collect(projectionstest.Year(benchChildren))...), s)
	portal := s.Portal(projectionstest.Creditor, time.Now)
	for name, ask := range map[string]func(domain.ParentID) error{
		"Overview": func(id domain.ParentID) error { _, err := portal.Overview(b.Context(), id); return err },
		"OpenBulletins": func(id domain.ParentID) error {
			_, err := portal.OpenBulletins(b.Context(), id, "REFEZIONE")
			return err
		},
	} {
		b.Run(name, func(b *testing.B) {
			n := 0
			latency(b, func() error {
				n += 7919 // a prime: parents come in no order
				return ask(projectionstest.Parent(n % benchChildren))
			})
		})
	}
}

// How long after an event was filed the views show it.
func BenchmarkReadYourWrites(b *testing.B) {
	log, s := projectionstest.NewLog(), kept(b, viewsFile(b))
	p := projections.NewProjector(log, s, log.Keys, nil)
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	next, stop := iter.Pull(projectionstest.Year(benchChildren))
	defer stop()
	latency(b, func() error {
		f, _ := next()
		return p.WaitFor(ctx, log.File(f))
	})
	cancel()
	if err := <-ended; err != nil {
		b.Fatal(err)
	}
}

// latency runs do, and reports how long one in two and 99 in 100 took at most.
func latency(b *testing.B, do func() error) {
	var took []time.Duration
	for b.Loop() {
		start := time.Now()
		if err := do(); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
}
