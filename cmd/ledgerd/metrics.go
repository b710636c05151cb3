package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/saldo-ledger/saldo/adapters/pagopa"
)

// metricsPath is where operators' programs read the meters, in the text format of
// Prometheus. What is there counts and times; it names no person and no notice.
const metricsPath = "/metrics"

// metricsConfig says where the meters are read.
type metricsConfig struct {
	// Listen is an address of their own, for the operators' network alone, such as
	// 127.0.0.1:9090; empty has none.
	Listen string `yaml:"listen"`
}

// meters count what the service does.
type meters struct {
	registry  *prometheus.Registry
	requests  *prometheus.HistogramVec
	exchanges *prometheus.CounterVec
}

func newMeters() *meters {
	m := &meters{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "saldo_http_request_duration_seconds", Help: "Time from a request to the end of its answer, by door.",
			Buckets: []float64{.001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5, 10, 30},
		}, []string{"door", "code", "method"}),
		exchanges: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "saldo_node_exchanges_total", Help: "Requests of the pagoPA Node (paForNode), by operation, outcome and fault.",
		}, []string{"operation", "outcome", "fault"}),
	}
	m.registry.MustRegister(m.requests, m.exchanges, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// door times what goes through one.
func (m *meters) door(name string, h http.Handler) http.Handler {
	return promhttp.InstrumentHandlerDuration(m.requests.MustCurryWith(prometheus.Labels{"door": name}), h)
}

// node counts an exchange with the Node.
func (m *meters) node(x pagopa.Exchange) {
	m.exchanges.WithLabelValues(x.Operation, x.Outcome, x.Fault).Inc()
}

// state reads how the parts of the service stand each time somebody asks.
type state struct {
	*service
	log, views, sealed, ready, lost, letters *prometheus.Desc
}

func (s *service) state() prometheus.Collector {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("saldo_"+name, help, labels, nil)
	}
	return state{
		service: s,
		log:     desc("log_position", "Position of the last event of the log."),
		views:   desc("views_position", "Position up to which the views hold the log."),
		sealed:  desc("sealed_events", "Events under the last signed checkpoint."),
		ready:   desc("log_ready", "1 when the log takes events, 0 when it refuses them: see /readyz."),
		lost:    desc("journal_lost_total", "Entries of the giornale degli eventi that could not be kept."),
		letters: desc("outbox_letters", "Letters in the outbox, by state: waiting, or failed for good.", "state"),
	}
}

// Describe is of prometheus.Collector.
func (s state) Describe(all chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{s.log, s.views, s.sealed, s.ready, s.lost, s.letters} {
		all <- d
	}
}

// stateLimit bounds how long the parts may take to say how they stand.
const stateLimit = 2 * time.Second

// Collect is of prometheus.Collector. A part that does not answer is left out, and
// the whole answer says that something was.
func (s state) Collect(all chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), stateLimit)
	defer cancel()
	gauge := func(d *prometheus.Desc, value float64, err error, labels ...string) {
		if err != nil {
			all <- prometheus.NewInvalidMetric(d, err)
			return
		}
		all <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	end, err := s.service.log.End(ctx)
	gauge(s.log, float64(end), err)
	at, err := s.service.views.Position(ctx)
	gauge(s.views, float64(at), err)
	if head, err := s.sealer.Latest(); err == nil { // or nothing was sealed yet
		gauge(s.sealed, float64(head.Size), nil)
	}
	gauge(s.ready, takes(s.service.log), nil)
	all <- prometheus.MustNewConstMetric(s.lost, prometheus.CounterValue, float64(s.journal.Lost()))
	if s.outbox != nil {
		counts, err := s.outbox.Counts(ctx)
		gauge(s.letters, float64(counts.Waiting), err, "waiting")
		if err == nil {
			gauge(s.letters, float64(counts.Failed), nil, "failed")
		}
	}
}

// takes is 1 when a log takes events.
func takes(log any) float64 {
	if l, ok := log.(interface{ Ready() error }); ok && l.Ready() != nil {
		return 0
	}
	return 1
}

// handler answers with all meters.
func (m *meters) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError})
}

// metricsDoor opens the meters' own address; nil where they have none.
func (s *service) metricsDoor(ctx context.Context) (func(context.Context) error, error) {
	if s.Metrics.Listen == "" {
		return nil, nil
	}
	listener, err := listen(ctx, "metrics.listen", s.Metrics.Listen)
	if err != nil {
		return nil, err
	}
	s.onClose(func() error { _ = listener.Close(); return nil }) // its door closes it as well
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", healthy)
	mux.HandleFunc("GET /readyz", s.ready)
	mux.Handle("GET "+metricsPath, s.meters.handler())
	return door(listener, mux), nil
}

// check names what cannot be among the keys about meters.
func (c metricsConfig) check() error {
	if c.Listen == "" {
		return nil
	}
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		return fmt.Errorf("metrics.listen: %w", err)
	}
	return nil
}
