package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"testing"
)

// childData is set for the processes that startChild starts: it names the
// directory of their demonstration.
const childData = "SALDO_TEST_DEMO"

func TestMain(m *testing.M) {
	for name, live := range map[string]func(string) error{childData: demoInAChild, childService: serviceInAChild, childBus: busInAChild} {
		if told := os.Getenv(name); told != "" {
			if err := live(told); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			return
		}
	}
	os.Exit(m.Run())
}

// demoInAChild runs the demonstration until this process is killed, or the one
// that started it is no more.
func demoInAChild(data string) error {
	return run(whileOurParentLives(), demoArgs(data), noEnvironment, os.Stdout, os.Stderr)
}

// whileOurParentLives is done when the process that started this one is no more.
func whileOurParentLives() context.Context {
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // it ends when our parent does
		stop()
	}()
	return ctx
}

// startChild runs the demonstration in a process of its own. Its stop is kill -9.
func startChild(t *testing.T, data string) *demo {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var out said
	d := newDemo(data)
	child := exec.Command(self)
	child.Env = append(os.Environ(), childData+"="+data)
	child.Stdout, child.Stderr = &out, d.log
	if _, err := child.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- child.Wait() }()
	d.stop = sync.OnceValue(func() error {
		if err := child.Process.Kill(); err != nil {
			return fmt.Errorf("it was gone before it was killed: %w", err)
		}
		<-ended // with "signal: killed"
		return nil
	})
	t.Cleanup(func() {
		_ = d.stop() // once more does nothing
		if t.Failed() && d.log.String() != "" {
			t.Log(d.log)
		}
	})
	d.await(t, &out, ended)
	return d
}

// killed kills the demonstration and starts it again on its directory.
func (d *demo) killed(t *testing.T) *demo {
	t.Helper()
	if err := d.stop(); err != nil {
		t.Fatalf("%v\n%s", err, d.log)
	}
	return startChild(t, d.data)
}
