package sqlstore

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/projections"
	"github.com/saldo-ledger/saldo/projections/projectionstest"
)

// sorted prints a dump in an order that does not depend on how keys sort.
func sorted(dump string) string {
	lines := strings.Split(dump, "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func TestTheDatabaseHoldsWhatTheBatchesSay(t *testing.T) {
	s := opened(t, viewsFile(t))
	rapid.Check(t, func(t *rapid.T) {
		empty(t, s)
		log, model := projectionstest.NewLog(projectionstest.Histories().Draw(t, "history")...), &projectionstest.Rows{}
		end, _ := log.End(t.Context())
		for at := eventstore.Position(0); at < end; {
			b, to := folded(t, log, at, rapid.IntRange(1, 40).Draw(t, "events"))
			for _, sink := range []projections.Sink{model, s} {
				if err := sink.Apply(t.Context(), at, to, b); err != nil {
					t.Fatal(err)
				}
			}
			// Delivered again, a batch adds nothing.
			if err := s.Apply(t.Context(), at, to, b); err != nil {
				t.Fatal(err)
			}
			at = to
		}
		if got, want := sorted(dump(t, s)), sorted(model.Dump()); got != want {
			t.Fatalf("in the database:\n%s\nwant:\n%s", got, want)
		}
		if at, err := s.Position(t.Context()); err != nil || at != end {
			t.Fatalf("position %d, %v, want %d", at, err, end)
		}
	})
}

// empty takes every row out of s, which is quicker than to begin with a new file.
func empty(t fataler, s *Store) {
	statements := []string{"UPDATE " + checkpoint + " SET position = 0"}
	for _, table := range projections.Tables() {
		statements = append(statements, "DELETE FROM "+table.Name)
	}
	for _, statement := range statements {
		if _, err := s.write.Exec(statement); err != nil {
			t.Fatalf("%v", err)
		}
	}
}

// town is a log of some hundred events.
func town() *projectionstest.Log {
	return projectionstest.NewLog(slices.Collect(projectionstest.Year(7))...)
}

func TestABatchThatDoesNotGoOnFromTheViewsIsRefused(t *testing.T) {
	log, s := town(), opened(t, viewsFile(t))
	b, to := folded(t, log, 0, 10)
	if err := s.Apply(t.Context(), 0, to, b); err != nil {
		t.Fatal(err)
	}
	before := dump(t, s)
	for name, from := range map[string]eventstore.Position{"after a gap": to + 10, "half applied before": to - 10} {
		b, next := folded(t, log, from, 10)
		var step *OutOfStepError
		if err := s.Apply(t.Context(), from, next, b); !errors.As(err, &step) || step.Views != to || step.From != from {
			t.Errorf("%s: %v", name, err)
		}
	}
	if dump(t, s) != before {
		t.Error("a refused batch changed rows")
	}
}

func TestABatchThatFailsHalfWayChangesNothing(t *testing.T) {
	log, s := town(), opened(t, viewsFile(t))
	first, to := folded(t, log, 0, 100)
	if err := s.Apply(t.Context(), 0, to, first); err != nil {
		t.Fatal(err)
	}
	before := dump(t, s)
	second, end := folded(t, log, to, 100)
	// parent_saldo comes after the tables of bulletins and payments.
	if _, err := s.write.Exec(`CREATE TRIGGER broken BEFORE INSERT ON parent_saldo BEGIN SELECT RAISE(ABORT, 'broken'); END`); err != nil {
		t.Fatal(err)
	}
	if err := s.Apply(t.Context(), to, end, second); err == nil {
		t.Fatal("a batch that cannot be written was written")
	}
	if at, err := s.Position(t.Context()); err != nil || at != to || dump(t, s) != before {
		t.Errorf("at %d (%v), want %d and the same rows", at, err, to)
	}
	if _, err := s.write.Exec(`DROP TRIGGER broken`); err != nil {
		t.Fatal(err)
	}
	if err := s.Apply(t.Context(), to, end, second); err != nil {
		t.Errorf("the same batch again: %v", err)
	}
}

func TestACancelledApplyChangesNothing(t *testing.T) {
	log, s := town(), opened(t, viewsFile(t))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	b, to := folded(t, log, 0, 10)
	if err := s.Apply(ctx, 0, to, b); !errors.Is(err, context.Canceled) {
		t.Fatalf("cancelled, it ended with %v", err)
	}
	if at, err := s.Position(t.Context()); err != nil || at != 0 || dump(t, s) != "" {
		t.Errorf("at %d (%v)", at, err)
	}
}

// copyFiles takes the files as a crash at this moment would leave them.
func copyFiles(t *testing.T, path string) string {
	crashed := viewsFile(t)
	for _, side := range []string{"", "-wal"} {
		data, err := os.ReadFile(path + side)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(crashed+side, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return crashed
}

func TestAfterACrashBetweenBatchesTheViewsGoOn(t *testing.T) {
	log, path := town(), viewsFile(t)
	s := opened(t, path)
	b, to := folded(t, log, 0, 100)
	if err := s.Apply(t.Context(), 0, to, b); err != nil {
		t.Fatal(err)
	}
	crashed := opened(t, copyFiles(t, path)) // s is still open: nothing was tidied up
	if at, err := crashed.Position(t.Context()); err != nil || at != to {
		t.Fatalf("after the crash at %d (%v), want %d", at, err, to)
	}
	if dump(t, crashed) != dump(t, s) {
		t.Error("the crash lost rows")
	}
	catchUp(t, log, crashed)
	whole := opened(t, viewsFile(t))
	catchUp(t, log, whole)
	if dump(t, crashed) != dump(t, whole) {
		t.Error("gone on after a crash, the views are others than rebuilt")
	}
}

func TestARebuildEqualsWhatGrewEventByEvent(t *testing.T) {
	log := town()
	grown, rebuilt := opened(t, viewsFile(t)), opened(t, viewsFile(t))
	end, _ := log.End(t.Context())
	for at := eventstore.Position(0); at < end; {
		b, to := folded(t, log, at, 1)
		if err := grown.Apply(t.Context(), at, to, b); err != nil {
			t.Fatal(err)
		}
		at = to
	}
	catchUp(t, log, rebuilt)
	if dump(t, grown) != dump(t, rebuilt) {
		t.Error("grown and rebuilt views differ")
	}
}
