package audit_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// plainly verifies a log event by event with all heads in memory: slow, large and
// easy to see through.
func plainly(ctx context.Context, log eventstore.Reader) (sound audit.Verified, err error) {
	type head struct {
		revision eventstore.Revision
		hash     eventstore.Hash
	}
	heads, reg := make(map[eventstore.Stream]head), wire.New(nil)
	check := func(rec eventstore.Recorded) error {
		at := heads[rec.Stream]
		if rec.Position <= sound.End {
			return fmt.Errorf("position %d comes after %d", rec.Position, sound.End)
		}
		if rec.Revision != at.revision+1 {
			return fmt.Errorf("the stream was at revision %d: an event is missing or out of order", at.revision)
		}
		hash, err := eventstore.VerifyLink(at.hash, rec)
		if err != nil {
			return err
		}
		fact, err := reg.Decode(ctx, rec)
		if err != nil {
			return err
		}
		heads[rec.Stream] = head{rec.Revision, hash}
		for _, p := range domain.Postings(fact) {
			sound.Debits, sound.Credits = sound.Debits+p.Debit, sound.Credits+p.Credit
		}
		return domain.CheckPostings(domain.Postings(fact))
	}
	for rec, err := range log.ReadAll(ctx, 0) {
		if err != nil {
			return sound, err
		}
		if err := check(rec); err != nil {
			return sound, &audit.Break{Position: rec.Position, Stream: rec.Stream, Revision: rec.Revision, Cause: err}
		}
		sound.Events, sound.End, sound.Streams = sound.Events+1, rec.Position, uint64(len(heads))
	}
	return sound, nil
}

// crowded is a log of some thousand events of many streams at the same time.
func crowded(t *testing.T) shelf {
	h := begin(t)
	handler := eventstore.NewHandler[flood, int, domain.Event](h.log, wire.New(nil), 100, func(domain.Event) error { return nil }, func() time.Time { return day(3) })
	for i := range 200 {
		stream := eventstore.Stream(fmt.Sprint("parent-", rand.IntN(60)))
		if _, err := handler.Handle(t.Context(), stream, by(fmt.Sprint("crowd", i)), 1+rand.IntN(20)); err != nil {
			t.Fatal(err)
		}
	}
	return h.shelf()
}

// damages are what can happen to a log at one place.
var damages = []func(log shelf, i int) shelf{
	func(log shelf, i int) shelf { return slices.Delete(log, i, i+1) },
	func(log shelf, i int) shelf { return slices.Insert(log, i, log[rand.IntN(len(log))]) },
	func(log shelf, i int) shelf { log[i].Position = log[rand.IntN(len(log))].Position; return log },
	func(log shelf, i int) shelf { log[i].Revision += eventstore.Revision(rand.IntN(3)) - 1; return log },
	func(log shelf, i int) shelf { log[i].Stream = log[rand.IntN(len(log))].Stream; return log },
	func(log shelf, i int) shelf { log[i].Type = "thing-happened.v9"; return log },
	func(log shelf, i int) shelf { log[i].Metadata = log[i].Metadata[1:]; return log },
	func(log shelf, i int) shelf { log[i].Metadata = log[rand.IntN(len(log))].Metadata; return log },
	func(log shelf, i int) shelf { log[i].Metadata = nil; return log },
	func(log shelf, i int) shelf {
		log[i].Data = bytes.Replace(log[i].Data, []byte("2020"), []byte("2021"), 1)
		return log
	},
	func(log shelf, i int) shelf { log[i].Data = nil; return log },
	func(log shelf, i int) shelf { log[i].ID = uuid.New(); return log },
}

// However many things are wrong, the first in log order is named, with what a
// plain verification says of it.
func TestTheFirstOfManyBreaksIsNamed(t *testing.T) {
	whole := crowded(t)
	for run := range 150 {
		log, done := slices.Clone(whole), []int{}
		for range run % 6 {
			what := rand.IntN(len(damages))
			log, done = damages[what](log, rand.IntN(len(log))), append(done, what)
		}
		want, wantErr := plainly(t.Context(), log)
		for way, verify := range ways {
			got, err := verify(t.Context(), log, nil)
			if fmt.Sprint(err) != fmt.Sprint(wantErr) {
				t.Fatalf("damages %v, %s: %v\nwant %v", done, way, err, wantErr)
			}
			if wantErr == nil && got != want || got.Events != want.Events || got.End != want.End {
				t.Errorf("damages %v, %s: %+v, want %+v", done, way, got, want)
			}
			var chain, wantChain *eventstore.ChainError
			if errors.As(err, &chain) != errors.As(wantErr, &wantChain) || chain != nil && chain.Expected != wantChain.Expected {
				t.Errorf("damages %v, %s: the broken link is %v, want %v", done, way, chain, wantChain)
			}
		}
	}
}

func TestTheFileOfLinksIsGoneAfterwards(t *testing.T) {
	log, dir := crowded(t), t.TempDir()
	t.Setenv("TMPDIR", dir)
	broken := log.with(len(log)-1, func(e *eventstore.Recorded) { e.ID[0] ^= 1 })
	for _, c := range []struct {
		log   shelf
		sound bool
	}{{log, true}, {broken, false}} {
		if _, err := audit.VerifyInAFile(t.Context(), c.log, nil); (err == nil) != c.sound {
			t.Error(err)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestLinksThatCannotBeKeptAreAnError(t *testing.T) {
	log := crowded(t)
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "nowhere"))
	if _, err := audit.Verify(t.Context(), log, nil); err != nil {
		t.Errorf("%v: a small log needs no file", err)
	}
	_, err := audit.VerifyInAFile(t.Context(), log, nil)
	if _, broken := errors.AsType[*audit.Break](err); err == nil || broken || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("%v, want to hear of the directory, and not of a Break", err)
	}
}

// halted is a log whose reader is stopped at some event.
type halted struct {
	shelf
	at   int
	stop context.CancelFunc
}

func (h halted) ReadAll(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		n := 0
		for e := range h.shelf.ReadAll(ctx, after) {
			if n++; n == h.at {
				h.stop()
			}
			if !yield(e, nil) {
				return
			}
		}
	}
}

func TestAuditorsCanBeStopped(t *testing.T) {
	log, dir := crowded(t), t.TempDir()
	t.Setenv("TMPDIR", dir)
	for _, at := range []int{1, 300, len(log)} {
		for name, run := range map[string]func(context.Context, eventstore.Reader) error{
			"Verify": func(ctx context.Context, l eventstore.Reader) error {
				_, err := audit.VerifyInAFile(ctx, l, nil)
				return err
			},
			"BalancesOf": func(ctx context.Context, l eventstore.Reader) error {
				_, err := audit.BalancesOf(ctx, l, audit.Range{})
				return err
			},
		} {
			ctx, stop := context.WithCancel(t.Context())
			if err := run(ctx, halted{log, at, stop}); !errors.Is(err, context.Canceled) {
				t.Errorf("%s, stopped at event %d: %v", name, at, err)
			}
			stop()
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// The first error counts, whichever core meets one first.
func TestTheFirstErrorOfAFoldIsTold(t *testing.T) {
	log := crowded(t)
	for range 20 {
		first, second := rand.IntN(len(log)/2), len(log)/2+rand.IntN(len(log)/2)
		broken := log.with(first, func(e *eventstore.Recorded) { e.Type = "thing-happened.v9" })
		broken = broken.with(second, func(e *eventstore.Recorded) { e.Metadata = nil })
		if b, err := audit.BalancesOf(t.Context(), broken, audit.Range{}); b != nil || !errors.Is(err, wire.ErrUnknownName) {
			t.Errorf("wrong at %d and %d: %v, %v", first, second, b, err)
		}
		to := audit.Range{To: log[first].Position - 1}
		if _, err := audit.BalancesOf(t.Context(), broken, to); err != nil {
			t.Errorf("up to %d: %v", to.To, err)
		}
	}
}
