package main

import (
	"context"
	"database/sql"
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite"
)

// An auditor holds the views of a stopped service against the log.
func TestViewsAreHeldAgainstTheLogRowByRow(t *testing.T) {
	data := t.TempDir()
	d := runDemoIn(t, data)
	d.balanced(t)
	if err := d.stop(); err != nil {
		t.Fatal(err)
	}
	ctl := string(buildLedgerctl(t))
	check := func() (string, int) {
		out, err := exec.CommandContext(t.Context(), ctl, "audit", "verify", "--data", data, "--views", "--master-key-file", filepath.Join(data, "master.key")).CombinedOutput()
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return string(out), exit.ExitCode()
		}
		if err != nil {
			t.Fatal(err)
		}
		return string(out), 0
	}
	if out, code := check(); code != 0 || !strings.Contains(out, "Views: ") || !strings.Contains(out, "are what the log gives") {
		t.Fatalf("exit code %d: %s", code, out)
	}
	views, err := sql.Open("sqlite", filepath.Join(data, "views.db"))
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{"UPDATE parent_saldo SET issued = issued + 100", "DELETE FROM services"} {
		if _, err := views.ExecContext(context.Background(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := views.Close(); err != nil {
		t.Fatal(err)
	}
	out, code := check()
	for _, part := range []string{"different  parent_saldo ", "issued: expected ", "missing    services ", "digest     services "} {
		if code != 1 || !strings.Contains(out, part) {
			t.Errorf("exit code %d, no %q in %s", code, part, out)
		}
	}
}
