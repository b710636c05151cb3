package town_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/eventstore/embedded"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
	"github.com/saldo-ledger/saldo/eventstore/ledger/town"
)

func founded(b *testing.B) *town.Town {
	log, err := embedded.Open(b.TempDir(), embedded.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := log.Close(); err != nil {
			b.Error(err)
		}
	})
	town, err := town.Found(b.Context(), ledger.New(log, town.NewKeys(1), time.Now), 1, 10_000)
	if err != nil {
		b.Fatal(err)
	}
	return town
}

// Ten thousand bulletins a time through the batch door.
func BenchmarkMassIssue(b *testing.B) {
	town := founded(b)
	bulletins := 0
	for b.Loop() {
		n, err := town.IssueAll(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		bulletins += n
	}
	b.ReportMetric(float64(bulletins)/b.Elapsed().Seconds(), "bulletins/s")
}

// One bulletin a command, by 64 clients.
func BenchmarkIssueBulletin(b *testing.B) {
	town := founded(b)
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := town.IssueOne(b.Context(), uuid.New()); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commands/s")
}
