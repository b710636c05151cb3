package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"github.com/spf13/cobra"
)

func (d *desk) reconciliation(rest string) string {
	return "/creditors/" + url.PathEscape(d.creditor) + "/reconciliation" + rest
}

// What a run finds.
var (
	errSource  = errors.New("not every source could be asked: what it has comes with the next run")
	errRefused = errors.New("not every document could be read: those that could not are in quarantine")
)

func (d *desk) run() *cobra.Command {
	return &cobra.Command{
		Use: "run", Short: "Ask the sources of flows and statements now, and let the rules accept", Args: cobra.NoArgs,
		Long: `run asks the service to fetch from every source that it knows of the body (flows by
REST and SOAP, the watched folder), one after the other, reconciles what is new, and lets
the rules accept once all were asked. With --json the service asks all of them at once.
The service does so by itself every few minutes too. Run again, it adds nothing; cut
short, it goes on with the next run.

Exit codes: 0 every source was asked, and what it had was read; 1 a source failed or
a document is in quarantine; 3 the service is out of reach.`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if d.asJSON {
				return d.runAtOnce(cmd)
			}
			return d.runInTurn(cmd)
		},
	}
}

// sourceRun is how asking one source went.
type sourceRun struct {
	Source, Error string
	Took, Refused int
}

// asking is what asking sources came to.
type asking struct {
	Sources  []sourceRun
	Accepted []accepts
}

// runAtOnce has the service ask all sources, and prints its answer.
func (d *desk) runAtOnce(cmd *cobra.Command) error {
	plain := *d
	plain.asJSON = false
	return plain.ask(cmd, http.MethodPost, d.reconciliation("/run"), struct{}{}, func(w io.Writer, answer []byte) error {
		if _, err := w.Write(answer); err != nil {
			return err
		}
		var got asking
		if err := json.Unmarshal(answer, &got); err != nil {
			return err
		}
		return got.finding()
	})
}

// runInTurn has the service ask one source after the other, and says at once how each
// went. Rules accept with the last, once all of them were asked.
func (d *desk) runInTurn(cmd *cobra.Command) error {
	var known asking
	if err := d.ask(cmd, http.MethodGet, d.reconciliation("/sources"), nil, func(_ io.Writer, answer []byte) error {
		return known.add(io.Discard, answer)
	}); err != nil {
		return err
	}
	if len(known.Sources) == 0 {
		known.Sources = []sourceRun{{}} // of none the rules may accept all the same
	}
	progress := newBar(cmd.ErrOrStderr(), "asking the sources", int64(len(known.Sources)), sourcesUnit)
	defer progress.end()
	var all asking
	for i, s := range known.Sources {
		progress.describe(sourceOf(i, len(known.Sources), s.Source))
		in := map[string]any{"source": s.Source, "hold": i < len(known.Sources)-1}
		if err := d.ask(cmd, http.MethodPost, d.reconciliation("/run"), in, func(w io.Writer, answer []byte) error {
			progress.end()
			return all.add(w, answer)
		}); err != nil {
			return err
		}
		progress.reached(uint64(i + 1))
	}
	progress.end()
	fmt.Fprintf(cmd.OutOrStdout(), "%d sources asked, %d differences accepted by rules\n", len(all.Sources), len(all.Accepted))
	return all.finding()
}

// sourceOf says which source is asked.
func sourceOf(i, n int, name string) string { return fmt.Sprintf("source %d of %d: %s", i+1, n, name) }

// add takes an answer in, and prints how asking each of its sources went.
func (r *asking) add(w io.Writer, answer []byte) error {
	var got asking
	if err := json.Unmarshal(answer, &got); err != nil {
		return err
	}
	r.Sources, r.Accepted = append(r.Sources, got.Sources...), append(r.Accepted, got.Accepted...)
	for _, s := range got.Sources {
		if _, err := fmt.Fprintln(w, s); err != nil {
			return err
		}
	}
	return nil
}

// String is the source with how asking it went.
func (s sourceRun) String() string {
	how := fmt.Sprintf("%d new", s.Took)
	if s.Refused > 0 {
		how += fmt.Sprintf(", %d in quarantine", s.Refused)
	}
	if s.Error != "" {
		how += ", failed: " + s.Error
	}
	return s.Source + "  " + how
}

// finding is what ends the command when a source failed or a document is in quarantine.
func (r *asking) finding() error {
	var finding error
	for _, s := range r.Sources {
		if s.Refused > 0 {
			finding = cmp.Or(finding, errRefused)
		}
		if s.Error != "" {
			finding = errSource
		}
	}
	if finding != nil {
		return found(finding)
	}
	return nil
}

// accepts is a difference that a rule accepts.
type accepts struct {
	Subject, Title, Detail, Stake, Day string
	Rule                               int
}

func (d *desk) rules() *cobra.Command {
	cmd := &cobra.Command{Use: "rules", Short: "List, try, set and withdraw the rules of automatic acceptance"}
	cmd.AddCommand(d.listRules(), d.setRule(), d.withdrawRule(), d.tryRules())
	return cmd
}

func (d *desk) listRules() *cobra.Command {
	return &cobra.Command{Use: "list", Short: "List the rules, withdrawn ones too", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		return d.ask(cmd, http.MethodGet, d.reconciliation("/rules"), nil, func(w io.Writer, answer []byte) error {
			var got struct {
				Rules []struct {
					Rule, Days                   int
					Outcome, UpTo, Reason, SetBy string
					Withdrawn                    bool
				}
			}
			if err := json.Unmarshal(answer, &got); err != nil {
				return err
			}
			for _, r := range got.Rules {
				state := "in force"
				if r.Withdrawn {
					state = "withdrawn"
				}
				fmt.Fprintf(w, "rule %d  %s  %s up to %s after %d working days  %s  (%s)\n", r.Rule, state, r.Outcome, r.UpTo, r.Days, r.Reason, r.SetBy)
			}
			_, err := fmt.Fprintf(w, "%d rules\n", len(got.Rules))
			return err
		})
	}}
}

// ruleFlags are what a rule is made of.
type ruleFlags struct {
	outcome, upTo string
	days          int
}

func (r *ruleFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&r.outcome, "outcome", "", "`outcome` that is accepted, such as parziale")
	f.StringVar(&r.upTo, "up-to", "", "`amount` at stake at most, such as 0.50")
	f.IntVar(&r.days, "days", 0, "working `days` that it has to be old (0 to 15)")
}

func (d *desk) setRule() *cobra.Command {
	var r ruleFlags
	var reason string
	cmd := &cobra.Command{Use: "set", Short: "Set a rule: it accepts from now on", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		in := map[string]any{"outcome": r.outcome, "upTo": r.upTo, "days": r.days, "reason": reason}
		return d.ask(cmd, http.MethodPost, d.reconciliation("/rules"), in, printDone)
	}}
	r.add(cmd)
	cmd.Flags().StringVar(&reason, "reason", "", "`reason` of every acceptance")
	return cmd
}

func (d *desk) withdrawRule() *cobra.Command {
	var reason string
	cmd := &cobra.Command{Use: "withdraw RULE", Short: "Withdraw a rule; what it accepted stays accepted", Args: cobra.ExactArgs(1), RunE: func(cmd *cobra.Command, args []string) error {
		return d.ask(cmd, http.MethodPost, d.reconciliation("/rules/"+url.PathEscape(args[0])+"/withdraw"), map[string]any{"reason": reason}, printDone)
	}}
	cmd.Flags().StringVar(&reason, "reason", "", "`reason` of withdrawing it")
	return cmd
}

func (d *desk) tryRules() *cobra.Command {
	var r ruleFlags
	var from, to string
	cmd := &cobra.Command{
		Use: "try", Short: "Say what the rules would accept, or what one would that is not set yet (--outcome), and accept nothing", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			q := url.Values{}
			for name, value := range map[string]string{"from": from, "to": to, "outcome": r.outcome, "upTo": r.upTo} {
				if value != "" {
					q.Set(name, value)
				}
			}
			if r.outcome != "" {
				q.Set("days", strconv.Itoa(r.days))
			}
			return d.ask(cmd, http.MethodGet, d.reconciliation("/rules/accepts?"+q.Encode()), nil, func(w io.Writer, answer []byte) error {
				var got struct{ Accepts []accepts }
				if err := json.Unmarshal(answer, &got); err != nil {
					return err
				}
				for _, a := range got.Accepts {
					fmt.Fprintf(w, "%s  %s  %s  %s  %s  rule %d\n", a.Day, a.Subject, a.Title, a.Stake, a.Detail, a.Rule)
				}
				_, err := fmt.Fprintf(w, "%d would be accepted\n", len(got.Accepts))
				return err
			})
		},
	}
	r.add(cmd)
	cmd.Flags().StringVar(&from, "from", "", "first `day`, yyyy-mm-dd (default: 30 days ago)")
	cmd.Flags().StringVar(&to, "to", "", "last `day` (default: today)")
	return cmd
}
