package audit_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
)

// keep makes all snapshots of a log that there are to be, each of so many events.
func keep(t *testing.T, dir string, log audit.Followed, events uint64) *audit.Snapshots {
	t.Helper()
	s, err := audit.OpenSnapshots(dir)
	if err != nil {
		t.Fatal(err)
	}
	s.Every = events
	t.Cleanup(func() { _ = s.Close() })
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Keep(ctx, log) }()
	var count int
	for _, err := range log.ReadAll(ctx, 0) {
		if err != nil {
			t.Fatal(err)
		}
		count++
	}
	for s.Len() < count/int(events) || over(t, s, log) == eventstore.Reader(log) {
		select {
		case err := <-ended:
			t.Fatal(err)
		case <-time.After(time.Millisecond):
		}
	}
	stop()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	return s
}

func over(t *testing.T, s *audit.Snapshots, log eventstore.Reader) eventstore.Reader {
	t.Helper()
	with, err := s.Over(t.Context(), log)
	if err != nil {
		t.Fatal(err)
	}
	return with
}

// Whatever happened, whenever it came to be known and whichever dates are asked for,
// snapshots say what the whole log says.
func TestSnapshotsSayWhatTheWholeLogSays(t *testing.T) {
	for seed := range uint64(4) {
		r := rand.New(rand.NewPCG(seed, 2))
		h := chance(t, r)
		log := over(t, keep(t, t.TempDir(), h.log, 1+r.Uint64N(12)), h.log)
		for range 60 {
			var reach audit.Range
			if r.IntN(3) > 0 { // at the hour, at its end, or within
				reach.AsOf = day(r.IntN(24)).Add([]time.Duration{0, time.Hour - 1, time.Minute, -1}[r.IntN(4)])
			}
			if r.IntN(3) > 0 {
				reach.RecordedBy = day(r.IntN(24)).Add(time.Duration(r.IntN(3)-1) * time.Minute)
			}
			if r.IntN(3) == 0 {
				reach.To = eventstore.Position(1 + r.IntN(100))
			}
			want, got := trials(t, h.log, reach, audit.Range{AsOf: reach.AsOf}), trials(t, log, reach, audit.Range{AsOf: reach.AsOf})
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("seed %d, %+v: the trial balance is\n%v\nwant\n%v", seed, reach, got, want)
			}
			for _, account := range []domain.Account{domain.Receivable(anna), "receivable:*", "credit:*"} {
				f := audit.Figure{Account: account, Range: reach}
				of, err := audit.Count(t.Context(), log, f)
				plain, errPlain := audit.Count(t.Context(), h.log, f)
				if err != nil || errPlain != nil || !reflect.DeepEqual(of, plain) {
					t.Fatalf("seed %d, %+v: the balance is %v, want %v; %v, %v", seed, f, of, plain, err, errPlain)
				}
			}
		}
	}
}

func TestSnapshotsLeaveLittleToBeRead(t *testing.T) {
	h := corrected(t)
	log := over(t, keep(t, t.TempDir(), h.log, 8), h.log)
	for _, c := range []struct {
		name  string
		reach audit.Range
	}{
		{"everything", audit.Range{}},
		{"by the end of an hour", audit.Range{AsOf: day(5).Add(time.Hour - 1)}},
		{"by what was recorded before a day's events", audit.Range{RecordedBy: day(10)}},
	} {
		n, err := audit.ReadBySnapshots(log, c.reach)
		if err != nil || n >= 16 { // the stretch that is cut, and what comes after the last
			t.Errorf("%s: %d events were read, %v", c.name, n, err)
		}
	}
}

func TestSnapshotsOfAnotherLogAreNotUsedAndMadeAnew(t *testing.T) {
	h, other := corrected(t), eventful(t)
	dir := t.TempDir()
	old := keep(t, dir, other.log, 8)
	if got := over(t, old, h.log); got != eventstore.Reader(h.log) {
		t.Error("snapshots of another log were used")
	}
	again := keep(t, dir, h.log, 8)
	if n, err := again.Check(t.Context(), h.log); err != nil || n != again.Len() {
		t.Errorf("%d of them are sound, %v", n, err)
	}
	if !reflect.DeepEqual(trials(t, over(t, again, h.log), audit.Range{}), trials(t, h.log, audit.Range{})) {
		t.Error("they say what another log says")
	}
}

// No altered byte of a snapshot passes Check, and none changes a balance unseen.
func TestAnAlteredSnapshotIsFound(t *testing.T) {
	h := corrected(t)
	dir := t.TempDir()
	s := keep(t, dir, h.log, 16)
	if n, err := s.Check(t.Context(), h.log); n != s.Len() || err != nil {
		t.Fatalf("%d are sound, %v", n, err)
	}
	_ = s.Close()
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(names[1])
	if err != nil {
		t.Fatal(err)
	}
	want := balances(t, h.log, audit.Range{})
	for i := range text {
		bad := append([]byte(nil), text...)
		bad[i] ^= 1
		if err := os.WriteFile(names[1], bad, 0o600); err != nil {
			t.Fatal(err)
		}
		opened, err := audit.OpenSnapshots(dir)
		if err != nil {
			t.Fatalf("byte %d: %v", i, err)
		}
		if i%16 == 0 {
			if _, err := opened.Check(t.Context(), h.log); err == nil {
				t.Fatalf("byte %d: it passes", i)
			}
		}
		got, err := audit.BalancesOf(t.Context(), over(t, opened, h.log), audit.Range{})
		if !errors.Is(err, audit.ErrSnapshot) && !reflect.DeepEqual(got, want) {
			t.Fatalf("byte %d: the balances are %v, %v", i, got, err)
		}
		_ = opened.Close()
	}
}
