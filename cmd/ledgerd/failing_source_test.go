package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// openCollecting is the demonstration's service, behind a portal, with one source of
// flows that the test answers for.
func openCollecting(t *testing.T, flows http.HandlerFunc) (*service, *demo) {
	t.Helper()
	source := httptest.NewServer(flows)
	t.Cleanup(source.Close)
	portal := httptest.NewUnstartedServer(nil)
	d := newDemo(t.TempDir())
	d.portal = "http://" + portal.Listener.Addr().String()
	c := demoConfig(d.data, d.portal, "http://127.0.0.1:1")
	c.Reconciliation = reconciliationConfig{FlowsAPI: source.URL, Key: "demo"}
	master, err := demoMasterKey(c)
	if err != nil {
		t.Fatal(err)
	}
	s, err := open(t.Context(), c, master, slog.New(slog.NewTextHandler(d.log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- s.projector.Run(ctx) }()
	t.Cleanup(func() {
		portal.Close()
		stop()
		if err := errors.Join(<-done, s.close()); err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	if err := s.settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if portal.Config.Handler, err = s.handler(true); err != nil {
		t.Fatal(err)
	}
	portal.Start()
	return s, d
}

// A source that fails is told in the log, at /readyz and on the officers' page, until it
// answers again. The service is ready all the same.
func TestASourceThatFailsIsTold(t *testing.T) {
	var away atomic.Bool
	s, d := openCollecting(t, func(w http.ResponseWriter, _ *http.Request) {
		if away.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, "manutenzione")
			return
		}
		_, _ = io.WriteString(w, `{"metadata":{"totPage":1},"data":[]}`)
	})
	officer := newVisitor(t)
	officer.enterAs(d, "ragioneria", demoStaffPassword)
	officer.is(http.StatusOK, "Flussi di pagoPA (REST)", "non ancora interrogata")
	key := "rest " + string(demoCreditor)
	told := func(failing bool) {
		t.Helper()
		s.collector.collect(t.Context())
		status, said := d.readiness(t)
		line := "not collected: " + key + " at "
		if status != http.StatusOK || !strings.HasPrefix(said, "ready at position ") || strings.Contains(said, line) != failing || strings.Contains(said, "status 503: manutenzione\n") != failing {
			t.Errorf("/readyz says %d %s", status, said)
		}
		officer.visit(d.portal + "/riconciliazione")
		if failing {
			officer.is(http.StatusOK, "Flussi di pagoPA (REST)", "non riuscita", "status 503: manutenzione")
		} else {
			officer.is(http.StatusOK, "Flussi di pagoPA (REST)", "riuscita", "0 documenti nuovi")
			officer.lacks("manutenzione")
		}
	}
	errorsLogged := func() int {
		return strings.Count(d.log.String(), `level=ERROR msg="what is to be reconciled could not be collected" source="`+key+`"`)
	}
	told(false)
	away.Store(true)
	told(true)
	told(true)
	if n := errorsLogged(); n != 2 {
		t.Errorf("%d errors in the log, for 2 rounds that failed\n%s", n, d.log)
	}
	away.Store(false)
	told(false)
	if n := errorsLogged(); n != 2 {
		t.Errorf("%d errors in the log, and the source answers again", n)
	}
}
