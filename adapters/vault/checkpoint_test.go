package vault_test

import (
	"math"
	"testing"
)

func TestACheckpointNeverMovesBackwards(t *testing.T) {
	f := open(t)
	for _, c := range []struct{ saved, want uint64 }{{0, 0}, {7, 7}, {3, 7}, {7, 7}, {math.MaxInt64, math.MaxInt64}} {
		mustBe(t, f.SaveCheckpoint(t.Context(), "mail", c.saved), nil)
		got, err := f.another(t).Checkpoint(t.Context(), "mail")
		mustBe(t, err, nil)
		if got != c.want {
			t.Errorf("after saving %d it is %d, want %d", c.saved, got, c.want)
		}
	}
	got, err := f.Checkpoint(t.Context(), "settlement")
	mustBe(t, err, nil)
	if got != 0 {
		t.Errorf("a reaction that never ran is at %d", got)
	}
}

func TestAPositionBeyondAnyLogIsAnError(t *testing.T) {
	f := open(t)
	if err := f.SaveCheckpoint(t.Context(), "mail", math.MaxInt64+1); err == nil {
		t.Error("accepted")
	}
}
