package httpapi

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strings"

	"github.com/saldo-ledger/saldo/eventstore"
)

// Remote reads the log of a running service through its API, event by event, so
// that an auditor recomputes everything on a machine of their own.
type Remote struct {
	URL   string // of the service, such as http://127.0.0.1:8080
	Token string
	HTTP  *http.Client
}

var _ eventstore.Reader = Remote{}

// ErrCutShort says that an answer ended before its end: nothing can be concluded
// from it.
var ErrCutShort = errors.New("httpapi: the answer was cut short")

// Read yields the events of one stream after a revision.
func (r Remote) Read(ctx context.Context, stream eventstore.Stream, after eventstore.Revision) iter.Seq2[eventstore.Recorded, error] {
	return r.lines(ctx, fmt.Sprintf("/api/v1/streams/%s/events?after=%d", url.PathEscape(string(stream)), after))
}

// ReadAll yields every event after a position, up to the end of the log as it was
// when the service began to answer.
func (r Remote) ReadAll(ctx context.Context, after eventstore.Position) iter.Seq2[eventstore.Recorded, error] {
	return r.lines(ctx, fmt.Sprintf("/api/v1/events?after=%d", after))
}

// End returns the position of the last event.
func (r Remote) End(ctx context.Context) (eventstore.Position, error) {
	body, err := r.get(ctx, "/api/v1/events/end")
	if err != nil {
		return 0, err
	}
	defer body.Close()
	var line eventJSON
	if err := json.NewDecoder(body).Decode(&line); err != nil {
		return 0, fmt.Errorf("%w: %w", ErrCutShort, err)
	}
	if line.End == nil {
		return 0, ErrCutShort
	}
	return *line.End, nil
}

func (r Remote) lines(ctx context.Context, path string) iter.Seq2[eventstore.Recorded, error] {
	return func(yield func(eventstore.Recorded, error) bool) {
		body, err := r.get(ctx, path)
		if err != nil {
			yield(eventstore.Recorded{}, err)
			return
		}
		defer body.Close()
		d := json.NewDecoder(bufio.NewReaderSize(body, 1<<16))
		for {
			var e eventJSON
			if err := d.Decode(&e); err != nil {
				yield(eventstore.Recorded{}, fmt.Errorf("%w: %w", ErrCutShort, err))
				return
			}
			if e.End != nil {
				return
			}
			rec := eventstore.Recorded{Stream: e.Stream, Revision: e.Revision, Position: e.Position, ID: e.ID, Type: e.Type, Data: e.Data, Metadata: e.Metadata}
			if !yield(rec, nil) {
				return
			}
		}
	}
}

func (r Remote) get(ctx context.Context, path string) (io.ReadCloser, error) {
	res, err := r.ask(ctx, path)
	if err != nil {
		return nil, err
	}
	return res.Body, nil
}

// ask returns an answer whose body is the caller's to close, or the problem in it.
func (r Remote) ask(ctx context.Context, path string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(r.URL, "/")+path, nil)
	if err != nil {
		return nil, fmt.Errorf("httpapi: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+r.Token)
	res, err := r.HTTP.Do(req)
	if err != nil {
		return nil, fmt.Errorf("httpapi: %w", err)
	}
	if res.StatusCode == http.StatusOK {
		return res, nil
	}
	defer res.Body.Close()
	var p problem
	_ = json.NewDecoder(io.LimitReader(res.Body, maxBody)).Decode(&p) // what cannot be read leaves the status
	return nil, &answered{res.StatusCode, fmt.Sprintf("httpapi: %s answered %s%s", r.URL, res.Status, p.sentence())}
}

// answered is an answer that is not the one hoped for.
type answered struct {
	status int
	words  string
}

func (a *answered) Error() string { return a.words }
