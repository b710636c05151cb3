package mail_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	netmail "net/mail"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/adapters/mail"
)

const sender = "Servizi scolastici – Città <servizi@comune.example>"

// box is a mailbox in a folder of its own, at a time that moves when told.
type box struct {
	*mail.Mailbox
	dir string
	now time.Time
}

func openBox(t *testing.T) *box {
	t.Helper()
	b := &box{dir: filepath.Join(t.TempDir(), "posta"), now: time.Date(2026, 9, 14, 22, 30, 15, 250e6, time.UTC)}
	b.reopen(t)
	return b
}

func (b *box) reopen(t *testing.T) {
	t.Helper()
	mb, err := mail.OpenMailbox(b.dir, sender, func() time.Time { return b.now })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { mb.Close() })
	b.Mailbox = mb
}

func (b *box) send(t *testing.T, m mail.Message) {
	t.Helper()
	if err := b.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
}

// only returns the one message that the mailbox must hold.
func (b *box) only(t *testing.T) mail.Letter {
	t.Helper()
	list, all, err := b.List(10)
	if err != nil || all != 1 || len(list) != 1 {
		t.Fatalf("%d of %d messages, error %v, want one", len(list), all, err)
	}
	l, err := b.Read(list[0].Name)
	if err != nil {
		t.Fatal(err)
	}
	if l.Envelope != list[0] {
		t.Errorf("listed as %+v, read as %+v", list[0], l.Envelope)
	}
	return l
}

func TestAMessageIsReadAsItWasWritten(t *testing.T) {
	b := openBox(t)
	m := reminder()
	b.send(t, m)
	l := b.only(t)
	if l.Name != "20260914T223015.250Z-f3a8b0c2-reminder.eml" || l.ID != m.ID || l.To != m.To || l.Subject != m.Subject {
		t.Errorf("envelope %+v", l.Envelope)
	}
	if l.From != "Servizi scolastici – Città <servizi@comune.example>" {
		t.Errorf("from %q", l.From)
	}
	if !l.Date.Equal(b.now.Truncate(time.Second)) {
		t.Errorf("date %s", l.Date)
	}
	if l.Text != m.Text {
		t.Errorf("text %q, want %q", l.Text, m.Text)
	}
	if l.HTML != m.HTML {
		t.Errorf("HTML %q, want %q", l.HTML, m.HTML)
	}
	if !reflect.DeepEqual(l.Attachments, m.Attachments) {
		t.Errorf("attachments %q, want %q", l.Attachments, m.Attachments)
	}
}

func TestASenderIsShownWithoutQuotes(t *testing.T) {
	b := openBox(t)
	mb, err := mail.OpenMailbox(b.dir, "Servizi scolastici <servizi@comune.example>", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer mb.Close()
	if err := mb.Send(t.Context(), reminder()); err != nil {
		t.Fatal(err)
	}
	if l := b.only(t); l.From != "Servizi scolastici <servizi@comune.example>" {
		t.Errorf("from %q", l.From)
	}
}

func TestATextAloneIsReadAsItWasWritten(t *testing.T) {
	b := openBox(t)
	m := reminder()
	m.HTML, m.Attachments = "", nil
	b.send(t, m)
	if l := b.only(t); l.Text != m.Text || l.HTML != "" || len(l.Attachments) != 0 {
		t.Errorf("letter %+v", l)
	}
}

func TestTheFileIsAnInternetMessage(t *testing.T) {
	b := openBox(t)
	b.send(t, reminder())
	content, err := os.ReadFile(filepath.Join(b.dir, b.only(t).Name))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(string(content), "\r\n"), "\r\n") {
		if len(line) > 998 || strings.ContainsAny(line, "\r\n") {
			t.Errorf("line of %d bytes, or with a bare line end: %.60q", len(line), line)
		}
	}
	msg, err := netmail.ReadMessage(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	for field, want := range map[string]string{
		"To":             "<anna.verdi@esempio.example>",
		"Message-Id":     "<f3a8b0c2-reminder@comune.example>",
		"Date":           "Mon, 14 Sep 2026 22:30:15 +0000",
		"Mime-Version":   "1.0",
		"Auto-Submitted": "auto-generated",
		"User-Agent":     "",
		"Bcc":            "",
	} {
		if got := msg.Header.Get(field); got != want {
			t.Errorf("%s: %q, want %q", field, got, want)
		}
	}
}

func TestTheSameMessageIsFiledOnce(t *testing.T) {
	b := openBox(t)
	b.send(t, reminder())
	b.now = b.now.Add(time.Hour)
	b.send(t, reminder())
	b.reopen(t) // as after a crash
	b.send(t, reminder())
	if l := b.only(t); !l.Date.Equal(time.Date(2026, 9, 14, 22, 30, 15, 0, time.UTC)) {
		t.Errorf("date %s, want the first", l.Date)
	}
}

func TestMessagesWhoseIDsEndAlikeAreDifferent(t *testing.T) {
	b := openBox(t)
	for _, id := range []string{"1-2", "2", "x-1-2"} {
		m := reminder()
		m.ID = id
		b.send(t, m)
	}
	b.reopen(t)
	if _, all, err := b.List(10); err != nil || all != 3 {
		t.Errorf("%d messages, error %v, want 3", all, err)
	}
}

func TestTheSameMessageSentAtTheSameTimeIsFiledOnce(t *testing.T) {
	b := openBox(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if err := b.Send(context.Background(), reminder()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	b.only(t)
}

func TestTheListIsNewestFirstAndBounded(t *testing.T) {
	b := openBox(t)
	for i := range 4 {
		m := reminder()
		m.ID = fmt.Sprintf("%d", 9-i)
		b.send(t, m)
		b.now = b.now.Add(time.Second)
	}
	list, all, err := b.List(2)
	if err != nil || all != 4 || len(list) != 2 || list[0].ID != "6" || list[1].ID != "7" {
		t.Errorf("%+v, %d in all, error %v", list, all, err)
	}
}

func TestWhatIsNoMessageIsNotListed(t *testing.T) {
	b := openBox(t)
	b.send(t, reminder())
	for _, name := range []string{"x.partial", "note.eml", "20260914T223015.250Z-.eml", ".eml"} {
		if err := os.WriteFile(filepath.Join(b.dir, name), []byte("half a mess"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(b.dir, "20260914T223015.250Z-folder.eml"), 0o700); err != nil {
		t.Fatal(err)
	}
	b.reopen(t)
	b.only(t)
}

func TestAWriteCutShortLeavesNoMessageAndIsDoneAgain(t *testing.T) {
	b := openBox(t)
	// What a crash leaves: part of the file under its temporary name.
	if err := os.WriteFile(filepath.Join(b.dir, "f3a8b0c2-reminder.partial"), bytes.Repeat([]byte("x"), 1<<16), 0o600); err != nil {
		t.Fatal(err)
	}
	b.reopen(t)
	if _, all, err := b.List(10); err != nil || all != 0 {
		t.Errorf("%d messages, error %v", all, err)
	}
	b.send(t, reminder())
	l := b.only(t)
	if l.Text != reminder().Text {
		t.Errorf("text %q", l.Text)
	}
	content, err := os.ReadFile(filepath.Join(b.dir, l.Name))
	if err != nil || bytes.Contains(content, []byte("xxxx")) {
		t.Errorf("what the crash left is in the message, or error %v", err)
	}
}

func TestAMessageNotFiledIsAnErrorAndCanBeSentAgain(t *testing.T) {
	b := openBox(t)
	inTheWay := filepath.Join(b.dir, "f3a8b0c2-reminder.partial")
	if err := os.Mkdir(inTheWay, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := b.Send(t.Context(), reminder()); err == nil {
		t.Error("sent, though it could not be written")
	}
	if err := os.Remove(inTheWay); err != nil {
		t.Fatal(err)
	}
	b.send(t, reminder())
	b.only(t)
}

func TestARefusedOrAbandonedMessageIsNotFiled(t *testing.T) {
	b := openBox(t)
	m := reminder()
	m.To = "a@esempio.example\r\nBcc: b@esempio.example"
	if err := b.Send(t.Context(), m); err == nil {
		t.Error("sent")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.Send(ctx, reminder()); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	entries, err := os.ReadDir(b.dir)
	if err != nil || len(entries) != 0 {
		t.Errorf("files %v, error %v", entries, err)
	}
}

func TestNoNameReachesOutsideTheFolder(t *testing.T) {
	b := openBox(t)
	b.send(t, reminder())
	const outside = "20260914T223015.250Z-outside.eml"
	content, err := os.ReadFile(filepath.Join(b.dir, b.only(t).Name))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(b.dir, "..", outside), content, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"../" + outside, "./" + b.only(t).Name, filepath.Join(b.dir, b.only(t).Name), "..", ".", "", "/etc/passwd",
		outside, "20260914T223015.250Z-../" + outside, b.only(t).Name + "\x00", b.only(t).Name + "\n",
	} {
		if _, err := b.Read(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q: %v, want fs.ErrNotExist", name, err)
		}
	}
	link := "20260914T223015.250Z-link.eml"
	if err := os.Symlink(filepath.Join("..", outside), filepath.Join(b.dir, link)); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Read(link); err == nil {
		t.Error("followed a link out of the folder")
	}
}

func TestADamagedFileIsAnErrorAndNotAMessage(t *testing.T) {
	b := openBox(t)
	b.send(t, reminder())
	name := b.only(t).Name
	file := filepath.Join(b.dir, name)
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i, damaged := range []string{
		"", "no header at all",
		strings.Replace(string(content), "multipart/mixed", "multipart mixed", 1),
		string(content[:len(content)/2]),
	} {
		if err := os.WriteFile(file, []byte(damaged), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Read(name); err == nil {
			t.Errorf("damage %d: read", i)
		}
	}
}

func TestASenderMustBeAnAddress(t *testing.T) {
	for _, from := range []string{"", "Comune", "a@esempio.example, b@esempio.example"} {
		if mb, err := mail.OpenMailbox(t.TempDir(), from, time.Now); err == nil {
			mb.Close()
			t.Errorf("accepted %q", from)
		}
	}
}
