package main

import (
	"bytes"
	"context"

	"github.com/saldo-ledger/saldo/adapters/papers"
	"github.com/saldo-ledger/saldo/adapters/portal"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/projections"
)

// parentPapers prints what parents keep.
type parentPapers struct{ *body }

// parties are the body and a parent, as papers print them.
func (p parentPapers) parties(ctx context.Context, parent domain.ParentID) (papers.Creditor, papers.Debtor, error) {
	body, err := p.ledger.KnownCreditor(ctx, p.Body.FiscalCode)
	if err != nil {
		return papers.Creditor{}, papers.Debtor{}, err
	}
	who, err := p.ledger.KnownParent(ctx, parent)
	return p.creditor(body), debtor(who.Person), err
}

// Quittance prints the quietanza of one amount paid.
func (p parentPapers) Quittance(ctx context.Context, parent domain.ParentID, notice domain.NoticeNumber, entry eventstore.Position) ([]byte, error) {
	paid, err := p.views.Portal(p.Body.FiscalCode, p.now).Paid(ctx, parent, notice, entry)
	if err != nil {
		return nil, err
	}
	q := papers.Quittance{
		Notice: notice, Receipt: paid.Receipt, Amount: paid.Paid, PaidAt: paid.At.In(domain.Rome), PSP: shorten(paid.PSP.Name, papers.MaxLineText),
		Method: portal.Method(paid.PSP.Method), Causale: paid.Causale, Period: paid.Period,
		Twice: !paid.Closed(), Surplus: paid.Surplus, WrittenOff: paid.WrittenOff, Proof: p.proof(ctx, entry, "questo pagamento"),
	}
	if q.Creditor, q.Debtor, err = p.parties(ctx, parent); err != nil {
		return nil, err
	}
	for _, l := range paid.Lines {
		q.Lines = append(q.Lines, papers.QuittanceLine{
			Child: shorten(l.Pupil.School+", "+l.Pupil.Name, papers.MaxLineText), Service: shorten(l.Service, papers.MaxLineText), Amount: l.Amount,
		})
	}
	var out bytes.Buffer
	err = papers.WriteQuittance(&out, q)
	return out.Bytes(), err
}

// Statement prints a calendar year's expenses. It names the last event that counts
// and not the present one, so that nothing changes it but another payment.
func (p parentPapers) Statement(ctx context.Context, parent domain.ParentID, year int) ([]byte, error) {
	x, err := p.views.Portal(p.Body.FiscalCode, p.now).Expenses(ctx, parent, year)
	if err != nil {
		return nil, err
	}
	e := papers.Expenses{
		Year: year, Open: p.now().In(domain.Rome).Year() <= year, Total: x.Total, Cash: x.Cash, Position: uint64(x.Last), Recorded: x.LastRecorded.In(domain.Rome),
	}
	if x.Last > 0 {
		e.Proof = p.proof(ctx, x.Last, "l’ultimo fatto compreso")
	}
	if e.Creditor, e.Debtor, err = p.parties(ctx, parent); err != nil {
		return nil, err
	}
	for _, c := range x.Children {
		child := papers.ExpensesChild{Name: shorten(c.Pupil.Name, papers.MaxLineText), School: c.Pupil.School, Total: c.Total}
		known, err := p.ledger.KnownConsumer(ctx, c.ID)
		if err != nil {
			return nil, err
		}
		child.FiscalCode = known.Child.FiscalCode
		for _, s := range c.Services {
			child.Services = append(child.Services, statementOf(s))
		}
		e.Children = append(e.Children, child)
	}
	var out bytes.Buffer
	err = papers.WriteExpenses(&out, e)
	return out.Bytes(), err
}

func statementOf(s projections.ServiceExpenses) papers.ExpensesService {
	out := papers.ExpensesService{Name: shorten(s.Name, papers.MaxLineText), Total: s.Total}
	for _, l := range s.Payments {
		out.Payments = append(out.Payments, papers.ExpensesPayment{On: l.On, Notice: l.Notice, PSP: shorten(l.PSP, papers.MaxLineText), Amount: l.Amount})
	}
	return out
}
