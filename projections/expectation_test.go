package projections_test

import (
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/projections"
)

func instantOf(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestWhenAReceiptIsLate(t *testing.T) {
	for _, c := range []struct {
		cause               projections.Cause
		since               string
		late, serious, ends string
	}{
		{projections.Activated, "2026-11-23T09:00:00Z", "", "", "2026-11-23T10:15:00Z"},
		{projections.AtCheckout, "2026-11-23T09:00:00Z", "", "", "2026-11-23T09:45:00Z"},
		// Monday before one o'clock: the flow is there by the end of Wednesday, and final at the end of Friday.
		{projections.ReturnedWaiting, "2026-11-23T11:59:59Z", "2026-11-23T12:14:59Z", "2026-11-25T23:00:00Z", "2026-11-27T23:00:00Z"},
		// From one o'clock it is Tuesday's.
		{projections.ReturnedWaiting, "2026-11-23T12:00:00Z", "2026-11-23T12:15:00Z", "2026-11-26T23:00:00Z", "2026-11-30T23:00:00Z"},
		// On a Saturday, in summer time: Monday's.
		{projections.ReturnedOK, "2026-07-18T07:00:00Z", "2026-07-18T07:15:00Z", "2026-07-22T22:00:00Z", "2026-08-17T07:00:00Z"},
		{projections.AskedFor, "2026-11-23T09:00:00Z", "2026-11-23T09:15:00Z", "2026-11-24T09:00:00Z", "2026-12-23T09:00:00Z"},
		{projections.Reported, "2026-11-23T09:00:00Z", "2026-11-23T09:00:00Z", "2026-11-24T09:00:00Z", ""},
	} {
		e := projections.Expectation{Cause: c.cause, Since: instantOf(t, c.since)}
		before := projections.Usual
		for _, step := range []struct {
			at   string
			then projections.Urgency
		}{{c.late, projections.Late}, {c.serious, projections.Serious}, {c.ends, projections.Ended}} {
			if step.at == "" {
				continue
			}
			at := instantOf(t, step.at)
			if got := e.At(at.Add(-time.Microsecond)); got != before && !at.Equal(e.Since) {
				t.Errorf("%s since %s: %s just before %s, want %s", c.cause.Code(), c.since, got.Code(), step.at, before.Code())
			}
			if got := e.At(at); got != step.then {
				t.Errorf("%s since %s: %s at %s, want %s", c.cause.Code(), c.since, got.Code(), step.at, step.then.Code())
			}
			before = step.then
		}
		if got := e.At(e.Since.AddDate(10, 0, 0)); got != before {
			t.Errorf("%s since %s: %s in the end, want %s", c.cause.Code(), c.since, got.Code(), before.Code())
		}
	}
}

func TestAnOfficerIsAlwaysToldWhyAndWhatNext(t *testing.T) {
	seen := map[projections.Advice]bool{}
	for cause := projections.Activated; cause <= projections.Reported; cause++ {
		e := projections.Expectation{Cause: cause, Since: noon}
		for _, now := range []time.Time{noon, noon.Add(time.Hour / 2), noon.AddDate(0, 0, 6)} {
			a := e.Advice(now)
			if a.Cause == "" || a.Next == "" {
				t.Errorf("%s, %s: %+v", cause.Code(), e.At(now).Code(), a)
			}
			seen[a] = true
		}
	}
	if len(seen) != 13 { // two that are no alarm, two of three urgencies and an end, one of three, one of two
		t.Errorf("%d different pieces of advice", len(seen))
	}
}

func TestOfManyCausesTheOneThatSaysMostIsShown(t *testing.T) {
	at := func(cause projections.Cause, minutes int) projections.Expectation {
		return projections.Expectation{Notice: january, Cause: cause, Since: noon.Add(time.Duration(minutes) * time.Minute)}
	}
	asked := at(projections.AskedFor, 3)
	asked.Receipt = "iur-1"
	other := asked
	other.Receipt = "iur-2"
	back := at(projections.ReturnedOK, 2)
	back.Cart, back.Payment = "cart", cart
	elsewhere := at(projections.AtCheckout, 1)
	elsewhere.Notice = february
	nowhere := projections.Expectation{Cause: projections.AskedFor, Since: noon, Receipt: "iur-3"}
	ended := at(projections.Activated, -200)
	ended.Notice = "301000000000000387"
	got := projections.Current([]projections.Expectation{at(projections.Activated, 0), back, at(projections.AtCheckout, 1), asked, elsewhere, nowhere, other, ended}, noon.Add(17*time.Minute))
	want := []projections.Expectation{nowhere, elsewhere, asked, other}
	want[2].Cart, want[2].Payment = "cart", cart
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Errorf("%d: %+v\nwant %+v", i, got[i], want[i])
		}
	}
}
