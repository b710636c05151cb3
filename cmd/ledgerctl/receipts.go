package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// desk is the officer's end of a running service's API.
type desk struct {
	url, token, creditor, key string
	asJSON                    bool
	getenv                    func(string) string
}

// receiptsCommand lists what waits for a person, and resolves it.
func receiptsCommand(getenv func(string) string) *cobra.Command {
	d := &desk{getenv: getenv}
	cmd := &cobra.Command{
		Use:   "receipts",
		Short: "List the receipts that wait for a person, and resolve them",
		Long: `receipts shows what waits for a person on a running service (--url), and carries
out what the person decides, with the token of a reconciliation officer. A command
repeated with the same --key adds nothing.`,
	}
	d.flags(cmd.PersistentFlags())
	cmd.AddCommand(d.list(), d.show(), d.apply(), d.decide("refund", "Mark a receipt in suspense for refund"),
		d.decide("disown", "Say that a receipt in suspense is somebody else's"), d.refunded(), d.parked(), d.replay())
	return cmd
}

func (d *desk) flags(f *pflag.FlagSet) {
	f.StringVar(&d.url, "url", "", "`address` of a running service, such as http://127.0.0.1:8080")
	f.StringVar(&d.token, "token", "", "API `token` of a reconciliation officer (default: "+tokenVariable+" in the environment)")
	f.StringVar(&d.creditor, "creditor", "", "fiscal `code` of the creditor")
	f.StringVar(&d.key, "key", "", "`name` of the command, so that it can be repeated (default: a new one)")
	f.BoolVar(&d.asJSON, "json", false, "print the API's answer")
}

func (d *desk) list() *cobra.Command {
	var refunds bool
	cmd := &cobra.Command{Use: "list", Short: "List the receipts that wait for a person", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		which := "unresolved"
		if refunds {
			which = "refunds"
		}
		return d.ask(cmd, http.MethodGet, d.path(which), nil, printWaiting)
	}}
	cmd.Flags().BoolVar(&refunds, "refunds", false, "only those whose money is to be given back")
	return cmd
}

func (d *desk) show() *cobra.Command {
	return &cobra.Command{Use: "show RECEIPT", Short: "Show a receipt as it stands", Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
		return d.ask(cmd, http.MethodGet, d.path(args[0]), nil, func(w io.Writer, answer []byte) error {
			var r struct{ Receipt, Notice, Issuer, Standing, Reason, Amount, Held string }
			if err := json.Unmarshal(answer, &r); err != nil {
				return err
			}
			_, err := fmt.Fprintf(w, "%q  notice %s %s  %s  brought %s, held %s  %s\n", r.Receipt, r.Notice, r.Issuer, r.Standing, r.Amount, r.Held, r.Reason)
			return err
		})
	}}
}

func (d *desk) apply() *cobra.Command {
	var in struct {
		To       string `json:"to"`
		WriteOff string `json:"writeOff,omitempty"`
		Reason   string `json:"reason"`
	}
	cmd := &cobra.Command{Use: "apply RECEIPT", Short: "Use a receipt in suspense for a bulletin", Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
		return d.ask(cmd, http.MethodPost, d.path(args[0])+"/apply", in, printDone)
	}}
	f := cmd.Flags()
	f.StringVar(&in.To, "to", "", "notice `number` of the bulletin")
	f.StringVar(&in.WriteOff, "write-off", "", "`amount` given up where the receipt is less than its bulletin: the whole difference")
	f.StringVar(&in.Reason, "reason", "", "why")
	return cmd
}

func (d *desk) decide(what, short string) *cobra.Command {
	var in struct {
		Reason string `json:"reason"`
	}
	cmd := &cobra.Command{Use: what + " RECEIPT", Short: short, Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
		return d.ask(cmd, http.MethodPost, d.path(args[0])+"/"+what, in, printDone)
	}}
	cmd.Flags().StringVar(&in.Reason, "reason", "", "why")
	return cmd
}

func (d *desk) refunded() *cobra.Command {
	var in struct {
		Order string `json:"order"`
	}
	cmd := &cobra.Command{Use: "refunded RECEIPT", Short: "Record that the bank gave a receipt's money back", Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
		return d.ask(cmd, http.MethodPost, d.path(args[0])+"/refunded", in, printDone)
	}}
	cmd.Flags().StringVar(&in.Order, "order", "", "`reference` of the bank order")
	return cmd
}

func (d *desk) parked() *cobra.Command {
	var after uint64
	cmd := &cobra.Command{Use: "parked", Short: "List messages that could not be understood", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		return d.ask(cmd, http.MethodGet, fmt.Sprintf("/receipts/parked?after=%d", after), nil, printParked)
	}}
	cmd.Flags().Uint64Var(&after, "after", 0, "the `number` of the last message of the page before")
	return cmd
}

func (d *desk) replay() *cobra.Command {
	return &cobra.Command{Use: "replay NUMBER", Short: "Take a parked message as if it had just come", Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
		return d.ask(cmd, http.MethodPost, "/receipts/parked/"+url.PathEscape(args[0])+"/replay", struct{}{}, printDone)
	}}
}

// path is where the API has a creditor's receipt, or a list of them.
func (d *desk) path(receipt string) string {
	return "/creditors/" + url.PathEscape(d.creditor) + "/receipts/" + url.PathEscape(receipt)
}

// ask makes a request and prints its answer.
func (d *desk) ask(cmd *cobra.Command, method, path string, in any, show func(io.Writer, []byte) error) error {
	if d.url == "" {
		return wrongUsage(errors.New("which service? --url ADDRESS of a running one"))
	}
	if d.creditor == "" && strings.HasPrefix(path, "/creditors/") {
		return wrongUsage(errors.New("whose receipts? --creditor CODE"))
	}
	answer, err := d.send(cmd.Context(), method, path, in)
	if err == nil && d.asJSON {
		show = func(w io.Writer, answer []byte) error { _, err := w.Write(answer); return err }
	}
	if err == nil {
		err = show(cmd.OutOrStdout(), answer)
	}
	return classified(err)
}

// mostOfAnAnswer bounds what is read of an answer, in bytes.
const mostOfAnAnswer = 64 << 20

func (d *desk) send(ctx context.Context, method, path string, in any) ([]byte, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	if method == http.MethodGet {
		body = nil
	}
	r, err := http.NewRequestWithContext(ctx, method, strings.TrimRight(d.url, "/")+"/api/v1"+path, bytes.NewReader(body))
	if err != nil {
		return nil, wrongUsage(err)
	}
	r.Header.Set("Authorization", "Bearer "+cmp.Or(d.token, d.getenv(tokenVariable)))
	r.Header.Set("Idempotency-Key", cmp.Or(d.key, uuid.NewString()))
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, mostOfAnAnswer))
	if err == nil && len(answer) == mostOfAnAnswer {
		err = fmt.Errorf("the answer is larger than %d MiB: ask for fewer days", mostOfAnAnswer>>20)
	}
	if err != nil || res.StatusCode == http.StatusOK {
		return answer, err
	}
	return nil, refused(res, answer)
}

// refused gives a problem the exit code of what it is about.
func refused(res *http.Response, answer []byte) error {
	var p struct{ Title, Detail string }
	_ = json.Unmarshal(answer, &p) // what cannot be read leaves the status
	err := fmt.Errorf("the service answered %s: %s: %s", res.Status, p.Title, p.Detail)
	switch res.StatusCode {
	case http.StatusNotFound:
		return found(err)
	case http.StatusBadRequest, http.StatusConflict, http.StatusUnprocessableEntity:
		return wrongUsage(err)
	}
	return outOfReach(err)
}

func printWaiting(w io.Writer, answer []byte) error {
	var list struct {
		Receipts []struct {
			Receipt, Notice, Issuer, Reason, Amount, Expected, Note string
			Can                                                     []string
		}
	}
	if err := json.Unmarshal(answer, &list); err != nil {
		return err
	}
	for _, r := range list.Receipts {
		amount := r.Amount
		if slices.Contains(r.Can, "apply") { // of what is given back nothing else was expected
			amount += " (expected " + r.Expected + ")"
		}
		if _, err := fmt.Fprintf(w, "%q  notice %s %s  %s  %s  can: %s  %s\n",
			r.Receipt, r.Notice, r.Issuer, r.Reason, amount, strings.Join(r.Can, ", "), r.Note); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "%d waiting\n", len(list.Receipts))
	return err
}

func printParked(w io.Writer, answer []byte) error {
	var page struct {
		Messages []struct {
			Sequence             uint64
			Creditor, Reason, At string
			Size                 int
		}
		Next uint64
	}
	if err := json.Unmarshal(answer, &page); err != nil {
		return err
	}
	for _, m := range page.Messages {
		if _, err := fmt.Fprintf(w, "%d  %s  for %s  %d bytes  %q\n", m.Sequence, m.At, m.Creditor, m.Size, m.Reason); err != nil {
			return err
		}
	}
	if page.Next > 0 {
		_, err := fmt.Fprintf(w, "more: --after %d\n", page.Next)
		return err
	}
	return nil
}

func printDone(w io.Writer, answer []byte) error {
	var done struct {
		Position uint64
		Repeated bool
	}
	if err := json.Unmarshal(answer, &done); err != nil {
		return err
	}
	word := "done"
	if done.Repeated {
		word = "done before"
	}
	_, err := fmt.Fprintf(w, "%s, at position %d\n", word, done.Position)
	return err
}
