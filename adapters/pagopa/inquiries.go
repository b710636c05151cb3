package pagopa

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/saldo-ledger/saldo/adapters/pagopa/soap"
	"github.com/saldo-ledger/saldo/domain"
)

// verify answers what is owed on a notice.
func (h *Handler) verify(ctx context.Context, ours stations, req *soap.VerifyRequest) (soap.Response, error) {
	p, err := h.open(ctx, ours, req.PA, req.QRCode)
	if err != nil {
		return nil, err
	}
	return &soap.VerifyResponse{Result: soap.Result{Outcome: soap.OK}, Offer: offer(req.QRCode.Creditor, p)}, nil
}

// offer says what is owed, to be paid as a whole.
func offer(creditor domain.FiscalCode, p DebtPosition) soap.Offer {
	description := soap.Cut(p.Description, soap.MaxText)
	return soap.Offer{
		Option: &soap.PaymentOption{
			Amount:    p.Amount,
			Options:   "EQ",
			DueDate:   soap.NewDate(p.DueDate),
			Detail:    description,
			AllPostal: allPostal(p.Transfers),
		},
		Description: description,
		Creditor:    creditor,
		CompanyName: soap.Cut(p.CompanyName, soap.MaxText),
		OfficeName:  soap.Cut(p.OfficeName, soap.MaxText),
	}
}

// getPayment answers with all that is needed to pay. The amount is the one of
// now, whatever the PSP has shown.
func (h *Handler) getPayment(ctx context.Context, ours stations, req *soap.GetPaymentRequest) (soap.Response, error) {
	p, err := h.activate(ctx, ours, req)
	if err != nil {
		return nil, err
	}
	pay := h.payment(req, p)
	for i := range pay.Transfers {
		pay.Transfers[i].CompanyName = "" // the second version's
	}
	return &soap.GetPaymentResponse{Result: soap.Result{Outcome: soap.OK}, Payment: pay}, nil
}

func (h *Handler) getPaymentV2(ctx context.Context, ours stations, req *soap.GetPaymentV2Request) (soap.Response, error) {
	v1 := (*soap.GetPaymentRequest)(req)
	p, err := h.activate(ctx, ours, v1)
	if err != nil {
		return nil, err
	}
	return &soap.GetPaymentV2Response{Result: soap.Result{Outcome: soap.OK}, Payment: h.payment(v1, p)}, nil
}

// activate returns an open debt and notes that it was asked for. The note locks
// nothing, and a payer must not feel that it failed.
func (h *Handler) activate(ctx context.Context, ours stations, req *soap.GetPaymentRequest) (DebtPosition, error) {
	p, err := h.open(ctx, ours, req.PA, req.QRCode)
	if err != nil {
		return p, err
	}
	ctx, cancel := context.WithTimeout(ctx, noteLimit)
	defer cancel()
	qr := req.QRCode
	if err := h.activations.Activated(ctx, qr.Creditor, qr.Notice, req.PaymentNote, p.Amount); err != nil {
		h.log.Warn("paForNode: activation not noted", "notice", qr.Notice, "err", err)
	}
	return p, nil
}

// open returns the debt behind a notice if it can be paid, or why it cannot.
func (h *Handler) open(ctx context.Context, ours stations, idPA string, qr soap.QRCode) (DebtPosition, error) {
	if string(qr.Creditor) != idPA {
		return DebtPosition{}, &refused{soap.FaultCreditor, "fiscalCode " + string(qr.Creditor) + " diverso da idPA", nil}
	}
	about := "Avviso " + string(qr.Notice)
	if !slices.ContainsFunc(ours, func(s Station) bool { return s.issues(qr.Notice) }) {
		return DebtPosition{}, &refused{soap.FaultUnknownNotice, about, nil}
	}
	ctx, cancel := context.WithTimeout(ctx, h.limits.Inquiry)
	defer cancel()
	p, err := h.bulletins.Payable(ctx, qr.Creditor, qr.Notice)
	if err != nil {
		return p, fmt.Errorf("notice %s: %w", qr.Notice, err)
	}
	if code, closed := statusFaults[p.Status]; closed {
		return p, &refused{code, about, nil}
	}
	if p.Status == StatusOpen && h.late(qr.Creditor, p.DueDate) {
		return p, &refused{soap.FaultExpired, about, nil}
	}
	return p, p.sound(qr.Notice)
}

// sound checks what the schema cannot: a known status, and transfers that add up.
func (p DebtPosition) sound(n domain.NoticeNumber) error {
	var sum domain.Money
	for _, t := range p.Transfers {
		sum += t.Amount
	}
	if p.Status != StatusOpen || sum != p.Amount {
		return fmt.Errorf("notice %s: status %d, amount %v, transfers of %v", n, p.Status, p.Amount, sum)
	}
	return nil
}

// payment is all that is needed to pay a debt by the way that was asked for.
func (h *Handler) payment(req *soap.GetPaymentRequest, p DebtPosition) *soap.Payment {
	pay := &soap.Payment{
		IUV:         req.QRCode.Notice.IUV(),
		Amount:      p.Amount,
		DueDate:     soap.NewDate(p.DueDate),
		Description: soap.Cut(p.Description, soap.MaxText),
		CompanyName: soap.Cut(p.CompanyName, soap.MaxText),
		OfficeName:  soap.Cut(p.OfficeName, soap.MaxText),
		Debtor:      p.Debtor.subject(),
	}
	for _, t := range p.Transfers {
		pay.Transfers = append(pay.Transfers, soap.Transfer{
			ID:          t.ID,
			Amount:      t.Amount,
			Creditor:    t.Creditor,
			CompanyName: soap.Cut(t.CompanyName, soap.MaxText),
			IBAN:        t.IBAN,
			Remittance:  soap.Cut(t.Remittance, soap.MaxText),
			Category:    t.Category,
		})
	}
	h.direct(pay, req.TransferType, req.QRCode.Creditor, p.PostalIBAN)
	return pay
}

// The values of transferType, and the key under which pagoPA looks for the postal
// account of a payment that goes elsewhere.
const (
	transferPostal = "POSTAL"
	transferPagoPA = "PAGOPA"
	supportIBAN    = "IBANAPPOGGIO"
)

// direct sends the creditor's transfers where a transfer type asks: POSTAL to the
// account with the post, PAGOPA to the usual one with the postal one named beside it.
// A body that has no account with the post is paid on the one it has: its notices
// have no postal section, so that nobody should ask.
func (h *Handler) direct(pay *soap.Payment, transferType string, creditor domain.FiscalCode, postalIBAN string) {
	account := cmp.Or(h.terms[creditor].PostalIBAN, postalIBAN)
	if account == "" {
		return
	}
	switch transferType {
	case transferPostal:
		for i := range pay.Transfers {
			if pay.Transfers[i].Creditor == creditor {
				pay.Transfers[i].IBAN = account
			}
		}
	case transferPagoPA:
		pay.Metadata = &soap.Metadata{Entries: []soap.MapEntry{{Key: supportIBAN, Value: account}}}
	}
}

// anonymous stands in SANP for a debtor whose fiscal code is not known; here for the
// name as well, which the schema wants.
const anonymous = "ANONIMO"

func (d Debtor) subject() soap.Subject {
	s := soap.Subject{
		Kind:       "F",
		Code:       string(d.Code),
		FullName:   cmp.Or(d.FullName, anonymous),
		Street:     d.Street,
		Civic:      d.Civic,
		PostalCode: d.PostalCode,
		City:       d.City,
		Province:   d.Province,
		Country:    d.Country,
		Email:      d.Email,
	}
	switch len(d.Code) {
	case 0:
		s.Code = anonymous
	case 11:
		s.Kind = "G" // a body
	}
	return s.Fit()
}

// allPostal reports whether every account is with the post.
func allPostal(ts []Transfer) bool {
	return !slices.ContainsFunc(ts, func(t Transfer) bool { return !Postal(t.IBAN) })
}
