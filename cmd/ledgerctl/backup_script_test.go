package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/saldo-ledger/saldo/adapters/backup"
	"github.com/saldo-ledger/saldo/adapters/httpapi"
	"github.com/saldo-ledger/saldo/adapters/vault"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/embedded"
)

// makeVault makes the vault of a data directory. Its one reaction got to the
// position that is given.
func makeVault(ts *testscript.TestScript, _ bool, args []string) {
	data := ts.MkAbs(args[0])
	master, err := vault.CreateMasterKey(filepath.Join(ts.MkAbs("."), filepath.Base(data)+".key"))
	ts.Check(err)
	v, err := vault.Open(filepath.Join(data, backup.VaultFile), master)
	ts.Check(err)
	position, err := strconv.ParseUint(args[1], 10, 64)
	ts.Check(err)
	ts.Check(errors.Join(v.SaveCheckpoint(context.Background(), "letters", position), v.Close()))
}

// flip flips the lowest bit of the first byte of the first file that a pattern fits.
func flip(ts *testscript.TestScript, _ bool, args []string) {
	files, err := filepath.Glob(ts.MkAbs(args[0]))
	ts.Check(err)
	if len(files) == 0 {
		ts.Fatalf("no file fits %s", args[0])
	}
	bytes, err := os.ReadFile(files[0])
	ts.Check(err)
	bytes[0] ^= 1
	ts.Check(os.WriteFile(files[0], bytes, 0o600))
}

// rename gives the one file that a pattern fits another name.
func rename(ts *testscript.TestScript, _ bool, args []string) {
	files, err := filepath.Glob(ts.MkAbs(args[0]))
	ts.Check(err)
	if len(files) != 1 {
		ts.Fatalf("%d files fit %s", len(files), args[0])
	}
	ts.Check(os.Rename(files[0], ts.MkAbs(args[1])))
}

// names prints the names of what is in a directory.
func names(ts *testscript.TestScript, _ bool, args []string) {
	entries, err := os.ReadDir(ts.MkAbs(args[0]))
	ts.Check(err)
	for _, e := range entries {
		fmt.Fprintln(ts.Stdout(), e.Name())
	}
}

func backupsOf(log *embedded.Log, data string) httpapi.Backups {
	return scriptBackups{&backup.Running{
		Log: log.Backup, Folder: filepath.Join(data, "under-way"), Now: time.Now,
		Vault: func(ctx context.Context, to string) error {
			return vault.Backup(ctx, filepath.Join(data, backup.VaultFile), to)
		},
	}}
}

type scriptBackups struct{ *backup.Running }

func (b scriptBackups) Take(ctx context.Context) (httpapi.Backup, error) {
	c, err := b.Running.Take(ctx)
	return scriptCopy{c}, err
}

type scriptCopy struct{ *backup.Copy }

func (c scriptCopy) Position() eventstore.Position { return c.Copy.Position }
func (c scriptCopy) Bytes() int64                  { return c.Copy.Bytes }

// breaks is a network on which a service's answers break off after so many bytes. Its
// address is in $CUT.
func breaks(ts *testscript.TestScript, _ bool, args []string) {
	after, err := strconv.ParseInt(args[0], 10, 64)
	ts.Check(err)
	service := ts.Getenv("URL")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ask, err := http.NewRequestWithContext(r.Context(), r.Method, service+r.URL.Path, nil)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		ask.Header = r.Header
		res, err := http.DefaultClient.Do(ask)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		defer res.Body.Close()
		_, _ = io.CopyN(w, res.Body, after)
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}))
	ts.Defer(server.Close)
	ts.Setenv("CUT", server.URL)
}
