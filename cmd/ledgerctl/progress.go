package main

import (
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
)

// bar shows a person at a terminal how far something is, and nobody else.
type bar struct{ *progressbar.ProgressBar } // nil: nobody

// unit is what a bar counts.
type unit int

const (
	bytesUnit unit = iota
	eventsUnit
	bulletinsUnit
	filesUnit
	sourcesUnit
)

// redraw is how often a bar is drawn anew.
const redraw = 100 * time.Millisecond

// newBar begins a bar on w, of total units, or of so many as there will be if total
// is 0.
func newBar(w io.Writer, what string, total int64, counts unit) bar {
	if !terminal(w) {
		return bar{}
	}
	if total <= 0 {
		total = -1 // a spinner
	}
	options := []progressbar.Option{
		progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(what), progressbar.OptionSetWidth(30),
		progressbar.OptionClearOnFinish(), progressbar.OptionSpinnerType(14),
		progressbar.OptionShowCount(), progressbar.OptionSetRenderBlankState(true), // or the first rate would be of no time at all
	}
	switch counts {
	case sourcesUnit: // few, slow, and each by its name: drawn whenever that changes
	case bytesUnit:
		options = append(options, progressbar.OptionThrottle(redraw), progressbar.OptionShowBytes(true))
	default:
		options = append(options, progressbar.OptionThrottle(redraw), progressbar.OptionShowIts(), progressbar.OptionSetItsString(map[unit]string{eventsUnit: "events", bulletinsUnit: "bulletins", filesUnit: "files"}[counts]))
	}
	return bar{progressbar.NewOptions64(total, options...)}
}

// Write counts bytes. A bar that cannot be drawn, or was told too small a total,
// is no reason to stop.
func (b bar) Write(p []byte) (int, error) {
	if b.ProgressBar != nil {
		_ = b.Add(len(p))
	}
	return len(p), nil
}

// reached says how many there are by now.
func (b bar) reached(n uint64) {
	if b.ProgressBar != nil {
		_ = b.Set64(int64(n))
	}
}

// describe says what is done now.
func (b bar) describe(what string) {
	if b.ProgressBar != nil {
		b.Describe(what)
	}
}

// end takes the bar away: what comes after it says how it went.
func (b bar) end() {
	if b.ProgressBar != nil {
		_ = b.Clear()
	}
}

func terminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	at, err := file.Stat()
	return err == nil && at.Mode()&os.ModeCharDevice != 0
}
