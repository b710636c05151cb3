package fdr

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
)

// Listed is a flow that the platform has, in its latest version.
type Listed struct {
	ID       string
	PSP      string // empty where the list does not say
	Revision int    // 0 where versions have no numbers
	Created  string // as the list has it: another one is another version
}

// Client asks the platform for flows: those that it has for a body, and one of them as
// the bytes that ReadDocument reads.
type Client interface {
	List(ctx context.Context, body domain.FiscalCode, since time.Time) ([]Listed, error)
	Fetch(ctx context.Context, body domain.FiscalCode, f Listed) ([]byte, error)
}

// REST is a Client of the interface for bodies (openapi fdr_organization.json).
type REST struct {
	Base string // …/fdr-org/service/v1
	Key  string // the subscription key; empty sends none
	HTTP *http.Client
}

const (
	callLimit = 60 * time.Second // SANP: of nodoChiediFlussoRendicontazione
	pageSize  = 1000
	maxPages  = MaxPayments/pageSize + 1
)

// restMark begins what REST fetches: the flow's own answer and its pages of payments,
// byte for byte.
const restMark = `{"saldo":"fdr-rest","flow":`

func isREST(raw []byte) bool { return bytes.HasPrefix(raw, []byte(restMark)) }

type restPage[T any] struct {
	Metadata struct {
		Pages int `json:"totPage"`
	} `json:"metadata"`
	Data []T `json:"data"`
}

type restListed struct {
	ID        string    `json:"fdr"`
	PSP       string    `json:"pspId"`
	Revision  int       `json:"revision"`
	Published time.Time `json:"published"`
}

// List returns the flows published after since; the platform knows of 30 days.
func (c *REST) List(ctx context.Context, body domain.FiscalCode, since time.Time) (all []Listed, err error) {
	path := "/organizations/" + url.PathEscape(string(body)) + "/fdrs"
	for n, pages := 1, 1; n <= pages; n++ {
		q := url.Values{"page": {strconv.Itoa(n)}, "size": {strconv.Itoa(pageSize)}}
		if !since.IsZero() {
			q.Set("publishedGt", since.UTC().Format(time.RFC3339))
		}
		raw, err := c.get(ctx, path+"?"+q.Encode())
		if err != nil {
			return nil, err
		}
		var page restPage[restListed]
		if err := json.Unmarshal(raw, &page); err != nil {
			return nil, fmt.Errorf("fdr: the list is not as fdr_organization.json has it: %w", err)
		}
		for _, f := range page.Data {
			all = append(all, Listed{f.ID, f.PSP, f.Revision, f.Published.UTC().Format(time.RFC3339Nano)})
		}
		if pages = page.Metadata.Pages; pages > maxPages {
			return nil, fmt.Errorf("fdr: a list of %d pages", pages)
		}
	}
	return all, nil
}

// Fetch returns a flow with all its payments.
func (c *REST) Fetch(ctx context.Context, body domain.FiscalCode, f Listed) ([]byte, error) {
	path := fmt.Sprintf("/organizations/%s/fdrs/%s/revisions/%d/psps/%s",
		url.PathEscape(string(body)), url.PathEscape(f.ID), f.Revision, url.PathEscape(f.PSP))
	flow, err := c.get(ctx, path)
	if err != nil {
		return nil, err
	}
	var doc bytes.Buffer
	doc.WriteString(restMark)
	doc.Write(bytes.TrimSpace(flow))
	doc.WriteString(`,"payments":[`)
	for n, pages := 1, 1; n <= pages; n++ {
		raw, err := c.get(ctx, fmt.Sprintf("%s/payments?page=%d&size=%d", path, n, pageSize))
		if err != nil {
			return nil, err
		}
		var page restPage[json.RawMessage]
		if err := json.Unmarshal(raw, &page); err != nil {
			return nil, fmt.Errorf("fdr: the payments are not as fdr_organization.json has them: %w", err)
		}
		if pages = page.Metadata.Pages; pages > maxPages {
			return nil, fmt.Errorf("fdr: a flow of %d pages", pages)
		}
		if n > 1 {
			doc.WriteByte(',')
		}
		doc.Write(bytes.TrimSpace(raw))
	}
	doc.WriteString("]}")
	return doc.Bytes(), nil
}

func (c *REST) get(ctx context.Context, path string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(c.Base, "/")+path, nil)
	if err != nil {
		return nil, fmt.Errorf("fdr: %w", err)
	}
	req.Header.Set("Accept", "application/json")
	if c.Key != "" {
		req.Header.Set("Ocp-Apim-Subscription-Key", c.Key)
	}
	return send(c.HTTP, req)
}

// send returns the body of a good answer. Redirects are never followed.
func send(client *http.Client, req *http.Request) ([]byte, error) {
	own := *client
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := own.Do(req)
	if err != nil {
		return nil, fmt.Errorf("fdr: the platform did not answer: %w", err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, MaxBytes+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("fdr: the platform's answer was cut: %w", err)
	case len(raw) > MaxBytes:
		return nil, ErrTooLong
	case res.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("fdr: the platform answered with status %d: %.200s", res.StatusCode, strings.ToValidUTF8(string(raw[:min(len(raw), 200)]), ""))
	}
	return raw, nil
}

// restFlow is SingleFlowResponse, as far as it says something of money.
type restFlow struct {
	ID             string      `json:"fdr"`
	Date           time.Time   `json:"fdrDate"`
	Regulation     string      `json:"regulation"`
	RegulationDate string      `json:"regulationDate"`
	BIC            string      `json:"bicCodePouringBank"`
	Count          int64       `json:"totPayments"`
	Sum            json.Number `json:"sumPayments"`
	Sender         struct {
		ID   string `json:"id"`
		PSP  string `json:"pspId"`
		Name string `json:"pspName"`
	} `json:"sender"`
	Receiver struct {
		Body string `json:"organizationId"`
		Name string `json:"organizationName"`
	} `json:"receiver"`
}

type restPayment struct {
	IUV      domain.IUV  `json:"iuv"`
	IUR      string      `json:"iur"`
	Transfer int         `json:"idTransfer"`
	Amount   json.Number `json:"pay"`
	Status   string      `json:"payStatus"`
	Date     time.Time   `json:"payDate"`
}

// readREST reads what Fetch returned, by the rules of the XML.
func readREST(raw []byte) (*Flow, error) {
	var doc struct {
		Flow     restFlow                `json:"flow"`
		Payments []restPage[restPayment] `json:"payments"`
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		return nil, jsonError(raw, err)
	}
	r := doc.Flow
	f := &Flow{
		Version: "1.0", ID: r.ID, Created: soap.DateTime(r.Date.UTC().Format(time.RFC3339Nano)), Regulation: r.Regulation,
		RegulationDate: soap.Date(r.RegulationDate[:min(len(r.RegulationDate), len(time.DateOnly))]),
		Sender:         Party{"B", r.Sender.ID, r.Sender.Name}, BIC: r.BIC, Receiver: Party{"G", r.Receiver.Body, r.Receiver.Name}, DeclaredCount: r.Count,
	}
	var err error
	if f.DeclaredTotal, err = restMoney(r.Sum); err != nil {
		return nil, fmt.Errorf("sumPayments: l'importo %s non va da 0,00 a 999999999,99", clip(string(r.Sum)))
	}
	n := 0
	for _, page := range doc.Payments {
		for _, p := range page.Data {
			n++
			outcome, ok := ParsePayStatus(p.Status)
			amount, err := restMoney(p.Amount)
			switch {
			case !ok:
				return nil, fmt.Errorf("pagamento %d, payStatus: %s non è un esito", n, clip(p.Status))
			case err != nil || amount <= 0:
				return nil, fmt.Errorf("pagamento %d, pay: l'importo %s non va da 0,01 a 999999999,99", n, clip(string(p.Amount)))
			}
			f.Payments = append(f.Payments, Payment{p.IUV, p.IUR, p.Transfer, amount, outcome, soap.NewDate(p.Date.In(domain.Rome))})
		}
	}
	return f, nil
}

// jsonError says in which line a document is no JSON, or not what it is to be.
func jsonError(raw []byte, err error) error {
	at, why := int64(len(raw)), err.Error()
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok && syntax.Offset < at {
		at = syntax.Offset
	} else if ok {
		why = cutShort
	} else if field, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		at, why = field.Offset, field.Field+": "+field.Value+" qui non va"
	}
	return fmt.Errorf("riga %d, JSON non valido: %s", 1+bytes.Count(raw[:min(at, int64(len(raw)))], []byte("\n")), why)
}

func restMoney(n json.Number) (domain.Money, error) {
	m, err := domain.ParseMoney(string(n))
	if err == nil && (m < 0 || m > domain.MaxAmount) {
		err = domain.ErrBadAmount
	}
	return m, err
}
