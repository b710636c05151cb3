package soap_test

import (
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
)

func TestAMomentWithoutZoneIsLocal(t *testing.T) {
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	for s, want := range map[soap.DateTime]string{
		"":                              "0001-01-01T00:00:00Z",
		"2026-01-12T10:15:30":           "2026-01-12T10:15:30+01:00",
		"2026-07-12T10:15:30":           "2026-07-12T10:15:30+02:00",
		"2026-07-12T10:15:30.5":         "2026-07-12T10:15:30.5+02:00",
		"2026-01-12T23:30:00Z":          "2026-01-13T00:30:00+01:00",
		"2026-01-12T10:15:30.123+05:30": "2026-01-12T05:45:30.123+01:00",
	} {
		got, err := s.In(rome)
		if err != nil || got.Format(time.RFC3339Nano) != want {
			t.Errorf("%s: %v, %v, want %s", s, got, err, want)
		}
	}
	if _, err := soap.DateTime("ieri").In(rome); err == nil {
		t.Error("ieri is a moment")
	}
}

func TestADayIsADayOfTheCalendar(t *testing.T) {
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	for s, want := range map[soap.Date]string{
		"":                 "0001-01-01T00:00:00Z",
		"2026-01-12":       "2026-01-12T00:00:00+01:00",
		"2026-07-12Z":      "2026-07-12T00:00:00+02:00",
		"2026-07-12-11:00": "2026-07-12T00:00:00+02:00",
	} {
		got, err := s.In(rome)
		if err != nil || got.Format(time.RFC3339Nano) != want {
			t.Errorf("%s: %v, %v, want %s", s, got, err, want)
		}
	}
	if _, err := soap.Date("2026-02-30").In(rome); err == nil {
		t.Error("30 February is a day")
	}
}

func TestDatesAreWritten(t *testing.T) {
	at := time.Date(2026, 7, 12, 23, 30, 0, 0, time.FixedZone("", 2*3600))
	if d, dt := soap.NewDate(at), soap.NewDateTime(at); d != "2026-07-12" || dt != "2026-07-12T23:30:00+02:00" {
		t.Errorf("got %s, %s", d, dt)
	}
	if d, dt := soap.NewDate(time.Time{}), soap.NewDateTime(time.Time{}); d != "" || dt != "" {
		t.Errorf("no time is written as %q, %q", d, dt)
	}
}
