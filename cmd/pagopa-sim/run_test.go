package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// output is what a running program prints.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

func nothing(string) string { return "" }

// start runs the program until the test ends, and returns its origin.
func start(t *testing.T, getenv func(string) string, args ...string) (origin string) {
	t.Helper()
	var out output
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, args, getenv, &out, io.Discard) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the program ends with %v", err)
		}
	})
	for range 1000 {
		if url := regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(out.String()); url != "" {
			return url
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatal("the program does not say where it is")
	return ""
}

func get(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: status %d, %v", url, resp.StatusCode, err)
	}
	return string(body)
}

func TestTheProgramServesUntilItIsStopped(t *testing.T) {
	origin := start(t, nothing, "--listen", "127.0.0.1:0", "--creditor", "12345678903", "--creditor", "98765432103",
		"--node-target", "http://127.0.0.1:1/paForNode")
	if got := get(t, origin+"/healthz"); got != "ok\n" {
		t.Errorf("health: %q", got)
	}
	page := get(t, origin)
	for _, want := range []string{"12345678903_01", "98765432103", "http://127.0.0.1:1/paForNode"} {
		if !strings.Contains(page, want) {
			t.Errorf("the first page does not name %s", want)
		}
	}
}

func TestVariablesStandInForFlags(t *testing.T) {
	env := map[string]string{"SALDO_SIM_CREDITOR": "12345678903", "SALDO_SIM_STATION": "of the variable", "SALDO_SIM_LISTEN": "127.0.0.1:0", "SALDO_SIM_BROKER": "of the variable"}
	origin := start(t, func(name string) string { return env[name] }, "--station", "of the flag")
	page := get(t, origin)
	if !strings.Contains(page, "of the flag") || strings.Count(page, "of the variable") != 1 {
		t.Errorf("the flag does not win, or the variable is not read: %s", page)
	}
}

func TestTheClockBeginsWhereItIsTold(t *testing.T) {
	origin := start(t, nothing, "--listen", "127.0.0.1:0", "--creditor", "12345678903", "--start", "2026-01-12T12:59")
	if page := get(t, origin+"/orologio"); !strings.Contains(page, "12/01/2026 12:59") && !strings.Contains(page, "12/01/2026 13:00") {
		t.Errorf("the clock shows another time: %s", page)
	}
}

func TestWrongUsageIsToldApart(t *testing.T) {
	for name, args := range map[string][]string{
		"no creditor":        {},
		"a bad creditor":     {"--listen", "127.0.0.1:0", "--creditor", "1"},
		"an unknown flag":    {"--nothing"},
		"an argument":        {"serve"},
		"a fee of no number": {"--creditor", "12345678903", "--psp-fee", "uno"},
		"a pause of no time": {"--creditor", "12345678903", "--pauses", "presto"},
		"a start of no time": {"--creditor", "12345678903", "--start", "ieri"},
		"every address":      {"--listen", ":0", "--creditor", "12345678903"},
		"a path in the url":  {"--listen", "127.0.0.1:0", "--creditor", "12345678903", "--url", "http://localhost/sim"},
	} {
		t.Run(name, func(t *testing.T) {
			err := run(t.Context(), args, nothing, io.Discard, io.Discard)
			if _, wrong := errors.AsType[*usageError](err); !wrong {
				t.Errorf("%v", err)
			}
		})
	}
	badVariable := func(name string) string { return map[string]string{"SALDO_SIM_PAUSES": "presto"}[name] }
	err := run(t.Context(), nil, badVariable, io.Discard, io.Discard)
	if _, wrong := errors.AsType[*usageError](err); !wrong || !strings.Contains(err.Error(), "SALDO_SIM_PAUSES") {
		t.Errorf("a bad variable: %v", err)
	}
}

func TestAnAddressInUseIsNoWrongUsage(t *testing.T) {
	origin := start(t, nothing, "--listen", "127.0.0.1:0", "--creditor", "12345678903")
	err := run(t.Context(), []string{"--listen", strings.TrimPrefix(origin, "http://"), "--creditor", "12345678903"}, nothing, io.Discard, io.Discard)
	if _, wrong := errors.AsType[*usageError](err); err == nil || wrong {
		t.Errorf("%v", err)
	}
}

func TestHelpNamesEveryFlagAndPage(t *testing.T) {
	var out output
	if err := run(t.Context(), []string{"--help"}, nothing, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"--listen", "--url", "--node-target", "--creditor", "--broker", "--station", "--key", "--pauses",
		"--psp-id", "--psp-fee", "/psp", "/interruttori", "/stato", "/orologio", "/flussi", "/tesoreria", "/bizevents", "--start", "SALDO_SIM_"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("help does not name %s", want)
		}
	}
}
