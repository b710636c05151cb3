package mail_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/mail"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

// keys seal by turning every bit, and forget who is erased.
type keys struct{ erased map[uuid.UUID]bool }

func (k keys) Seal(_ context.Context, person uuid.UUID, plain, _ []byte) ([]byte, error) {
	if k.erased[person] {
		return nil, fmt.Errorf("person %s: %w", person, wire.ErrErased)
	}
	out := bytes.Clone(plain)
	for i := range out {
		out[i] = ^out[i]
	}
	return out, nil
}

func (k keys) Open(ctx context.Context, person uuid.UUID, sealed, aad []byte) ([]byte, error) {
	return k.Seal(ctx, person, sealed, aad)
}

// carried is a Carrier that notes what it is given, and answers as told.
type carried struct {
	ids    []string
	answer func(mail.Message) error
	rests  int
}

func (c *carried) Deliver(_ context.Context, m mail.Message, _ time.Time) error {
	c.ids = append(c.ids, m.ID)
	if c.answer != nil {
		return c.answer(m)
	}
	return nil
}

func (c *carried) Rest() { c.rests++ }

// out is an outbox in a folder of its own, at a time that moves when told.
type out struct {
	*mail.Outbox
	carrier mail.Carrier
	keys    keys
	file    string
	now     time.Time
	log     bytes.Buffer
}

func openOut(t *testing.T, carrier mail.Carrier) *out {
	t.Helper()
	o := &out{carrier: carrier, keys: keys{map[uuid.UUID]bool{}}, file: filepath.Join(t.TempDir(), "outbox.db"), now: written}
	o.reopen(t)
	return o
}

// reopen is a second start.
func (o *out) reopen(t *testing.T) {
	t.Helper()
	if o.Outbox != nil {
		o.Close()
	}
	var err error
	o.Outbox, err = mail.OpenOutbox(t.Context(), o.file, o.keys, o.carrier, func() time.Time { return o.now }, slog.New(slog.NewTextHandler(&o.log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.Close() })
}

func (o *out) send(t *testing.T, ids ...string) {
	t.Helper()
	for _, id := range ids {
		m := reminder()
		m.ID = id
		if err := o.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
}

// round runs one round in which deliveries are possible.
func (o *out) round(t *testing.T) time.Time {
	t.Helper()
	next, err := o.Round(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return next
}

func (o *out) has(t *testing.T, waiting, failed int) {
	t.Helper()
	if c, err := o.Counts(t.Context()); err != nil || c != (mail.Counts{Waiting: waiting, Failed: failed}) {
		t.Errorf("%+v, %v; want %d waiting and %d failed", c, err, waiting, failed)
	}
}

func TestEachMessageIsDeliveredOnceOverManyStarts(t *testing.T) {
	c := &carried{}
	o := openOut(t, c)
	o.send(t, "1", "2", "1")
	o.has(t, 2, 0)
	o.reopen(t)
	o.send(t, "2")
	if next := o.round(t); !next.IsZero() || c.rests != 1 {
		t.Errorf("next %s, %d rests", next, c.rests)
	}
	o.send(t, "1", "2")
	o.round(t)
	o.reopen(t)
	o.send(t, "1", "2", "3")
	o.round(t)
	if want := []string{"1", "2", "3"}; !slices.Equal(c.ids, want) {
		t.Errorf("delivered %v, want %v", c.ids, want)
	}
	o.has(t, 0, 0)
}

func TestAMessagePutOffIsTriedAgainAfterGrowingPauses(t *testing.T) {
	c := &carried{answer: func(mail.Message) error { return fmt.Errorf("%w: 450 busy", mail.ErrPostponed) }}
	o := openOut(t, c)
	o.send(t, "1")
	var pauses []time.Duration
	for next := o.round(t); !next.IsZero(); next = o.round(t) {
		pauses = append(pauses, next.Sub(o.now))
		o.now = next.Add(-time.Millisecond)
		attempts := len(c.ids)
		if o.round(t); len(c.ids) != attempts {
			t.Fatal("tried before its time")
		}
		o.now = next
	}
	if len(pauses) < 12 || pauses[0] != time.Minute || pauses[1] != 2*time.Minute || pauses[10] != 1024*time.Minute || pauses[11] != 24*time.Hour || slices.Max(pauses) != 24*time.Hour {
		t.Errorf("pauses %v", pauses)
	}
	if waited := o.now.Sub(written); waited < 5*24*time.Hour || waited > 6*24*time.Hour {
		t.Errorf("given up after %s", waited)
	}
	o.has(t, 0, 1)
}

func TestAMessageRejectedIsKeptWithTheReason(t *testing.T) {
	c := &carried{answer: func(m mail.Message) error {
		if m.ID == "2" {
			return fmt.Errorf("%w: 550 no such user", mail.ErrRejected)
		}
		return nil
	}}
	o := openOut(t, c)
	o.send(t, "1", "2", "3")
	o.round(t)
	if want := []string{"1", "2", "3"}; !slices.Equal(c.ids, want) {
		t.Errorf("delivered %v, want %v", c.ids, want)
	}
	o.reopen(t)
	o.has(t, 0, 1)
	failed, err := o.Failed(t.Context(), 10)
	if err != nil || len(failed) != 1 || failed[0] != (mail.Failure{ID: "2", Written: written, Failed: written, Attempts: 1, Reason: "rejected: 550 no such user"}) {
		t.Errorf("failed %+v, %v", failed, err)
	}
	if !strings.Contains(o.log.String(), "550 no such user") || strings.Contains(o.log.String(), "@") {
		t.Errorf("log %s", &o.log)
	}
	c.answer = nil
	for id, want := range map[string]bool{"2": true, "1": false} {
		if found, err := o.Retry(t.Context(), id); err != nil || found != want {
			t.Errorf("retry of %s: %v, %v", id, found, err)
		}
	}
	o.round(t)
	o.has(t, 0, 0)
	if len(c.ids) != 4 || c.ids[3] != "2" {
		t.Errorf("delivered %v", c.ids)
	}
}

func TestTroubleIsNoAttemptAtAnyMessage(t *testing.T) {
	broken := errors.New("no route to host")
	c := &carried{answer: func(mail.Message) error { return broken }}
	o := openOut(t, c)
	o.send(t, "1", "2")
	if _, err := o.Round(t.Context()); !errors.Is(err, broken) {
		t.Fatalf("error %v", err)
	}
	c.answer = nil
	o.round(t)
	if want := []string{"1", "1", "2"}; !slices.Equal(c.ids, want) {
		t.Errorf("delivered %v, want %v", c.ids, want)
	}
}

func TestSomebodyErasedGetsNothingMore(t *testing.T) {
	c := &carried{}
	o := openOut(t, c)
	o.send(t, "1")
	o.keys.erased[anna] = true
	o.send(t, "2")
	o.round(t)
	o.has(t, 0, 0)
	if len(c.ids) != 0 {
		t.Errorf("delivered %v", c.ids)
	}
}

func TestAMessagePastItsTimeIsNotSent(t *testing.T) {
	c := &carried{}
	o := openOut(t, c)
	m := reminder()
	m.NotAfter = written.Add(30 * time.Minute)
	if err := o.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	o.now = m.NotAfter.Add(time.Second)
	o.round(t)
	o.has(t, 0, 1)
	if len(c.ids) != 0 {
		t.Errorf("delivered %v", c.ids)
	}
}

func TestNobodyReadsWhatWaitsAndNothingStaysOfWhatWasSent(t *testing.T) {
	o := openOut(t, &carried{})
	o.send(t, "1")
	for _, file := range []string{o.file, o.file + "-wal"} {
		content, err := os.ReadFile(file)
		if err != nil || bytes.Contains(content, []byte("anna.verdi")) || bytes.Contains(content, []byte("bollettino")) {
			t.Errorf("%s can be read, or %v", file, err)
		}
	}
	if stat, err := os.Stat(o.file); err != nil || stat.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", stat.Mode(), err)
	}
}

func TestRunDeliversWhatComesAndWhatIsDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		attempts := map[string][]time.Duration{}
		start := time.Now()
		c := &carried{answer: func(m mail.Message) error {
			attempts[m.ID] = append(attempts[m.ID], time.Since(start))
			switch n := len(attempts[m.ID]); {
			case m.ID == "late" && n < 3:
				return mail.ErrPostponed
			case m.ID == "broken" && n < 4:
				return errors.New("no route")
			}
			return nil
		}}
		o, err := mail.OpenOutbox(t.Context(), filepath.Join(t.TempDir(), "outbox.db"), keys{}, c, time.Now, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		defer o.Close()
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- o.Run(ctx) }()
		for _, id := range []string{"late", "broken"} {
			m := reminder()
			m.ID = id
			if err := o.Send(ctx, m); err != nil {
				t.Fatal(err)
			}
			time.Sleep(10 * time.Minute)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		minutes := []time.Duration{0, time.Minute, 3 * time.Minute}
		if got := attempts["late"]; !slices.Equal(got, minutes) {
			t.Errorf("put off: tried at %v, want %v", got, minutes)
		}
		seconds := []time.Duration{600 * time.Second, 601 * time.Second, 603 * time.Second, 607 * time.Second}
		if got := attempts["broken"]; !slices.Equal(got, seconds) {
			t.Errorf("trouble: tried at %v, want %v", got, seconds)
		}
	})
}

// The outbox and the server together.
func TestALetterIsNeitherLostNorSentTwice(t *testing.T) {
	s := startServer(t, nil)
	s.onRcpt = times(1, says(450, "later"))
	o := openOut(t, s.carrier(t, nil))
	o.send(t, "1")
	next := o.round(t)
	o.has(t, 1, 0)
	o.reopen(t)
	o.now = next
	o.round(t)
	o.send(t, "1")
	o.round(t)
	if len(s.messages()) != 1 {
		t.Errorf("%d messages arrived", len(s.messages()))
	}
	o.has(t, 0, 0)
}

// Nobody knows what a server did with a message that it did not answer for: it
// comes again, and can be recognised.
func TestAnUnansweredMessageComesAgain(t *testing.T) {
	s := startServer(t, nil)
	s.onData = hangUp
	o := openOut(t, s.carrier(t, nil))
	o.send(t, "1")
	next := o.round(t)
	s.mu.Lock()
	s.onData = nil
	s.mu.Unlock()
	o.now = next
	o.round(t)
	o.has(t, 0, 0)
	arrived := s.messages()
	if len(arrived) != 2 {
		t.Fatalf("%d messages arrived", len(arrived))
	}
	for _, content := range arrived {
		if !bytes.Contains(content, []byte("<1@comune.example>")) {
			t.Errorf("message %.300s", content)
		}
	}
}

// A full disk may keep a delivered message from being marked. It is not delivered
// again for that.
func TestADeliveryThatCannotBeMarkedIsNotRepeated(t *testing.T) {
	c := &carried{}
	o := openOut(t, c)
	o.send(t, "1", "2")
	db, err := sql.Open("sqlite", o.file)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`CREATE TRIGGER full BEFORE UPDATE ON message BEGIN SELECT RAISE(ABORT, 'disk full'); END`); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := o.Round(t.Context()); err == nil {
			t.Fatal("marked on a full disk")
		}
	}
	if _, err := db.Exec(`DROP TRIGGER full`); err != nil {
		t.Fatal(err)
	}
	o.round(t)
	if want := []string{"1", "2"}; !slices.Equal(c.ids, want) {
		t.Errorf("delivered %v, want %v", c.ids, want)
	}
}
