package reconciliation

import (
	"cmp"
	"slices"
	"strings"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/reconciliation"
)

// row is one thing to be reconciled, in its three columns. What a column lacks is
// empty.
type row struct {
	reconciliation.Finding
	Path     string // its page
	Name     string // of what the row is about
	PSP      string // code and name
	Receipts column
	Flow     column
	Bank     column
	// Difference is what the bank has more than the flow or the receipts, or less.
	Difference domain.Money
}

// column is one of the three sources in a row.
type column struct {
	There  bool
	Title  string
	Text   string
	Amount domain.Money
}

// open reports whether somebody has to look at the row.
func (r row) open() bool { return r.Outcome.Severity() >= reconciliation.ToCheck }

// Next is what to do.
func (r row) Next() string { return r.Outcome.Advice().Next }

func (r row) fits(f filter) bool {
	switch {
	case f.state == toWorkOn && !r.open(), f.state != toWorkOn && f.state != anyState && f.state != string(r.Outcome):
		return false
	case f.psp != "" && !strings.Contains(strings.ToLower(r.PSP), f.psp):
		return false
	}
	return f.amount == 0 || r.Receipts.Amount == f.amount || r.Flow.Amount == f.amount || r.Bank.Amount == f.amount ||
		r.Difference == f.amount || r.Difference == -f.amount
}

// rowsOf are the rows of a book, the worst first.
func rowsOf(b reconciliation.Book) []row {
	rows := make([]row, 0, len(b.Flows)+len(b.Receipts)+len(b.Credits))
	for _, f := range b.Flows {
		rows = append(rows, flowRow(f))
	}
	for _, r := range b.Receipts {
		rows = append(rows, receiptRow(r))
	}
	for _, c := range b.Credits {
		rows = append(rows, creditRow(c))
	}
	outcomes := reconciliation.Outcomes()
	rank := make(map[reconciliation.Outcome]int, len(outcomes))
	for i, o := range outcomes {
		rank[o] = i
	}
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(rank[a.Outcome], rank[b.Outcome]) })
	return rows
}

func flowRow(f reconciliation.FlowResult) row {
	r := row{Finding: f.Finding, Path: flowLink(f.ID), Name: "il flusso " + f.ID, PSP: strings.TrimSpace(f.PSP + " " + f.PSPName), Difference: f.Difference()}
	here, missing := receiptsOf(f, &r.Receipts.Amount)
	r.Receipts.There = here > 0
	r.Receipts.Title = frame.Count(here, "ricevuta", "ricevute")
	if missing > 0 {
		r.Receipts.Text = frame.Count(missing, "manca", "mancano")
	}
	r.Flow = column{true, f.ID, frame.Count(f.Count, "pagamento", "pagamenti") + " del " + frame.Day(f.RegulationDate), f.Sum}
	if n := len(f.Credits); n > 0 {
		r.Bank = column{true, "accredito del " + frame.Day(f.Credits[0].Booked), "", f.Net}
		if n > 1 {
			r.Bank.Title = frame.Count(n, "movimento", "movimenti")
		}
	}
	if n := len(f.Waiting); n > 0 {
		r.Bank.Text = frame.Count(n, "abbinamento da confermare", "abbinamenti da confermare")
	}
	return r
}

// receiptsOf counts the receipts of a flow's lines, and the lines that have none.
func receiptsOf(f reconciliation.FlowResult, sum *domain.Money) (here, missing int) {
	for _, l := range f.Found {
		switch {
		case l.Outcome == reconciliation.OtherSystem, l.Outcome == reconciliation.RepeatedLine:
		case l.Receipt == nil || !l.Receipt.Filed:
			missing++
		default:
			here++
			*sum += l.Amount
		}
	}
	return here, missing
}

func receiptRow(t reconciliation.ReceiptResult) row {
	return row{
		Finding: t.Finding, Path: receiptLink(t.ID), Name: "il pagamento " + string(t.ID), PSP: t.PSP, Difference: t.Difference(),
		Receipts: column{true, t.Notice.Groups(), "del " + frame.Day(domain.DateOf(t.PaidAt)), t.Amount},
	}
}

func creditRow(c reconciliation.CreditResult) row {
	r := row{
		Finding: c.Finding, Path: movementLink(c.Movement), Name: "il movimento del " + frame.Day(c.Booked), Difference: c.Difference(),
		Bank: column{true, "accredito del " + frame.Day(c.Booked), c.TRN, c.Amount},
	}
	if c.Reversal {
		r.Bank.Amount, r.Bank.Title = -c.Amount, "storno del "+frame.Day(c.Booked)
	}
	if n := len(c.Proposals); n > 0 {
		r.Flow.Text = frame.Count(n, "flusso proposto", "flussi proposti")
	}
	return r
}
