package main

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/adapters/httpapi"
	"github.com/saldo-ledger/saldo/eventstore/audit"
)

// demo is a demonstration running in this process.
type demo struct {
	portal, platform string
	data             string
	log              *said
	stop             func() error
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

// runDemoIn runs the demonstration on a directory until stop.
func runDemoIn(t *testing.T, data string) *demo {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var out said
	log := &said{}
	done := make(chan error, 1)
	args := []string{"demo", "--data", data, "--listen", "127.0.0.1:0", "--sim-listen", "127.0.0.1:0"}
	go func() { done <- run(ctx, args, func(string) string { return "" }, &out, log) }()
	d := &demo{data: data, log: log, stop: sync.OnceValue(func() error { cancel(); return <-done })}
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		words := regexp.MustCompile(`http://[0-9.:]+`).FindAllString(out.String(), -1)
		if strings.Contains(out.String(), "Stop it with") {
			d.portal, d.platform = words[0], words[1]
			return d
		}
		select {
		case err := <-done:
			cancel()
			t.Fatalf("the demonstration ended: %v\n%s", err, log.String())
		default:
		}
		if time.Now().After(end) {
			cancel()
			t.Fatalf("the demonstration did not start\n%s%s", out.String(), log.String())
		}
	}
}

// sound fails the test unless every event that the service shows verifies.
func (d *demo) sound(t *testing.T) audit.Verified {
	t.Helper()
	v, err := audit.Verify(t.Context(), httpapi.Remote{URL: d.portal, Token: demoAuditToken, HTTP: http.DefaultClient}, nil)
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
