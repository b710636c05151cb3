package main

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/saldo-ledger/saldo/adapters/httpapi"
	"github.com/saldo-ledger/saldo/domain"
)

// collectingNow is the service as the API asks it to collect.
type collectingNow struct{ *service }

// Sources tells how each source of a body was asked last.
func (c collectingNow) Sources(creditor domain.FiscalCode) []httpapi.SourceRun {
	if c.collector == nil {
		return nil
	}
	return c.collector.runs(c.collector.of(creditor))
}

// Collect asks the sources of a body now, or one of them, and lets the rules accept.
func (c collectingNow) Collect(ctx context.Context, creditor domain.FiscalCode, o httpapi.Round) (httpapi.Collected, error) {
	var out httpapi.Collected
	if c.collector != nil {
		asked := slices.DeleteFunc(c.collector.of(creditor), func(s source) bool { return o.Source != "" && s.key != o.Source })
		c.collector.ask(ctx, asked)
		out.Sources = c.collector.runs(asked)
	}
	if err := ctx.Err(); err != nil {
		return out, err
	}
	var err error
	if !o.Hold {
		if out.Accepted, _, err = c.acceptByRules(ctx, creditor); err != nil {
			return out, err
		}
	}
	out.Position, err = c.log.End(ctx)
	return out, err
}

// runs tells how some sources were asked last.
func (c *collector) runs(some []source) (all []httpapi.SourceRun) {
	last := c.Last()
	for _, s := range some {
		run := last[s.key]
		all = append(all, httpapi.SourceRun{Source: s.key, At: run.At, Took: run.Took, Refused: run.Refused, Error: run.Error})
	}
	return all
}

// restore takes up how collecting went last, from the file that a process before this
// one kept. Without a file nothing was collected yet.
func (c *collector) restore(file string) error {
	c.record = file
	raw, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = json.Unmarshal(raw, &c.last)
	}
	return err
}

// keep writes how collecting went last, for the next process. The caller holds the
// lock.
func (c *collector) keep() error {
	if c.record == "" {
		return nil
	}
	raw, err := json.Marshal(c.last)
	if err != nil {
		return err
	}
	if err := os.WriteFile(c.record+".new", raw, 0o600); err != nil {
		return err
	}
	return os.Rename(c.record+".new", c.record)
}

// failing lists the sources that could not be asked last, with what went wrong.
func (c *collector) failing() (all []string) {
	for _, run := range c.runs(c.all()) { // one that is asked no more fails no more
		if run.Error != "" {
			all = append(all, run.Source+" at "+run.At.Format(time.RFC3339)+": "+run.Error)
		}
	}
	return all
}
