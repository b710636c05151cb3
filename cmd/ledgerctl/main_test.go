package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/domain"
)

// storyIn makes a data directory.
func storyIn(t *testing.T, end ...string) string {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data")
	cmd, err := program("story", append([]string{data}, end...)...)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return data
}

// full is a disk that is full.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestWhatCannotBePrintedIsNoFinding(t *testing.T) {
	data := storyIn(t)
	getenv := func(string) string { return "" }
	for _, command := range []string{
		"replay", "replay --json", "balance --account pagopa:transit", "balance --account pagopa:transit --json", "verify", "verify --json",
	} {
		var said bytes.Buffer
		args := append([]string{"audit", "--data", data}, strings.Fields(command)...)
		if code := run(t.Context(), args, getenv, full{}, &said); code != exitOutOfReach || !strings.Contains(said.String(), "no space left") {
			t.Errorf("%s: exit code %d, %s", command, code, &said)
		}
	}
}

func TestAReplayThatIsStoppedSaysSo(t *testing.T) {
	data := storyIn(t)
	stopped, stop := context.WithCancel(t.Context())
	stop()
	var said bytes.Buffer
	code := run(stopped, []string{"audit", "replay", "--data", data}, func(string) string { return "" }, &bytes.Buffer{}, &said)
	if code != exitOutOfReach || !strings.Contains(said.String(), "canceled") {
		t.Errorf("exit code %d, %s", code, &said)
	}
}

func TestOnlyAPersonAtATerminalIsToldTheProgress(t *testing.T) {
	device, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0) // a device, as a terminal is
	if err != nil {
		t.Fatal(err)
	}
	defer device.Close()
	file, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for _, c := range []struct {
		name string
		w    io.Writer
		want bool
	}{{"a terminal", device, true}, {"a file", file, false}, {"a buffer", &bytes.Buffer{}, false}} {
		b := newBar(c.w, "copying", 3, bytesUnit)
		if told := b.ProgressBar != nil; told != c.want {
			t.Errorf("%s is told: %t", c.name, told)
		}
		// A total that was told too small stops nobody.
		if n, err := b.Write(make([]byte, 10)); n != 10 || err != nil {
			t.Errorf("%s: %d, %v", c.name, n, err)
		}
		b.reached(20)
		b.end()
	}
}

func TestBalancesAreInTheOrderOfTheirCreditors(t *testing.T) {
	balances := make(map[domain.FiscalCode]domain.Money)
	want := []balanceJSON{}
	for _, creditor := range []domain.FiscalCode{"10000000000", "20000000000", "30000000000", "40000000000"} {
		balances[creditor] = 100
		want = append(want, balanceJSON{creditor, domain.AccountTransit, 100})
	}
	if got := balanceRows(balances, domain.AccountTransit); !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}
