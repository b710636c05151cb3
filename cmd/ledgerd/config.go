package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/saldo-ledger/saldo/domain"
)

// config is everything a service can be told. Flags override the environment
// (SALDO_…), which overrides the file.
type config struct {
	// Data is the directory of log, views, vault, bus and mailbox.
	Data string `yaml:"data"`
	// Log is the connection string of an EventStoreDB or KurrentDB cluster, such as
	// esdb+discover://user:password@cluster.example:2113; empty keeps the log in Data.
	Log string `yaml:"log"`
	// Reserve is how many bytes of the disk the log leaves free; 0 is the log's default.
	Reserve uint64 `yaml:"reserve"`
	// Listen is the address to serve on.
	Listen string `yaml:"listen"`
	// URL is how browsers reach the portal, such as https://scuola.comune.example.
	URL string `yaml:"url"`
	// MasterKeyFile holds the vault's master key; SALDO_MASTER_KEY replaces it.
	MasterKeyFile string `yaml:"masterKeyFile"`
	// NATS is the address of a cluster; empty runs a server in this process.
	NATS      natsConfig      `yaml:"nats"`
	Checkout  checkoutConfig  `yaml:"checkout"`
	BizEvents bizEventsConfig `yaml:"bizEvents"`
	Stations  []stationConfig `yaml:"stations"`
	PaForNode paForNodeConfig `yaml:"paForNode"`
	Journal   journalConfig   `yaml:"journal"`
	Heads     headsConfig     `yaml:"heads"`
	Metrics   metricsConfig   `yaml:"metrics"`
	Body      bodyConfig      `yaml:"body"`
	// Bodies are further bodies on the same installation, each on hosts of its own.
	Bodies []bodyConfig `yaml:"bodies"`
	// Maintenance closes the pages of every body; receipts go on being taken.
	Maintenance maintenanceConfig `yaml:"maintenance"`
	Mail        mailConfig        `yaml:"mail"`
	Identity    identityConfig    `yaml:"identity"`
	Linking     linkingConfig     `yaml:"linking"`

	Reconciliation reconciliationConfig `yaml:"reconciliation"`

	// MasterKey is SALDO_MASTER_KEY. It is never in the file.
	MasterKey string `yaml:"-"`
	Verbose   bool   `yaml:"-"`
}

type natsConfig struct {
	URL      string `yaml:"url"`
	Replicas int    `yaml:"replicas"`
}

type checkoutConfig struct {
	// API is the base of pagoPA's Checkout API, …/checkout/ec/v1 or v2.
	API string `yaml:"api"`
	// Origin is where its pages are, such as https://checkout.pagopa.it.
	Origin string `yaml:"origin"`
	// Key is the subscription key; SALDO_CHECKOUT_KEY replaces it.
	Key string `yaml:"key"`
}

// stationConfig is a station registered with pagoPA.
type stationConfig struct {
	Creditor    domain.FiscalCode `yaml:"creditor"`
	Broker      string            `yaml:"broker"`
	ID          string            `yaml:"id"`
	Segregation int               `yaml:"segregation"`
}

// readConfig reads a configuration file; a key nobody knows is an error.
func readConfig(file string) (config, error) {
	c := config{Data: "./saldo-data", Listen: "127.0.0.1:8080"}
	if file == "" {
		return c, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return c, fmt.Errorf("configuration: %w", err)
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&c); err != nil && !errors.Is(err, io.EOF) { // an empty file says nothing
		return c, fmt.Errorf("configuration %s: %w", file, err)
	}
	return c, nil
}

// override puts the environment over the file.
func (c *config) override(getenv func(string) string) {
	for name, field := range map[string]*string{
		"SALDO_DATA": &c.Data, "SALDO_LOG": &c.Log, "SALDO_LISTEN": &c.Listen, "SALDO_URL": &c.URL, "SALDO_NATS_URL": &c.NATS.URL,
		"SALDO_MASTER_KEY": &c.MasterKey, "SALDO_MASTER_KEY_FILE": &c.MasterKeyFile,
		"SALDO_CHECKOUT_API": &c.Checkout.API, "SALDO_CHECKOUT_ORIGIN": &c.Checkout.Origin, "SALDO_CHECKOUT_KEY": &c.Checkout.Key,
		"SALDO_SMTP_PASSWORD":  &c.Mail.SMTP.Password,
		"SALDO_BIZ_EVENTS_API": &c.BizEvents.API, "SALDO_BIZ_EVENTS_KEY": &c.BizEvents.Key,
		"SALDO_FLOWS_KEY": &c.Reconciliation.Key, "SALDO_NODE_PASSWORD": &c.Reconciliation.NodePassword,
		"SALDO_IDENTITY_SECRET": &c.Identity.ClientSecret,
	} {
		if v := getenv(name); v != "" {
			*field = v
		}
	}
}

// errNoMasterKey says that nobody told where the master key is.
var errNoMasterKey = errors.New("masterKeyFile, or SALDO_MASTER_KEY in the environment, is missing")

// check names everything that is missing or wrong at once, in the order of the file.
func (c config) check() error {
	var errs []error
	fields := []setting{{"data", c.Data}, {"listen", c.Listen}}
	if !c.onlyBodies() {
		fields = append(fields, setting{"url", c.URL})
	}
	errs = append(errs, missing(append(fields, setting{"checkout.api", c.Checkout.API}, setting{"checkout.origin", c.Checkout.Origin})),
		c.checkBodies(), missing([]setting{{"mail.from", c.Mail.From}}), checkURL("url", c.URL))
	if len(c.Stations) == 0 {
		errs = append(errs, errors.New("stations: at least one is needed"))
	}
	errs = append(errs, c.checkPagoPA(), c.BizEvents.check(), c.Identity.check(), c.Linking.check(), c.Mail.check(), c.Heads.check(), c.Metrics.check())
	if c.MasterKey == "" && c.MasterKeyFile == "" {
		errs = append(errs, errNoMasterKey)
	}
	return errors.Join(errs...)
}

// path is a place in the data directory.
func (c config) path(name string) string { return filepath.Join(c.Data, name) }

// clock is what the service calls now.
type clock func() time.Time
