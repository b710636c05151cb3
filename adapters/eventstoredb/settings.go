package eventstoredb

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
)

// settings are the keys of a connection string, in lower case, and whether they
// count. Those that do not are fixed by configuration.
var settings = map[string]bool{
	"tls": true, "tlsverifycert": true, "tlscafile": true, "usercertfile": true, "userkeyfile": true,
	"maxdiscoverattempts": false, "discoveryinterval": false, "gossiptimeout": false, "nodepreference": false,
	"keepaliveinterval": false, "keepalivetimeout": false, "defaultdeadline": false,
}

// configuration reads a connection string. Errors are ErrSettings, and never
// show the password.
func configuration(connectionString string, log *journal) (*esdb.Configuration, error) {
	used, err := cutSettings(connectionString, log)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSettings, err)
	}
	config, err := esdb.ParseConnectionString(used)
	if parse, ok := errors.AsType[*url.Error](err); ok {
		err = parse.Err // the rest is the whole string
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSettings, err)
	}
	switch {
	case config.Username != "" && config.Password == "":
		return nil, fmt.Errorf("%w: user %q has no password, and the client would not even send the name", ErrSettings, config.Username)
	case config.Username != "" && config.DisableTLS:
		return nil, fmt.Errorf("%w: user %q with tls=false: the client would not send the password", ErrSettings, config.Username)
	}
	fix(config)
	config.Logger = log.hear
	return config, nil
}

// fix makes the settings that calls rely on. A client that once fails to find a
// server as often as it was told never tries again, and leaves callers hanging:
// so it is told to go on for ever.
func fix(config *esdb.Configuration) {
	config.MaxDiscoverAttempts = math.MaxInt32
	config.DiscoveryInterval = 200 // ms
	config.GossipTimeout = 2       // s
	config.NodePreference = esdb.NodePreferenceLeader
	config.KeepAliveInterval = 10 * time.Second
	config.KeepAliveTimeout = 10 * time.Second
	config.DefaultDeadline = nil
}

// cutSettings leaves in a connection string only settings that count.
func cutSettings(connectionString string, log *journal) (string, error) {
	address, query, _ := strings.Cut(connectionString, "?")
	all, err := url.ParseQuery(query)
	if err != nil {
		return "", errors.New("the settings after the question mark cannot be read")
	}
	used := make(url.Values)
	for _, key := range slices.Sorted(maps.Keys(all)) {
		counts, known := settings[strings.ToLower(key)]
		switch {
		case !known:
			return "", fmt.Errorf("unknown setting %q", key)
		case counts:
			used[key] = all[key]
		default:
			log.log.Info("a setting of the event store's connection string is fixed, and was ignored", "setting", key)
		}
	}
	if len(used) == 0 {
		return address, nil
	}
	return address + "?" + used.Encode(), nil
}
