package httpapi_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/adapters/httpapi"
)

func isCutShort(err error) bool { return errors.Is(err, httpapi.ErrCutShort) }

// tongue is a server that says the same to everybody.
func tongue(t *testing.T, answer http.HandlerFunc) httpapi.Remote {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	return httpapi.Remote{URL: server.URL, Token: "revisore", HTTP: server.Client()}
}

func TestAnAnswerWithoutItsEndIsCutShort(t *testing.T) {
	const event = `{"position":1,"stream":"a-1","revision":1,"id":"7b0e5bd3-5a0a-4f5e-9f4b-0c8e3f1a2b01","type":"x","data":"e30=","metadata":"e30="}` + "\n"
	for name, c := range map[string]struct {
		said   string
		events int
	}{
		"nothing":                {"", 0},
		"no end":                 {event, 1},
		"half a line":            {event + event[:40], 1},
		"half the end":           {event + `{"end":`, 1},
		"another program's page": {"<!doctype html><title>Saldo</title>", 0},
	} {
		t.Run(name, func(t *testing.T) {
			remote := tongue(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, c.said) })
			got, err := collect(remote.ReadAll(t.Context(), 0))
			if !isCutShort(err) || len(got) != c.events {
				t.Errorf("%d events, %v", len(got), err)
			}
			if _, err := remote.End(t.Context()); !isCutShort(err) {
				t.Errorf("End: %v", err)
			}
		})
	}
}

func TestAConnectionThatBreaksIsAnError(t *testing.T) {
	remote := tongue(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		fmt.Fprint(w, `{"position":1,"stream":"a-1"`)
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})
	if _, err := collect(remote.ReadAll(t.Context(), 0)); !isCutShort(err) {
		t.Error(err)
	}
}

func TestAServiceThatRefusesIsQuoted(t *testing.T) {
	d := newDesk(t)
	remote := d.serve()
	for token, want := range map[string]string{
		"wrong":   "401 Unauthorized: A valid bearer token is needed",
		"ufficio": "403 Forbidden: The token does not allow this",
		"down":    "500 Internal Server Error: Internal error",
	} {
		remote.Token = token
		_, all := collect(remote.ReadAll(t.Context(), 0))
		_, stream := collect(remote.Read(t.Context(), "a-1", 0))
		_, end := remote.End(t.Context())
		for _, err := range []error{all, stream, end} {
			if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), remote.URL) || isCutShort(err) {
				t.Errorf("token %q: %v", token, err)
			}
		}
	}
	proxy := tongue(t, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no luck", http.StatusBadGateway) })
	if _, err := proxy.End(t.Context()); err == nil || !strings.HasSuffix(err.Error(), "answered 502 Bad Gateway") {
		t.Errorf("a proxy's own error: %v", err)
	}
}

func TestNobodyThereIsAnError(t *testing.T) {
	gone := httptest.NewServer(nil)
	gone.Close()
	for _, url := range []string{gone.URL, "ledger", "http://[::1", ""} {
		remote := httpapi.Remote{URL: url, HTTP: http.DefaultClient}
		if _, err := collect(remote.ReadAll(t.Context(), 0)); err == nil || isCutShort(err) {
			t.Errorf("%q: %v", url, err)
		}
	}
}
