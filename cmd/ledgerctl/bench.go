package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
)

// pace are the flags of every measurement.
type pace struct {
	clients []int
	seconds float64
	dir     string
	json    bool
}

// maxClients bounds how many act at once.
const maxClients = 1024

func (p *pace) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.IntSliceVar(&p.clients, "clients", []int{1, 8, 64}, "`numbers` of clients, one measurement each (1 to 1024)")
	f.Float64Var(&p.seconds, "seconds", 10, "how many `seconds` each measurement of commands takes (0.1 to 300)")
	f.StringVar(&p.dir, "dir", ".", "`directory` on the disk to measure; what is made in it is removed")
	f.BoolVar(&p.json, "json", false, "print JSON")
}

func (p *pace) check() error {
	if !(p.seconds >= 0.1 && p.seconds <= 300) { // which NaN is not
		return wrongUsage(fmt.Errorf("--seconds: %v is not between 0.1 and 300", p.seconds))
	}
	if i := slices.IndexFunc(p.clients, func(n int) bool { return n < 1 || n > maxClients }); i >= 0 {
		return wrongUsage(fmt.Errorf("--clients: %d is not between 1 and %d", p.clients[i], maxClients))
	}
	return nil
}

func (p *pace) length() time.Duration { return time.Duration(p.seconds * float64(time.Second)) }

// row is one measurement.
type row struct {
	What      string        `json:"what"`
	Clients   int           `json:"clients,omitempty"`
	Count     uint64        `json:"count"`
	PerSecond float64       `json:"perSecond"`
	Of        float64       `json:"of,omitempty"`  // the part of its limit, measured in the same run, that it reaches; or of Limit, that P99 takes up
	P50       time.Duration `json:"p50,omitempty"` // nanoseconds in JSON
	P99       time.Duration `json:"p99,omitempty"`
	Max       time.Duration `json:"max,omitempty"`
	Limit     time.Duration `json:"limit,omitempty"`     // of P99
	Within2s  float64       `json:"within2s,omitempty"`  // the part answered with OK within two seconds
	Errors    uint64        `json:"errors,omitempty"`    // not answered with OK; they are not in Count
	Peak      uint64        `json:"peakBytes,omitempty"` // of the process's memory meanwhile
}

// of says what part of a limit the row reaches.
func (r row) of(limit row) row {
	if limit.PerSecond > 0 {
		r.Of = r.PerSecond / limit.PerSecond
	}
	return r
}

// within says what part of a limit the slowest but one in a hundred takes up.
func (r row) within(limit time.Duration) row {
	r.Limit, r.Of = limit, r.P99.Seconds()/limit.Seconds()
	return r
}

func printRows(w io.Writer, rows []row, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(w).Encode(rows)
	}
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "WHAT\tCLIENTS\tCOUNT\tPER SECOND\tOF LIMIT\tP50\tP99\tPEAK MEMORY\t")
	for _, r := range rows {
		fmt.Fprintf(t, "%s\t%s\t%d\t%.0f\t%s\t%s\t%s\t%s\t\n", r.What,
			given(r.Clients > 0, strconv.Itoa(r.Clients)), r.Count, r.PerSecond,
			given(r.Of > 0, fmt.Sprintf("%.0f %%", 100*r.Of)),
			given(r.P50 > 0, r.P50.Round(10*time.Microsecond).String()), given(r.P99 > 0, r.P99.Round(10*time.Microsecond).String()),
			given(r.Peak > 0, fmt.Sprintf("%d MiB", r.Peak>>20)))
	}
	return t.Flush()
}

// given is what a cell of a table shows: text, if there is something to show.
func given(there bool, text string) string {
	if there {
		return text
	}
	return ""
}
