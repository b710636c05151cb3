package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// refuses runs the program, which is to end at once with an error that says all of
// the words.
func refuses(t *testing.T, args []string, words ...string) {
	t.Helper()
	err := run(t.Context(), args, noEnvironment, io.Discard, io.Discard)
	if err == nil {
		t.Fatalf("%s: no error", strings.Join(args, " "))
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%s: %q does not say %q", strings.Join(args, " "), err, w)
		}
	}
}

func TestAnAddressThatIsTakenIsNamed(t *testing.T) {
	other, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	taken, data := other.Addr().String(), filepath.Join(t.TempDir(), "new")
	refuses(t, []string{"demo", "--data", data, "--listen", taken, "--sim-listen", "127.0.0.1:0"},
		taken, "taken by another program", "choose another address with --listen")
	refuses(t, []string{"demo", "--data", data, "--listen", "127.0.0.1:0", "--sim-listen", taken},
		taken, "taken by another program", "choose another address with --sim-listen")
	if _, err := os.Stat(data); !os.IsNotExist(err) {
		t.Errorf("it left a directory behind: %v", err)
	}
}

func TestADirectoryOfSomethingElseIsLeftAsItIs(t *testing.T) {
	data := t.TempDir()
	file := filepath.Join(data, "tesi.odt")
	if err := os.WriteFile(file, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, more := range [][]string{nil, {"--fresh"}} {
		refuses(t, append(demoArgs(data), more...), data, "not made by the demonstration", "--data")
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != "precious" {
		t.Errorf("the file says %q, %v", text, err)
	}
	if files, err := os.ReadDir(data); err != nil || len(files) != 1 {
		t.Errorf("the directory holds %v, %v", files, err)
	}
}

func TestADirectoryInUseIsNotTaken(t *testing.T) {
	d := startDemo(t)
	pid := fmt.Sprintf("process %d", os.Getpid())
	for _, more := range [][]string{nil, {"--fresh"}} {
		refuses(t, append(demoArgs(d.data), more...), d.data, "in use", pid)
	}
	v := newVisitor(t)
	v.enter(d)
	v.is(200, debt)
	d.balanced(t)
}

func TestFreshBeginsAnew(t *testing.T) {
	d := runDemoIn(t, t.TempDir())
	end := d.end(t)
	d.issue(t, sempronio, 10_00)
	d.halt(t)
	d = runDemoIn(t, d.data, "--fresh")
	defer d.halt(t)
	if got := d.end(t); got != end {
		t.Errorf("emptied, the log ends at %d, want %d", got, end)
	}
	v := newVisitor(t)
	v.enter(d)
	v.is(200, debt)
	d.balanced(t)
}
