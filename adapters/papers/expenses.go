package papers

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/saldo-ledger/saldo/domain"
)

// Expenses is the yearly statement of what was paid for school services, for the tax
// return (art. 15 TUIR): by child and by service, by the day of payment.
type Expenses struct {
	Creditor Creditor
	Debtor   Debtor // the adult who paid
	Year     int
	// Open says that the year is not over: the statement may still grow.
	Open     bool
	Children []ExpensesChild
	Total    domain.Money
	// Cash is what was paid in cash and is not in the total.
	Cash domain.Money
	// Position is of the last event in the ledger that counts, Recorded when it was
	// recorded, in the zone in which it is printed.
	Position uint64
	Recorded time.Time
	Proof    Proof
}

// ExpensesChild is what was paid for one child.
type ExpensesChild struct {
	Name       string
	FiscalCode domain.FiscalCode // may be empty
	School     string
	Services   []ExpensesService
	Total      domain.Money
}

// ExpensesService is what was paid for one service of a child.
type ExpensesService struct {
	Name     string
	Payments []ExpensesPayment
	Total    domain.Money
}

// ExpensesPayment is one payment, or a part of it.
type ExpensesPayment struct {
	On     domain.Date
	Notice domain.NoticeNumber
	PSP    string
	Amount domain.Money
}

// WriteExpenses prints e to w. One that is not valid is refused: each rule that it
// breaks is a *domain.Refusal. Nothing is written before the whole is laid out.
func WriteExpenses(w io.Writer, e Expenses) error {
	e = e.plain()
	if err := e.validate(); err != nil {
		return fmt.Errorf("statement of expenses not printed: %w", err)
	}
	s := emptySheet(e.title(), expensesSubject, e.Creditor.Name)
	s.expenses(e)
	if err := s.pdf.Output(w); err != nil {
		return fmt.Errorf("statement of expenses not printed: %w", err)
	}
	return nil
}

const expensesSubject = "Spese per i servizi scolastici sostenute nell’anno, ai fini della detrazione (art. 15 del TUIR)"

func (e Expenses) title() string {
	return fmt.Sprintf("Attestazione delle spese scolastiche %d", e.Year)
}

func (e Expenses) plain() Expenses {
	for _, text := range []*string{&e.Creditor.Name, &e.Creditor.Office, &e.Creditor.Contacts, &e.Debtor.Name} {
		*text = plain(*text)
	}
	children := make([]ExpensesChild, len(e.Children))
	for i, c := range e.Children {
		c.Name, c.School = plain(c.Name), plain(c.School)
		services := make([]ExpensesService, len(c.Services))
		for j, v := range c.Services {
			v.Name = plain(v.Name)
			payments := make([]ExpensesPayment, len(v.Payments))
			for k, p := range v.Payments {
				p.PSP = plain(p.PSP)
				payments[k] = p
			}
			v.Payments, services[j] = payments, v
		}
		c.Services, children[i] = services, c
	}
	e.Children = children
	return e
}

// validate wants sums that are those of what they sum up: a statement that does not
// add up is not handed out.
func (e Expenses) validate() error {
	var f faults
	e.Creditor.check(&f)
	e.Debtor.check(&f)
	f.require(e.Year >= 2000 && e.Year <= 9999, "year", "a year")
	var total domain.Money
	for i, c := range e.Children {
		path := fmt.Sprintf("children[%d].", i)
		f.text(path+"name", c.Name, 1, MaxLineText)
		f.text(path+"school", c.School, 0, MaxLineText)
		var sum domain.Money
		for j, v := range c.Services {
			f.text(fmt.Sprintf("%sservices[%d].name", path, j), v.Name, 1, MaxLineText)
			var of domain.Money
			for _, p := range v.Payments {
				f.text(fmt.Sprintf("%sservices[%d].psp", path, j), p.PSP, 0, MaxLineText)
				of += p.Amount
			}
			f.require(of == v.Total, fmt.Sprintf("%sservices[%d].total", path, j), "the sum of its payments")
			sum += v.Total
		}
		f.require(sum == c.Total, path+"total", "the sum of its services")
		total += c.Total
	}
	f.require(total == e.Total, "total", "the sum of the children")
	return errors.Join(f...)
}

var expensesTable = cells{[]string{"Pagato il", "Codice avviso", "Tramite (PSP)", "Importo €"}, []float64{margin, 34, 88, 170}}

func (s *sheet) expenses(e Expenses) {
	y := s.letterhead(e.Creditor, e.title(), expensesSubject)
	if e.Open {
		y = s.paragraph(fullColumn, y+lineGap, fmt.Sprintf("Il %d non è ancora finito: questa attestazione è provvisoria.", e.Year), bold(10))
	}
	y = max(s.creditor(y+gap, e.Creditor), s.partyName(rightColumn, y+gap, "Chi ha pagato", string(e.Debtor.FiscalCode), e.Debtor.Name)) + gap
	y = s.yearTotal(y, e) + gap
	for _, c := range e.Children {
		y = s.expensesOf(y, e, c) + gap
	}
	s.foot(e.notes(), e.Proof)
}

func (s *sheet) yearTotal(y float64, e Expenses) float64 {
	s.bar(fullColumn, y, fmt.Sprintf("Totale pagato nel %d", e.Year))
	y += barHeight + lineGap
	s.euro(leftColumn.x, y+figures(16).baseline(), leftColumn.width, ItalianAmount(e.Total))
	y = s.labelled(rightColumn, y, "In lettere", amountInWords(e.Total)+" euro", bold(10), bold(8))
	if e.Cash > 0 {
		y = s.paragraph(fullColumn, y+lineGap, "Non compresi nel totale, perché pagati in contanti: "+ItalianAmount(e.Cash)+" euro.", regular(cellSize))
	}
	if len(e.Children) == 0 {
		y = s.paragraph(fullColumn, y+lineGap, "In questo anno non risultano pagamenti.", regular(10))
	}
	return y
}

// expensesOf prints what was paid for one child, on as many sheets as it takes.
func (s *sheet) expensesOf(y float64, e Expenses, c ExpensesChild) float64 {
	title := func(y float64) float64 {
		baseline := s.bar(fullColumn, y, c.Name)
		if c.FiscalCode != "" {
			s.lineUpTo(fullColumn.end(), baseline, span{regular(8), labelFiscalCode}, span{figures(8), string(c.FiscalCode)})
		}
		return s.head(s.paragraph(fullColumn, y+barHeight+lineGap, c.School, regular(cellSize))+lineGap, expensesTable)
	}
	const aFewRows = 14
	if s.measured(y, title)+aFewRows > footTop-gap {
		y = s.nextExpenses(e)
	}
	y = title(y)
	for _, r := range c.rows() {
		if s.measured(y, func(y float64) float64 { return s.tableRow(y, expensesTable, r) }) > footTop-gap {
			y = title(s.nextExpenses(e))
		}
		y = s.tableRow(y, expensesTable, r)
	}
	return y
}

// nextExpenses begins the next sheet of a statement.
func (s *sheet) nextExpenses(e Expenses) float64 {
	s.foot(e.notes(), e.Proof)
	s.pdf.AddPage()
	return s.letterhead(e.Creditor, e.title(), "(segue)") + gap
}

func (c ExpensesChild) rows() []tableRow {
	var rows []tableRow
	for _, v := range c.Services {
		for _, p := range v.Payments {
			rows = append(rows, tableRow{cells: []string{italianDay(p.On), p.Notice.Groups(), p.PSP, ItalianAmount(p.Amount)}})
		}
		rows = append(rows, tableRow{cells: []string{"Totale", v.Name, "", ItalianAmount(v.Total)}, bold: true})
	}
	return append(rows, tableRow{cells: []string{"Totale", c.Name, "", ItalianAmount(c.Total)}, bold: true})
}

func (e Expenses) notes() []string {
	notes := []string{
		"Sono compresi solo i pagamenti dei bollettini ricevuti tramite pagoPA con mezzi tracciabili, nell’anno in cui sono stati fatti. " +
			"Non sono compresi i pagamenti doppi, i rimborsi, gli abbuoni e le ricariche prepagate.",
	}
	if e.Position > 0 {
		notes = append(notes, fmt.Sprintf("Ultimo fatto compreso: posizione %d del registro dell’ente, registrato il %s.", e.Position, e.Recorded.Format("02/01/2006 15:04")))
	}
	return append(notes, "Documento prodotto dai dati del registro dell’ente. Non richiede firma.")
}
