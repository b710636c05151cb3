package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/saldo-ledger/saldo/adapters/httpapi"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/embedded"
)

// source says which log a command reads.
type source struct {
	data, url, token string
}

func (s *source) flags(cmd *cobra.Command, getenv func(string) string) {
	f := cmd.PersistentFlags()
	f.StringVar(&s.data, "data", "", "data directory of a stopped service")
	f.StringVar(&s.url, "url", "", "address of a running service, such as http://127.0.0.1:8080")
	f.StringVar(&s.token, "token", getenv("SALDO_TOKEN"), "API token for --url (default: SALDO_TOKEN)")
	cmd.MarkFlagsMutuallyExclusive("data", "url")
	cmd.MarkFlagsOneRequired("data", "url")
}

// with opens the log, lets f read it, and closes it.
func (s *source) with(ctx context.Context, f func(eventstore.Reader) error) error {
	if s.url != "" {
		return f(httpapi.Remote{URL: s.url, Token: s.token, HTTP: &http.Client{}})
	}
	dir := filepath.Join(s.data, "log")
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return outOfReach(fmt.Errorf("%s holds no log (%s does not exist)", s.data, dir))
	}
	log, err := embedded.Open(dir, embedded.Options{ReadOnly: true, Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		return outOfReach(fmt.Errorf("%w; for a running service use --url", err))
	}
	err = f(log)
	var damaged *embedded.CorruptError
	if errors.As(err, &damaged) {
		err = found(damaged)
	}
	return errors.Join(err, log.Close())
}
