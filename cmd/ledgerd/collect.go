package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/saldo-ledger/saldo/adapters/pagopa/fdr"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore/ledger"
)

// reconciliationConfig is where flows and statements come from by themselves.
type reconciliationConfig struct {
	// FlowsAPI is the base of pagoPA's REST interface of the flows,
	// …/fdr-org/service/v1; empty asks nobody.
	FlowsAPI string `yaml:"flowsApi"`
	// FlowsNode is the Node's address for the same by SOAP (nodeForPa); empty asks nobody.
	FlowsNode string `yaml:"flowsNode"`
	// NodePassword is the station's; SALDO_NODE_PASSWORD replaces it.
	NodePassword string `yaml:"nodePassword"`
	// Key is the subscription key of either; SALDO_FLOWS_KEY replaces it.
	Key string `yaml:"key"`
	// Every is how often flows are asked for; 15 minutes when left out.
	Every time.Duration `yaml:"every"`
	// Folder is watched for files: those read go to importati, others to scartati.
	Folder string `yaml:"folder"`
	// FourEyesAbove is the amount above which two persons decide a case; 0 for never.
	FourEyesAbove domain.Money `yaml:"fourEyesAbove"`

	// treasury is where the demonstration's treasurer puts its statements.
	treasury string
}

// collectEvery is how often flows are asked for where nobody says.
const collectEvery = 15 * time.Minute

// collector brings flows and statements in by themselves.
type collector struct {
	sources []flowSource
	body    domain.FiscalCode // whose files the folder's are
	folder  string
	every   time.Duration
	take    func(context.Context, string, ledger.Document) ([]ledger.Imported, error)
	more    func(context.Context) error // what else is collected; nil for nothing
	now     clock
	failed  func(source string, err error)

	asking sync.Mutex // one round at a time

	mu     sync.Mutex
	record string // where last is kept; empty for nowhere
	last   map[string]collected
	have   map[fdr.Listed]bool
	size   map[string]int64 // of files in the folder, when last looked at
}

// flowSource is somebody who has flows of a body.
type flowSource struct {
	channel string
	body    domain.FiscalCode
	client  fdr.Client
}

// key names the source in Last.
func (f flowSource) key() string { return f.channel + " " + string(f.body) }

// treasurySource is the demonstration's treasurer in Last.
const treasurySource = "treasury"

// collected is how collecting from one source went last.
type collected struct {
	At    time.Time `json:"at"`    // when it began
	Error string    `json:"error"` // empty when it went well
	tally
}

// tally is what became of documents that were not here before.
type tally struct {
	Took    int `json:"took"`    // read
	Refused int `json:"refused"` // put into quarantine
}

// add counts what became of documents.
func (t *tally) add(all []ledger.Imported) {
	for _, i := range all {
		switch {
		case i.Repeated:
		case i.Quarantined != "":
			t.Refused++
		default:
			t.Took++
		}
	}
}

// newCollector returns the collector of a service; nil where nothing comes by itself.
func (s *service) newCollector() *collector {
	c := s.Reconciliation
	if c.FlowsAPI == "" && c.FlowsNode == "" && c.Folder == "" && c.treasury == "" {
		return nil
	}
	out := &collector{
		folder: c.Folder, every: c.Every, take: s.takeDocument, now: s.now,
		failed: func(source string, err error) {
			s.logger.Error("what is to be reconciled could not be collected", "source", source, "error", err)
		},
		last: make(map[string]collected), have: make(map[fdr.Listed]bool), size: make(map[string]int64),
	}
	if err := out.restore(s.path("collector.json")); err != nil {
		s.logger.Warn("how collecting went last is not known", "error", err)
	}
	if out.every <= 0 {
		out.every = collectEvery
	}
	for i, st := range s.Stations {
		if i == 0 {
			out.body = st.Creditor
		}
		if c.FlowsAPI != "" {
			out.sources = append(out.sources, flowSource{domain.ChannelREST, st.Creditor, &fdr.REST{Base: c.FlowsAPI, Key: c.Key, HTTP: &http.Client{}}})
		}
		if c.FlowsNode != "" {
			out.sources = append(out.sources, flowSource{domain.ChannelSOAP, st.Creditor, &fdr.Node{
				URL: c.FlowsNode, Broker: st.Broker, Station: st.ID, Password: c.NodePassword, Key: c.Key, HTTP: &http.Client{},
			}})
		}
	}
	if c.treasury != "" {
		out.more = func(ctx context.Context) error { return s.collectDemoStatements(ctx, c.treasury) }
	}
	return out
}

// Run collects at once, and then again and again until ctx is done. What fails is said
// in the log each time, and tried again: see Last.
func (c *collector) Run(ctx context.Context) error {
	ticker := time.NewTicker(c.every)
	defer ticker.Stop()
	for {
		c.collect(ctx)
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// Last returns how collecting from each source went last.
func (c *collector) Last() map[string]collected {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make(map[string]collected)
	for k, v := range c.last {
		out[k] = v
	}
	return out
}

// source is one that the collector asks.
type source struct {
	key  string            // its name in Last
	body domain.FiscalCode // whose documents it has; empty for everybody's
	ask  func(context.Context, *tally) error
}

// all lists the sources in the order in which they are asked.
func (c *collector) all() (all []source) {
	for _, from := range c.sources {
		all = append(all, source{from.key(), from.body, func(ctx context.Context, t *tally) error { return c.flows(ctx, from, t) }})
	}
	if c.folder != "" {
		all = append(all, source{domain.ChannelFolder, c.body, c.files})
	}
	if c.more != nil {
		all = append(all, source{treasurySource, "", func(ctx context.Context, _ *tally) error { return c.more(ctx) }})
	}
	return all
}

// of lists the sources that have documents of a body.
func (c *collector) of(creditor domain.FiscalCode) []source {
	return slices.DeleteFunc(c.all(), func(s source) bool { return s.body != "" && s.body != creditor })
}

// collect asks every source now.
func (c *collector) collect(ctx context.Context) { c.ask(ctx, c.all()) }

// ask asks some sources now, one after the other.
func (c *collector) ask(ctx context.Context, some []source) {
	c.asking.Lock()
	defer c.asking.Unlock()
	for _, s := range some {
		c.note(ctx, s)
	}
}

func (c *collector) note(ctx context.Context, s source) {
	run := collected{At: c.now().UTC()}
	if err := s.ask(ctx, &run.tally); err != nil {
		if ctx.Err() != nil {
			return // stopped, not failed
		}
		run.Error = err.Error()
		c.failed(s.key, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last[s.key] = run
	if err := c.keep(); err != nil {
		c.failed(s.key, fmt.Errorf("keeping how it went: %w", err))
	}
}

// flows takes in the flows that are listed and not here. One that cannot be fetched
// keeps none of the others back.
func (c *collector) flows(ctx context.Context, from flowSource, t *tally) error {
	list, err := from.client.List(ctx, from.body, time.Time{})
	for _, f := range list {
		if c.have[f] {
			continue
		}
		if one := c.flow(ctx, from, f, t); one != nil {
			err = errors.Join(err, fmt.Errorf("flow %.35q: %w", f.ID, one))
			continue
		}
		c.have[f] = true
	}
	return err
}

func (c *collector) flow(ctx context.Context, from flowSource, f fdr.Listed, t *tally) error {
	raw, err := from.client.Fetch(ctx, from.body, f)
	if err != nil {
		return err
	}
	name := f.ID + ".xml"
	if from.channel == domain.ChannelREST {
		name = fmt.Sprintf("%s-%d.json", f.ID, f.Revision)
	}
	got, err := c.take(ctx, "collector", ledger.Document{Creditor: from.body, Name: name, Channel: from.channel, Raw: raw})
	t.add(got)
	return err
}

// Where files of the watched folder go.
const (
	doneFolder    = "importati"
	refusedFolder = "scartati"
)

// files takes in the files of the folder that have not grown since it was last looked
// at, and moves them on. They are the first body's.
func (c *collector) files(ctx context.Context, t *tally) error {
	entries, err := os.ReadDir(c.folder)
	if err != nil {
		return err
	}
	seen := make(map[string]int64)
	for _, e := range entries {
		info, infoErr := e.Info()
		if infoErr != nil || !info.Mode().IsRegular() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		before, known := c.size[e.Name()]
		if !known || before != info.Size() {
			seen[e.Name()] = info.Size() // somebody may still write it
			continue
		}
		if one := c.file(ctx, e.Name(), info.Size(), t); one != nil {
			seen[e.Name()] = info.Size()
			err = errors.Join(err, fmt.Errorf("%s: %w", e.Name(), one))
		}
	}
	c.size = seen
	return err
}

func (c *collector) file(ctx context.Context, name string, size int64, t *tally) error {
	if size > domain.MaxDocumentReading {
		return domain.ErrBadDocument
	}
	raw, err := os.ReadFile(filepath.Join(c.folder, name))
	if err != nil {
		return err
	}
	got, err := c.take(ctx, "collector", ledger.Document{Creditor: c.body, Name: name, Channel: domain.ChannelFolder, Raw: raw})
	if err != nil {
		return err
	}
	t.add(got)
	to := doneFolder
	if slices.ContainsFunc(got, func(i ledger.Imported) bool { return i.Quarantined != "" }) {
		to = refusedFolder
	}
	if err := os.MkdirAll(filepath.Join(c.folder, to), 0o700); err != nil {
		return err
	}
	return os.Rename(filepath.Join(c.folder, name), filepath.Join(c.folder, to, name))
}
