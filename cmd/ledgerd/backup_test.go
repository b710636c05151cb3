package main

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/eventstoredb"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/eventstore/audit"
)

// ledgerctl is the operators' program, built for a test.
type ledgerctl string

func buildLedgerctl(t *testing.T) ledgerctl {
	t.Helper()
	program := filepath.Join(t.TempDir(), "ledgerctl")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "../ledgerctl").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return ledgerctl(program)
}

// verdict is what ledgerctl says of a backup, a restoring or a verification.
type verdict struct {
	Sound         bool
	Position, End eventstore.Position
}

// says runs ledgerctl, which must end well, and reads its JSON.
func (l ledgerctl) says(t *testing.T, args ...string) verdict {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), string(l), append(args, "--json")...).Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("%v: %v\n%s%s", args, err, out, exit.Stderr)
		}
		t.Fatal(err)
	}
	var c verdict
	if err := json.Unmarshal(out, &c); err != nil || !c.Sound {
		t.Fatalf("%v: %s, %v", args, out, err)
	}
	return c
}

// issuing is an office that raises one bulletin after the other.
type issuing struct {
	mu   sync.Mutex
	said map[domain.NoticeNumber]eventstore.Position // acknowledged
}

func (i *issuing) acknowledged() map[domain.NoticeNumber]eventstore.Position {
	i.mu.Lock()
	defer i.mu.Unlock()
	return maps.Clone(i.said)
}

func (i *issuing) work(ctx context.Context, t *testing.T, o office, f family) {
	for ctx.Err() == nil {
		a, err := o.post(context.WithoutCancel(ctx), town+"/bulletins", uuid.NewString(), f.bill(10_00))
		var issued struct{ Notice domain.NoticeNumber }
		if err == nil {
			err = json.Unmarshal(a.body, &issued)
		}
		if err != nil || a.status != http.StatusOK {
			t.Errorf("%d %s, %v", a.status, a.body, err)
			return
		}
		i.mu.Lock()
		i.said[issued.Notice] = a.position
		i.mu.Unlock()
	}
}

// TestAServiceRestoredFromABackupTakenWhileItWroteGoesOn takes a backup while an
// office issues bulletins, restores it elsewhere and starts a service on that.
func TestAServiceRestoredFromABackupTakenWhileItWroteGoesOn(t *testing.T) {
	ctl, platform, dir := buildLedgerctl(t), closedPort(t), t.TempDir()
	config := map[string]any{
		"data": filepath.Join(dir, "data"), "listen": "127.0.0.1:0", "masterKeyFile": masterKey(t), "nats.url": "",
		"checkout.api": platform + "/checkout/ec/v1", "checkout.origin": platform,
	}
	file := exampleConfig(t, config)
	administrator := token(t, file, "copie", "amministratore")
	officeToken, auditToken := token(t, file, "gestionale", "ufficio"), token(t, file, "revisori", "revisore")
	d := startService(t, file)
	d.data, d.officeToken, d.auditToken = filepath.Join(dir, "data"), officeToken, auditToken
	d.setUp(t)
	f := d.mevia(t)
	d.deliver(t, proof(receiptID(), d.issue(t, f, 33_30), 33_30))
	eventually(t, "letters of welcome and of payment", func() bool { return d.letters(t) == 2 })

	ctx, stop := context.WithCancel(t.Context())
	office, issued := sync.WaitGroup{}, issuing{said: map[domain.NoticeNumber]eventstore.Position{}}
	for range 2 {
		office.Go(func() { issued.work(ctx, t, d.office(), f) })
	}
	eventually(t, "bulletins to be issued", func() bool { return len(issued.acknowledged()) >= 20 })
	before := issued.acknowledged()
	backup, restored := filepath.Join(dir, "backup"), filepath.Join(dir, "restored")
	b := ctl.says(t, "backup", "--url", d.portal, "--token", administrator, backup)
	eventually(t, "the office to go on", func() bool { return d.end(t) > b.Position })
	stop()
	office.Wait()
	if left, err := os.Stat(filepath.Join(d.data, copyFolder)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the service still has its copy: %v, %v", left, err)
	}

	if r := ctl.says(t, "restore", backup, "--data", restored); r.Position != b.Position {
		t.Errorf("backed up to %d, restored to %d", b.Position, r.Position)
	}
	if v := ctl.says(t, "audit", "verify", "--data", restored); v.End != b.Position {
		t.Errorf("backed up to %d, and the log ends at %d", b.Position, v.End)
	}
	config["data"] = restored
	d2 := startService(t, exampleConfig(t, config))
	d2.data, d2.officeToken, d2.auditToken = restored, officeToken, auditToken
	sameBooks(t, d, d2, b.Position)
	for notice, position := range before {
		if position > b.Position {
			t.Errorf("position %d was acknowledged before the backup began, which ends at %d", position, b.Position)
		}
		if status := d2.statusOf(t, notice); status != "sent" {
			t.Errorf("bulletin %s is %q", notice, status)
		}
	}
	head := d2.sealed(t)
	goesOnWithNewFacts(t, d2, f)
	d2.sealed(t, head)
	if d.sealed(t).Origin != head.Origin {
		t.Error("the restored service seals under another name")
	}
}

// sameBooks fails the test unless restored has the balances that d had at a position.
func sameBooks(t *testing.T, d, restored *demo, at eventstore.Position) {
	t.Helper()
	if end := restored.end(t); end != at {
		t.Errorf("the backup ends at %d and the service at %d", at, end)
	}
	restored.upToDate(t)
	restored.balanced(t)
	want, err := audit.BalancesOf(t.Context(), d.events(), audit.Range{To: at})
	if err != nil {
		t.Fatal(err)
	}
	have, err := audit.BalancesOf(t.Context(), restored.events(), audit.Range{})
	if err != nil || !maps.Equal(have, want) {
		t.Errorf("the balances were %v and are %v, %v", want, have, err)
	}
}

// goesOnWithNewFacts pays a new bulletin. The letters of before are not sent again.
func goesOnWithNewFacts(t *testing.T, d *demo, f family) {
	t.Helper()
	notice := d.issue(t, f, 12_50)
	d.deliver(t, proof(receiptID(), notice, 12_50))
	eventually(t, "a letter about the payment", func() bool { return d.letters(t) > 0 })
	if got := d.letters(t); got != 1 {
		t.Errorf("%d letters, want 1", got)
	}
	d.upToDate(t)
	if status := d.statusOf(t, notice); status != "paid" {
		t.Errorf("the bulletin is %q", status)
	}
	v := newVisitor(t)
	v.login(d, f.username, f.password)
	v.is(http.StatusOK, "Caia Mevia")
	d.balanced(t)
}

func TestACopyThatACrashLeftIsRemovedAtTheNextStart(t *testing.T) {
	d := runDemoIn(t, t.TempDir())
	d.halt(t)
	left := filepath.Join(d.data, copyFolder, "log", "000004.sst")
	if err := errors.Join(os.MkdirAll(filepath.Dir(left), 0o700), os.WriteFile(left, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	d = runDemoIn(t, d.data)
	defer d.halt(t)
	if _, err := os.Stat(filepath.Join(d.data, copyFolder)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it is still there: %v", err)
	}
}

func TestALogOnAClusterIsBackedUpByTheClustersOwnMeans(t *testing.T) {
	log, err := eventstoredb.Open(t.Context(), cluster(t).ConnectionString(), eventstoredb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	if b := (&service{log: log}).backups(); b != nil { // the API says so where there are none
		t.Errorf("there is %v", b)
	}
}
