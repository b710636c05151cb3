package domaintest

import (
	"fmt"
	"reflect"
	"strings"
)

// diff returns the lines in which two lists of events differ, those of got after
// a minus and those of want after a plus; nothing when they are equal.
func diff[E any](got, want []E) string {
	var b strings.Builder
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(want):
			write(&b, "-", i, lines(got[i]))
		case i >= len(got):
			write(&b, "+", i, lines(want[i]))
		case !reflect.DeepEqual(got[i], want[i]):
			minus, plus := uncommon(got[i], want[i])
			write(&b, "-", i, minus)
			write(&b, "+", i, plus)
		}
	}
	return b.String()
}

func write(b *strings.Builder, sign string, i int, lines []string) {
	for _, l := range lines {
		fmt.Fprintf(b, "%s [%d] %s\n", sign, i, l)
	}
}

// lines prints an event: its type, and a line for each field.
func lines(event any) []string {
	v := reflect.ValueOf(event)
	if v.Kind() != reflect.Struct {
		return []string{fmt.Sprintf("%#v", event)}
	}
	out := []string{v.Type().String()}
	for i := range v.NumField() {
		out = append(out, fmt.Sprintf("    %s: %+v", v.Type().Field(i).Name, v.Field(i)))
	}
	return out
}

// uncommon prints two events that differ. Of one type, they are printed without
// the fields that look the same; if all do (an empty list and none), in Go's own
// notation.
func uncommon(got, want any) (minus, plus []string) {
	a, b := lines(got), lines(want)
	if a[0] != b[0] {
		return a, b
	}
	minus, plus = a[:1:1], b[:1:1]
	for i := 1; i < len(a); i++ {
		if a[i] != b[i] {
			minus, plus = append(minus, a[i]), append(plus, b[i])
		}
	}
	if len(minus) == 1 {
		return []string{fmt.Sprintf("%#v", got)}, []string{fmt.Sprintf("%#v", want)}
	}
	return minus, plus
}
