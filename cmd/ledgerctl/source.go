package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/saldo-ledger/saldo/adapters/backup"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
	"github.com/saldo-ledger/saldo/eventstore/audit/archive"
	"github.com/saldo-ledger/saldo/eventstore/embedded"
)

// source says which log a command reads.
type source struct {
	data, url, archive, token string
	getenv                    func(string) string
}

func (s *source) flags(cmd *cobra.Command, getenv func(string) string) {
	s.getenv = getenv
	f := cmd.PersistentFlags()
	f.StringVar(&s.data, "data", "", "data `directory` of a stopped service")
	f.StringVar(&s.url, "url", "", "`address` of a running service, such as http://127.0.0.1:8080")
	f.StringVar(&s.token, "token", "", "API `token` of an auditor, for --url (default: "+tokenVariable+" in the environment)")
}

// archiveFlag is of the commands that can read an archive.
func (s *source) archiveFlag(cmd *cobra.Command) {
	cmd.PersistentFlags().StringVar(&s.archive, "archive", "", "`directory` that audit export made")
}

// tokenVariable holds the API token where no flag does. Its value is never a
// flag's default, because help shows defaults.
const tokenVariable = "SALDO_TOKEN"

var (
	errWhichLog = errors.New("which log? --data DIRECTORY of a stopped service, or --url ADDRESS of a running one")
	errTwoLogs  = errors.New("--data and --url name two logs: give one")
)

// garbage is how much may pile up before it is collected, in percent of what is in
// use, by what goes through a whole log: that leaves much behind and keeps little.
const garbage = 400

// collectSeldom lets garbage pile up, unless GOGC in the environment says how much,
// until it is taken back.
func collectSeldom(getenv func(string) string) (back func()) {
	if getenv("GOGC") != "" {
		return func() {}
	}
	before := debug.SetGCPercent(garbage)
	return func() { debug.SetGCPercent(before) }
}

// one refuses to read no log, or two.
func (s *source) one() error {
	var given []string
	for _, log := range []struct{ flag, value string }{{"--data", s.data}, {"--url", s.url}, {"--archive", s.archive}} {
		if log.value != "" {
			given = append(given, log.flag)
		}
	}
	switch {
	case len(given) == 0:
		return wrongUsage(errWhichLog)
	case len(given) > 1 && s.archive == "":
		return wrongUsage(errTwoLogs)
	case len(given) > 1:
		return wrongUsage(fmt.Errorf("%s name several logs: give one", strings.Join(given, " and ")))
	}
	return nil
}

// with opens the log, lets f read it, and closes it. What is not classified
// already is out of reach.
func (s *source) with(f func(eventstore.Reader) error) error {
	defer collectSeldom(s.getenv)()
	if err := s.one(); err != nil {
		return err
	}
	switch {
	case s.url != "":
		return classified(f(s.remote()))
	case s.archive != "":
		a, err := archive.Open(s.archive)
		if err != nil {
			return classified(err)
		}
		return classified(f(a))
	}
	return classified(s.withDirectory(f))
}

// snapshotFolder is where a service keeps snapshots of balances, in its data directory.
const snapshotFolder = "snapshots"

// withSums is with for those who ask for balances alone: where the snapshots of a
// stopped service are at hand and are wanted, they are used.
func (s *source) withSums(ctx context.Context, wanted bool, f func(eventstore.Reader) error) error {
	if s.data == "" || !wanted {
		return s.with(f)
	}
	return s.with(func(log eventstore.Reader) (err error) {
		sums, err := audit.OpenSnapshots(filepath.Join(s.data, snapshotFolder))
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, sums.Close()) }()
		if log, err = sums.Over(ctx, log); err != nil {
			return err
		}
		return f(log)
	})
}

func (s *source) withDirectory(f func(eventstore.Reader) error) error {
	dir := filepath.Join(s.data, "log")
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s holds no log (%s does not exist)", s.data, dir)
	}
	log, err := embedded.Open(dir, embedded.Options{ReadOnly: true})
	if errors.Is(err, embedded.ErrInUse) {
		return fmt.Errorf("%w: stop the service, or read it while it runs with --url", err)
	}
	if err != nil {
		return err
	}
	return errors.Join(f(log), log.Close())
}

// classified gives an error the exit code of what it is about: damage is something
// found, whoever met it.
func classified(err error) error {
	var exit *exitError
	var damaged *embedded.CorruptError
	var differs *backup.DamageError
	var spoilt *archive.DamageError
	switch {
	case err == nil || errors.As(err, &exit):
		return err
	case errors.Is(err, audit.ErrSnapshot):
		return found(fmt.Errorf("%w: remove %s, it is made again, or read the log itself with --whole-log", err, snapshotFolder))
	case errors.As(err, &damaged) || errors.As(err, &differs), errors.As(err, &spoilt):
		return found(err)
	case errors.Is(err, archive.ErrNoArchive):
		return wrongUsage(err)
	}
	return outOfReach(err)
}
