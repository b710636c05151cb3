// Package bizevents asks pagoPA's Biz Events for receipts that did not come by
// themselves (openapi biz_events.json). A receipt is asked for by its IUR: of a payment
// whose IUR nobody knows there is nothing to ask for. Calls go out one at a time and no
// faster than the platform allows.
package bizevents

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/saldo-ledger/saldo/domain"
)

// Config is what a Client is made of.
type Config struct {
	// Base is the address of the API, such as
	// https://api.platform.pagopa.it/bizevents/service/v1: see CheckBase.
	Base string
	// Key is the subscription key; empty sends none.
	Key string
	// HTTP must not be nil. Redirects are never followed, whatever it says.
	HTTP *http.Client
	// Journal is told of every call; nil keeps none.
	Journal Journal
}

// Client asks for receipts. It may be used by many goroutines, and calls for one at a
// time.
type Client struct {
	config Config
	turn   chan struct{} // holds something while somebody calls
	pace   pace          // of whoever has the turn
}

// New returns a client.
func New(c Config) *Client { return &Client{config: c, turn: make(chan struct{}, 1)} }

// CheckBase refuses what is no address of an API.
func CheckBase(base string) error {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.RawQuery != "" {
		return fmt.Errorf("%q is no http or https address", base)
	}
	return nil
}

// Wanted is a receipt to be asked for.
type Wanted struct {
	Creditor domain.FiscalCode
	Receipt  domain.ReceiptID // the IUR
	IUV      domain.IUV       // where it is known, the receipt must be of that payment
}

// Errors of a client.
var (
	// ErrNotThere says that the platform has no such receipt, or not yet.
	ErrNotThere = errors.New("bizevents: the platform has no such receipt yet")
	// ErrBusy says that the platform wants to be asked later than there is time for.
	ErrBusy = errors.New("bizevents: the platform is busy")
	// ErrUnavailable says that the platform did not answer, or with an error of its own.
	ErrUnavailable = errors.New("bizevents: the platform is not available")
)

// RefusedError is the platform saying no to the question itself (ProblemJson): a key
// that is not good, a reference that cannot be.
type RefusedError struct {
	Status int    `json:"-"`
	Title  string `json:"title"`
	Detail string `json:"detail"`
}

// Error returns status, title and detail.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("bizevents: refused with status %d: %s: %s", e.Status, e.Title, e.Detail)
}

const (
	callLimit = 10 * time.Second // for one answer
	attempts  = 5                // of one question
	maxAnswer = 1 << 20
)

// Receipt returns a receipt as the bytes of the answer, which ParseReceipt reads. While
// the platform is busy or silent it asks again, with pauses, as long as ctx leaves time
// for another answer. The error wraps ErrNotThere, ErrBusy or ErrUnavailable, or is a
// *RefusedError, or an *AnswerError for an answer that is not the receipt asked for.
func (c *Client) Receipt(ctx context.Context, w Wanted) ([]byte, error) {
	select {
	case c.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %w", ErrBusy, ctx.Err())
	}
	defer func() { <-c.turn }()
	err := ErrBusy // when the pause that an earlier question left is too long
	for range attempts {
		if !c.pace.wait(ctx) {
			return nil, err
		}
		var raw []byte
		if raw, err = c.attempt(ctx, w); !errors.Is(err, ErrBusy) && !errors.Is(err, ErrUnavailable) {
			return raw, err
		}
	}
	return nil, err
}

// attempt makes one call, keeps the pace it asks for, and tells the journal.
func (c *Client) attempt(ctx context.Context, w Wanted) ([]byte, error) {
	began := time.Now()
	status, after, raw, err := c.get(ctx, w)
	if err == nil {
		err = c.read(w, status, raw)
	}
	c.pace.note(err, after)
	if c.config.Journal != nil {
		c.config.Journal.Note(exchange(began, c.config.Base, w, status, raw, err))
	}
	if err != nil {
		return nil, err
	}
	return raw, nil
}

// errEndless is an answer longer than any receipt.
var errEndless = fmt.Errorf("the answer has more than %d bytes", maxAnswer)

func (c *Client) address(w Wanted) string {
	path := []string{"organizations", string(w.Creditor), "receipts", string(w.Receipt)}
	if w.IUV != "" {
		path = append(path, "paymentoptions", string(w.IUV))
	}
	for i := range path {
		path[i] = url.PathEscape(path[i])
	}
	return strings.TrimRight(c.config.Base, "/") + "/" + strings.Join(path, "/")
}

func (c *Client) get(ctx context.Context, w Wanted) (status int, after string, raw []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.address(w), nil)
	if err != nil {
		return 0, "", nil, fmt.Errorf("bizevents: %w", err)
	}
	req.Header.Set("Accept", "application/json")
	if c.config.Key != "" {
		req.Header.Set("Ocp-Apim-Subscription-Key", c.config.Key)
	}
	client := *c.config.HTTP
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := client.Do(req)
	if err != nil {
		return 0, "", nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	defer res.Body.Close()
	raw, err = io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err == nil && len(raw) > maxAnswer {
		err = errEndless
	}
	if err != nil {
		err = fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return res.StatusCode, res.Header.Get("Retry-After"), raw, err
}

// read says what an answer means; nil is the receipt.
func (c *Client) read(w Wanted, status int, raw []byte) error {
	switch {
	case status == http.StatusOK:
		return w.check(raw)
	case status == http.StatusNotFound:
		return ErrNotThere
	case status == http.StatusTooManyRequests:
		return ErrBusy
	case status >= 400 && status < 500:
		no := RefusedError{Title: http.StatusText(status)}
		_ = json.Unmarshal(raw, &no) // what cannot be read leaves the status
		no.Status = status
		return &no
	}
	return fmt.Errorf("%w: status %d", ErrUnavailable, status)
}
