package main

import (
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestTheMetersSayWhatTheServiceDid(t *testing.T) {
	d := startDemo(t)
	d.setUp(t)
	receipt := proof(receiptID(), d.issue(t, d.mevia(t), 30_01), 30_01)
	d.deliver(t, receipt)
	d.upToDate(t)
	var said string
	eventually(t, "something to be sealed", func() bool {
		said = read(t, d.portal+metricsPath)
		return strings.Contains(said, "\nsaldo_sealed_events ")
	})
	end := d.end(t)
	for _, want := range []string{
		fmt.Sprintf("saldo_log_position %d\n", end),
		fmt.Sprintf("saldo_views_position %d\n", end),
		"saldo_log_ready 1\n",
		"saldo_journal_lost_total 0\n",
		`saldo_node_exchanges_total{fault="",operation="paSendRTV2",outcome="OK"} `,
		`saldo_http_request_duration_seconds_count{code="200",door="node",method="post"} `,
		`saldo_http_request_duration_seconds_count{code="200",door="api",method="post"} `,
		"go_goroutines ",
		"process_start_time_seconds ",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("%s does not say %q", metricsPath, want)
		}
	}
	if found := regexp.MustCompile(`(?m)[^0-9.][0-9]{15,18}$|[A-Z]{6}[0-9]{2}[A-Z]|@`).FindString(said); found != "" {
		t.Errorf("the meters name a notice or a person: %q", found)
	}
}

func TestTheMetersHaveAnAddressOfTheirOwn(t *testing.T) {
	platform := closedPort(t)
	address := strings.TrimPrefix(closedPort(t), "http://")
	startService(t, exampleConfig(t, map[string]any{
		"data": filepath.Join(t.TempDir(), "data"), "listen": "127.0.0.1:0", "masterKeyFile": masterKey(t), "nats.url": "",
		"checkout.api": platform + "/checkout/ec/v1", "checkout.origin": platform, "metrics.listen": address,
	}))
	if said := read(t, "http://"+address+metricsPath); !strings.Contains(said, "saldo_log_ready 1\n") {
		t.Errorf("the meters say:\n%s", said)
	}
	if said := read(t, "http://"+address+"/healthz"); said != "ok\n" {
		t.Errorf("/healthz says %q", said)
	}
}

// read returns what is at an address.
func read(t *testing.T, url string) string {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	said, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v\n%s", url, res.Status, err, said)
	}
	return string(said)
}
