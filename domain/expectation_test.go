package domain_test

import (
	"testing"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/domaintest"
)

func TestAnExpectedReceipt(t *testing.T) {
	expect := domain.ExpectReceipt{Creditor: comune, Receipt: "rt-1", IUV: "01000000000004285", Source: domain.ExpectedByOfficer, At: at}
	expected := domain.ReceiptExpected(expect)
	met := domain.ExpectationMet{Creditor: comune, Receipt: "rt-1", At: at}
	with := func(f func(*domain.ExpectReceipt)) domain.ExpectReceipt { return but(expect, f) }
	domaintest.Run[domain.Receipt](t, []receiptCase{
		{Name: "somebody knows of it", When: expect, Then: receiptFacts{expected}},
		{Name: "a flow reports it, and the IUV is not needed",
			When: with(func(c *domain.ExpectReceipt) { c.IUV, c.Source = "", domain.ExpectedByFlow }),
			Then: receiptFacts{but(expected, func(e *domain.ReceiptExpected) { e.IUV, e.Source = "", domain.ExpectedByFlow })}},
		{Name: "it is expected once", Given: receiptFacts{expected}, When: with(func(c *domain.ExpectReceipt) { c.Source, c.At = domain.ExpectedByFlow, later })},
		{Name: "it is here already", Given: receiptFacts{receiptFiled}, When: expect},
		{Name: "it comes", Given: receiptFacts{expected}, When: fileReceipt, Then: receiptFacts{receiptFiled, met}},
		{Name: "it came, and was expected once", Given: receiptFacts{expected, receiptFiled, met}, When: expect},
		{Name: "another message of it is kept and meets nothing", Given: receiptFacts{expected, receiptFiled, met},
			When: but(fileReceipt, func(c *domain.FileReceipt) { c.Raw = nil }),
			Then: receiptFacts{but(receiptFiled, func(e *domain.ReceiptFiled) { e.Raw, e.SHA256 = nil, domain.Hash(nil) })}},
		{Name: "an IUR has at most 35 characters", When: with(func(c *domain.ExpectReceipt) { c.Receipt = domain.ReceiptID(long(36)) }), Refusal: domain.ErrBadIUR},
		{Name: "an IUR is no path", When: with(func(c *domain.ExpectReceipt) { c.Receipt = "a/b" }), Refusal: domain.ErrBadIUR},
		{Name: "an IUR leads nowhere else", When: with(func(c *domain.ExpectReceipt) { c.Receipt = ".." }), Refusal: domain.ErrBadIUR},
		{Name: "an IUR is needed", When: with(func(c *domain.ExpectReceipt) { c.Receipt = "" }), Refusal: domain.ErrBadIUR},
		{Name: "an IUV is letters and digits", When: with(func(c *domain.ExpectReceipt) { c.IUV = "1?" }), Refusal: domain.ErrBadIUV},
		{Name: "somebody must know of it", When: with(func(c *domain.ExpectReceipt) { c.Source = "" }), Refusal: domain.ErrBadSource},
	})
}

func TestWorkingDays(t *testing.T) {
	for _, c := range []struct {
		from domain.Date
		n    int
		want domain.Date
	}{
		{"2026-11-23", 0, "2026-11-23"}, {"2026-11-23", 2, "2026-11-25"}, // a Monday
		{"2026-11-21", 0, "2026-11-23"}, {"2026-11-20", 2, "2026-11-24"},
		{"2026-12-24", 1, "2026-12-28"}, {"2026-12-31", 1, "2027-01-04"},
		{"2026-04-02", 1, "2026-04-07"},                                  // over Easter, 5 April 2026
		{"2025-04-17", 1, "2025-04-22"}, {"2024-03-28", 1, "2024-04-02"}, // 20 April, 31 March
		{"2026-04-30", 1, "2026-05-04"},
	} {
		if got := c.from.AddWorkingDays(c.n); got != c.want {
			t.Errorf("%s and %d working days: %s, want %s", c.from, c.n, got, c.want)
		}
	}
}
