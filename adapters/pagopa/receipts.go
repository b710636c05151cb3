package pagopa

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
)

// receive answers a receipt. Filing goes on when the Node hangs up: the receipt
// is then there when it comes again.
func (h *Handler) receive(ctx context.Context, c call) answer {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), h.limits.Receipt)
	defer cancel()
	resp, err := h.file(ctx, c)
	if err != nil {
		h.log.Error("paForNode: receipt not filed", "operation", c.op, "err", err)
		return fail(http.StatusInternalServerError, "Server", "receipt not filed")
	}
	return respond(resp)
}

// file hands a receipt over and returns the response, or an error when there
// must be none: after a KO the Node does not send again, so even what is turned
// away is durable before the KO goes out. Bytes that are no XML get no KO at all.
func (h *Handler) file(ctx context.Context, c call) (soap.Response, error) {
	creditor, why := h.recipient(c)
	if why != nil {
		if err := h.malformed.Keep(ctx, c.raw, why); err != nil {
			return nil, fmt.Errorf("keep a receipt turned away (%v): %w", why, err)
		}
		if errors.Is(c.broke, soap.ErrMalformed) || errors.Is(c.broke, soap.ErrNotSOAP) {
			// Spoilt on the way: what was sent may well be a receipt, and comes again.
			return nil, fmt.Errorf("kept, and to be sent again: %w", c.broke)
		}
		return h.refuse(c, why), nil
	}
	if err := h.receipts.Receive(ctx, creditor, c.raw); err != nil {
		return nil, fmt.Errorf("receive: %w", err)
	}
	return c.op.Accept(), nil
}

// recipient returns the body that a receipt is sent to, or why the receipt goes
// no further. Whose notice was paid does not matter here: a body is also sent
// the receipts of others' notices that hold a transfer for it.
func (h *Handler) recipient(c call) (domain.FiscalCode, error) {
	if c.broke != nil {
		return "", broken(c.broke)
	}
	ours, err := h.stations.addressed(c.req.To())
	if err != nil {
		return "", err
	}
	return ours[0].Creditor, proof(delivered(c.req))
}

// proof checks that a receipt proves a payment, and which one.
func proof(r soap.Receipt) error {
	switch {
	case strings.TrimSpace(r.ID) == "":
		// The schema allows it, but without it nothing tells two receipts apart.
		return &refused{soap.FaultSyntaxBeyond, "receiptId vuoto", nil}
	case r.Outcome != soap.OK:
		return &refused{soap.FaultSemantics, "La receipt non attesta un pagamento", nil}
	}
	return nil
}

// delivered returns the receipt of either version of paSendRT.
func delivered(req soap.Request) soap.Receipt {
	switch req := req.(type) {
	case *soap.SendRTRequest:
		return req.Receipt
	case *soap.SendRTV2Request:
		return req.Receipt
	}
	panic(fmt.Sprintf("pagopa: no receipt in %T", req))
}
