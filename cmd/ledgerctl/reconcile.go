package main

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/saldo-ledger/saldo/adapters/papers/tables"
	"github.com/saldo-ledger/saldo/domain"
)

// reconcileCommand brings documents in, and says what does not fit.
func reconcileCommand(getenv func(string) string) *cobra.Command {
	d := &desk{getenv: getenv}
	cmd := &cobra.Command{
		Use:   "reconcile",
		Short: "Import or fetch flows and treasury statements, and report what does not fit",
		Long: `reconcile works on a running service (--url), with the token of a reconciliation
officer. A file imported again adds nothing.

Exit codes, for schedulers: 0 all was read, or all fits; 1 a file is in quarantine, or
something is to be looked at, or a source failed; 2 wrong usage or input; 3 the service is out of reach.`,
	}
	f := cmd.PersistentFlags()
	f.StringVar(&d.url, "url", "", "`address` of a running service, such as http://127.0.0.1:8080")
	f.StringVar(&d.token, "token", "", "API `token` of a reconciliation officer (default: "+tokenVariable+" in the environment)")
	f.StringVar(&d.creditor, "creditor", "", "fiscal `code` of the creditor")
	f.BoolVar(&d.asJSON, "json", false, "print the API's answer")
	cmd.AddCommand(d.importFiles(), d.run(), d.report(), d.rules())
	return cmd
}

// errQuarantined says that a file was kept and nothing of it counts.
var errQuarantined = errors.New("not every file was read: what is in quarantine is kept, and nothing of it counts")

func (d *desk) importFiles() *cobra.Command {
	return &cobra.Command{
		Use: "import FILE…", Short: "Import flows (XML), giornali di cassa, camt.053, or ZIP files of them", Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error {
			progress := newBar(cmd.ErrOrStderr(), "importing", int64(len(files)), filesUnit)
			defer progress.end()
			quarantined := false
			for i, file := range files {
				bad, err := d.importFile(cmd, file)
				if err != nil {
					return err
				}
				quarantined = quarantined || bad
				progress.reached(uint64(i + 1))
			}
			if quarantined {
				return found(errQuarantined)
			}
			return nil
		},
	}
}

// importFile hands one file to the service, and reports whether any of it is in
// quarantine.
func (d *desk) importFile(cmd *cobra.Command, file string) (quarantined bool, err error) {
	raw, err := readDocument(file)
	if err != nil {
		return false, wrongUsage(err)
	}
	in := struct {
		Name    string `json:"name"`
		Content []byte `json:"content"`
	}{filepath.Base(file), raw}
	path := "/creditors/" + url.PathEscape(d.creditor) + "/documents"
	return quarantined, d.ask(cmd, http.MethodPost, path, in, func(w io.Writer, answer []byte) error {
		var got struct {
			Documents []struct {
				Name, Kind, Quarantined string
				Repeated                bool
				Contents                []string
			}
		}
		if err := json.Unmarshal(answer, &got); err != nil {
			return err
		}
		for _, one := range got.Documents {
			how := fmt.Sprintf("read, %d in it", len(one.Contents))
			switch {
			case one.Quarantined != "":
				quarantined, how = true, "in quarantine: "+one.Quarantined
			case one.Repeated:
				how = "was here already"
			}
			if _, err := fmt.Fprintf(w, "%s  %s  %s\n", one.Name, one.Kind, how); err != nil {
				return err
			}
		}
		return nil
	})
}

// readDocument reads a file that is not too large for a document.
func readDocument(file string) ([]byte, error) {
	at, err := os.Stat(file)
	if err == nil && at.Size() > domain.MaxDocumentReading {
		err = fmt.Errorf("%s: %w", file, domain.ErrBadDocument)
	}
	if err != nil {
		return nil, err
	}
	return os.ReadFile(file)
}

// errDifferences says that something is to be looked at.
var errDifferences = errors.New("something does not fit, and is to be looked at")

// reportRow is one line of a report: a flow, a receipt or a credit.
type reportRow struct {
	What     string `json:"-"`
	Outcome  string `json:"outcome"`
	Title    string `json:"title"`
	Severity string `json:"severity"`
	Detail   string `json:"detail"`
	Deadline string `json:"deadline"`
	Next     string `json:"next"`
	Flow     string `json:"flow"`
	Receipt  string `json:"receipt"`
	Movement string `json:"movement"`
	PSP      string `json:"psp"`
	Total    string `json:"total"`
	Amount   string `json:"amount"`
	Day      string `json:"regulationDate"`
	PaidAt   string `json:"paidAt"`
	Booked   string `json:"booked"`
}

func (r reportRow) open() bool { return r.Severity == "da-verificare" || r.Severity == "grave" }

// cells are the row as a table has it.
func (r reportRow) cells() []string {
	return []string{r.What, r.Flow + r.Receipt + r.Movement, r.Day + r.PaidAt + r.Booked, r.PSP, r.Total + r.Amount, r.Title, r.Severity, r.Detail, r.Deadline, r.Next}
}

var reportHead = []string{"cosa", "riferimento", "giorno", "psp", "importo", "esito", "gravità", "dettaglio", "scadenza", "prossimo passo"}

func (d *desk) report() *cobra.Command {
	var from, to string
	var asCSV, all bool
	var per summaryFlags
	cmd := &cobra.Command{Use: "report", Short: "Report a span of days: what does not fit, or the sums per day, PSP, category or chapter", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		q := url.Values{}
		for name, value := range map[string]string{"from": from, "to": to} {
			if value != "" {
				q.Set(name, value)
			}
		}
		if per.per != "" {
			return d.summarise(cmd, per, q)
		}
		path := "/creditors/" + url.PathEscape(d.creditor) + "/reconciliation?" + q.Encode()
		open := false
		err := d.askKeeping(cmd, path, func(w io.Writer, answer []byte) error {
			rows, err := reportRows(answer)
			if err != nil {
				return err
			}
			for _, r := range rows {
				open = open || r.open()
			}
			if d.asJSON {
				_, err := w.Write(answer)
				return err
			}
			return writeReport(w, rows, asCSV, all)
		})
		if err == nil && open {
			err = found(errDifferences)
		}
		return err
	}}
	f := cmd.Flags()
	f.StringVar(&from, "from", "", "first `day`, yyyy-mm-dd (default: 30 days ago)")
	f.StringVar(&to, "to", "", "last `day` (default: today)")
	f.BoolVar(&asCSV, "csv", false, "write all of it as CSV")
	f.BoolVar(&all, "all", false, "also what fits")
	per.flags(cmd)
	return cmd
}

// askKeeping is ask for an answer that is looked at whatever is printed of it.
func (d *desk) askKeeping(cmd *cobra.Command, path string, show func(io.Writer, []byte) error) error {
	plain := *d
	plain.asJSON = false
	return plain.ask(cmd, http.MethodGet, path, nil, show)
}

func reportRows(answer []byte) (rows []reportRow, err error) {
	var got struct{ Flows, Receipts, Credits []reportRow }
	if err := json.Unmarshal(answer, &got); err != nil {
		return nil, err
	}
	for what, some := range map[string][]reportRow{"flusso": got.Flows, "ricevuta": got.Receipts, "accredito": got.Credits} {
		for i := range some {
			some[i].What = what
		}
	}
	return append(append(append(rows, got.Flows...), got.Receipts...), got.Credits...), nil
}

// inert keeps a spreadsheet from taking what others wrote for formulas.
func inert(cells []string) []string {
	for i, cell := range cells {
		cells[i] = tables.Inert(cell)
	}
	return cells
}

// writeReport writes what is to be looked at, or all of it.
func writeReport(w io.Writer, rows []reportRow, asCSV, all bool) error {
	if asCSV {
		out := csv.NewWriter(w)
		_ = out.Write(reportHead) // Error says it
		for _, r := range rows {
			_ = out.Write(inert(r.cells()))
		}
		out.Flush()
		return out.Error()
	}
	open := 0
	for _, r := range rows {
		if r.open() {
			open++
		}
		if !r.open() && !all {
			continue
		}
		if _, err := fmt.Fprintf(w, "%-20s %-9s %s  %s%s  %s  %s\n", r.Title, r.What, r.Flow+r.Receipt+r.Movement, r.Total, r.Amount, r.Detail, r.Next); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "%d flows, receipts and credits, %d to be looked at\n", len(rows), open)
	return err
}
