package main

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// An answer that is not the page that was asked for is no measurement of it.
func TestOnlyPagesThatAreWhatWasAskedForCount(t *testing.T) {
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.RequestURI() {
		case "/consumatori":
			_, _ = w.Write([]byte("<h1>Elenco consumatori</h1>"))
		case "/paga":
			_, _ = w.Write([]byte("<h1>Accesso</h1>")) // as somebody without a session gets it
		default:
			http.Error(w, "no", http.StatusInternalServerError)
		}
	}))
	defer front.Close()
	r := round{even: receiptsPace{rate: 1000, seconds: 0.009}, address: front.URL, client: front.Client(), tokens: []string{"a", "b", "c"}}
	rows, err := r.run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct{ count, errors int }{{3, 0}, {0, 3}, {0, 3}} {
		if rows[i].Count != want.count || rows[i].Errors != want.errors {
			t.Errorf("%s: %d pages and %d errors, not %v", rows[i].What, rows[i].Count, rows[i].Errors, want)
		}
	}
	if r.wrong == nil || (portalFigures{wrong: r.wrong}).check() == nil {
		t.Error("nothing is said of the wrong answers")
	}
	if err := (portalFigures{}).check(); err != nil {
		t.Error(err)
	}
}

func TestVisitorsTakeTurnsAndLookAtEachPageOnce(t *testing.T) {
	r := round{tokens: []string{"a", "b", "c", "d", "e", "f"}}
	seen := make(map[string]map[int]bool)
	for i := range 18 {
		page, token := r.page(i)
		if seen[token] == nil {
			seen[token] = make(map[int]bool)
		}
		seen[token][page] = true
	}
	for token, pages := range seen {
		if len(pages) != len(portalPages) {
			t.Errorf("%s looked at %v", token, pages)
		}
	}
	if len(seen) != 6 {
		t.Errorf("%d visitors came", len(seen))
	}
}

func TestTheSpreadOfDurationsIsTheirMiddleTheirWorstHundredthAndTheirWorst(t *testing.T) {
	var took []time.Duration
	for i := 200; i > 0; i-- {
		took = append(took, time.Duration(i))
	}
	if got, want := spreadOf(took), (spread{101, 199, 200}); got != want {
		t.Errorf("%v, not %v", got, want)
	}
	if got := spreadOf(nil); got != (spread{}) {
		t.Errorf("nothing is spread %v", got)
	}
}

func TestAPageWeighsWhatIsSentNotWhatItUnpacksTo(t *testing.T) {
	page := bytes.Repeat([]byte("bollettino "), 1000)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(page); err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	var w weight
	for _, sent := range [][]byte{packed.Bytes(), page} {
		if plain, err := w.add(sent); err != nil || !bytes.Equal(plain, page) {
			t.Errorf("%d bytes sent read as %d: %v", len(sent), len(plain), err)
		}
	}
	if w.Answers != 2 || w.Sent != packed.Len()+11_000 || w.Plain != 22_000 {
		t.Errorf("%+v", w)
	}
	if _, err := w.add(packed.Bytes()[:20]); err == nil {
		t.Error("an answer cut short is weighed")
	}
}

func TestTheFirstViewHasEachFileOnceAndTheFontsOfItsStylesheets(t *testing.T) {
	files := map[string]string{
		"/assets/1/a/a.css":                    "@font-face { src: url(../f/f-latin-400-normal.woff2) } @font-face { src: url(../f/f-latin-ext-400-normal.woff2) }",
		"/assets/1/a/a.js":                     "0123456789",
		"/assets/1/f/f-latin-400-normal.woff2": "font",
		"/assets/1/s.svg":                      "<svg/>",
	}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, ok := files[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte(body))
	}))
	defer front.Close()
	r, page := round{address: front.URL, client: front.Client()}, strings.Join([]string{
		`<link href="/assets/1/a/a.css">`, `<script src="/assets/1/a/a.js">`, `<use href="/assets/1/s.svg#one">`, `<use href="/assets/1/s.svg#two">`,
	}, "")
	var w weight
	if err := r.files(t.Context(), []byte(page), &w); err != nil {
		t.Fatal(err)
	}
	sum := 0
	for _, body := range files {
		sum += len(body)
	}
	if w.Answers != len(files) || w.Sent != sum {
		t.Errorf("%d answers of %d bytes, not %d of %d", w.Answers, w.Sent, len(files), sum)
	}
	if err := r.files(t.Context(), []byte(`<link href="/assets/1/none.css">`), &w); err == nil {
		t.Error("a file that is not there is no error")
	}
}
