package fdr

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// payments is a flow of n payments as PSPs write them, an element a line.
func payments(n int) []byte {
	f := Flow{
		Version: "1.0", ID: "2026-01-13PROVAIT1XXX-S000000042", Created: "2026-01-14T02:30:00", Regulation: "1101260130133349", RegulationDate: "2026-01-13",
		Sender: Party{Kind: "B", Code: "PROVAIT1XXX"}, Receiver: Party{Kind: "G", Code: "12345678903"}, DeclaredCount: int64(n), DeclaredTotal: 8450,
	}
	for i := range n {
		f.Payments = append(f.Payments, Payment{IUV: "01000000000004285", IUR: "0a1b2c3d4e5f40718293a4b5c6d7e8f9", Index: i % 3, Amount: 8450, Outcome: NoRPT, Date: "2026-01-12"})
	}
	var b bytes.Buffer
	if err := Encode(&b, f); err != nil {
		panic(err)
	}
	return bytes.ReplaceAll(b.Bytes(), []byte("><"), []byte(">\n<"))
}

// readAlike checks that a document is read as the decoder alone reads it.
func readAlike(t *testing.T, doc []byte) {
	t.Helper()
	got, err := Decode(doc)
	slow := newWalker(doc)
	slow.doc.recoded = true // so that nothing is taken for plain
	want, wantErr := slow.flow()
	if (err == nil) != (wantErr == nil) || err != nil && err.Error() != wantErr.Error() {
		t.Fatalf("%s\n%v, want %v", doc, err, wantErr)
	}
	if err == nil && !reflect.DeepEqual(got, want) {
		t.Fatalf("%s\n%+v\nwant %+v", doc, got, want)
	}
}

func TestPlainPaymentsAreReadAsTheDecoderReadsThem(t *testing.T) {
	doc := payments(2)
	readAlike(t, doc)
	for _, c := range [][2]string{
		{"xmlns=", "xmlns:p="}, {"<" + paymentTag, "<" + paymentTag + ` xmlns="x"`}, {"<" + paymentTag, "<" + paymentTag + ` xmlns="` + Namespace + `"`},
		{"UTF-8", "ISO-8859-1"}, {"UTF-8", "us-ascii"}, {"<" + paymentTag, "\n<!-- -->\n<" + paymentTag}, {"<" + paymentTag, "<" + paymentTag + "\n"},
	} {
		readAlike(t, bytes.Replace(doc, []byte(c[0]), []byte(c[1]), 1))
		readAlike(t, bytes.ReplaceAll(doc, []byte(c[0]), []byte(c[1])))
	}
	for i := bytes.LastIndex(doc, []byte("<"+paymentTag)); i < len(doc); i++ {
		for _, now := range []string{"", " ", "\r\n", "<", ">", "&amp;", "é", "\xe9", "0", "]]>", "<![CDATA[x]]>", "<?x?>", ` xmlns="x"`} {
			readAlike(t, slices.Concat(doc[:i], []byte(now), doc[i:])) // put in
			readAlike(t, slices.Concat(doc[:i], []byte(now), doc[i+1:]))
		}
		readAlike(t, doc[:i])
	}
}

func TestPlainPaymentsAreTaken(t *testing.T) {
	w := newWalker(payments(100))
	if f, err := w.flow(); err != nil || len(f.Payments) != 100 || w.lines < 90*8 {
		t.Errorf("%d lines past the decoder, %v", w.lines, err)
	}
}

// plainTags are the elements of a payment.
var plainTags = []string{iuvTag, iurTag, indexTag, amountTag, outcomeTag, dateTag}

// plainSeeds are texts of each element: what its rule takes, and the first that it does not.
var plainSeeds = [][]string{
	{"01000000000004285", "", "x", strings.Repeat("x", 35), strings.Repeat("x", 36), "a&amp;b", "<b/>", "à", " x "},
	{"0a1b2c3d", "", strings.Repeat("y", 35), strings.Repeat("y", 36), "]]>", "<!-- -->", "\u007f"},
	{"1", "0", "5", "6", "+1", " 2 ", "0000000000000000000001", "00000000000000000000001", "-1", "1.0"},
	{"84.50", "0.00", "0.01", "999999999.99", "1000000000.00", "084.50", " 84.50\n", "84.5", "84,50", "-84.50", "+84.50"},
	{"9", "0", "1", "3", "4", "8", " 9", "09", ""},
	{"2026-01-12", "2026-02-29", "2028-02-29", "2026-01-12Z", "2026-01-12+01:00", " 2026-01-12 ", "0000-01-01", "2026-1-12"},
}

// withText is a flow whose last payment has another text: in one of its elements, before
// that element, within its tag, or in place of it.
func withText(where uint8, text string) []byte {
	doc := string(payments(2))
	tag := plainTags[int(where)%len(plainTags)]
	at := strings.LastIndex(doc, "<"+tag+">")
	inner, after := at+len(tag)+2, strings.LastIndex(doc, "</"+tag+">")
	from, to := inner, after
	switch int(where) / len(plainTags) % 4 {
	case 1:
		from, to = at, at
	case 2:
		from, to = inner-1, inner-1
	case 3:
		from, to = at, after+len(tag)+3
	}
	return []byte(doc[:from] + text + doc[to:])
}

// A whole document of random bytes hardly ever gets as far as a plain payment, so that
// one text of a good one is what is made up.
func FuzzPlainPayments(f *testing.F) {
	for i, texts := range plainSeeds {
		for n, text := range texts {
			f.Add(uint8(i), text)
			f.Add(uint8(i+(1+n%3)*len(plainTags)), text)
		}
	}
	f.Fuzz(func(t *testing.T, where uint8, text string) { readAlike(t, withText(where, text)) })
}

func BenchmarkDecode(b *testing.B) {
	const lines = 250
	doc := payments(lines)
	for b.Loop() {
		if _, err := Decode(doc); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*lines), "ns/payment")
}
