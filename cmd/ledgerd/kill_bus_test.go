package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/saldo-ledger/saldo/domain"
)

// What the processes that startProcess starts are told: childService the
// configuration of a service, childBus the URL of a NATS server, with its directory
// as the path.
const (
	childService = "SALDO_TEST_SERVICE"
	childBus     = "SALDO_TEST_BUS"
)

// serviceInAChild runs `ledgerd serve` until this process is killed.
func serviceInAChild(file string) error {
	return run(whileOurParentLives(), []string{"serve", "--config", file}, noEnvironment, os.Stdout, os.Stderr)
}

// busInAChild runs a NATS server until this process is killed. What it has
// acknowledged is on disk.
func busInAChild(told string) error {
	at, err := url.Parse(told)
	if err != nil {
		return err
	}
	port, err := strconv.Atoi(at.Port())
	if err != nil {
		return err
	}
	ns, err := server.NewServer(&server.Options{Host: at.Hostname(), Port: port, NoSigs: true, JetStream: true, SyncAlways: true, StoreDir: at.Path})
	if err != nil {
		return err
	}
	ns.Start()
	defer ns.Shutdown()
	if !ns.ReadyForConnections(20 * time.Second) {
		return errors.New("the NATS server does not start")
	}
	fmt.Println("ready")
	<-whileOurParentLives().Done()
	return nil
}

// process is a child that is killed and started again.
type process struct {
	variable, told string
	out, log       *said
	kill           func() error
}

// start starts it and waits until it says something.
func (p *process) start(t *testing.T) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p.out = &said{}
	child := exec.Command(self)
	child.Env = append(os.Environ(), p.variable+"="+p.told)
	child.Stdout, child.Stderr = p.out, p.log
	if _, err := child.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = child.Wait(); close(ended) }() // with "signal: killed"
	p.kill = sync.OnceValue(func() error {
		err := child.Process.Kill()
		<-ended
		return err
	})
	t.Cleanup(func() { _ = p.kill() })
	eventually(t, p.variable+" to start", func() bool {
		select {
		case <-ended:
			t.Fatalf("%s ended by itself\n%s", p.variable, p.log)
		default:
		}
		return p.out.String() != ""
	})
}

// killed kills it, with kill -9.
func (p *process) killed(t *testing.T) {
	t.Helper()
	if err := p.kill(); err != nil {
		t.Fatalf("%s was gone before it was killed: %v\n%s", p.variable, err, p.log)
	}
}

// split is a service and its bus, each a process of its own.
type split struct {
	*demo
	service, bus *process
}

func startSplit(t *testing.T) *split {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	busURL := "nats://" + l.Addr().String()
	if err := l.Close(); err != nil { // the bus comes back on the same port
		t.Fatal(err)
	}
	platform := closedPort(t)
	data := filepath.Join(t.TempDir(), "data")
	file := exampleConfig(t, map[string]any{
		"data": data, "listen": "127.0.0.1:0", "masterKeyFile": masterKey(t), "nats.url": busURL,
		"checkout.api": platform + "/checkout/ec/v1", "checkout.origin": platform,
	})
	s := &split{
		demo:    newDemo(data),
		service: &process{variable: childService, told: file},
		bus:     &process{variable: childBus, told: busURL + t.TempDir()},
	}
	s.service.log, s.bus.log = s.log, s.log
	s.officeToken, s.auditToken = token(t, file, "gestionale", "ufficio"), token(t, file, "revisori", "revisore")
	s.bus.start(t)
	s.startService(t)
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(s.log)
		}
	})
	return s
}

func (s *split) startService(t *testing.T) {
	t.Helper()
	s.service.start(t)
	where := regexp.MustCompile(` on (\S+)\n`).FindStringSubmatch(s.service.out.String())
	if where == nil {
		t.Fatalf("the service does not say where it is: %s", s.service.out)
	}
	s.portal = "http://" + where[1]
}

// payer is the Node with the receipts of bulletins that were issued before.
type payer struct {
	*traffic
	family family
	issued map[int]domain.NoticeNumber
}

// pay sends the receipt of a job until it is answered; every third time the Node did
// not hear the answer.
func (p *payer) pay(job int) error {
	id, amount := domain.ReceiptID(fmt.Sprintf("receipt-%d", job)), domain.Money(1_00+job)
	for range 1 + (job+2)%3/2 {
		if err := p.node.insist(p.ctx, proof(string(id), p.issued[job], amount)); err != nil {
			return err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.paid[id] = p.issued[job]
	return nil
}

func (p *payer) work() {
	for job := range p.jobs {
		if err := p.pay(job); err != nil {
			p.t.Errorf("job %d: %v", job, err)
		}
		p.mu.Lock()
		p.traffic.open--
		p.mu.Unlock()
	}
}

// TestEveryReceiptCountsOnceWhenServiceAndBusAreKilled kills, in turns as chance has
// it, the service, the bus, or both, while the Node sends receipts until they are
// answered. It waits for no pause of the machinery longer than it has to: the whole
// is bounded by the traffic's time.
func TestEveryReceiptCountsOnceWhenServiceAndBusAreKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: kills the service and its bus twelve times")
	}
	const kills, jobs = 12, 12
	rng := random(t)
	s := startSplit(t)
	s.setUp(t)
	p := &payer{traffic: newTraffic(t, s.demo), family: s.mevia(t), issued: map[int]domain.NoticeNumber{}}
	for job := range kills * jobs {
		p.issued[job] = s.issue(t, p.family, domain.Money(1_00+job))
	}
	var busy sync.WaitGroup
	for range workers {
		busy.Go(p.work)
	}
	met := 0
	for round := range kills {
		p.feed(round*jobs, jobs)
		time.Sleep(time.Duration(rng.IntN(60_000)) * time.Microsecond)
		paid, _, open := p.acknowledged()
		if open > 0 {
			met++
		}
		what := 1 + rng.IntN(3) // the service, the bus, or both
		if what&2 != 0 {
			s.bus.killed(t)
		}
		if what&1 != 0 {
			s.service.killed(t)
		}
		if what&2 != 0 {
			s.bus.start(t)
		}
		if what&1 != 0 {
			s.startService(t)
			p.move(s.demo)
		}
		confirmedOnce(t, s.demo, paid)
		s.sound(t)
	}
	close(p.jobs)
	busy.Wait()
	t.Logf("%d of %d kills met receipts under way", met, kills)

	paid, _, _ := p.acknowledged()
	confirmedOnce(t, s.demo, paid)
	filed, confirmed := len(facts[domain.ReceiptFiled](t, s.demo)), len(facts[domain.PaymentConfirmed](t, s.demo))
	if len(paid) != kills*jobs || filed != kills*jobs || confirmed != kills*jobs {
		t.Errorf("of %d receipts %d were answered with OK, %d filed and %d paid a bulletin", kills*jobs, len(paid), filed, confirmed)
	}
	if got := s.unresolved(t); len(got) > 0 {
		t.Errorf("receipts wait for a person: %v", got)
	}
	s.balanced(t)
}
