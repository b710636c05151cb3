package soap

import (
	"fmt"
	"regexp"
	"time"
)

// Date is a day as written on the wire (xsd:date): "2026-01-31", at times with
// a zone behind it. It is empty when the element was absent.
type Date string

// DateTime is a moment as written on the wire (xsd:dateTime), with or without
// fractions and zone. It is empty when the element was absent.
type DateTime string

const zone = `(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))`

// Years have four digits and midnight is 00:00, a little less than xsd allows.
var (
	dateForm     = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2})` + zone + `?$`)
	dateTimeForm = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(` + zone + `)?$`)
)

// NewDate writes the day of t in t's own location; the zero time is no date.
func NewDate(t time.Time) Date {
	if t.IsZero() {
		return ""
	}
	return Date(t.Format(time.DateOnly))
}

// NewDateTime writes t to the second with its zone; the zero time is no date.
func NewDateTime(t time.Time) DateTime {
	if t.IsZero() {
		return ""
	}
	return DateTime(t.Format(time.RFC3339))
}

// In returns the midnight in loc that begins the day; a written zone does not
// count, because a day is a day of the calendar. No date is the zero time.
func (d Date) In(loc *time.Location) (time.Time, error) {
	if d == "" {
		return time.Time{}, nil
	}
	form := dateForm.FindStringSubmatch(string(d))
	if form == nil {
		return time.Time{}, fmt.Errorf("%.40q is not an xsd:date", d)
	}
	return parse(time.DateOnly, form[1], loc)
}

// In returns the moment, told in loc; one written without zone is a time of day
// there. No date is the zero time.
func (d DateTime) In(loc *time.Location) (time.Time, error) {
	if d == "" {
		return time.Time{}, nil
	}
	form := dateTimeForm.FindStringSubmatch(string(d))
	if form == nil {
		return time.Time{}, fmt.Errorf("%.40q is not an xsd:dateTime", d)
	}
	layout := time.RFC3339
	if form[1] == "" {
		layout = "2006-01-02T15:04:05"
	}
	t, err := parse(layout, string(d), loc)
	return t.In(loc), err
}

func parse(layout, s string, loc *time.Location) (time.Time, error) {
	t, err := time.ParseInLocation(layout, s, loc)
	if err == nil && t.Year() < 1 {
		err = fmt.Errorf("%.40q: there is no year 0", s)
	}
	return t, err
}
