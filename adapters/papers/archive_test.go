package papers

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"iter"
	"slices"
	"testing"

	"github.com/saldo-ledger/saldo/domain"
)

// someNotices yields notices and then err, if there is one.
func someNotices(err error, notices ...Notice) iter.Seq2[Notice, error] {
	return func(yield func(Notice, error) bool) {
		for _, n := range notices {
			if !yield(n, nil) {
				return
			}
		}
		if err != nil {
			yield(Notice{}, err)
		}
	}
}

func threeNotices() []Notice {
	other := aNotice()
	other.Number = "301000000000005000"
	return []Notice{aNotice(), instalmentsAlone(inInstalments(aNotice(), 3)), withPostal(other)}
}

func TestAnArchiveHoldsEveryNoticeUnderItsNumber(t *testing.T) {
	notices := threeNotices()
	var b bytes.Buffer
	if err := WriteArchive(&b, someNotices(nil, notices...)); err != nil {
		t.Fatal(err)
	}
	archive, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for i, f := range archive.File {
		names = append(names, f.Name)
		if !f.Modified.Equal(printed) {
			t.Errorf("%s is dated %s, which changes with the clock", f.Name, f.Modified)
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r) // checks the sum
		if err != nil || !bytes.Equal(got, write(t, notices[i])) {
			t.Errorf("%s is another notice (%v)", f.Name, err)
		}
	}
	if want := []string{"avviso-301000000000004285.pdf", "avviso-" + string(notices[1].Instalments[0].Number) + ".pdf", "avviso-301000000000005000.pdf"}; !slices.Equal(names, want) {
		t.Errorf("got %q, want %q", names, want)
	}
}

func TestTheSameNoticesGiveTheSameArchive(t *testing.T) {
	var first, second bytes.Buffer
	for _, b := range []*bytes.Buffer{&first, &second} {
		if err := WriteArchive(b, someNotices(nil, threeNotices()...)); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("two archives of the same notices differ")
	}
}

func TestAnArchiveHoldsOneNoticeAtATime(t *testing.T) {
	const buffered = 64 << 10 // by the ZIP writer, which takes a PDF to more than half its size
	var written, printed int
	counting := writerFunc(func(b []byte) (int, error) { written += len(b); return len(b), nil })
	err := WriteArchive(counting, func(yield func(Notice, error) bool) {
		for i := range 40 {
			if waiting := printed/2 - written; waiting > buffered {
				t.Errorf("%d bytes of %d notices are waiting to be written", waiting, i)
			}
			number, err := domain.NewNoticeNumber(1, uint64(i))
			n := aNotice()
			n.Number = number
			if !yield(n, err) {
				return
			}
			printed += len(write(t, n))
		}
	})
	if err != nil || printed == 0 {
		t.Errorf("%v after %d bytes", err, printed)
	}
}

func TestAnArchiveStopsAtTheFirstFault(t *testing.T) {
	spoilt, errLost := aNotice(), errors.New("lost")
	spoilt.Amount = 0
	refused := func(field string) func(error) bool {
		return func(err error) bool {
			refusal, ok := errors.AsType[*domain.Refusal](err)
			return ok && refusal.Field == field
		}
	}
	for name, tt := range map[string]struct {
		notices iter.Seq2[Notice, error]
		is      func(error) bool
	}{
		"a notice that is not valid": {someNotices(nil, spoilt), refused("amount")},
		"a notice twice":             {someNotices(nil, aNotice(), aNotice()), refused("number")},
		"notices that end early":     {someNotices(errLost, aNotice()), func(err error) bool { return errors.Is(err, errLost) }},
	} {
		if err := WriteArchive(io.Discard, tt.notices); !tt.is(err) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if err := WriteArchive(fullDisk{}, someNotices(nil, aNotice())); !errors.Is(err, errDiskFull) {
		t.Errorf("a writer that fails: got %v", err)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }
