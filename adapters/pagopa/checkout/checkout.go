// Package checkout is the client of pagoPA's Checkout carts (openapi
// checkout_v1.json and checkout_v2.json): it hands a cart of notices to the
// platform and learns where the payer goes on.
package checkout

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/saldo-ledger/saldo/domain"
)

// Cart is one to five notices to be paid together.
type Cart struct {
	ID      string   // comes back as paymentNote in getPayment and in the receipt
	Email   string   // where the platform writes to; may be empty
	Notices []Notice // all of one body or of several
	Returns Returns
	// AllPostal says that every account of every notice is with the post.
	AllPostal bool
}

// Notice is one notice of a cart.
type Notice struct {
	Number      domain.NoticeNumber
	Creditor    domain.FiscalCode
	Amount      domain.Money
	CompanyName string // cut at 140 characters
	Description string // cut at 140 characters
}

// Returns are the addresses where the browser comes back. A return is never
// proof of payment. Waiting is used by version 2 only.
type Returns struct {
	OK, Cancel, Error, Waiting string
}

// Client creates carts.
type Client struct {
	// Base is the address of the API, such as
	// https://api.platform.pagopa.it/checkout/ec/v1. Its last part is the version of
	// the carts, v1 or v2: see CheckBase.
	Base string
	// Key is the subscription key; empty sends none.
	Key string
	// HTTP must not be nil. Redirects are never followed, whatever it says.
	HTTP *http.Client
	// Journal is told of every call; nil keeps none.
	Journal Journal
}

// CheckBase refuses an address that says no version of the carts.
func CheckBase(base string) error {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return fmt.Errorf("%q is no http or https address", base)
	}
	if v := path.Base(u.Path); v != "v1" && v != "v2" {
		return fmt.Errorf("%q does not end with the version of the carts, v1 or v2", base)
	}
	return nil
}

// A cart changes nothing on a debt, so one that was created unnoticed does no harm:
// after a silence it may be sent twice more. All of it takes at most createLimit, for
// the payer is waiting.
const (
	attemptLimit = 10 * time.Second
	createLimit  = 25 * time.Second
	attempts     = 3
	firstPause   = 300 * time.Millisecond
)

// Create hands the cart to the platform and returns the address of the page to
// open. The error is a *CartError for a cart that cannot be, a *RejectedError when the
// platform says no, and wraps ErrUnavailable when it says nothing usable within three
// attempts. Words says each to a payer.
func (c Client) Create(ctx context.Context, cart Cart) (redirect string, err error) {
	version := c.version()
	if err := cart.check(version); err != nil {
		return "", err
	}
	body, err := json.Marshal(cart.wire(version))
	if err != nil {
		return "", fmt.Errorf("checkout: %w", err)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, createLimit, ErrUnavailable)
	defer cancel()
	for attempt := range attempts {
		if attempt > 0 {
			if err := wait(ctx, firstPause<<(attempt-1)); err != nil {
				return "", err
			}
		}
		if redirect, err = c.attempt(ctx, cart, body); err == nil || !errors.Is(err, ErrUnavailable) {
			return redirect, err
		}
	}
	return "", err
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// version is 2 when the address of the API ends with v2.
func (c Client) version() int {
	if strings.HasSuffix(strings.TrimRight(c.Base, "/"), "v2") {
		return 2
	}
	return 1
}

// attempt makes one call, and tells the journal of it.
func (c Client) attempt(ctx context.Context, cart Cart, body []byte) (string, error) {
	began := time.Now()
	status, answer, redirect, err := c.post(ctx, body)
	if len(answer) == 0 && redirect != "" {
		answer = []byte("Location: " + redirect) // all that such an answer says
	}
	if c.Journal != nil {
		c.Journal.Note(exchange(began, c.Base, cart, status, body, answer, err))
	}
	return redirect, err
}

func (c Client) post(ctx context.Context, body []byte) (status int, answer []byte, redirect string, err error) {
	ctx, cancel := context.WithTimeout(ctx, attemptLimit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimRight(c.Base, "/")+"/carts", bytes.NewReader(body))
	if err != nil {
		return 0, nil, "", fmt.Errorf("checkout: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	if c.Key != "" {
		req.Header.Set("Ocp-Apim-Subscription-Key", c.Key)
	}
	client := *c.HTTP
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := client.Do(req)
	if err != nil {
		return 0, nil, "", fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	defer res.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	redirect, err = read(res, answer, err)
	return res.StatusCode, answer, redirect, err
}

// maxAnswer bounds what is read of an answer.
const maxAnswer = 64 << 10

func read(res *http.Response, answer []byte, err error) (string, error) {
	switch {
	case res.StatusCode == http.StatusFound:
		return page(res.Header.Get("Location"))
	case err != nil || res.StatusCode >= 500 || res.StatusCode == http.StatusTooManyRequests:
		return "", fmt.Errorf("%w: status %d", ErrUnavailable, res.StatusCode)
	case res.StatusCode >= 400:
		no := RejectedError{Title: http.StatusText(res.StatusCode)}
		_ = json.Unmarshal(answer, &no) // what cannot be read leaves the status
		no.Status = res.StatusCode
		return "", &no
	}
	return "", fmt.Errorf("%w: status %d instead of 302", ErrUnavailable, res.StatusCode)
}

// page accepts an absolute http(s) address only.
func page(location string) (string, error) {
	u, err := url.Parse(location)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return "", fmt.Errorf("%w: it redirects to %q", ErrUnavailable, location)
	}
	return location, nil
}

// cartJSON and the types below it are CartRequest of the OpenAPI.
type cartJSON struct {
	EmailNotice    string       `json:"emailNotice,omitempty"`
	PaymentNotices []noticeJSON `json:"paymentNotices"`
	ReturnURLs     returnsJSON  `json:"returnUrls"`
	IDCart         string       `json:"idCart,omitempty"`
	AllCCP         bool         `json:"allCCP"`
}

type noticeJSON struct {
	NoticeNumber string `json:"noticeNumber"`
	FiscalCode   string `json:"fiscalCode"`
	Amount       int64  `json:"amount"` // cents
	CompanyName  string `json:"companyName"`
	Description  string `json:"description"`
}

type returnsJSON struct {
	OK      string `json:"returnOkUrl"`
	Cancel  string `json:"returnCancelUrl"`
	Error   string `json:"returnErrorUrl"`
	Waiting string `json:"returnWaitingUrl,omitempty"`
}

func (c Cart) wire(version int) cartJSON {
	out := cartJSON{
		EmailNotice: c.Email, IDCart: c.ID, AllCCP: c.AllPostal,
		ReturnURLs: returnsJSON{OK: c.Returns.OK, Cancel: c.Returns.Cancel, Error: c.Returns.Error},
	}
	if version == 2 {
		out.ReturnURLs.Waiting = c.Returns.Waiting
	}
	for _, n := range c.Notices {
		out.PaymentNotices = append(out.PaymentNotices, noticeJSON{
			string(n.Number), string(n.Creditor), int64(n.Amount), cut(n.CompanyName), cut(n.Description),
		})
	}
	return out
}

// maxText is the longest company name or description, in characters.
const maxText = 140

func cut(s string) string {
	if r := []rune(s); len(r) > maxText {
		return string(r[:maxText])
	}
	return s
}
