package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/adapters/httpapi"
)

// massDoor stands in for the API: it keeps the batches that were sent to it, and
// fails as often as it is told to.
type massDoor struct {
	keys     []string
	sizes    []int
	failures map[int]bool // by the request's number, from 0
}

func (d *massDoor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in struct{ Bulletins []json.RawMessage }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	n := len(d.keys)
	d.keys, d.sizes = append(d.keys, r.Header.Get("Idempotency-Key")), append(d.sizes, len(in.Bulletins))
	if d.failures[n] {
		http.Error(w, "gone", http.StatusInternalServerError)
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"rows": make([]httpapi.BatchRow, len(in.Bulletins))})
}

// aFile writes so many lines, alike but for their number.
func aFile(t *testing.T, lines int, causale string) string {
	t.Helper()
	var text strings.Builder
	for i := range lines {
		fmt.Fprintf(&text, `{"parent":%q,"category":"AUT-REFEZIONE","lines":[{"consumer":%q,"service":"MENSA","amount":"12.50"}],`+
			`"period":{"from":"2020-02-01","to":"2020-02-29"},"due":"2020-03-20","causale":"%s %d"}`+"\n", storyParent, storyChild, causale, i)
	}
	file := filepath.Join(t.TempDir(), "bulletins.jsonl")
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestAnInterruptedIssueGoesOnUnderTheSameKeys(t *testing.T) {
	door := &massDoor{failures: map[int]bool{1: true}}
	server := httptest.NewServer(door)
	defer server.Close()
	file := aFile(t, 20_001, "Mensa")
	issue := func(want int, words string) {
		t.Helper()
		var said, out bytes.Buffer
		code := run(t.Context(), []string{"issue", file, "--url", server.URL, "--creditor", "01234567890"}, func(string) string { return "" }, &out, &said)
		if code != want || !strings.Contains(out.String()+said.String(), words) {
			t.Fatalf("exit code %d, want %d: %s%s", code, want, &out, &said)
		}
	}
	issue(exitOutOfReach, "lines 10001 to 20000: /creditors/01234567890/bulletins/batch answered 500")
	issue(exitSound, "Of 20001 bulletins 20001 are issued")
	if want := []int{10_000, 10_000, 10_000, 10_000, 1}; !slices.Equal(door.sizes, want) {
		t.Fatalf("batches of %v, want %v", door.sizes, want)
	}
	if first, again := door.keys[:2], door.keys[2:4]; !slices.Equal(first, again) {
		t.Errorf("the keys were %v, and then %v", first, again)
	}
	if keys := slices.Compact(slices.Sorted(slices.Values(door.keys))); len(keys) != 3 {
		t.Errorf("three batches have the keys %v", keys)
	}
}

func TestAKeyFollowsFromContentAndPlace(t *testing.T) {
	base := issueBatch{0, []entry{{text: []byte("{}")}}}
	for name, c := range map[string]struct {
		batch    issueBatch
		creditor string
		same     bool
	}{
		"the same":         {issueBatch{0, []entry{{line: 7, text: []byte("{}")}}}, "01234567890", true},
		"further on":       {issueBatch{1, base.entries}, "01234567890", false},
		"other content":    {issueBatch{0, []entry{{text: []byte("{ }")}}}, "01234567890", false},
		"twice":            {issueBatch{0, slices.Repeat(base.entries, 2)}, "01234567890", false},
		"another creditor": {base, "12345678903", false},
	} {
		if same := c.batch.key(c.creditor) == base.key("01234567890"); same != c.same {
			t.Errorf("%s: the same key is %t", name, same)
		}
	}
}

func TestALongBatchIsCutBeforeTheAPIRefusesIt(t *testing.T) {
	file := aFile(t, 1_000, strings.Repeat("x", 1<<14))
	i := issue{file: file}
	var sizes, total int
	for b, err := range i.batches() {
		if err != nil {
			t.Fatal(err)
		}
		if n := len(b.body(true, "2020-02-29")); n > 16<<20 {
			t.Errorf("a request of %d bytes", n)
		}
		sizes++
		total += len(b.entries)
	}
	if sizes != 2 || total != 1_000 {
		t.Errorf("%d bulletins in %d batches", total, sizes)
	}
}
