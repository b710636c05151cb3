package pagopa_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/adapters/pagopa/internal/wiretest"
)

// root is the repository.
const root = "../.."

// testsIn lists the tests and fuzz targets of a folder.
func testsIn(t *testing.T, folder string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`).FindAllSubmatch(text, -1) {
			names = append(names, string(m[1]))
		}
	}
	return names
}

// The table of conformance is as true as the tests it names: each is there, each rule
// has one or says that it is open, and each test of this package is named or known
// not to be about a rule of pagoPA's.
func TestTheTableOfConformanceNamesTestsThatAreThere(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, "docs", "pagopa.md"))
	if err != nil {
		t.Fatal(err)
	}
	known := map[string][]string{}
	rows := 0
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) != 5 || strings.Contains(cells[1], "---") || strings.TrimSpace(cells[2]) == "tests" {
			if strings.HasPrefix(line, "|") && len(cells) != 5 {
				t.Errorf("not three cells: %s", line)
			}
			continue
		}
		rows++
		tests, result := strings.TrimSpace(cells[2]), strings.TrimSpace(cells[3])
		if open := strings.HasPrefix(result, "open: "); open != (tests == "") || !open && result != "passes" {
			t.Errorf("%s: %q, and the result is %q", cells[1], tests, result)
		}
		if tests == "" {
			continue
		}
		for group := range strings.SplitSeq(tests, ";") {
			m := regexp.MustCompile("^ ?`([a-z/]+)` (\\w+(?:, \\w+)*)$").FindStringSubmatch(group)
			if m == nil {
				t.Errorf("%s: %q is no folder and its tests", cells[1], group)
				continue
			}
			if known[m[1]] == nil {
				known[m[1]] = testsIn(t, m[1])
			}
			for name := range strings.SplitSeq(m[2], ", ") {
				if !slices.Contains(known[m[1]], name) {
					t.Errorf("%s: there is no %s in %s", cells[1], name, m[1])
				}
			}
		}
	}
	if rows < 60 {
		t.Errorf("only %d rows were read", rows)
	}
	for _, name := range testsIn(t, "adapters/pagopa") {
		if !bytes.Contains(page, []byte(name)) && !slices.Contains(ofOurOwn, name) {
			t.Errorf("the page does not name %s", name)
		}
	}
}

// ofOurOwn are tests that are about no rule of pagoPA's.
var ofOurOwn = []string{"TestAHandlerNeedsItsParts", "TestOnlyReceiptsAreReadAsReceipts", "TestTheTableOfConformanceNamesTestsThatAreThere"}

// samples are the published messages of paForNode, each answered or read by a test of
// this package or of soap.
var samples = []string{
	"official-paGetPaymentV2-request", "official-paSendRT-request",
	"sanp-paSendRTV2-request", "sanp-paVerifyPaymentNotice-request", "sanp-paVerifyPaymentNotice-response-OK",
	"scenario-1-paVerifyPaymentNotice-request", "scenario-2-paVerifyPaymentNotice-response-OK",
	"scenario-2b-paVerifyPaymentNotice-response-KO", "scenario-3-paGetPaymentV2-request",
	"scenario-4-paGetPaymentV2-response-OK", "scenario-5-paSendRTV2-request",
	"scenario-6-paSendRTV2-response-OK", "scenario-6b-paSendRTV2-response-KO-duplicate",
}

func TestEveryPublishedSampleIsKnown(t *testing.T) {
	dir, ok := wiretest.Published()
	if !ok {
		t.Skip("pagoPA's published files are not in " + dir)
	}
	var found []string
	files, err := filepath.Glob(filepath.Join(dir, "samples", "*.xml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(text, []byte("/pa/paForNode.xsd")) {
			found = append(found, strings.TrimSuffix(filepath.Base(file), ".xml"))
		}
	}
	if !slices.Equal(found, samples) {
		t.Errorf("published %q, tested %q", found, samples)
	}
	var tests []byte
	for _, file := range []string{"published_test.go", "soap/codec_test.go"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		tests = append(tests, text...)
	}
	for _, name := range samples {
		if !bytes.Contains(tests, []byte(`"`+name+`"`)) {
			t.Errorf("no test reads %s", name)
		}
	}
}
