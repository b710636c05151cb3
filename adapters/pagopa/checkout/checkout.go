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
	"strings"
	"time"

	"github.com/saldo-ledger/saldo/domain"
)

// Cart is one to five notices to be paid together.
type Cart struct {
	ID      string // comes back as paymentNote in getPayment and in the receipt
	Email   string // where the platform writes to; may be empty
	Notices []Notice
	Returns Returns
}

// Notice is one notice of a cart.
type Notice struct {
	Number      domain.NoticeNumber
	Creditor    domain.FiscalCode
	Amount      domain.Money
	CompanyName string // at most 140 characters
	Description string // at most 140 characters
}

// Returns are the addresses where the browser comes back. A return is never
// proof of payment. Waiting is used by version 2 only.
type Returns struct {
	OK, Cancel, Error, Waiting string
}

// Client creates carts.
type Client struct {
	// Base is the address of the API, such as
	// https://api.platform.pagopa.it/checkout/ec/v1.
	Base string
	// Key is the subscription key; empty sends none.
	Key string
	// HTTP must not be nil. Redirects are never followed, whatever it says.
	HTTP *http.Client
}

// createLimit bounds the time of one attempt, and attempts their number. A cart
// changes nothing on a debt, so one that was created unnoticed does no harm.
const (
	createLimit = 10 * time.Second
	attempts    = 3
	firstPause  = 300 * time.Millisecond
)

// ErrUnavailable says that the platform did not answer, or not in a way its
// interface knows.
var ErrUnavailable = errors.New("checkout: the platform is not available")

// RejectedError is the platform refusing a cart (ProblemJson).
type RejectedError struct {
	Status int    `json:"status"`
	Title  string `json:"title"`
	Detail string `json:"detail"`
}

func (e *RejectedError) Error() string {
	return fmt.Sprintf("checkout: cart rejected with status %d: %s: %s", e.Status, e.Title, e.Detail)
}

// Create hands the cart to the platform and returns the address of the page to
// open. The error is a *RejectedError when the platform says no, and wraps
// ErrUnavailable when it says nothing usable within three attempts.
func (c Client) Create(ctx context.Context, cart Cart) (redirect string, err error) {
	body, err := json.Marshal(cart.wire(c.version()))
	if err != nil {
		return "", fmt.Errorf("checkout: %w", err)
	}
	for attempt := range attempts {
		if attempt > 0 {
			if err := wait(ctx, firstPause<<(attempt-1)); err != nil {
				return "", err
			}
		}
		if redirect, err = c.post(ctx, body); err == nil || !errors.Is(err, ErrUnavailable) {
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
		return ctx.Err()
	}
}

// version is 2 when the address of the API ends with v2.
func (c Client) version() int {
	if strings.HasSuffix(strings.TrimRight(c.Base, "/"), "v2") {
		return 2
	}
	return 1
}

func (c Client) post(ctx context.Context, body []byte) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, createLimit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimRight(c.Base, "/")+"/carts", bytes.NewReader(body))
	if err != nil {
		return "", fmt.Errorf("checkout: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	if c.Key != "" {
		req.Header.Set("Ocp-Apim-Subscription-Key", c.Key)
	}
	client := *c.HTTP
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := client.Do(req)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	defer res.Body.Close()
	return read(res)
}

// maxAnswer bounds what is read of an answer.
const maxAnswer = 64 << 10

func read(res *http.Response) (string, error) {
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
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
	out := cartJSON{EmailNotice: c.Email, IDCart: c.ID, ReturnURLs: returnsJSON{OK: c.Returns.OK, Cancel: c.Returns.Cancel, Error: c.Returns.Error}}
	if version == 2 {
		out.ReturnURLs.Waiting = c.Returns.Waiting
	}
	for _, n := range c.Notices {
		out.PaymentNotices = append(out.PaymentNotices, noticeJSON{
			string(n.Number), string(n.Creditor), int64(n.Amount), n.CompanyName, n.Description,
		})
	}
	return out
}
