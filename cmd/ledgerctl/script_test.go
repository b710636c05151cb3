package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"hash/crc32"
	"io"
	"log"
	"log/slog"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/google/uuid"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/saldo-ledger/saldo/adapters/httpapi"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/embedded"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

var update = flag.Bool("update", false, "write what ledgerctl prints into the scripts")

// asProgram makes this test's program be another, so that scripts run the real
// thing in a process of its own.
const asProgram = "SALDO_TEST_AS"

func TestMain(m *testing.M) {
	switch os.Getenv(asProgram) {
	case "ledgerctl":
		main()
	case "story":
		if err := writeStory(context.Background(), os.Args[1], os.Args[2:]...); err != nil {
			log.Fatal(err)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           filepath.Join("testdata", "script"),
		UpdateScripts: *update,
		Setup: func(env *testscript.Env) error {
			env.Vars = append(env.Vars,
				"PARENT="+storyParent.String(), "CHILD="+storyChild.String(), "PAYMENT="+storyPayment.String(),
				"NOTICE="+string(storyNotice(1)), "OTHER="+string(storyNotice(2)))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"ledgerctl": runLedgerctl,
			"story":     makeStory,
			"hold":      hold,
			"serve":     serve,
			"forge":     forge,
			"alter":     alter,
			"damage":    damage,
			"vault":     makeVault,
			"flip":      flip,
			"rename":    rename,
			"names":     names,
			"breaks":    breaks,
			"seal":      sealLog,
			"rotate":    rotate,
			"sums":      sumUp,
		},
	})
}

func storyNotice(base uint64) domain.NoticeNumber {
	n, err := domain.NewNoticeNumber(1, base)
	if err != nil {
		panic(err)
	}
	return n
}

// runLedgerctl runs ledgerctl. A number before its arguments is the exit code it
// must end with, 0 when there is none.
func runLedgerctl(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("name the exit code instead of !")
	}
	want := 0
	if len(args) > 0 {
		if code, err := strconv.Atoi(args[0]); err == nil {
			want, args = code, args[1:]
		}
	}
	if got := runAs(ts, "ledgerctl", args); got != want {
		ts.Fatalf("exit code %d, not %d", got, want)
	}
}

// makeStory makes a data directory.
func makeStory(ts *testscript.TestScript, _ bool, args []string) {
	if code := runAs(ts, "story", args); code != 0 {
		ts.Fatalf("exit code %d", code)
	}
}

// program is this test's program as another.
func program(name string, args ...string) (*exec.Cmd, error) {
	self, err := os.Executable()
	cmd := exec.Command(self, args...)
	cmd.Env = append(os.Environ(), asProgram+"="+name,
		"GORACE=atexit_sleep_ms=0") // the race detector would wait a second before each end
	return cmd, err
}

// runAs runs a program in the script's directory, and returns its exit code.
func runAs(ts *testscript.TestScript, name string, args []string) int {
	cmd, err := program(name, args...)
	ts.Check(err)
	cmd.Dir, cmd.Stdout, cmd.Stderr = ts.MkAbs("."), ts.Stdout(), ts.Stderr()
	cmd.Env = append(cmd.Env, "SALDO_TOKEN="+ts.Getenv("SALDO_TOKEN"))
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		ts.Fatalf("%v", err)
	}
	return cmd.ProcessState.ExitCode()
}

// open opens the log of a data directory, to be closed when the script ends.
func open(ts *testscript.TestScript, data string) *embedded.Log {
	log, err := embedded.Open(filepath.Join(ts.MkAbs(data), "log"), embedded.Options{})
	ts.Check(err)
	ts.Defer(func() { ts.Check(log.Close()) })
	return log
}

// hold keeps a data directory for this process.
func hold(ts *testscript.TestScript, _ bool, args []string) { open(ts, args[0]) }

// serve is a service on a data directory. Its address is in $URL, and a token is
// the name of its role.
func serve(ts *testscript.TestScript, _ bool, args []string) {
	log := open(ts, args[0])
	sealer := openSealer(ts, args[0], scriptSeeds(1))
	ts.Defer(func() { ts.Check(sealer.Close()) })
	handler := httpapi.New(httpapi.Config{
		Ledger: ledger.New(log, newPlainVault(), time.Now), Log: log, Tokens: roleTokens{}, Clock: time.Now,
		Backups: backupsOf(log, ts.MkAbs(args[0])), Seal: sealer,
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	server := httptest.NewServer(handler)
	ts.Defer(server.Close)
	ts.Setenv("URL", server.URL)
}

type roleTokens struct{}

func (roleTokens) APIToken(_ context.Context, token string) (httpapi.Holder, error) {
	switch role := httpapi.Role(token); role {
	case httpapi.Office, httpapi.Auditor, httpapi.Administrator:
		return httpapi.Holder{Name: token, Roles: []httpapi.Role{role}}, nil
	}
	return httpapi.Holder{}, httpapi.ErrBadToken
}

// forge appends an event that no command led to. Its hash is of nothing.
func forge(ts *testscript.TestScript, _ bool, args []string) {
	ctx := context.Background()
	log, err := embedded.Open(filepath.Join(ts.MkAbs(args[0]), "log"), embedded.Options{})
	ts.Check(err)
	stream := ledger.BulletinStream(townCode, storyNotice(2))
	var last eventstore.Recorded
	for rec, err := range log.Read(ctx, stream, 0) {
		ts.Check(err)
		last = rec
	}
	_, err = log.Append(ctx, stream, last.Revision, eventstore.Proposed{
		ID: uuid.NewSHA1(last.ID, []byte("forged")), Type: "bulletin-cancelled.v1", Metadata: last.Metadata,
		Data: fmt.Appendf(nil, `{"creditor":%q,"notice":%q,"parent":%q,"amount":"12.50","lines":[],"reason":"a favour","at":"2020-02-05T00:00:00Z"}`,
			townCode, storyNotice(2), storyParent),
	})
	ts.Check(errors.Join(err, log.Close()))
}

// alter replaces some bytes of the record at a position by as many others, as
// somebody would who knows the files: the record's own checksum is made right again.
func alter(ts *testscript.TestScript, _ bool, args []string) {
	rewrite(ts, args, func(record []byte, position uint64) {
		body, sum := record[:len(record)-4], record[len(record)-4:]
		table := crc32.MakeTable(crc32.Castagnoli)
		at := binary.LittleEndian.AppendUint64(nil, position)
		binary.LittleEndian.PutUint32(sum, crc32.Update(crc32.Checksum(body, table), table, at))
	})
}

// damage replaces some bytes of the record at a position by as many others, as a
// failing disk would.
func damage(ts *testscript.TestScript, _ bool, args []string) {
	rewrite(ts, args, func([]byte, uint64) {})
}

func rewrite(ts *testscript.TestScript, args []string, mend func(record []byte, position uint64)) {
	data, from, to := args[0], []byte(args[2]), []byte(args[3])
	position, err := strconv.ParseUint(args[1], 10, 64)
	ts.Check(err)
	db, err := pebble.Open(filepath.Join(ts.MkAbs(data), "log"), &pebble.Options{Logger: quiet{}})
	ts.Check(err)
	key := binary.BigEndian.AppendUint64([]byte{'e'}, position)
	value, closer, err := db.Get(key)
	ts.Check(err)
	if len(from) != len(to) || bytes.Count(value, from) == 0 {
		ts.Fatalf("%q cannot replace %q at position %d", to, from, position)
	}
	record := bytes.Replace(value, from, to, 1)
	mend(record, position)
	ts.Check(errors.Join(closer.Close(), db.Set(key, record, pebble.Sync), db.Close()))
}

// quiet is an engine that says nothing.
type quiet struct{}

func (quiet) Infof(string, ...any)  {}
func (quiet) Errorf(string, ...any) {}
func (quiet) Fatalf(format string, args ...any) {
	panic(fmt.Sprintf(format, args...))
}
