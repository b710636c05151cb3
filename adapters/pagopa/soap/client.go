package soap

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// maxAnswer is the longest answer that Client takes, in bytes.
const maxAnswer = 1 << 20

// ErrNotDelivered is the Node's word for a call without a usable answer: no
// connection, too late, an HTTP status other than 200, or a document that is not
// the operation's response. A receipt so answered is sent again.
var ErrNotDelivered = errors.New("not delivered")

// Client calls paForNode as the Node does. A call ends in one of three ways:
//   - OK: the response and no error;
//   - KO: the response and its *Fault as the error;
//   - not delivered: no response and an error that wraps ErrNotDelivered.
//
// A call takes at most the operation's Limit; a context that ends sooner wins.
type Client struct {
	URL  string
	HTTP *http.Client // http.DefaultClient when nil
}

// Verify calls paVerifyPaymentNotice, within InquiryLimit.
func (c *Client) Verify(ctx context.Context, req *VerifyRequest) (*VerifyResponse, error) {
	return call[*VerifyResponse](ctx, c, Verify, req)
}

// GetPayment calls paGetPayment, within InquiryLimit.
func (c *Client) GetPayment(ctx context.Context, req *GetPaymentRequest) (*GetPaymentResponse, error) {
	return call[*GetPaymentResponse](ctx, c, GetPayment, req)
}

// GetPaymentV2 calls paGetPaymentV2, within InquiryLimit.
func (c *Client) GetPaymentV2(ctx context.Context, req *GetPaymentV2Request) (*GetPaymentV2Response, error) {
	return call[*GetPaymentV2Response](ctx, c, GetPaymentV2, req)
}

// SendRT calls paSendRT, within ReceiptLimit.
func (c *Client) SendRT(ctx context.Context, req *SendRTRequest) (*SendRTResponse, error) {
	return call[*SendRTResponse](ctx, c, SendRT, req)
}

// SendRTV2 calls paSendRTV2, within ReceiptLimit.
func (c *Client) SendRTV2(ctx context.Context, req *SendRTV2Request) (*SendRTV2Response, error) {
	return call[*SendRTV2Response](ctx, c, SendRTV2, req)
}

// Demand calls paDemandPaymentNotice, within InquiryLimit.
func (c *Client) Demand(ctx context.Context, req *DemandRequest) (*DemandResponse, error) {
	return call[*DemandResponse](ctx, c, Demand, req)
}

func call[R Response](ctx context.Context, c *Client, o Operation, req Request) (R, error) {
	var none R
	ctx, cancel := context.WithTimeout(ctx, o.Limit())
	defer cancel()
	var body bytes.Buffer
	if err := Encode(&body, req); err != nil {
		return none, err // ours to correct: nothing was sent
	}
	resp, err := c.post(ctx, o, &body)
	if err != nil {
		return none, fmt.Errorf("%s %w: %w", o, ErrNotDelivered, err)
	}
	if a := resp.Answer(); a.Outcome == KO {
		return resp.(R), a.Fault
	}
	return resp.(R), nil
}

func (c *Client) post(ctx context.Context, o Operation, body io.Reader) (Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "text/xml; charset=utf-8")
	req.Header.Set("SOAPAction", `"`+string(o)+`"`)
	client := c.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	answer, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("HTTP status %s", answer.Status)
	}
	doc, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, err
	case len(doc) > maxAnswer:
		return nil, errors.New("answer too long")
	}
	return DecodeResponse(bytes.NewReader(doc), o)
}
