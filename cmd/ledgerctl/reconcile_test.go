package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/domain"
)

// quarantined is how many documents the sources of an officers' service have in quarantine.
var quarantined = map[string]int{"quarantine": 1}

// officers answers as the API of a service does.
func officers(t *testing.T, severity string) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/documents"):
			var in struct {
				Name    string
				Content []byte
			}
			_ = json.NewDecoder(r.Body).Decode(&in)
			why := ""
			if string(in.Content) == "bad" {
				why = `,"quarantined":"riga 3, importo"`
			}
			fmt.Fprintf(w, `{"documents":[{"name":%q,"kind":"fdr","contents":["k"]%s}]}`, in.Name, why)
		case strings.HasSuffix(r.URL.Path, "/summary"):
			fmt.Fprintf(w, "%s as %s from %s", r.URL.Query().Get("per"), r.URL.Query().Get("format"), r.URL.Query().Get("from"))
		case strings.HasSuffix(r.URL.Path, "/sources") && severity == "none":
			fmt.Fprint(w, `{"sources":[]}`)
		case strings.HasSuffix(r.URL.Path, "/sources"):
			fmt.Fprint(w, `{"sources":[{"source":"rest 01234567890","took":9},{"source":"soap 01234567890","took":9},{"source":"folder","error":"of the last time"}]}`)
		case strings.HasSuffix(r.URL.Path, "/run"):
			asked(w, r, severity)
		case strings.HasSuffix(r.URL.Path, "/accepts"):
			fmt.Fprintf(w, `{"accepts":[{"subject":"flow:F-1","title":"Parziale","stake":%q,"day":"2020-02-13","rule":0}]}`, r.URL.Query().Get("upTo"))
		case strings.HasSuffix(r.URL.Path, "/rules") && r.Method == http.MethodGet:
			fmt.Fprint(w, `{"rules":[{"rule":1,"outcome":"parziale","upTo":"0.50","days":3,"reason":"Arrotondamenti","setBy":"anna","withdrawn":true}]}`)
		case strings.Contains(r.URL.Path, "/rules"):
			var in map[string]any
			_ = json.NewDecoder(r.Body).Decode(&in)
			if in["reason"] != "Arrotondamenti" {
				w.WriteHeader(http.StatusUnprocessableEntity)
				return
			}
			fmt.Fprint(w, `{"position":12,"repeated":false}`)
		default:
			fmt.Fprintf(w, `{"flows":[{"flow":"F-1","outcome":"doppio","title":"Doppio","severity":%q,"detail":"flusso 1, banca 2","total":"57.33","psp":"PROVA","regulationDate":"2020-02-13"}],
				"receipts":[{"receipt":"r1","title":"In attesa di flusso","severity":"in-attesa","amount":"1.00"}],"credits":[]}`, severity)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// asked answers for the source that is asked, or for all of them.
func asked(w http.ResponseWriter, r *http.Request, severity string) {
	var in struct {
		Source string
		Hold   bool
	}
	_ = json.NewDecoder(r.Body).Decode(&in)
	runs := map[string]string{
		"rest 01234567890": `{"source":"rest 01234567890","took":2}`,
		"soap 01234567890": fmt.Sprintf(`{"source":"soap 01234567890","took":1,"refused":%d}`, quarantined[severity]),
		"folder":           fmt.Sprintf(`{"source":"folder","took":0,"error":%q}`, strings.TrimPrefix(severity, "quarantine")),
	}
	run := runs[in.Source]
	if in.Source == "" && severity != "none" {
		run = runs["rest 01234567890"] + "," + runs["soap 01234567890"] + "," + runs["folder"]
	}
	accepted := `{"subject":"flow:F-1","rule":1}`
	if in.Hold {
		accepted = ""
	}
	fmt.Fprintf(w, `{"sources":[%s],"accepted":[%s]}`, run, accepted)
}

func ask(t *testing.T, s *httptest.Server, args ...string) (code int, out string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), append(append([]string{"reconcile"}, args...), "--url", s.URL, "--creditor", "01234567890", "--token", "x"), func(string) string { return "" }, &stdout, &stderr)
	return code, stdout.String() + stderr.String()
}

func TestFilesAreImportedAndWhatIsNotReadIsAFinding(t *testing.T) {
	s := officers(t, "")
	good, bad := filepath.Join(t.TempDir(), "good.xml"), filepath.Join(t.TempDir(), "bad.xml")
	for file, text := range map[string]string{good: "good", bad: "bad"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if code, out := ask(t, s, "import", good); code != exitSound || out != "good.xml  fdr  read, 1 in it\n" {
		t.Errorf("%d, %s", code, out)
	}
	if code, out := ask(t, s, "import", good, bad); code != exitFound || !strings.Contains(out, "bad.xml  fdr  in quarantine: riga 3, importo") {
		t.Errorf("%d, %s", code, out)
	}
	huge := filepath.Join(t.TempDir(), "huge.xml")
	if err := os.WriteFile(huge, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(huge, domain.MaxDocumentReading+1); err != nil {
		t.Fatal(err)
	}
	if code, out := ask(t, s, "import", huge); code != exitUsage || !strings.Contains(out, "huge.xml: document: a document is 1 byte to 256 MiB") {
		t.Errorf("a file that is too large: %d, %s", code, out)
	}
	if code, _ := ask(t, s, "import", good+".not"); code != exitUsage {
		t.Errorf("a file that is not there: %d", code)
	}
	s.Close()
	if code, _ := ask(t, s, "import", good); code != exitOutOfReach {
		t.Errorf("a service that is not there: %d", code)
	}
}

func TestAReportFindsWhatDoesNotFit(t *testing.T) {
	if code, out := ask(t, officers(t, "a-posto"), "report"); code != exitSound || out != "2 flows, receipts and credits, 0 to be looked at\n" {
		t.Errorf("%d, %s", code, out)
	}
	s := officers(t, "grave")
	if code, out := ask(t, s, "report", "--from", "2020-02-01"); code != exitFound || !strings.Contains(out, "Doppio") || strings.Contains(out, "In attesa") {
		t.Errorf("%d, %s", code, out)
	}
	if code, out := ask(t, s, "report", "--csv"); code != exitFound || !strings.Contains(out, "flusso,F-1,2020-02-13,PROVA,57.33,Doppio,grave,\"flusso 1, banca 2\"") || !strings.Contains(out, "ricevuta,r1") {
		t.Errorf("%d, %s", code, out)
	}
	if code, out := ask(t, s, "report", "--json"); code != exitFound || !strings.Contains(out, `"outcome":"doppio"`) {
		t.Errorf("%d, %s", code, out)
	}
}

func TestSumsAreReportedPerWhateverIsAsked(t *testing.T) {
	s := officers(t, "")
	file := filepath.Join(t.TempDir(), "capitoli.xlsx")
	for args, want := range map[string]string{
		"--per day --from 2020-02-01": "day as csv from 2020-02-01", "--per reversali --format json": "reversali as json from ", "--per psp --json": "psp as json from ",
		"--per chapter --format xlsx -o " + file: file + ": 21 bytes\n",
	} {
		if code, out := ask(t, s, append([]string{"report"}, strings.Fields(args)...)...); code != exitSound || out != want {
			t.Errorf("%s: %d, %s", args, code, out)
		}
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != "chapter as xlsx from " {
		t.Errorf("%q, %v", got, err)
	}
	for _, args := range []string{"--per month", "--per day --format doc", "--per day --format pdf", "--per day -o " + file} {
		if code, out := ask(t, s, append([]string{"report"}, strings.Fields(args)...)...); code != exitUsage {
			t.Errorf("%s: %d, %s", args, code, out)
		}
	}
}

// One source is asked after the other, and the rules accept with the last.
func TestTheSourcesAreAskedAndOneThatFailsIsAFinding(t *testing.T) {
	const whole = "rest 01234567890  2 new\nsoap 01234567890  1 new\nfolder  0 new\n3 sources asked, 1 differences accepted by rules\n"
	if code, out := ask(t, officers(t, ""), "run"); code != exitSound || out != whole {
		t.Errorf("%d, %s", code, out)
	}
	if code, out := ask(t, officers(t, "none"), "run"); code != exitSound || out != "0 sources asked, 1 differences accepted by rules\n" {
		t.Errorf("of no source: %d, %s", code, out)
	}
	if got := sourceOf(1, 3, "soap 01234567890"); got != "source 2 of 3: soap 01234567890" {
		t.Error(got)
	}
	if code, out := ask(t, officers(t, "quarantine"), "run"); code != exitFound || !strings.Contains(out, "soap 01234567890  1 new, 1 in quarantine") {
		t.Errorf("%d, %s", code, out)
	}
	s := officers(t, "no such folder")
	if code, out := ask(t, s, "run"); code != exitFound || !strings.Contains(out, "folder  0 new, failed: no such folder") {
		t.Errorf("%d, %s", code, out)
	}
	if code, out := ask(t, s, "run", "--json"); code != exitFound || !strings.Contains(out, `"error":"no such folder"`) || strings.Contains(out, "2 new") {
		t.Errorf("%d, %s", code, out)
	}
}

func TestRulesAreListedTriedSetAndWithdrawn(t *testing.T) {
	s := officers(t, "")
	for args, want := range map[string]string{
		"rules list": "rule 1  withdrawn  parziale up to 0.50 after 3 working days  Arrotondamenti  (anna)",
		"rules try --outcome parziale --up-to 0.50":                                  "2020-02-13  flow:F-1  Parziale  0.50    rule 0\n1 would be accepted",
		"rules set --outcome parziale --up-to 0.50 --days 3 --reason Arrotondamenti": "done, at position 12",
		"rules withdraw 1 --reason Arrotondamenti":                                   "done, at position 12",
	} {
		if code, out := ask(t, s, strings.Fields(args)...); code != exitSound || !strings.Contains(out, want) {
			t.Errorf("%s: %d, %s", args, code, out)
		}
	}
	if code, _ := ask(t, s, "rules", "set", "--outcome", "parziale"); code != exitUsage {
		t.Errorf("without a reason: %d", code)
	}
}
