package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/spf13/cobra"
)

// office is the school office's way into a running service: its API.
type office struct {
	url, token string
	http       *http.Client
}

func newOffice() office {
	return office{http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: maxClients}}}
}

func (o *office) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.url, "url", "", "`address` of a running service, such as http://127.0.0.1:8080")
	f.StringVar(&o.token, "token", "", "API `token` of the school office (default: "+tokenVariable+" in the environment)")
}

// known takes the token from the environment where no flag has it.
func (o *office) known(getenv func(string) string) { o.token = cmp.Or(o.token, getenv(tokenVariable)) }

// notDone is the answer to a request that was not carried out.
type notDone struct {
	path, status string
	code         int
	body         []byte
}

func (n *notDone) Error() string { return fmt.Sprintf("%s answered %s: %s", n.path, n.status, n.body) }

// post carries out a command and returns what it answered.
func (o *office) post(ctx context.Context, path, key, body string) (map[string]any, error) {
	answer, err := o.send(ctx, path, key, body)
	if err != nil {
		return nil, err
	}
	var out map[string]any
	return out, json.Unmarshal(answer, &out)
}

// send is post for an answer that is read elsewhere.
func (o *office) send(ctx context.Context, path, key, body string) ([]byte, error) {
	return o.ask(ctx, http.MethodPost, path, http.Header{"Idempotency-Key": {key}}, strings.NewReader(body))
}

// look reads into out what the views hold at a position at least.
func (o *office) look(ctx context.Context, path string, at uint64, out any) error {
	answer, err := o.ask(ctx, http.MethodGet, path, http.Header{"Saldo-Min-Position": {fmt.Sprint(at)}}, nil)
	if err != nil {
		return err
	}
	return json.Unmarshal(answer, out)
}

func (o *office) ask(ctx context.Context, method, path string, header http.Header, body io.Reader) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimRight(o.url, "/")+"/api/v1"+path, body)
	if err != nil {
		return nil, err
	}
	req.Header = header
	req.Header.Set("Authorization", "Bearer "+o.token)
	res, err := o.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = &notDone{path, res.Status, res.StatusCode, answer}
	}
	return answer, err
}
