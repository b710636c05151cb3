package httpapi_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/adapters/httpapi"
	"github.com/saldo-ledger/saldo/eventstore"
)

// copies is a service whose copies are all the same.
type copies struct {
	there atomic.Int32 // copies not released
	fail  error
	send  func(context.Context, io.Writer) error // nil sends copyText
}

const copyText = "a tar, for what anybody here knows"

func (c *copies) Take(context.Context) (httpapi.Backup, error) {
	if c.fail != nil {
		return nil, c.fail
	}
	if !c.there.CompareAndSwap(0, 1) {
		return nil, httpapi.ErrBackupUnderWay
	}
	return c, nil
}

func (c *copies) Position() eventstore.Position { return 42 }
func (c *copies) Bytes() int64                  { return int64(len(copyText)) }
func (c *copies) Release() error                { c.there.Add(-1); return nil }

func (c *copies) Send(ctx context.Context, w io.Writer) error {
	if c.send != nil {
		return c.send(ctx, w)
	}
	_, err := io.WriteString(w, copyText)
	return err
}

// with makes the service's copies c.
func (d *desk) with(c *copies) *copies {
	d.config.Backups = c
	d.open()
	return c
}

func TestABackupIsSentWithItsPositionAndLength(t *testing.T) {
	d := newDesk(t)
	c := d.with(&copies{})
	a := d.do("GET", "/backup", "")
	if a.status != http.StatusOK || string(a.body) != copyText || a.header.Get("Content-Type") != "application/x-tar" {
		t.Fatal(a)
	}
	if got := a.header.Get("Saldo-Position") + " " + a.header.Get("Content-Disposition"); got != `42 attachment; filename="saldo-42.tar"` {
		t.Error(got)
	}
	if c.there.Load() != 0 {
		t.Error("the copy is still there")
	}
	remote := d.serve()
	remote.Token = string(httpapi.Administrator)
	tar, length, err := remote.Backup(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tar.Close()
	if text, err := io.ReadAll(tar); err != nil || string(text) != copyText || length != int64(len(copyText)) {
		t.Errorf("%q of %d bytes, %v", text, length, err)
	}
}

func TestOneBackupAtATime(t *testing.T) {
	d := newDesk(t)
	c := d.with(&copies{})
	c.send = func(context.Context, io.Writer) error {
		d.do("GET", "/backup", "").isProblem(http.StatusConflict)
		return nil
	}
	if a := d.do("GET", "/backup", ""); a.status != http.StatusOK {
		t.Error(a)
	}
	if a := d.do("GET", "/backup", ""); a.status != http.StatusOK {
		t.Errorf("after it: %s", a)
	}
}

func TestWhereThereIsNoBackupTheAnswerSaysWhy(t *testing.T) {
	d := newDesk(t)
	d.with(&copies{fail: errors.New("no space left on device")})
	d.do("GET", "/backup", "").isProblem(http.StatusInternalServerError)
	d.config.Backups = nil
	d.open()
	a := d.do("GET", "/backup", "")
	a.isProblem(http.StatusNotImplemented)
	if !bytes.Contains(a.body, []byte("cluster")) {
		t.Errorf("%s", a.body)
	}
}

// A backup that fails in the middle breaks the connection, and takes its copy away.
func TestABackupThatBreaksOffIsAnErrorToWhoReceivesIt(t *testing.T) {
	d := newDesk(t)
	c := d.with(&copies{send: func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, strings.Repeat("x", 1<<16))
		return errors.Join(err, errors.New("a file cannot be read"))
	}})
	remote := d.serve()
	remote.Token = string(httpapi.Administrator)
	tar, _, err := remote.Backup(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tar.Close()
	if text, err := io.ReadAll(tar); err == nil {
		t.Errorf("%d bytes, and nothing is wrong", len(text))
	}
	if c.there.Load() != 0 {
		t.Error("the copy is still there")
	}
}

// The service answers everything else within its WriteTimeout. A backup goes on for
// as long as it moves.
func TestABackupOutlastsTheTimeOfOtherAnswers(t *testing.T) {
	d := newDesk(t)
	const limit = 50 * time.Millisecond
	d.with(&copies{send: func(ctx context.Context, w io.Writer) error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(4 * limit):
		}
		_, err := io.WriteString(w, copyText)
		return err
	}})
	server := httptest.NewUnstartedServer(d.handler)
	server.Config.WriteTimeout = limit
	server.Start()
	defer server.Close()
	remote := httpapi.Remote{URL: server.URL, Token: string(httpapi.Administrator), HTTP: server.Client()}
	tar, _, err := remote.Backup(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tar.Close()
	if text, err := io.ReadAll(tar); err != nil || string(text) != copyText {
		t.Errorf("%q, %v", text, err)
	}
}

// Whoever goes away in the middle leaves no copy behind.
func TestWhoGoesAwayLeavesNoCopy(t *testing.T) {
	d := newDesk(t)
	gone := make(chan struct{})
	c := d.with(&copies{send: func(ctx context.Context, w io.Writer) error {
		_, err := io.WriteString(w, strings.Repeat("x", 1<<16))
		<-ctx.Done()
		close(gone)
		return errors.Join(err, ctx.Err())
	}})
	server := httptest.NewServer(d.handler)
	remote := httpapi.Remote{URL: server.URL, Token: string(httpapi.Administrator), HTTP: server.Client()}
	tar, _, err := remote.Backup(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := tar.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		t.Fatal(err)
	}
	<-gone
	server.Close() // waits for the handler
	if c.there.Load() != 0 {
		t.Error("the copy is still there")
	}
}
