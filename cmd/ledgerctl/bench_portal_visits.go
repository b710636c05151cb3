package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/saldo-ledger/saldo/adapters/vault"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore/ledger/town"
)

// portalPage is a page that visitors look at, and what only it says.
type portalPage struct{ what, path, says string }

var portalPages = []portalPage{
	{"Elenco", "/consumatori", "<h1>Elenco consumatori</h1>"},
	{"Paga", "/paga", "<h1>Paga con portale di pagamento</h1>"},
	{"Paga, with category", "/paga?categoria=" + string(town.Category), `value="` + string(town.Category) + `" selected`},
}

// box is in every row of a bulletin that can be ticked.
const box = `data-nome="Seleziona"`

// spread is how durations are spread.
type spread struct {
	P50 time.Duration `json:"p50"` // nanoseconds in JSON
	P99 time.Duration `json:"p99"`
	Max time.Duration `json:"max"`
}

// spreadOf sorts took.
func spreadOf(took []time.Duration) spread {
	if len(took) == 0 {
		return spread{}
	}
	slices.Sort(took)
	return spread{took[len(took)/2], took[len(took)*99/100], took[len(took)-1]}
}

// pageRow is the measurement of one page.
type pageRow struct {
	What      string  `json:"what"`
	Count     int     `json:"count"`
	PerSecond float64 `json:"perSecond"`
	spread
	Server spread  `json:"server"` // what the portal's handler takes of it
	Open   float64 `json:"toPay"`  // bulletins to tick on a page, on average
	Errors int     `json:"errors"` // answers that were not the page; they are not in Count
}

// visit measures what pages weigh and how long they take.
func (b *portalBench) visit(ctx context.Context, site http.Handler, sessions *vault.Vault, parents []domain.ParentID) (err error) {
	clocked := &handled{Handler: site}
	clocked.reset()
	address, closeDoor, err := door(ctx, clocked)
	if err != nil {
		return err
	}
	defer func() { err = cmp.Or(err, closeDoor()) }()
	r := round{even: b.size.even, address: address, seed: b.size.seed}
	r.client = &http.Client{Timeout: time.Minute, Transport: &http.Transport{
		MaxIdleConnsPerHost: maxClients, DisableCompression: true, // gzip is asked for as a browser does, and left packed
	}}
	defer r.client.CloseIdleConnections()
	if err := r.enter(ctx, sessions, parents); err != nil {
		return err
	}
	if b.figures.Weights, err = r.weights(ctx); err != nil {
		return err
	}
	clocked.reset()
	if b.figures.Pages, err = r.run(ctx); err != nil {
		return err
	}
	b.figures.wrong = r.wrong
	for i, page := range portalPages {
		b.figures.Pages[i].Server = spreadOf(clocked.at(page.path))
	}
	return nil
}

// round is visitors who look at pages, all together at a constant rate.
type round struct {
	even    receiptsPace
	address string
	seed    uint64
	client  *http.Client
	tokens  []string // of the visitors' sessions

	mu    sync.Mutex
	looks []looks // one for each page
	wrong error   // the first
}

// looks are how one page was looked at.
type looks struct {
	took        []time.Duration
	open, wrong int
}

func (r *round) requests() int {
	return max(len(portalPages), int(float64(r.even.rate)*r.even.seconds))
}

// enter gives a session to parents drawn at random, so many that each looks at each
// page once. Their number is a multiple of the pages', see page.
func (r *round) enter(ctx context.Context, sessions *vault.Vault, parents []domain.ParentID) error {
	n := len(portalPages)
	visitors := (r.requests() + n*n - 1) / (n * n) * n
	drawn := rand.New(rand.NewPCG(r.seed, 1)).Perm(len(parents))
	for i := range visitors {
		parent := parents[drawn[i%len(drawn)]]
		token, err := sessions.StartSession(ctx, vault.Account{Subject: parent.UUID, Name: "famiglia", Roles: []domain.Role{domain.RoleParent}})
		if err != nil {
			return err
		}
		r.tokens = append(r.tokens, token)
	}
	return nil
}

// page is what the i-th request asks for, and by whose session. The visitors take
// turns, and each begins with another page than the one before: at any time all
// pages are looked at, and nobody looks at two pages in a row.
func (r *round) page(i int) (page int, token string) {
	visitor, turn := i%len(r.tokens), i/len(r.tokens)
	return (visitor + turn) % len(portalPages), r.tokens[visitor]
}

// run asks for pages at the rate, however slow the answers are.
func (r *round) run(ctx context.Context) ([]pageRow, error) {
	r.looks = make([]looks, len(portalPages))
	var under sync.WaitGroup
	start := time.Now()
	tick := time.NewTimer(0)
	defer tick.Stop()
	for i := range r.requests() {
		due := start.Add(time.Duration(i) * time.Second / time.Duration(r.even.rate))
		tick.Reset(time.Until(due))
		select {
		case <-tick.C:
		case <-ctx.Done():
			under.Wait()
			return nil, ctx.Err()
		}
		under.Go(func() { r.look(ctx, i, due) })
	}
	under.Wait()
	return r.rows(time.Since(start)), ctx.Err()
}

// look asks for one page and notes how long it took since it was due.
func (r *round) look(ctx context.Context, i int, due time.Time) {
	n, token := r.page(i)
	page := portalPages[n]
	body, err := r.ask(ctx, page.path, token)
	took := time.Since(due)
	if err == nil {
		body, err = unpacked(body)
	}
	if err == nil && !bytes.Contains(body, []byte(page.says)) {
		err = fmt.Errorf("%s: the page does not say %s", page.path, page.says)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	l := &r.looks[n]
	if err != nil {
		l.wrong++
		r.wrong = cmp.Or(r.wrong, err)
		return
	}
	l.took = append(l.took, took)
	l.open += bytes.Count(body, []byte(box))
}

// ask returns the body of an answer as it was sent.
func (r *round) ask(ctx context.Context, path, token string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.address+path, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept-Encoding", "gzip")
	if token != "" {
		req.AddCookie(&http.Cookie{Name: "saldo", Value: token})
	}
	res, err := r.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answered %s", path, res.Status)
	}
	return body, err
}

func (r *round) rows(whole time.Duration) []pageRow {
	rows := make([]pageRow, len(portalPages))
	for i, l := range r.looks {
		n := len(l.took)
		rows[i] = pageRow{What: portalPages[i].what, Count: n, PerSecond: float64(n) / whole.Seconds(), spread: spreadOf(l.took), Errors: l.wrong}
		if n > 0 {
			rows[i].Open = float64(l.open) / float64(n)
		}
	}
	return rows
}
