package pagopa

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"

	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
)

// Spontaneous raises notices for payments that nobody was billed for.
type Spontaneous interface {
	// Demand raises a notice of a service's, with what the payer told the PSP about
	// it. It is a domain.Refusal when the body has no such service or details are
	// missing.
	Demand(ctx context.Context, creditor domain.FiscalCode, service, subject string, details []byte) (domain.NoticeNumber, DebtPosition, error)
}

// errNothingOffered answers where the installation offers no spontaneous payments:
// whatever service is named is not in our catalogue. That is the content's fault, and
// asking again is no use.
var errNothingOffered = &refused{soap.FaultSemantics, "Pagamenti spontanei non offerti", nil}

// demand answers with a new notice, and what is owed on it.
func (h *Handler) demand(ctx context.Context, ours stations, req *soap.DemandRequest) (soap.Response, error) {
	if h.spontaneous == nil {
		return nil, errNothingOffered
	}
	details, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(req.Details), ""))
	if err != nil {
		return nil, broken(err)
	}
	ctx, cancel := context.WithTimeout(ctx, h.limits.Inquiry)
	defer cancel()
	creditor := ours[0].Creditor
	notice, p, err := h.spontaneous.Demand(ctx, creditor, req.Service, req.Subject, details)
	if no, ok := errors.AsType[*domain.Refusal](err); ok && no.Kind != domain.Conflict {
		return nil, &refused{soap.FaultSemantics, "Servizio " + req.Service + " non erogabile", err}
	}
	if err == nil {
		err = p.sound(notice)
	}
	if err != nil {
		return nil, err
	}
	return &soap.DemandResponse{
		Result: soap.Result{Outcome: soap.OK},
		QRCode: &soap.QRCode{Creditor: creditor, Notice: notice},
		Offer:  offer(creditor, p),
	}, nil
}
