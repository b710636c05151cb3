package main

import (
	"context"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/eventstore/audit"
)

// demo is a demonstration that runs: in this process, or in one of its own.
type demo struct {
	portal, platform        string
	officeToken, auditToken string
	data                    string
	code                    string // the second child's, while it is good
	log                     *said
	stop                    func() error
}

func newDemo(data string) *demo {
	return &demo{officeToken: demoOfficeToken, auditToken: demoAuditToken, data: data, log: &said{}}
}

// startDemo runs a fresh demonstration until the test ends.
func startDemo(t *testing.T) *demo {
	t.Helper()
	d := runDemoIn(t, t.TempDir())
	t.Cleanup(func() {
		if err := d.stop(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Log(d.log.String())
		}
	})
	return d
}

// demoArgs are the arguments of a demonstration on a directory and free ports, with the
// guide's family alone: more arguments after them can ask for the past days.
func demoArgs(data string) []string {
	return []string{"demo", "--data", data, "--listen", "127.0.0.1:0", "--sim-listen", "127.0.0.1:0", "--past-days=false"}
}

func noEnvironment(string) string { return "" }

// runDemoIn runs the demonstration on a directory until stop.
func runDemoIn(t *testing.T, data string, more ...string) *demo {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var out said
	d := newDemo(data)
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, append(demoArgs(data), more...), noEnvironment, &out, d.log) }()
	d.stop = sync.OnceValue(func() error { cancel(); return <-ended })
	d.await(t, &out, ended)
	return d
}

// await waits until the demonstration says on out where it is.
func (d *demo) await(t *testing.T, out *said, ended <-chan error) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if strings.Contains(out.String(), "Stop it with") {
			said := regexp.MustCompile(`(?s)portal +(http://[0-9.:]+).*Simulated pagoPA +(http://[0-9.:]+)`).FindStringSubmatch(out.String())
			d.portal, d.platform = said[1], said[2]
			if code := regexp.MustCompile(`second child: (\S{4}-\S{4}-\S{4})\n`).FindStringSubmatch(out.String()); code != nil {
				d.code = code[1]
			}
			return
		}
		select {
		case err := <-ended:
			t.Fatalf("the demonstration ended: %v\n%s", err, d.log)
		default:
		}
	}
	t.Fatalf("the demonstration did not start: %v\n%s%s", d.stop(), out, d.log)
}

// sound fails the test unless every event that the service shows verifies.
func (d *demo) sound(t *testing.T) audit.Verified {
	t.Helper()
	v, err := audit.Verify(t.Context(), d.events(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// said is what a program wrote, read while it writes.
type said struct {
	mu   sync.Mutex
	text strings.Builder
}

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}
