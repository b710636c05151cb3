package httpapi_test

import (
	"context"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/projections"
)

func (v *views) inquiries(ctx context.Context, creditor domain.FiscalCode, closed bool) ([]projections.Inquiry, eventstore.Position, error) {
	facts, at, err := v.facts(ctx)
	var all []projections.Inquiry
	for _, f := range facts {
		switch e := f.(type) {
		case domain.InquiryOpened:
			if e.Creditor == creditor {
				all = append(all, projections.Inquiry{ID: e.Inquiry, Creditor: e.Creditor, Parent: e.Parent, Notice: e.Notice, Status: domain.InquiryAsked, OpenedAt: e.At, ChangedAt: e.At})
			}
		case domain.InquiryAnswered:
			all[0].Status, all[0].ChangedAt = domain.InquiryReplied, e.At
		case domain.InquiryClosed:
			all[0].Status, all[0].ChangedAt = domain.InquiryDone, e.At
		}
	}
	var out []projections.Inquiry
	for _, i := range all {
		if (i.Status == domain.InquiryDone) == closed {
			out = append(out, i)
		}
	}
	return out, at, err
}

func (v *views) OpenInquiries(ctx context.Context, creditor domain.FiscalCode) ([]projections.Inquiry, eventstore.Position, error) {
	return v.inquiries(ctx, creditor, false)
}

func (v *views) ClosedInquiries(ctx context.Context, creditor domain.FiscalCode) ([]projections.Inquiry, eventstore.Position, error) {
	return v.inquiries(ctx, creditor, true)
}

func (v *views) News(ctx context.Context, creditor domain.FiscalCode) ([]projections.News, eventstore.Position, error) {
	facts, at, err := v.facts(ctx)
	var all []projections.News
	for _, f := range facts {
		switch e := f.(type) {
		case domain.NewsPublished:
			if e.Creditor == creditor {
				all = append(all, projections.News{ID: e.News, Creditor: creditor, Article: e.Article, PublishedAt: e.At})
			}
		case domain.NewsCorrected:
			all[0].Article, all[0].CorrectedAt = e.Article, e.At
		case domain.NewsWithdrawn:
			all[0].WithdrawnAt = e.At
		}
	}
	return all, at, err
}
