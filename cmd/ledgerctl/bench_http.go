package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
)

func benchHTTPCommand(getenv func(string) string) *cobra.Command {
	b := httpBench{http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: maxClients}}}
	var p pace
	cmd := &cobra.Command{
		Use:   "http --url URL",
		Short: "Measure what a running service does with commands over HTTP",
		Long: `Measure what a running service does with IssueBulletin over HTTP at several
numbers of clients, and beside it, in the same run on the same disk, how often a
bare file can be appended to and flushed (fdatasync). Each command is answered
when its bulletin is durable; the clients run on this machine and take their share
of its processors. It makes bulletins of an invented body that stay in the ledger:
do not run it against a ledger that counts.`,
		Example: `  ledgerctl bench http --url http://127.0.0.1:8080 --clients 1,8,64 --seconds 10`,
		Args:    cobra.NoArgs,
	}
	p.flags(cmd)
	f := cmd.Flags()
	f.StringVar(&b.url, "url", "", "`address` of a running service, such as http://127.0.0.1:8080")
	f.StringVar(&b.token, "token", "", "API `token` of the school office (default: "+tokenVariable+" in the environment)")
	_ = cmd.MarkFlagRequired("url") // the flag exists
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := p.check(); err != nil {
			return err
		}
		b.token = cmp.Or(b.token, getenv(tokenVariable))
		rows, err := b.run(cmd.Context(), p)
		if err != nil {
			return outOfReach(err)
		}
		return printRows(cmd.OutOrStdout(), rows, p.json)
	}
	return cmd
}

// httpBench measures one service.
type httpBench struct {
	url, token string
	http       *http.Client
}

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
	return rows, nil
}

// benchBody is the invented body whose bulletins the bench makes.
const benchBody = "99123456784"

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

// post carries out a command and returns what it answered.
func (b *httpBench) post(ctx context.Context, path, key, body string) (map[string]any, error) {
	answer, err := b.send(ctx, path, key, body)
	if err != nil {
		return nil, err
	}
	var out map[string]any
	return out, json.Unmarshal(answer, &out)
}

func (b *httpBench) send(ctx context.Context, path, key, body string) ([]byte, error) {
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
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answered %s: %s", path, res.Status, answer)
	}
	return answer, err
}
