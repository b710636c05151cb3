package main

import (
	"strings"
	"testing"
	"time"
)

func TestALatencyStandsBesideItsLimit(t *testing.T) {
	rows := []row{row{What: "balance as of", Clients: 1, Count: 20, P50: time.Second / 4, P99: 1500 * time.Millisecond}.within(time.Second)}
	for form, want := range map[bool]string{
		false: " 150 %  250ms  1.5s ",
		true:  `"of":1.5,"p50":250000000,"p99":1500000000,"limit":1000000000`,
	} {
		var out strings.Builder
		if err := printRows(&out, rows, form); err != nil || !strings.Contains(out.String(), want) {
			t.Errorf("%v %s has no %q", err, out.String(), want)
		}
	}
}
