package eventstoredb

import (
	"bytes"
	"errors"
	"log/slog"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
)

func TestSettingsThatCallsRelyOnAreFixed(t *testing.T) {
	for _, given := range []string{
		"esdb://127.0.0.1:2113?tls=false",
		"esdb+discover://user:secret@cluster.example?maxDiscoverAttempts=3&DISCOVERYINTERVAL=5&gossipTimeout=60" +
			"&nodePreference=follower&keepAliveInterval=-1&keepAliveTimeout=10&defaultDeadline=5s",
		"esdb://a.example:2113,b.example:2113,c.example:2113?tlsVerifyCert=false&nodePreference=random",
	} {
		c, err := configuration(given, silence())
		if err != nil {
			t.Errorf("%s: %v", given, err)
			continue
		}
		if c.MaxDiscoverAttempts != math.MaxInt32 || c.DiscoveryInterval != 200 || c.GossipTimeout != 2 {
			t.Errorf("%s: it would look for a server %d times, each %d ms, for %d s",
				given, c.MaxDiscoverAttempts, c.DiscoveryInterval, c.GossipTimeout)
		}
		if c.NodePreference != esdb.NodePreferenceLeader || c.DefaultDeadline != nil ||
			c.KeepAliveInterval != 10*time.Second || c.KeepAliveTimeout != 10*time.Second {
			t.Errorf("%s: %+v", given, c)
		}
	}
}

func TestSettingsThatCountAreKept(t *testing.T) {
	c, err := configuration("esdb+discover://ledger:p%40ss@cluster.example:2114?TlsVerifyCert=false&userCertFile=/c&userKeyFile=/k", silence())
	if err != nil {
		t.Fatal(err)
	}
	if !c.DnsDiscover || c.Address != "cluster.example:2114" || c.Username != "ledger" || c.Password != "p@ss" ||
		!c.SkipCertificateVerification || c.DisableTLS || c.UserCertFile != "/c" || c.UserKeyFile != "/k" {
		t.Errorf("%+v", c)
	}
}

func TestAConnectionStringThatCannotBeMeantIsRefused(t *testing.T) {
	for _, given := range []string{
		"", "esdb://", "http://127.0.0.1:2113", "127.0.0.1:2113",
		"esdb://127.0.0.1:port", "esdb://ledger:secret@127.0.0.1:port", "esdb://ledger:secret@[", "esdb://ledger:secret@127.0.0.1:2113?tls=%zz",
		"esdb://ledger:secret@127.0.0.1:2113?tls=false", // the client would not send the password
		"esdb://ledger@127.0.0.1:2113",                  // nor the name
		"esdb://127.0.0.1:2113?tls=perhaps", "esdb://127.0.0.1:2113?tlsCAfiles=/ca.pem",
	} {
		_, err := configuration(given, silence())
		if !errors.Is(err, ErrSettings) {
			t.Errorf("%q: %v, want ErrSettings", given, err)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("the error shows the password: %v", err)
		}
	}
}

func TestAComplaintIsLoggedOnceInAWhileAndKeptForThoseWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var lines bytes.Buffer
		j := &journal{log: slog.New(slog.NewTextHandler(&lines, nil)), now: time.Now}
		for range 100 {
			j.hear(esdb.LogWarn, "no answer from %s", "127.0.0.1")
			time.Sleep(time.Second)
		}
		if n := strings.Count(lines.String(), "no answer"); n != 4 {
			t.Errorf("in 100 seconds a complaint was logged %d times, want 4", n)
		}
		if got := j.last(time.Now().Add(-2 * time.Second)); got != "no answer from 127.0.0.1" {
			t.Errorf("the last complaint is %q", got)
		}
		if got := j.last(time.Now()); got != "" {
			t.Errorf("since now there was %q", got)
		}
		j.hear(esdb.LogInfo, "connected")
		if strings.Contains(lines.String(), "connected") {
			t.Error("what is no complaint was logged above debug")
		}
	})
}

func TestPausesDoubleToALimitAndEndWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b backoff
		least := 100 * time.Millisecond
		for range 10 {
			began := time.Now()
			if err := b.wait(t.Context()); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(began); took < least || took > least*5/4 {
				t.Errorf("a pause of %v, want %v to %v", took, least, least*5/4)
			}
			least = min(2*least, 4*time.Second)
		}
		b.reset()
		began := time.Now()
		if _ = b.wait(t.Context()); time.Since(began) > 125*time.Millisecond {
			t.Errorf("after a reset the pause is %v", time.Since(began))
		}
	})
}

func silence() *journal { return &journal{log: slog.New(slog.DiscardHandler), now: time.Now} }
