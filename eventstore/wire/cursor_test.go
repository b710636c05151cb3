package wire

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"unicode/utf8"
)

// Eight bytes at once say what each byte says by itself.
func TestPlainTextIsWhatEachByteSays(t *testing.T) {
	slowly := func(s []byte) bool {
		return utf8.Valid(s) && bytes.IndexFunc(s, func(r rune) bool { return r < ' ' || r == '\\' }) < 0
	}
	text := []byte("abcdefghijklmnopqrstuvwxyz")
	for at := range text {
		for b := range 256 {
			s := bytes.Clone(text)
			s[at] = byte(b)
			if got := plainText(s); got != slowly(s) {
				t.Errorf("%q: %t", s, got)
			}
		}
	}
	r := rand.New(rand.NewPCG(1, 4))
	some := []byte("\x00\x1f !\\]\x7f\x80\xbf\xc3\xa8\xff")
	for range 200_000 {
		s := make([]byte, r.IntN(20))
		for i := range s {
			s[i] = some[r.IntN(len(some))]
		}
		if got := plainText(s); got != slowly(s) {
			t.Fatalf("%q: %t", s, got)
		}
	}
}

func BenchmarkPlainText(b *testing.B) {
	sealed := bytes.Repeat([]byte("QUJD"), 640)
	b.SetBytes(int64(len(sealed)))
	for b.Loop() {
		if !plainText(sealed) {
			b.Fatal("it is")
		}
	}
}
