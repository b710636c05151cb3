package wiretest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Schema is pagoPA's published schema of paForNode under xmllint.
type Schema struct{ xmllint, driver string }

// driver validates an envelope and the message in its body.
const driver = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xs:import namespace="http://schemas.xmlsoap.org/soap/envelope/" schemaLocation="file://%[1]s/xsd-common/envelope.xsd"/>
<xs:import namespace="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd" schemaLocation="file://%[1]s/wsdl/xsd/paForNode.xsd"/>
</xs:schema>`

// Published returns the folder of pagoPA's published files, which are not ours
// to distribute: "shared/pagopa" beside the repository. It reports false when
// there is none.
func Published() (dir string, ok bool) {
	dir = filepath.Join(filepath.Dir(repository()), "shared", "pagopa")
	_, err := os.Stat(filepath.Join(dir, "wsdl", "xsd", "paForNode.xsd"))
	return dir, err == nil
}

// FindSchema returns the schema, or why there is none. Where SALDO_REQUIRE names
// xmllint its absence fails the test.
func FindSchema(t testing.TB) (s *Schema, absent string) {
	t.Helper()
	dir, published := Published()
	path, err := exec.LookPath("xmllint")
	switch {
	case err != nil:
		absent = "xmllint is not installed"
	case !published:
		absent = "pagoPA's published schema is not in " + dir
	}
	if absent != "" {
		if slices.Contains(strings.Split(os.Getenv("SALDO_REQUIRE"), ","), "xmllint") {
			t.Fatal(absent)
		}
		return nil, absent
	}
	file := filepath.Join(t.TempDir(), "driver.xsd")
	if err := os.WriteFile(file, fmt.Appendf(nil, driver, dir), 0o600); err != nil {
		t.Fatal(err)
	}
	return &Schema{path, file}, ""
}

// Verdicts says of each document whether it is valid, and for the invalid why.
func (s *Schema) Verdicts(t testing.TB, docs [][]byte) (valid []bool, complaints string) {
	t.Helper()
	if len(docs) == 0 {
		return nil, ""
	}
	dir := t.TempDir()
	args := []string{"--noout", "--nonet", "--schema", s.driver}
	for i, doc := range docs {
		file := filepath.Join(dir, fmt.Sprintf("%05d.xml", i))
		if err := os.WriteFile(file, doc, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, file)
	}
	out, err := exec.Command(s.xmllint, args...).CombinedOutput()
	if _, invalid := err.(*exec.ExitError); err != nil && !invalid {
		t.Fatal(err)
	}
	complaints = string(out)
	seen := 0
	for i := range docs {
		valid = append(valid, strings.Contains(complaints, fmt.Sprintf("%05d.xml validates\n", i)))
		if valid[i] || strings.Contains(complaints, fmt.Sprintf("%05d.xml", i)) {
			seen++
		}
	}
	if seen != len(docs) {
		t.Fatalf("xmllint said nothing of %d documents:\n%.2000s", len(docs)-seen, complaints)
	}
	return valid, complaints
}
