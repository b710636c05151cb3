package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// A card's number and its code are typed into the platform's window and nowhere else:
// of a payment that went all the way nothing of them is in the events, in the messages
// of the journal, in any file of the data directory, or in what the service logged.
func TestNoCardNumberIsStoredOrLogged(t *testing.T) {
	const number, code = "3782 8224 6310 005", "7351"
	traces := regexp.MustCompile(`3782[ -]?8224[ -]?6310[ -]?005|3782 822463 10005`)
	codes := regexp.MustCompile(`\b` + code + `\b`)
	d := runDemoIn(t, t.TempDir(), "--verbose")
	v := newVisitor(t)
	v.enter(d)
	v.cart(d)
	v.press("Paga tramite pagoPA")
	v.payWith(number, code)
	v.follow("Torna al sito")
	v.until("Hai pagato " + owed)
	eventually(t, "the letter about the payment", func() bool { return d.letters(t) == 3+ofTheQuestion })

	said := map[string]string{"log": ""}
	for rec, err := range d.events().ReadAll(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		said["events"] += string(rec.Data) + string(rec.Metadata)
	}
	for _, x := range d.journaled(t, "operation=paSendRTV2&messages=1", 1) {
		said["receipt in the journal"] += x.Request + x.Answer
	}
	for _, x := range d.journaled(t, "operation=carts&messages=1", 1) {
		said["cart in the journal"] += x.Request + x.Answer
	}
	d.halt(t)
	said["log"] = d.log.String()
	for where, text := range said {
		if text == "" {
			t.Errorf("nothing is known of the %s", where)
		}
		if traces.MatchString(text) || codes.MatchString(text) {
			t.Errorf("the %s says %q%q", where, traces.FindString(text), codes.FindString(text))
		}
	}
	files := 0
	err := filepath.WalkDir(d.data, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if found := traces.Find(content); found != nil {
			t.Errorf("%s holds %q", path, found)
		}
		files++
		return err
	})
	if err != nil || files < 10 {
		t.Errorf("%d files were looked through: %v", files, err)
	}
}
