package sim

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
)

// mishap is what happens to one call of a station on its way.
type mishap int

const (
	noMishap    mishap = iota
	unreachable        // the station is not reached
	answerLate         // the station is asked and does its work, but its answer is not waited for
	corrupted          // what reaches the station is broken off in the middle
)

// through returns a client whose calls meet m.
func (m mishap) through(client *http.Client) *http.Client {
	base := cmp.Or(client, http.DefaultClient)
	changed := *base
	changed.Transport = base.Transport
	if changed.Transport == nil {
		changed.Transport = http.DefaultTransport
	}
	switch m {
	case answerLate:
		changed.Transport = tooLate{changed.Transport}
	case corrupted:
		changed.Transport = brokenOff{changed.Transport}
	}
	return &changed
}

// tooLate loses every answer, as one is lost that comes after the time limit. It
// does not wait for the limit to pass.
type tooLate struct{ http.RoundTripper }

func (t tooLate) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := t.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxForm))
	_ = resp.Body.Close()
	return nil, fmt.Errorf("the answer came too late, says a switch: %w", context.DeadlineExceeded)
}

// brokenOff sends the first half of every document.
type brokenOff struct{ http.RoundTripper }

func (b brokenOff) RoundTrip(r *http.Request) (*http.Response, error) {
	doc, err := io.ReadAll(r.Body)
	_ = r.Body.Close()
	if err != nil {
		return nil, err
	}
	half := r.Clone(r.Context())
	doc = doc[:len(doc)/2]
	half.Body, half.ContentLength = io.NopCloser(bytes.NewReader(doc)), int64(len(doc))
	half.GetBody = nil
	return b.RoundTripper.RoundTrip(half)
}
