package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

var seedFlag = flag.Uint64("seed", 0, "seed of the randomised tests; 0 draws one")

// random returns a source whose seed is printed.
func random(t *testing.T) *rand.Rand {
	seed := *seedFlag
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("to repeat: go test -run '^%s$' -seed %d", t.Name(), seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// traffic is bulletins issued and paid by workers that repeat what was not
// answered, in front of a service that comes and goes.
type traffic struct {
	t    *testing.T
	ctx  context.Context
	node retryingNode
	jobs chan int

	mu      sync.Mutex
	service office
	reached eventstore.Position                      // answered by the API
	paid    map[domain.ReceiptID]domain.NoticeNumber // answered with OK
	open    int                                      // jobs under way
}

const workers = 4

func newTraffic(t *testing.T, d *demo) *traffic {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	f := &traffic{t: t, ctx: ctx, jobs: make(chan int, 100), paid: map[domain.ReceiptID]domain.NoticeNumber{}}
	f.move(d)
	return f
}

// move tells the workers where the service is now.
func (f *traffic) move(d *demo) {
	f.node.at.Store(d.node())
	f.mu.Lock()
	defer f.mu.Unlock()
	f.service = d.office()
}

// work does jobs until there are no more.
func (f *traffic) work() {
	for job := range f.jobs {
		if err := f.carryOut(job); err != nil {
			f.t.Errorf("job %d: %v", job, err)
		}
		f.mu.Lock()
		f.open--
		f.mu.Unlock()
	}
}

// carryOut issues the bulletin of a job and pays it.
func (f *traffic) carryOut(job int) error {
	amount := domain.Money(1_00 + job)
	notice, err := f.issue(fmt.Sprintf("job-%d", job), amount)
	if err != nil {
		return err
	}
	id := domain.ReceiptID(fmt.Sprintf("receipt-%d", job))
	if err := f.node.insist(f.ctx, proof(string(id), notice, amount)); err != nil {
		return err
	}
	f.mu.Lock()
	f.paid[id] = notice
	f.mu.Unlock()
	if job%3 == 0 { // the Node did not hear the answer
		return f.node.insist(f.ctx, proof(string(id), notice, amount))
	}
	return nil
}

// issue sends one command until it is answered.
func (f *traffic) issue(key string, amount domain.Money) (domain.NoticeNumber, error) {
	for {
		f.mu.Lock()
		service := f.service
		f.mu.Unlock()
		a, err := service.post(f.ctx, town+"/bulletins", key, sempronio.bill(amount))
		switch {
		case f.ctx.Err() != nil:
			return "", f.ctx.Err()
		case err != nil:
			time.Sleep(5 * time.Millisecond)
			continue
		case a.status != http.StatusOK:
			return "", fmt.Errorf("status %d: %s", a.status, a.body)
		}
		var issued struct{ Notice domain.NoticeNumber }
		if err := json.Unmarshal(a.body, &issued); err != nil {
			return "", err
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		f.reached = max(f.reached, a.position)
		return issued.Notice, nil
	}
}

// acknowledged is what the workers were told so far.
func (f *traffic) acknowledged() (paid map[domain.ReceiptID]domain.NoticeNumber, reached eventstore.Position, open int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.paid), f.reached, f.open
}

// feed gives the workers so many jobs more.
func (f *traffic) feed(first, n int) {
	f.mu.Lock()
	f.open += n
	f.mu.Unlock()
	for job := range n {
		f.jobs <- first + job
	}
}

func TestEveryReceiptCountsOnceHoweverOftenTheServiceIsKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: kills the service ten times")
	}
	const kills, jobs = 10, 3
	rng := random(t)
	d := startChild(t, t.TempDir())
	f := newTraffic(t, d)
	var busy sync.WaitGroup
	for range workers {
		busy.Go(f.work)
	}
	met := 0
	for round := range kills {
		f.feed(round*jobs, jobs)
		time.Sleep(time.Duration(rng.IntN(40_000)) * time.Microsecond)
		paid, reached, open := f.acknowledged()
		d = d.killed(t)
		if open > 0 {
			met++
		}
		confirmedOnce(t, d, paid)
		if end := d.end(t); end < reached {
			t.Fatalf("position %d was answered and the log ends at %d", reached, end)
		}
		d.sound(t)
		f.move(d)
	}
	close(f.jobs)
	busy.Wait()
	t.Logf("%d of %d kills met work under way", met, kills)

	paid, _, _ := f.acknowledged()
	confirmedOnce(t, d, paid)
	if got := len(facts[domain.BulletinIssued](t, d)); len(paid) != kills*jobs || got != kills*jobs+2 {
		t.Errorf("%d receipts were answered with OK, and %d bulletins issued besides the demonstration's two", len(paid), got-2)
	}
	if got := d.unresolved(t); len(got) > 0 {
		t.Errorf("receipts wait for a person: %v", got)
	}
	eventually(t, "a letter for each payment", func() bool { return d.letters(t) >= kills*jobs+2+ofTheQuestion })
	if got := d.letters(t); got != kills*jobs+2+ofTheQuestion {
		t.Errorf("%d letters for %d payments, a welcome and the question", got, kills*jobs+1)
	}
	d.balanced(t)
}

// confirmedOnce fails the test unless each of these receipts paid its bulletin,
// once.
func confirmedOnce(t *testing.T, d *demo, paid map[domain.ReceiptID]domain.NoticeNumber) {
	t.Helper()
	times := map[domain.ReceiptID]int{}
	for _, e := range facts[domain.PaymentConfirmed](t, d) {
		if paid[e.Receipt] == e.Notice {
			times[e.Receipt]++
		}
	}
	for _, id := range slices.Sorted(maps.Keys(paid)) {
		if times[id] != 1 {
			t.Errorf("receipt %s was answered with OK and paid notice %s %d times", id, paid[id], times[id])
		}
	}
}
