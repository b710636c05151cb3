package archive_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/saldo-ledger/saldo/adapters/archive"
)

func packed(t *testing.T, files map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range files {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestFilesOfAnArchive(t *testing.T) {
	raw := packed(t, map[string][]byte{"dir/a.xml": []byte("<a/>"), "dir/": nil, "__MACOSX/x": []byte("x")})
	files, err := archive.Files(raw)
	if err != nil || len(files) != 1 || files[0].Name != "a.xml" || string(files[0].Raw) != "<a/>" || !archive.Is(raw) {
		t.Errorf("%+v, %v", files, err)
	}
}

func TestAnArchiveIsRefusedWhole(t *testing.T) {
	many := make(map[string][]byte)
	for i := range archive.MaxFiles + 1 {
		many[fmt.Sprint(i)] = nil
	}
	inner := packed(t, map[string][]byte{"a": []byte("x")})
	good := packed(t, map[string][]byte{"a": bytes.Repeat([]byte("abc"), 1000)})
	for name, raw := range map[string][]byte{
		"a bomb":           packed(t, map[string][]byte{"a.xml": []byte("<a/>"), "b.xml": make([]byte, 8<<20)}),
		"too many files":   packed(t, many),
		"one in another":   packed(t, map[string][]byte{"a.zip": inner}),
		"nothing in it":    packed(t, nil),
		"cut":              good[:len(good)/2],
		"a byte that lies": func() []byte { b := bytes.Clone(good); b[40] ^= 0xff; return b }(),
	} {
		if files, err := archive.Files(raw); !errors.Is(err, archive.ErrRefused) || files != nil {
			t.Errorf("%s: %d files, %v", name, len(files), err)
		}
	}
}
