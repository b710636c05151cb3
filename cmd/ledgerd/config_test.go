package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/domain"
)

func TestTheExampleConfigurationIsReadAndComplete(t *testing.T) {
	c, err := readConfig("../../docs/saldo.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.check(); err != nil {
		t.Fatal(err)
	}
}

func TestAKeyNobodyKnowsIsRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "saldo.yaml")
	if err := os.WriteFile(file, []byte("data: x\nlisten_on: y\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readConfig(file); err == nil || !strings.Contains(err.Error(), "listen_on") {
		t.Fatalf("got %v", err)
	}
}

func TestTheEnvironmentOverridesTheFile(t *testing.T) {
	c := config{URL: "https://file.example"}
	c.override(func(name string) string {
		return map[string]string{"SALDO_URL": "https://env.example", "SALDO_CHECKOUT_KEY": "k"}[name]
	})
	if c.URL != "https://env.example" || c.Checkout.Key != "k" {
		t.Fatalf("got %q, %q", c.URL, c.Checkout.Key)
	}
}

func TestEverythingMissingIsNamedAtOnce(t *testing.T) {
	err := config{}.check()
	for _, field := range []string{"data", "url", "checkout.api", "body.fiscalCode", "mail.from", "stations", "masterKeyFile"} {
		if err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%v does not name %s", err, field)
		}
	}
}

func TestOnlyWhatTheDemonstrationMadeIsTaken(t *testing.T) {
	dir := t.TempDir()
	precious := filepath.Join(dir, "precious")
	if err := os.WriteFile(precious, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, fresh := range []bool{false, true} {
		if err := claim(dir, fresh); err == nil {
			t.Fatal("a directory of something else was taken")
		}
		if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
			t.Fatalf("it now holds %v, %v", entries, err)
		}
	}
}

func TestFreshEmptiesWhatTheDemonstrationMade(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	if err := claim(dir, false); err != nil {
		t.Fatal(err)
	}
	old := filepath.Join(dir, "log", "old")
	if err := os.MkdirAll(old, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := claim(dir, false); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(old); err != nil {
		t.Fatalf("emptied without being asked: %v", err)
	}
	if err := claim(dir, true); err != nil {
		t.Fatal(err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 || entries[0].Name() != demoMarker {
		t.Fatalf("emptied, it holds %v, %v", entries, err)
	}
	if err := claim(dir, true); err != nil {
		t.Fatalf("what was emptied is the demonstration's still: %v", err)
	}
}

func TestEuroIsWrittenAsPeopleReadIt(t *testing.T) {
	for cents, want := range map[int64]string{5733: "57,33 €", 0: "0,00 €", -5733: "-57,33 €", 123456789: "1.234.567,89 €", -100000: "-1.000,00 €"} {
		if got := euro(domain.Money(cents)); got != want {
			t.Errorf("%d cents: %q, want %q", cents, got, want)
		}
	}
}

func TestAnObjectFitsTheNotice(t *testing.T) {
	if got := shorten("servizio mensa, post-scuola, trasporto", 25); got != "servizio mensa,…" && got != "servizio mensa…" {
		t.Errorf("got %q", got)
	}
	if got := shorten("mensa", 5); got != "mensa" {
		t.Errorf("got %q", got)
	}
}
