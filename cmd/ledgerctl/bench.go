package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
)

func benchCommand(getenv func(string) string) *cobra.Command {
	b := bench{http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1024}}}
	var clients []int
	var seconds float64
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "bench --url URL",
		Short: "Measure durable commands a second beside the disk's own limit",
		Long: `Measure what a running service does with IssueBulletin over HTTP at several
numbers of clients, and beside it, in the same run on the same disk, how often a
bare file can be appended to and flushed (fdatasync). Each command is answered
when its bulletin is durable; the clients run on this machine and take their share
of its processors. It makes bulletins of an invented body that stay in the ledger:
do not run it against a ledger that counts.`,
		Example: `  ledgerctl bench --url http://127.0.0.1:8080 --clients 1,8,64 --seconds 10`,
		Args:    cobra.NoArgs,
	}
	f := cmd.Flags()
	f.StringVar(&b.url, "url", "", "`address` of a running service, such as http://127.0.0.1:8080")
	f.StringVar(&b.token, "token", "", "API `token` of the school office (default: "+tokenVariable+" in the environment)")
	f.StringVar(&b.dir, "dir", ".", "`directory` on the service's disk, for the bare file")
	f.IntSliceVar(&clients, "clients", []int{1, 8, 64}, "`numbers` of clients, one measurement each (1 to 1024)")
	f.Float64Var(&seconds, "seconds", 10, "how many `seconds` each measurement takes (0.1 to 300)")
	f.BoolVar(&asJSON, "json", false, "print JSON")
	_ = cmd.MarkFlagRequired("url") // the flag exists
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if !(seconds >= 0.1 && seconds <= 300) { // which NaN is not
			return wrongUsage(fmt.Errorf("--seconds: %v is not between 0.1 and 300", seconds))
		}
		b.length = time.Duration(seconds * float64(time.Second))
		b.token = cmp.Or(b.token, getenv(tokenVariable))
		if i := slices.IndexFunc(clients, func(n int) bool { return n < 1 || n > 1024 }); i >= 0 {
			return wrongUsage(fmt.Errorf("--clients: %d is not between 1 and 1024", clients[i]))
		}
		rows, err := b.run(cmd.Context(), clients)
		if err != nil {
			return outOfReach(err)
		}
		return printRows(cmd.OutOrStdout(), rows, asJSON)
	}
	return cmd
}

// bench measures one service.
type bench struct {
	url, token, dir string
	length          time.Duration
	http            *http.Client
}

// row is one measurement.
type row struct {
	What      string        `json:"what"`
	Clients   int           `json:"clients"`
	Count     int           `json:"count"`
	PerSecond float64       `json:"perSecond"`
	P50       time.Duration `json:"p50"` // nanoseconds in JSON
	P99       time.Duration `json:"p99"`
}

func (b *bench) run(ctx context.Context, clients []int) ([]row, error) {
	flush, err := b.bareFile(ctx)
	if err != nil {
		return nil, err
	}
	family, err := b.settle(ctx)
	if err != nil {
		return nil, err
	}
	rows := []row{flush}
	for _, n := range clients {
		r, err := measure(ctx, "IssueBulletin over HTTP", n, b.length, func(ctx context.Context) error { return b.issue(ctx, family) })
		if err != nil {
			return nil, err
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// measure calls do from n goroutines for a while. The first error ends it.
func measure(ctx context.Context, what string, n int, length time.Duration, do func(context.Context) error) (row, error) {
	ctx, cancel := context.WithTimeout(ctx, length)
	defer cancel()
	var mu sync.Mutex
	var all []time.Duration
	var failed atomic.Pointer[error]
	start := time.Now()
	var group sync.WaitGroup
	for range n {
		group.Go(func() {
			own, err := loop(ctx, do)
			if err != nil {
				failed.CompareAndSwap(nil, &err)
				cancel()
			}
			mu.Lock()
			all = append(all, own...)
			mu.Unlock()
		})
	}
	group.Wait()
	took := time.Since(start)
	if err := failed.Load(); err != nil {
		return row{}, *err
	}
	if len(all) == 0 {
		return row{}, errors.New("nothing was done in the time given")
	}
	slices.Sort(all)
	return row{what, n, len(all), float64(len(all)) / took.Seconds(), all[len(all)/2], all[len(all)*99/100]}, nil
}

func loop(ctx context.Context, do func(context.Context) error) ([]time.Duration, error) {
	var own []time.Duration
	for {
		begin := time.Now()
		err := do(ctx)
		if ctx.Err() != nil {
			return own, nil // the time is over; a call cut short does not count
		}
		if err != nil {
			return own, err
		}
		own = append(own, time.Since(begin))
	}
}

// bareFile appends as many bytes as an issued bulletin takes to a plain file and
// flushes it, one after the other.
func (b *bench) bareFile(ctx context.Context) (row, error) {
	file, err := os.CreateTemp(b.dir, "bench-*")
	if err != nil {
		return row{}, err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	record := make([]byte, 1500)
	return measure(ctx, "bare file, append and flush", 1, min(b.length, 5*time.Second), func(context.Context) error {
		if _, err := file.Write(record); err != nil {
			return err
		}
		return flush(file)
	})
}

// benchBody is the invented body whose bulletins the bench makes.
const benchBody = "99123456784"

// settle makes the body, a parent and a child; again, it finds them.
func (b *bench) settle(ctx context.Context) (family map[string]any, err error) {
	for _, c := range []struct{ path, key, body string }{
		{"/creditors", "creditor", `{"fiscalCode":"` + benchBody + `","name":"Ente di misura","broker":"` + benchBody + `","station":"` + benchBody + `_01","segregation":2,"cbill":"BE999","iban":"IT63L9999901600000000012345","at":"2020-01-01"}`},
		{"/creditors/" + benchBody + "/categories", "category", `{"code":"MISURA","name":"Misura","at":"2020-01-01"}`},
		{"/creditors/" + benchBody + "/services", "service", `{"code":"MENSA","name":"Mensa","taxonomy":"9/0107101TS/","at":"2020-01-01"}`},
	} {
		if _, err := b.post(ctx, c.path, "bench-"+c.key, c.body); err != nil {
			return nil, err
		}
	}
	parent, err := b.post(ctx, "/parents", "bench-parent", `{"fiscalCode":"RSSMRA85T10A562S","givenName":"Mario","familyName":"Misura","email":"misura@example.it","username":"misura.bench","at":"2020-01-01"}`)
	if err != nil {
		return nil, err
	}
	consumer, err := b.post(ctx, "/creditors/"+benchBody+"/consumers", "bench-consumer", `{"givenName":"Prova","familyName":"Misura","school":"Scuola","at":"2020-01-01"}`)
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"parent": parent["parent"], "category": "MISURA", "due": "2020-02-20", "causale": "Misura",
		"period": map[string]string{"from": "2020-01-01", "to": "2020-01-31"},
		"lines":  []map[string]any{{"consumer": consumer["consumer"], "service": "MENSA", "amount": "57.33"}},
	}, nil
}

func (b *bench) issue(ctx context.Context, family map[string]any) error {
	body, err := json.Marshal(family)
	if err != nil {
		return err
	}
	_, err = b.post(ctx, "/creditors/"+benchBody+"/bulletins", uuid.NewString(), string(body))
	return err
}

func (b *bench) post(ctx context.Context, path, key, body string) (map[string]any, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimRight(b.url, "/")+"/api/v1"+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+b.token)
	req.Header.Set("Idempotency-Key", key)
	res, err := b.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answered %s: %s", path, res.Status, answer)
	}
	var out map[string]any
	return out, json.Unmarshal(answer, &out)
}

func printRows(w io.Writer, rows []row, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(w).Encode(rows)
	}
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "WHAT\tCLIENTS\tCOUNT\tPER SECOND\tP50\tP99\t")
	for _, r := range rows {
		fmt.Fprintf(t, "%s\t%d\t%d\t%.0f\t%s\t%s\t\n", r.What, r.Clients, r.Count, r.PerSecond, r.P50.Round(10*time.Microsecond), r.P99.Round(10*time.Microsecond))
	}
	return t.Flush()
}
