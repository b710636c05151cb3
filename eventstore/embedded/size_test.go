package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"testing"

	"github.com/saldo-ledger/saldo/eventstore"
)

// onDisk returns the bytes of the files in dir.
func onDisk(t testing.TB, dir string) int64 {
	t.Helper()
	var bytes int64
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil // the engine removed it since
		}
		if err == nil {
			bytes += info.Size()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return bytes
}

// TestALogTakesNoMoreRoomThanItsEventsAsJSON files bollettini one by one and in
// bulk, and compares what the log takes on the disk with the bytes of the events'
// types, data and metadata.
func TestALogTakesNoMoreRoomThanItsEventsAsJSON(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir, Options{})
	w, raw, filed := newTown(t), int64(0), 0
	for range 500 {
		f := w.next()
		raw += int64(f.rawSize())
		filed++
		if _, err := l.Append(t.Context(), f.stream, f.expected, f.event); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 18 {
		events := make([]eventstore.Proposed, 1000)
		for j := range events {
			f := w.next()
			raw += int64(f.rawSize())
			events[j] = f.event
		}
		filed += len(events)
		if _, err := l.Append(t.Context(), eventstore.Stream(fmt.Sprintf("bulk-%d", i)), 0, events...); err != nil {
			t.Fatal(err)
		}
	}
	// While the log is open there are WALs beside the tables, not compressed: as
	// many as memory is kept in, and those that wait to be written over.
	const wals = (2*memTables + 1) * (memTableBytes + memTableBytes/4)
	if took := onDisk(t, dir); took > raw+wals {
		t.Errorf("the open log takes %d bytes, its events as JSON %d: more than the WALs' %d above it", took, raw, wals)
	}
	closeLog(t, l)
	took := onDisk(t, dir)
	t.Logf("%d bytes an event, %d as JSON", took/int64(filed), raw/int64(filed))
	if took > raw {
		t.Errorf("the closed log takes %d bytes, its events as JSON %d", took, raw)
	}
}
