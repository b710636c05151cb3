package projections_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/projections"
)

func TestANoticeNumberComesBackFromItsColumn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		notice := domain.NoticeNumber(rapid.StringMatching(`[0-9]{18}`).Draw(t, "notice"))
		if back := projections.NoticeOf(projections.NoticeKey(notice)); back != notice {
			t.Fatalf("%s comes back as %s", notice, back)
		}
	})
}

func TestWhatIsNoNoticeNumberHasNoRow(t *testing.T) {
	for _, s := range []domain.NoticeNumber{"", "1", "30100000000000018x", "3010000000000001850"} {
		if key := projections.NoticeKey(s); key != -1 {
			t.Errorf("%q has the key %d", s, key)
		}
	}
}

func TestDaysBeginInItaly(t *testing.T) {
	for _, c := range []struct {
		at  time.Time
		day domain.Date
	}{
		{time.Date(2020, 2, 2, 22, 59, 59, 0, time.UTC), "2020-02-02"},
		{time.Date(2020, 2, 2, 23, 0, 0, 0, time.UTC), "2020-02-03"},
		{time.Date(2020, 7, 2, 22, 0, 0, 0, time.UTC), "2020-07-03"}, // summer time
		{time.Time{}, ""},
	} {
		if got := projections.DayOf(c.at); got != c.day {
			t.Errorf("%s is on %s, want %s", c.at, got, c.day)
		}
	}
}

func TestATimeComesBackFromItsColumnToTheMicrosecond(t *testing.T) {
	at := time.Date(2020, 2, 3, 9, 30, 0, 123456000, time.UTC)
	if got := projections.TimeOf(at.UnixMicro()); !got.Equal(at) || got.Location() != time.UTC {
		t.Errorf("%s, want %s", got, at)
	}
	if !projections.TimeOf(0).IsZero() {
		t.Error("0 is not the zero time")
	}
}

func ExampleNameOf() {
	fmt.Println(projections.NameOf("UTENTE TEST"))
	fmt.Println(projections.NameOf(""))
	// Output:
	// UTENTE TEST
	// cancellato
}
