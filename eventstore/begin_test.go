package eventstore_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/saldo-ledger/saldo/eventstore"
)

// countingReads is a process that begins streams, and how often it reads.
func countingReads(t *testing.T) (*doorkeeper, eventstore.Store, *int) {
	log, reads := openLog(t), 0
	return newDoorkeeper(&flaky{Store: log, reading: func() error { reads++; return nil }}), log, &reads
}

func begin(t *testing.T, h *doorkeeper, env eventstore.Envelope, v visit) eventstore.Outcome[turn] {
	t.Helper()
	out, err := h.Begin(t.Context(), theHall, env, v)
	if err != nil {
		t.Fatalf("%+v: %v", v, err)
	}
	return out
}

func TestAStreamIsBegunWithoutReadingIt(t *testing.T) {
	h, log, reads := countingReads(t)
	begin(t, h, command("in"), come("ada"))
	if *reads != 0 {
		t.Errorf("the stream was read %d times", *reads)
	}
	handle(t, h, command("next"), come("bo"))
	holds(t, log, turn{Guest: "ada"}, turn{Guest: "bo"})
}

func TestAStreamThatWasBegunBeforeIsReadBeforeItGoesOn(t *testing.T) {
	h, log, _ := countingReads(t)
	handle(t, newDoorkeeper(log), command("before"), come("a", "b", "c", "d", "e", "f", "g", "h", "i"))
	if _, err := h.Begin(t.Context(), theHall, command("two"), come("j", "k")); !errors.Is(err, errFull) {
		t.Errorf("%v, want %v: decided as if the hall were empty", err, errFull)
	}
	if out := begin(t, h, command("one"), come("j")); out.Revision != seats {
		t.Errorf("%+v, want revision %d", out, seats)
	}
	chained(t, log)
}

func TestACommandThatBeganAStreamAnswersItsFirstOutcome(t *testing.T) {
	h, log, _ := countingReads(t)
	first := begin(t, newDoorkeeper(log), command("in"), come("ada"))
	again := begin(t, h, command("in"), come("somebody else"))
	if !again.Repeated || again.Position != first.Position || again.Events[0].Guest != "ada" {
		t.Errorf("%+v, want %+v repeated", again, first)
	}
	holds(t, log, turn{Guest: "ada"})
}

func TestARefusalOfABeginningComesFromTheLog(t *testing.T) {
	h, log, _ := countingReads(t)
	handle(t, newDoorkeeper(log), command("before"), come("ada"))
	if out := begin(t, h, command("out"), leave("ada")); len(out.Events) != 1 { // an empty hall would let nobody out
		t.Errorf("%+v, want ada gone", out)
	}
}

func TestARecentStateIsNotReadAgainUntilItIsOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, log, reads := countingReads(t)
		handle(t, h, command("in"), come("ada"))
		load := func(age time.Duration) (guests, read int) {
			before := *reads
			state, _, err := h.Recent(t.Context(), theHall, age)
			if err != nil {
				t.Fatal(err)
			}
			return len(state.guests), *reads - before
		}
		if guests, read := load(0); guests != 1 || read != 1 {
			t.Errorf("now: %d guests after %d reads", guests, read)
		}
		handle(t, newDoorkeeper(log), command("elsewhere"), come("bo"))
		time.Sleep(time.Second)
		if guests, read := load(time.Second); guests != 1 || read != 0 {
			t.Errorf("a second old: %d guests after %d reads", guests, read)
		}
		time.Sleep(time.Millisecond)
		if guests, read := load(time.Second); guests != 2 || read != 1 {
			t.Errorf("older than a second: %d guests after %d reads", guests, read)
		}
	})
}

func TestAStateThatCouldNotBeReadIsNotRecent(t *testing.T) {
	log := openLog(t)
	fail := false
	h := newDoorkeeper(&flaky{Store: log, reading: func() error {
		if fail {
			return errTorn
		}
		return nil
	}})
	handle(t, newDoorkeeper(log), command("in"), come("ada"))
	fail = true
	if _, _, err := h.Recent(t.Context(), theHall, time.Hour); !errors.Is(err, errTorn) {
		t.Errorf("%v, want %v", err, errTorn)
	}
	fail = false
	if state, _, err := h.Recent(t.Context(), theHall, time.Hour); err != nil || len(state.guests) != 1 {
		t.Errorf("%+v, %v: the failed read was taken for an empty stream", state, err)
	}
}
