package embedded

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/saldo-ledger/saldo/eventstore"
)

// childDir is set for the process that TestKill starts and kills: it names the
// directory of its log.
const childDir = "SALDO_TEST_LOG"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		if err := appendForEver(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// appendForEver appends to the log in dir and prints a line for each append that
// was acknowledged, until the process is killed.
func appendForEver(dir string) error {
	l, err := Open(dir, Options{})
	if err != nil {
		return err
	}
	const writers = 6
	failed := make(chan error, writers)
	for w := range writers {
		go func() {
			stream := eventstore.Stream(fmt.Sprintf("thing-%d", w))
			var at eventstore.Revision
			for range l.Read(context.Background(), stream, 0) {
				at++
			}
			for {
				done, err := l.Append(context.Background(), stream, at, events(stream, at, appendSize(at))...)
				if err != nil {
					failed <- err
					return
				}
				at = done.Revision
				fmt.Printf("%s %d\n", stream, at) // one write, so that lines are whole
			}
		}()
	}
	return <-failed
}

func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("starts and kills processes")
	}
	rng := random(t)
	dir := t.TempDir()
	known := map[eventstore.Stream]eventstore.Revision{}
	for round := range 3 {
		killAfter(t, dir, 50+rng.IntN(400), known)
		l, err := Open(dir, Options{})
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		known = survived(t, l, known)
		closeLog(t, l)
	}
}

// killAfter runs a process that appends to the log in dir, kills it after so
// many acknowledgements, and notes in known what it was told.
func killAfter(t *testing.T, dir string, acks int, known map[eventstore.Stream]eventstore.Revision) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(self)
	child.Env = append(os.Environ(), childDir+"="+dir)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	kill := sync.OnceFunc(func() { _ = child.Process.Kill() })
	defer kill()
	told := 0
	for lines := bufio.NewScanner(out); lines.Scan(); { // what it wrote before it died counts too
		var stream eventstore.Stream
		var rev eventstore.Revision
		if _, err := fmt.Sscanf(lines.Text(), "%s %d", &stream, &rev); err != nil {
			t.Fatalf("%q: %v", lines.Text(), err)
		}
		known[stream] = rev
		if told++; told == acks/2 {
			inUseBy(t, dir, child.Process.Pid)
		}
		if told >= acks {
			kill()
		}
	}
	if err := child.Wait(); err == nil || told < acks {
		t.Fatalf("the process ended by itself after %d acknowledgements: %v", told, err)
	}
}

// inUseBy checks that a directory that another process has cannot be opened.
func inUseBy(t *testing.T, dir string, pid int) {
	t.Helper()
	_, err := Open(dir, Options{})
	if want := fmt.Sprintf("by process %d", pid); !errors.Is(err, ErrInUse) || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("Open of another process's directory: %v, want ErrInUse %s", err, want)
	}
}
