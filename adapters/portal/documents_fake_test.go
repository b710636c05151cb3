package portal

import (
	"context"
	"slices"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/projections"
)

// entry is where the world's receipts are recorded: by their notice.
func entry(n domain.NoticeNumber) eventstore.Position {
	return eventstore.Position(projections.NoticeKey(n) % 1000)
}

// payments are what was paid of a parent's bulletins, each of them in state.
func (w *world) paid(parent domain.ParentID) (all []Paid) {
	for _, b := range w.bulletins {
		if b.parent != parent || b.receipt == nil {
			continue
		}
		p := Paid{
			Position: w.at, Bulletin: b.Bulletin, Entry: entry(b.Notice), Receipt: b.receipt.ID, At: b.receipt.At, Recorded: b.receipt.At,
			Paid: b.Amount, PSP: domain.PSP{ID: "ABCDITMM", Name: "Banca di Prova", Method: "creditCard"}, State: w.state,
			Lines: []projections.PaidLine{{Number: 1, Consumer: utenteTest, Pupil: b.Consumers[0], Service: b.Services[0], Amount: b.Amount}},
		}
		if p.State == projections.PaidBack {
			p.GivenBack = "2020-02-01"
		}
		all = append(all, p)
	}
	return all
}

func (w *world) History(_ context.Context, parent domain.ParentID, part projections.HistoryPart) (projections.History, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	h := projections.History{Position: w.at, Credit: w.credit}
	for _, p := range w.paid(parent) {
		year := projections.SchoolYearOf(projections.DayOf(p.At))
		if !slices.Contains(h.SchoolYears, year) {
			h.SchoolYears, h.Years = append(h.SchoolYears, year), append(h.Years, p.At.Year())
		}
		if part.Year == "" || part.Year == year {
			h.Paid = append(h.Paid, p)
		}
	}
	h.Total = len(h.Paid)
	h.Paid = h.Paid[min(part.From, h.Total):min(part.From+part.Count, h.Total)]
	return h, w.fail["History"]
}

func (w *world) Paid(_ context.Context, parent domain.ParentID, n domain.NoticeNumber, at eventstore.Position) (Paid, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.paid(parent) {
		if p.Notice == n && p.Entry == at {
			return p, nil
		}
	}
	return Paid{}, ErrNotFound
}

func (w *world) Expenses(_ context.Context, parent domain.ParentID, year int) (projections.Expenses, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	x := projections.Expenses{Position: w.at, Year: year}
	for _, p := range w.paid(parent) {
		if p.At.Year() == year {
			service := projections.ServiceExpenses{Code: "POST", Name: p.Services[0], Total: p.Paid, Payments: []projections.ExpensePayment{{
				On: projections.DayOf(p.At), Notice: p.Notice, Line: 1, Entry: p.Entry, Period: p.Period, PSP: p.PSP.Name, Amount: p.Paid,
			}}}
			x.Children = append(x.Children, projections.ChildExpenses{ID: utenteTest, Pupil: p.Consumers[0], Services: []projections.ServiceExpenses{service}, Total: p.Paid})
			x.Total += p.Paid
		}
	}
	x.Cash = w.cash
	return x, nil
}

// Explain explains every figure of the guide's family by its bulletins.
func (w *world) Explain(_ context.Context, parent domain.ParentID, f projections.Figure) (projections.Explanation, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	mine := func(n domain.NoticeNumber) bool { b := w.find(n); return b != nil && b.parent == parent }
	known := parent == tizio && slices.ContainsFunc(w.consumers, func(c Consumer) bool { return c.ID == f.Consumer })
	if (f.Consumer != domain.ConsumerID{}) && !known || slices.ContainsFunc(f.Notices, func(n domain.NoticeNumber) bool { return !mine(n) }) || f.At > w.at {
		return projections.Explanation{}, ErrNotFound
	}
	e := projections.Explanation{Figure: f, About: "UTENTE TEST"}
	for _, b := range w.bulletins {
		if b.parent == parent {
			e.Movements = append(e.Movements, Movement{
				Position: 7, Fact: projections.FactIssued, On: "2020-01-10", Recorded: w.now, Causale: b.Causale, Debit: b.Amount, Notice: b.Notice,
				Balance: e.Sum() - b.Amount,
			})
		}
	}
	return e, nil
}

func (w *world) Quittance(_ context.Context, _ domain.ParentID, _ domain.NoticeNumber, _ eventstore.Position) ([]byte, error) {
	return w.pdf, w.fail["Quittance"]
}

func (w *world) Statement(_ context.Context, parent domain.ParentID, _ int) ([]byte, error) {
	if parent != tizio {
		return []byte("nothing was paid"), nil
	}
	return w.pdf, w.fail["Statement"]
}
