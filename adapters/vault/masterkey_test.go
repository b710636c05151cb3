package vault_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/saldo-ledger/saldo/adapters/vault"
)

func TestAMasterKeyIsLoadedAsItWasCreated(t *testing.T) {
	file := filepath.Join(t.TempDir(), "master.key")
	created, err := vault.CreateMasterKey(file)
	mustBe(t, err, nil)
	loaded, err := vault.LoadMasterKey(file, "")
	mustBe(t, err, nil)
	if loaded != created || created == (vault.MasterKey{}) {
		t.Error("the key loaded is not the key created")
	}
	found, err := os.Stat(file)
	mustBe(t, err, nil)
	if found.Mode().Perm() != 0o600 {
		t.Errorf("mode %04o, want 0600", found.Mode().Perm())
	}
}

func TestAMasterKeyIsNeverWrittenOver(t *testing.T) {
	file := filepath.Join(t.TempDir(), "master.key")
	first, err := vault.CreateMasterKey(file)
	mustBe(t, err, nil)
	_, err = vault.CreateMasterKey(file)
	mustBe(t, err, fs.ErrExist)
	still, err := vault.LoadMasterKey(file, "")
	mustBe(t, err, nil)
	if still != first {
		t.Error("the key changed")
	}
}

func TestTheEnvironmentGoesBeforeTheFile(t *testing.T) {
	text := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32))
	want, err := vault.ParseMasterKey(text)
	mustBe(t, err, nil)
	file := filepath.Join(t.TempDir(), "master.key")
	_, err = vault.CreateMasterKey(file)
	mustBe(t, err, nil)
	got, err := vault.LoadMasterKey(file, text+"\n")
	mustBe(t, err, nil)
	if got != want {
		t.Error("the key is not the environment's")
	}
	_, err = vault.LoadMasterKey(file, "too short")
	mustBe(t, err, vault.ErrBadMasterKey)
}

func TestAMasterKeyFileMustExistBeWholeAndNotBeOpenToAll(t *testing.T) {
	file := filepath.Join(t.TempDir(), "master.key")
	_, err := vault.LoadMasterKey(file, "")
	mustBe(t, err, fs.ErrNotExist)

	mustBe(t, os.WriteFile(file, []byte("AAAA\n"), 0o600), nil)
	_, err = vault.LoadMasterKey(file, "")
	mustBe(t, err, vault.ErrBadMasterKey)

	mustBe(t, os.Remove(file), nil)
	_, err = vault.CreateMasterKey(file)
	mustBe(t, err, nil)
	mustBe(t, os.Chmod(file, 0o644), nil)
	if _, err = vault.LoadMasterKey(file, ""); err == nil || !strings.Contains(err.Error(), "open to everyone") {
		t.Errorf("error %v, want one about the mode", err)
	}
}

func TestAMasterKeyIsNotPrinted(t *testing.T) {
	master, err := vault.ParseMasterKey(base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("k"), 32)))
	mustBe(t, err, nil)
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("start", "master", master)
	for _, printed := range []string{fmt.Sprintf("%v %+v %#v %s %x %d", master, master, master, master, master, master), log.String()} {
		if strings.Contains(printed, "kkk") || strings.Contains(printed, "6b6b") || strings.Contains(printed, "107 107") ||
			!strings.Contains(printed, "(master key)") {
			t.Errorf("printed %s", printed)
		}
	}
}
