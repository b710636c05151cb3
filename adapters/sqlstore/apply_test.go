package sqlstore

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"github.com/saldo-ledger/saldo/domain"
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
	s := kept(t, viewsFile(t))
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
	log, s := town(), kept(t, viewsFile(t))
	first, to := folded(t, log, 0, 100)
	if err := s.Apply(t.Context(), 0, to, first); err != nil {
		t.Fatal(err)
	}
	before := dump(t, s)
	second, end := folded(t, log, to, 100)
	breakTable(t, s)
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

// breakTable makes batches fail half way: parent_saldo comes after the tables of
// bulletins and payments.
func breakTable(t *testing.T, s *Store) {
	t.Helper()
	if _, err := s.write.Exec(`CREATE TRIGGER broken BEFORE INSERT ON parent_saldo BEGIN SELECT RAISE(ABORT, 'broken'); END`); err != nil {
		t.Fatal(err)
	}
}

// While views are built there is no journal to go back by.
func TestViewsWhoseBuildingFailedAreBegunAnew(t *testing.T) {
	log, path := town(), viewsFile(t)
	s := opened(t, path)
	first, to := folded(t, log, 0, 100)
	if err := s.Apply(t.Context(), 0, to, first); err != nil {
		t.Fatal(err)
	}
	second, end := folded(t, log, to, 100)
	breakTable(t, s)
	for range 2 {
		if err := s.Apply(t.Context(), to, end, second); err == nil || !strings.Contains(err.Error(), "broken") {
			t.Errorf("a batch that cannot be written: %v", err)
		}
	}
	if err := s.CaughtUp(t.Context()); err == nil || !strings.Contains(err.Error(), "broken") {
		t.Errorf("the views are whole: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again, whole := opened(t, path), opened(t, viewsFile(t))
	if at, err := again.Position(t.Context()); err != nil || at != 0 {
		t.Errorf("opened again they are at %d, %v", at, err)
	}
	catchUp(t, log, again)
	catchUp(t, log, whole)
	if dump(t, again) != dump(t, whole) {
		t.Error("begun anew, the views are others")
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
	s := kept(t, path)
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
	growOneByOne(t, log, grown)
	catchUp(t, log, rebuilt)
	if dump(t, grown) != dump(t, rebuilt) {
		t.Error("grown and rebuilt views differ")
	}
}

// growOneByOne writes each event of a log in a batch of its own, to views that are
// read meanwhile.
func growOneByOne(t *testing.T, log *projectionstest.Log, s *Store) {
	t.Helper()
	if err := s.CaughtUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	end, _ := log.End(t.Context())
	at, err := s.Position(t.Context())
	for err == nil && at < end {
		b, to := folded(t, log, at, 1)
		err = s.Apply(t.Context(), at, to, b)
		at = to
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Views that saw a parent's data, and views that are built when the data are gone,
// show the same.
func TestARebuildEqualsWhatGrewAlsoWithAnErasedParent(t *testing.T) {
	log, gone := town(), projectionstest.Parent(3)
	grown, rebuilt := opened(t, viewsFile(t)), opened(t, viewsFile(t))
	growOneByOne(t, log, grown)
	known := dump(t, grown)
	log.File(projectionstest.Fact{Stream: eventstore.Stream("parent-" + gone.String()), Event: domain.ParentErased{Parent: gone, At: summer}})
	log.Keys.Erase(gone.UUID)
	growOneByOne(t, log, grown)
	catchUp(t, log, rebuilt)
	if dump(t, grown) != dump(t, rebuilt) {
		t.Error("grown and rebuilt views differ")
	}
	for _, secret := range []string{"t3@example.com", "tizio3"} {
		if !strings.Contains(known, secret) || strings.Contains(dump(t, grown), secret) {
			t.Errorf("%q is shown after the erasure, or was not before", secret)
		}
	}
	if p, _, err := grown.Parent(t.Context(), gone); err != nil || p != (domain.Parent{ID: gone}) {
		t.Errorf("the parent is %+v, %v", p, err)
	}
}

func TestOfAnErasedParentNoFileHoldsTheData(t *testing.T) {
	log, path := town(), viewsFile(t)
	s := opened(t, path)
	caia := domain.ParentID{UUID: uuid.NewSHA1(uuid.NameSpaceOID, []byte("caia"))}
	stream := eventstore.Stream("parent-" + caia.String())
	log.File(projectionstest.Fact{Stream: stream, Event: domain.ParentRegistered{Parent: caia, At: summer, Person: domain.Person{
		FiscalCode: "MVECAI85M41H501V", GivenName: "CAIA", FamilyName: "MEVIA", Email: "caia@example.com", Mobile: "+39 333 7654321", Username: "mevia85",
	}}})
	growOneByOne(t, log, s)
	secrets := []string{"MVECAI85M41H501V", "CAIA", "MEVIA", "caia@example.com", "+39 333 7654321", "mevia85"}
	for _, secret := range secrets {
		if !inFiles(t, path, secret) {
			t.Fatalf("%q is in no file before the erasure", secret)
		}
	}
	log.File(projectionstest.Fact{Stream: stream, Event: domain.ParentErased{Parent: caia, At: summer}})
	growOneByOne(t, log, s)
	if err := s.Scrub(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, secret := range secrets {
		if inFiles(t, path, secret) {
			t.Errorf("%q is in a file of the views after the erasure", secret)
		}
	}
	if !inFiles(t, path, "t4@example.com") {
		t.Error("somebody else is gone, too")
	}
}

// summer is after a Year.
var summer = time.Date(2020, 7, 1, 9, 0, 0, 0, time.UTC)

// inFiles reports whether the files of a database hold a text.
func inFiles(t *testing.T, path, text string) bool {
	t.Helper()
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	found := false
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		found = found || bytes.Contains(data, []byte(text))
	}
	return found
}
