package journal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore/wire"
)

const town domain.FiscalCode = "00987650124"

var (
	noon  = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)
	mevia = uuid.MustParse("11111111-1111-4111-8111-111111111111")
)

// keys seals by writing the subject and the place in front, turned inside out so that
// the plain text is not in the file.
type keys struct {
	mu      sync.Mutex
	erased  map[uuid.UUID]bool
	failing int // how many times from now
}

func newKeys() *keys { return &keys{erased: make(map[uuid.UUID]bool)} }

func turned(b []byte) []byte {
	out := bytes.Clone(b)
	for i := range out {
		out[i] ^= 0xff
	}
	return out
}

func (k *keys) check(subject uuid.UUID) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.erased[subject] {
		return wire.ErrErased
	}
	if k.failing > 0 {
		k.failing--
		return errors.New("the vault is gone")
	}
	return nil
}

func (k *keys) Seal(_ context.Context, subject uuid.UUID, plain, aad []byte) ([]byte, error) {
	return turned(fmt.Appendf(nil, "%s %s\n%s", subject, aad, plain)), k.check(subject)
}

func (k *keys) Open(_ context.Context, subject uuid.UUID, sealed, aad []byte) ([]byte, error) {
	plain, ok := bytes.CutPrefix(turned(sealed), fmt.Appendf(nil, "%s %s\n", subject, aad))
	if !ok {
		return nil, errors.New("sealed for another, or for another place")
	}
	return plain, k.check(subject)
}

// desk is a journal in a folder of its own.
type desk struct {
	*Journal
	t    *testing.T
	path string
	keys *keys
	log  *bytes.Buffer
}

func newDesk(t *testing.T, o Options) *desk {
	t.Helper()
	d := &desk{t: t, path: filepath.Join(t.TempDir(), "journal.db"), keys: newKeys(), log: &bytes.Buffer{}}
	o.Bodies = []domain.FiscalCode{town}
	o.Logger = slog.New(slog.NewTextHandler(d.log, nil))
	if o.Now == nil {
		o.Now = func() time.Time { return noon }
	}
	var err error
	if d.Journal, err = Open(d.path, d.keys, o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// written notes entries and lets a whole run write them.
func (d *desk) written(entries ...Entry) {
	d.t.Helper()
	for _, e := range entries {
		d.Note(e)
	}
	ctx, stop := context.WithCancel(d.t.Context())
	stop() // at its end a run writes what waits
	if err := d.Run(ctx); err != nil {
		d.t.Fatal(err)
	}
}

// ids are those of the entries that a query finds, newest first.
func (d *desk) ids(q Query) []int64 {
	d.t.Helper()
	found, more, err := d.Search(d.t.Context(), q, 0, 100)
	if err != nil || more {
		d.t.Fatal(more, err)
	}
	var ids []int64
	for _, e := range found {
		ids = append(ids, e.ID)
	}
	return ids
}

func receipt() Entry {
	return Entry{
		At: noon, Direction: In, Operation: "paSendRTV2", Creditor: town, Station: "00987650124_01",
		Notices: []domain.NoticeNumber{"301000000000004285"}, IUV: "01000000000004285", Receipt: "RT-1",
		Peer: "192.0.2.7", Outcome: "OK", Status: 200, Took: 42 * time.Millisecond,
		Request: []byte("<debtor>Mevia</debtor>"), Answer: []byte("<outcome>OK</outcome>"),
	}
}

func with(change func(*Entry)) Entry {
	e := receipt()
	change(&e)
	return e
}

func TestAnExchangeIsFoundAsItWasNoted(t *testing.T) {
	d := newDesk(t, Options{})
	d.written(receipt())
	found, more, err := d.Search(t.Context(), Query{}, 0, 10)
	want := with(func(e *Entry) {
		e.ID, e.RequestSize, e.AnswerSize, e.Request, e.Answer = 1, 22, 21, nil, nil
	})
	if err != nil || more || len(found) != 1 || !reflect.DeepEqual(found[0], want) {
		t.Fatalf("found %+v, %t, %v", found, more, err)
	}
	request, answer, err := d.Messages(t.Context(), 1)
	if err != nil || string(request) != "<debtor>Mevia</debtor>" || string(answer) != "<outcome>OK</outcome>" {
		t.Errorf("messages %q, %q, %v", request, answer, err)
	}
	if _, _, err := d.Messages(t.Context(), 2); !errors.Is(err, ErrNoEntry) {
		t.Errorf("an entry that is not there: %v", err)
	}
}

func TestEachFieldOfAQueryNarrowsTheSearch(t *testing.T) {
	d := newDesk(t, Options{})
	d.written(
		receipt(),
		Entry{
			At: noon.Add(time.Hour), Direction: Out, Operation: "carts", Creditor: "01234500062",
			Notices: []domain.NoticeNumber{"301000000000004386", "301000000000004487"}, Outcome: "KO", Fault: "422", Status: 422,
		},
		with(func(e *Entry) { e.At, e.Receipt, e.Notices, e.IUV = noon.Add(2*time.Hour), "RT-2", nil, "x" }),
	)
	for name, c := range map[string]struct {
		q    Query
		want []int64
	}{
		"nothing":                {Query{}, []int64{3, 2, 1}},
		"body":                   {Query{Creditor: town}, []int64{3, 1}},
		"direction":              {Query{Direction: Out}, []int64{2}},
		"operation":              {Query{Operation: "carts"}, []int64{2}},
		"a notice":               {Query{Notice: "301000000000004285"}, []int64{1}},
		"the second of a cart":   {Query{Notice: "301000000000004487"}, []int64{2}},
		"a notice nobody had":    {Query{Notice: "301000000000009999"}, nil},
		"IUV":                    {Query{IUV: "01000000000004285"}, []int64{1}},
		"receipt":                {Query{Receipt: "RT-2"}, []int64{3}},
		"outcome":                {Query{Outcome: "KO"}, []int64{2}},
		"fault":                  {Query{Fault: "422"}, []int64{2}},
		"from, which is in":      {Query{From: noon.Add(time.Hour)}, []int64{3, 2}},
		"to, which is out":       {Query{To: noon.Add(2 * time.Hour)}, []int64{2, 1}},
		"two things at once":     {Query{Creditor: town, From: noon.Add(time.Hour)}, []int64{3}},
		"quotes are only quotes": {Query{Operation: "' OR '1'='1"}, nil},
	} {
		if got := d.ids(c.q); !slices.Equal(got, c.want) {
			t.Errorf("%s: found %v, want %v", name, got, c.want)
		}
	}
}

func TestASearchIsReadPageByPage(t *testing.T) {
	d := newDesk(t, Options{})
	d.written(slices.Repeat([]Entry{receipt()}, 7)...)
	var ids []int64
	before, pages := int64(0), 0
	for {
		page, more, err := d.Search(t.Context(), Query{Creditor: town}, before, 3)
		if err != nil {
			t.Fatal(err)
		}
		pages++
		for _, e := range page {
			ids = append(ids, e.ID)
			before = e.ID
		}
		if !more {
			break
		}
	}
	if !slices.Equal(ids, []int64{7, 6, 5, 4, 3, 2, 1}) || pages != 3 {
		t.Errorf("%v in %d pages", ids, pages)
	}
}

func TestAnExportHasEveryEntryOnceOldestFirst(t *testing.T) {
	d := newDesk(t, Options{})
	const n = 2*exportPage + 3
	d.written(slices.Repeat([]Entry{receipt()}, n)...)
	last := int64(0)
	for e, err := range d.Export(t.Context(), Query{Creditor: town}) {
		if err != nil || e.ID != last+1 {
			t.Fatalf("entry %d after %d, %v", e.ID, last, err)
		}
		if last = e.ID; last == 1 { // what comes meanwhile is not part of it
			d.written(receipt())
		}
	}
	if last != n {
		t.Errorf("%d entries", last)
	}
	for range d.Export(t.Context(), Query{}) {
		break // a reader that goes away
	}
}

func TestMessagesAreNotReadableInTheFile(t *testing.T) {
	d := newDesk(t, Options{})
	d.written(receipt())
	for _, file := range []string{d.path, d.path + "-wal"} {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(content, []byte("Mevia")) {
			t.Errorf("%s has what a message says", file)
		}
	}
	if info, err := os.Stat(d.path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file's mode is %v, %v", info.Mode(), err)
	}
}

func TestWhoseKeySealsAMessage(t *testing.T) {
	owned := func(_ context.Context, _ domain.FiscalCode, notices []domain.NoticeNumber) (uuid.UUID, bool, error) {
		return mevia, notices[0] == "301000000000004285", nil
	}
	d := newDesk(t, Options{Owner: owned})
	d.written(
		receipt(),
		with(func(e *Entry) { e.Notices[0] = "301000000000009999" }),
		with(func(e *Entry) { e.Notices = nil }),
		with(func(e *Entry) { e.Notices, e.Creditor = nil, "99999999999" }),
	)
	for id, want := range map[int64]uuid.UUID{
		1: mevia, 2: domain.CreditorSubject(town), 3: domain.CreditorSubject(town), 4: domain.CreditorSubject(""),
	} {
		var subject uuid.UUID
		if err := d.db.QueryRow(`SELECT subject FROM entry WHERE id = ?`, id).Scan(&subject); err != nil || subject != want {
			t.Errorf("entry %d is sealed for %v, %v, want %v", id, subject, err, want)
		}
		if request, _, err := d.Messages(t.Context(), id); err != nil || len(request) == 0 {
			t.Errorf("entry %d: %q, %v", id, request, err)
		}
	}
}

func TestWhoIsErasedIsErasedInTheJournal(t *testing.T) {
	d := newDesk(t, Options{Owner: func(context.Context, domain.FiscalCode, []domain.NoticeNumber) (uuid.UUID, bool, error) {
		return mevia, true, nil
	}})
	d.written(receipt())
	d.keys.erased[mevia] = true
	d.written(receipt()) // a late copy
	for id := range int64(2) {
		request, answer, err := d.Messages(t.Context(), id+1)
		if err != nil || len(request)+len(answer) > 0 {
			t.Errorf("entry %d: %q, %q, %v", id+1, request, answer, err)
		}
	}
	if got := d.ids(Query{Receipt: "RT-1"}); !slices.Equal(got, []int64{2, 1}) {
		t.Errorf("the lines are %v", got)
	}
}

func TestAMessageMovedToAnotherEntryIsNotOpened(t *testing.T) {
	d := newDesk(t, Options{})
	d.written(receipt(), receipt())
	if _, err := d.db.Exec(`UPDATE entry SET request = (SELECT request FROM entry WHERE id = 1) WHERE id = 2`); err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.Messages(t.Context(), 2); err == nil {
		t.Error("it was opened")
	}
}

func TestOldEntriesAreDeleted(t *testing.T) {
	now := noon
	d := newDesk(t, Options{Now: func() time.Time { return now }})
	d.written(slices.Repeat([]Entry{receipt()}, pruneBatch+5)...)
	now = noon.Add(defaultKeep)
	d.written(with(func(e *Entry) { e.At = now }))
	if n := len(d.all()); n != pruneBatch+6 {
		t.Errorf("on the last day there are %d", n)
	}
	now = now.Add(time.Microsecond)
	d.prune(t.Context())
	if left := d.all(); len(left) != 1 || left[0].ID != pruneBatch+6 {
		t.Errorf("the day after there are %d", len(left))
	}
	if got := d.ids(Query{Notice: "301000000000004285"}); len(got) != 1 {
		t.Errorf("the notice finds %v", got)
	}
	now = now.Add(2 * defaultKeep)
	d.prune(t.Context()) // the newest stays: its number must not come again
	d.written(receipt())
	if got := d.ids(Query{}); !slices.Equal(got, []int64{pruneBatch + 7, pruneBatch + 6}) {
		t.Errorf("ids %v", got)
	}
}

func (d *desk) all() (all []Entry) {
	d.t.Helper()
	for e, err := range d.Export(d.t.Context(), Query{}) {
		if err != nil {
			d.t.Fatal(err)
		}
		all = append(all, e)
	}
	return all
}

func TestWhatComesTooFastIsLostCountedAndLogged(t *testing.T) {
	big := with(func(e *Entry) { e.Request = make([]byte, 600) })
	for name, c := range map[string]struct {
		o     Options
		entry Entry
	}{
		"too many":       {Options{MaxEntries: 3}, receipt()},
		"too many bytes": {Options{MaxBytes: 2000}, big},
	} {
		d := newDesk(t, c.o)
		d.written(slices.Repeat([]Entry{c.entry}, 10)...)
		if n := len(d.all()); n != 3 || d.Lost() != 7 {
			t.Errorf("%s: %d written, %d lost", name, n, d.Lost())
		}
		if !strings.Contains(d.log.String(), "lost") || !strings.Contains(d.log.String(), "entries=7") {
			t.Errorf("%s: the log says %s", name, d.log)
		}
		d.written(c.entry)
		if n := len(d.all()); n != 4 || d.Lost() != 7 {
			t.Errorf("%s: afterwards %d written, %d lost", name, n, d.Lost())
		}
	}
}

func TestNoteDoesNotWaitForAFileThatCannotBeWritten(t *testing.T) {
	d := newDesk(t, Options{MaxEntries: 2})
	d.keys.failing = 100
	d.written(receipt(), receipt(), receipt()) // returns
	if n := len(d.all()); n != 0 || d.Lost() != 3 || !strings.Contains(d.log.String(), "the vault is gone") {
		t.Errorf("%d written, %d lost; %s", n, d.Lost(), d.log)
	}
}

func TestWhatCouldNotBeWrittenIsWrittenLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, Options{})
		d.keys.failing = 2
		began := time.Now()
		d.Note(receipt())
		d.flush(t.Context())
		if n := len(d.all()); n != 1 || d.Lost() != 0 || time.Since(began) != 2*retryPause {
			t.Errorf("%d written, %d lost, after %v", n, d.Lost(), time.Since(began))
		}
	})
}

func TestTheOldGoEveryHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, Options{Now: time.Now, Keep: 24 * time.Hour})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- d.Run(ctx) }()
		for range 3 {
			d.Note(with(func(e *Entry) { e.At = time.Now() }))
		}
		time.Sleep(23 * time.Hour)
		if n := len(d.all()); n != 3 {
			t.Errorf("%d the day of", n)
		}
		time.Sleep(3 * time.Hour)
		if n := len(d.all()); n != 1 { // the newest stays
			t.Errorf("%d the day after", n)
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestAnAccessIsInTheFileBeforeMessagesAreShown(t *testing.T) {
	d := newDesk(t, Options{})
	d.written(receipt())
	if err := d.NoteAccess(t.Context(), "revisori", "notice=301000000000004285"); err != nil {
		t.Fatal(err)
	}
	found, _, err := d.Search(t.Context(), Query{Direction: Access}, 0, 10)
	if err != nil || len(found) != 1 || found[0].Peer != "revisori" || found[0].Fault != "notice=301000000000004285" || !found[0].At.Equal(noon) {
		t.Errorf("%+v, %v", found, err)
	}
}

func TestAJournalIsOpenedAgain(t *testing.T) {
	d := newDesk(t, Options{})
	d.written(receipt())
	again, err := Open(d.path, d.keys, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if found, _, err := again.Search(t.Context(), Query{}, 0, 10); err != nil || len(found) != 1 {
		t.Errorf("%v, %v", found, err)
	}
	if _, err := d.db.Exec(`PRAGMA user_version = 99`); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(d.path, d.keys, Options{}); !errors.Is(err, errNewer) {
		t.Errorf("a newer one: %v", err)
	}
	if _, err := Open(t.TempDir(), d.keys, Options{}); err == nil {
		t.Error("a folder was opened as a journal")
	}
}
