package main

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/saldo-ledger/saldo/adapters/httpapi"
	"github.com/saldo-ledger/saldo/domain"
)

// collectingNow is the service as the API asks it to collect.
type collectingNow struct{ *service }

// Collect asks every source of a body now, and lets the rules accept.
func (c collectingNow) Collect(ctx context.Context, creditor domain.FiscalCode) (httpapi.Collected, error) {
	var out httpapi.Collected
	if c.collector != nil {
		c.collector.collect(ctx)
		last := c.collector.Last()
		for _, key := range slices.Sorted(maps.Keys(last)) {
			if c.collector.of(key, creditor) {
				run := last[key]
				out.Sources = append(out.Sources, httpapi.SourceRun{Source: key, At: run.At, Took: run.Took, Refused: run.Refused, Error: run.Error})
			}
		}
	}
	if err := ctx.Err(); err != nil {
		return out, err
	}
	var err error
	if out.Accepted, _, err = c.acceptByRules(ctx, creditor); err != nil {
		return out, err
	}
	out.Position, err = c.log.End(ctx)
	return out, err
}

// of reports whether a source has documents of a body.
func (c *collector) of(key string, creditor domain.FiscalCode) bool {
	for _, from := range c.sources {
		if from.key() == key {
			return from.body == creditor
		}
	}
	return key != domain.ChannelFolder || c.body == creditor
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
	last := c.Last()
	for _, key := range slices.Sorted(maps.Keys(last)) {
		if run := last[key]; run.Error != "" {
			all = append(all, key+" at "+run.At.Format(time.RFC3339)+": "+run.Error)
		}
	}
	return all
}
