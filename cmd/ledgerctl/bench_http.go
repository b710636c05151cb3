package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

func benchHTTPCommand(getenv func(string) string) *cobra.Command {
	b := httpBench{newOffice()}
	var p pace
	cmd := &cobra.Command{
		Use:   "http --url URL",
		Short: "Measure what a running service does with commands over HTTP",
		Long: `Measure what a running service does with IssueBulletin over HTTP at several
numbers of clients, with mass issue, 10,000 bulletins a request, one request after
the other, and beside it, in the same run on the same disk, how often a bare file can
be appended to and flushed (fdatasync). Each command is answered when its bulletins
are durable; the clients run on this machine and take their share of its processors.
It makes bulletins of an invented body that stay in the ledger:
do not run it against a ledger that counts.`,
		Example: `  ledgerctl bench http --url http://127.0.0.1:8080 --clients 1,8,64 --seconds 10`,
		Args:    cobra.NoArgs,
	}
	p.flags(cmd)
	b.flags(cmd)
	_ = cmd.MarkFlagRequired("url") // the flag exists
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := p.check(); err != nil {
			return err
		}
		b.known(getenv)
		rows, err := b.run(cmd.Context(), p)
		if err != nil {
			return outOfReach(err)
		}
		return printRows(cmd.OutOrStdout(), rows, p.json)
	}
	return cmd
}

// httpBench measures one service.
type httpBench struct{ office }

func (b *httpBench) run(ctx context.Context, p pace) ([]row, error) {
	flush, err := bareFile(ctx, p)
	if err != nil {
		return nil, err
	}
	family, err := b.settle(ctx)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(family)
	if err != nil {
		return nil, err
	}
	rows := []row{flush}
	for _, n := range p.clients {
		r, err := measure(ctx, "IssueBulletin over HTTP", n, p.length(), func(ctx context.Context) error {
			_, err := b.send(ctx, "/creditors/"+benchBody+"/bulletins", uuid.NewString(), string(body))
			return err
		})
		if err != nil {
			return nil, err
		}
		rows = append(rows, r)
	}
	mass, err := b.massIssue(ctx, family, p.length())
	return append(rows, mass), err
}

// massIssue measures the batch door over HTTP.
func (b *httpBench) massIssue(ctx context.Context, family map[string]any, length time.Duration) (row, error) {
	body, err := json.Marshal(map[string]any{"bulletins": slices.Repeat([]any{family}, ledger.MaxBatch)})
	if err != nil {
		return row{}, err
	}
	var issued uint64
	start := time.Now()
	for time.Since(start) < length {
		answer, err := b.post(ctx, "/creditors/"+benchBody+"/bulletins/batch", uuid.NewString(), string(body))
		if err != nil {
			return row{}, err
		}
		if answer["issued"] != float64(ledger.MaxBatch) {
			return row{}, fmt.Errorf("of %d bulletins %v were issued", ledger.MaxBatch, answer["issued"])
		}
		issued += ledger.MaxBatch
	}
	return row{What: "mass issue over HTTP, 10,000 a request", Clients: 1, Count: issued, PerSecond: float64(issued) / time.Since(start).Seconds()}, nil
}

// What the bench makes is of invented people and an invented body.
const (
	benchBody   = "99123456784"
	benchParent = `{"fiscalCode":"RSSMRA85T10A562S","givenName":"Mario","familyName":"Misura","email":"misura@example.it","username":"misura.bench","at":"2020-01-01"}`
	benchChild  = `{"givenName":"Prova","familyName":"Misura","school":"Scuola","at":"2020-01-01"}`
)

// settle makes the body, a parent and a child; again, it finds them.
func (b *httpBench) settle(ctx context.Context) (family map[string]any, err error) {
	for _, c := range []struct{ path, key, body string }{
		{"/creditors", "creditor", `{"fiscalCode":"` + benchBody + `","name":"Ente di misura","broker":"` + benchBody + `","station":"` + benchBody + `_01","segregation":2,"cbill":"BE999","iban":"IT63L9999901600000000012345","at":"2020-01-01"}`},
		{"/creditors/" + benchBody + "/categories", "category", `{"code":"MISURA","name":"Misura","at":"2020-01-01"}`},
		{"/creditors/" + benchBody + "/services", "service", `{"code":"MENSA","name":"Mensa","taxonomy":"9/0107101TS/","at":"2020-01-01"}`},
	} {
		if _, err := b.post(ctx, c.path, "bench-"+c.key, c.body); err != nil {
			return nil, err
		}
	}
	parent, err := b.post(ctx, "/parents", "bench-parent", benchParent)
	if err != nil {
		return nil, err
	}
	consumer, err := b.post(ctx, "/creditors/"+benchBody+"/consumers", "bench-consumer", benchChild)
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"parent": parent["parent"], "category": "MISURA", "due": "2020-02-20", "causale": "Misura",
		"period": map[string]string{"from": "2020-01-01", "to": "2020-01-31"},
		"lines":  []map[string]any{{"consumer": consumer["consumer"], "service": "MENSA", "amount": "57.33"}},
	}, nil
}
