package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/saldo-ledger/saldo/adapters/httpapi"
	"github.com/saldo-ledger/saldo/domain"
)

// issue is a mass issue of what a file says.
type issue struct {
	office
	file, creditor, at   string
	send, dryRun, asJSON bool
	stdout, stderr       io.Writer
}

func issueCommand(getenv func(string) string) *cobra.Command {
	i := issue{office: newOffice()}
	cmd := &cobra.Command{
		Use:   "issue FILE --url URL --creditor CODE",
		Short: "Issue the bulletins of a file, thousands at a time",
		Long: `Issue the bulletins of a file through the API of a running service, up to 10,000 in
a request. The file is checked first, and nothing is sent if a line of it is wrong.
After that each bulletin counts on its own: what the ledger refuses is listed with
line, field and rule, and the rest is issued.

Run again on the same file, it adds nothing: bulletins that were issued answer with
the notice numbers they have. So whatever interrupts it, run it again. A changed file
is another file, and all that it says is issued: correct refused lines in a file of
their own. Bulletins that say the same are as many bulletins as there are lines.

A file named .csv is CSV, parted by commas or semicolons, with these columns in any
order, named on the first line:
  parent, consumer      uuid of who owes, and of the child
  category, service     their codes
  amount                euro, 57.33 or 57,33
  from, to, due         yyyy-mm-dd: the period, and until when to pay
  causale               what the payer reads, at most 140 characters
  at                    the issue date, if not that of --at
  bulletin              lines that follow one another and are alike in this column are
                        one bulletin of several services; what it has once is said on
                        its first line, and left out or repeated on the others
Any other file is JSON Lines: on each line a bulletin as the batch of
/api/v1/openapi.json has it.

Exit codes: 0 all issued; 1 some were refused; 2 wrong usage, or a line of the file is
wrong; 3 the service is out of reach.`,
		Example: `  ledgerctl issue mensa-gennaio.csv --dry-run
  SALDO_TOKEN=… ledgerctl issue mensa-gennaio.csv --url http://127.0.0.1:8080 --creditor 01428570319 --send`,
		Args: cobra.ExactArgs(1),
	}
	i.flags(cmd)
	f := cmd.Flags()
	f.StringVar(&i.creditor, "creditor", "", "`codice fiscale` of the body")
	f.BoolVar(&i.send, "send", false, "make the bulletins payable at once")
	f.StringVar(&i.at, "at", "", "issue `date` where a bulletin has none: yyyy-mm-dd or RFC 3339 (default: now)")
	f.BoolVar(&i.dryRun, "dry-run", false, "check the file alone: nothing is sent, and no service is needed")
	f.BoolVar(&i.asJSON, "json", false, "print JSON Lines: what became of each bulletin, and last the sums")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		i.file, i.stdout, i.stderr = args[0], cmd.OutOrStdout(), cmd.ErrOrStderr()
		i.known(getenv)
		return i.run(cmd.Context())
	}
	return cmd
}

func (i *issue) run(ctx context.Context) error {
	if !i.dryRun {
		if i.url == "" {
			return wrongUsage(errors.New("which service? --url ADDRESS of a running one, or --dry-run"))
		}
		if _, err := domain.ParseBodyCode(i.creditor); err != nil {
			return wrongUsage(fmt.Errorf("--creditor: %w", err))
		}
	}
	total, err := i.check()
	if err != nil {
		return err
	}
	out := newIssueReport(i.stdout, i.asJSON)
	if i.dryRun {
		return out.checked(i.file, total)
	}
	progress := newBar(i.stderr, "issuing", int64(total), bulletinsUnit)
	defer progress.end()
	for batch, err := range i.batches() {
		if err != nil {
			return wrongUsage(err)
		}
		rows, err := i.raise(ctx, batch)
		if err != nil {
			return err
		}
		if err := out.rows(batch.entries, rows); err != nil {
			return outOfReach(err)
		}
		progress.reached(out.Bulletins)
	}
	progress.end()
	return out.end()
}

// bulletins yields what the file says.
func (i *issue) bulletins() iter.Seq2[entry, error] {
	return func(yield func(entry, error) bool) {
		file, err := os.Open(i.file)
		if err != nil {
			yield(entry{}, err)
			return
		}
		defer file.Close()
		read := jsonLines
		if strings.EqualFold(filepath.Ext(i.file), ".csv") {
			read = csvBulletins
		}
		for e, err := range read(file) {
			if err != nil {
				err = fmt.Errorf("%s: %w", i.file, err)
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// check reads all of the file, lists what is wrong with it, and counts its
// bulletins.
func (i *issue) check() (total uint64, err error) {
	out := newIssueReport(i.stdout, i.asJSON)
	for e, err := range i.bulletins() {
		if err != nil {
			return 0, wrongUsage(err)
		}
		total++
		field, rule := httpapi.CheckBulletin(e.text)
		if e.wrong != nil {
			field, rule = e.wrong.field, e.wrong.rule
		}
		if rule != "" {
			if err := out.refused(issueLine{Line: e.lineOf(field), Field: field, Rule: rule}); err != nil {
				return 0, outOfReach(err)
			}
		}
	}
	switch {
	case out.Refused > 0:
		return 0, wrongUsage(fmt.Errorf("%d of %d bulletins of %s are wrong, and nothing was sent", out.Refused, total, i.file))
	case total == 0:
		return 0, wrongUsage(fmt.Errorf("there is no bulletin in %s", i.file))
	}
	return total, nil
}

// raise sends one batch.
func (i *issue) raise(ctx context.Context, b issueBatch) ([]httpapi.BatchRow, error) {
	answer, err := i.office.send(ctx, "/creditors/"+i.creditor+"/bulletins/batch", b.key(i.creditor), b.body(i.send, i.at))
	var rows []httpapi.BatchRow
	if err == nil {
		rows, err = b.rows(answer)
	}
	if err == nil {
		return rows, nil
	}
	last := b.entries[len(b.entries)-1]
	err = fmt.Errorf("lines %d to %d: %w", b.entries[0].line, last.line, err)
	if no, ok := errors.AsType[*notDone](err); ok && no.code < 500 && no.code != http.StatusUnauthorized && no.code != http.StatusForbidden {
		return nil, wrongUsage(err)
	}
	return nil, outOfReach(fmt.Errorf("%w; run it again on the same file to go on", err))
}
