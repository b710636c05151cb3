package papers

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/saldo-ledger/saldo/domain"
)

// Quittance is a quietanza: the proof that an amount was paid, as the receipt says.
type Quittance struct {
	Creditor Creditor
	Debtor   Debtor
	Notice   domain.NoticeNumber
	Receipt  domain.ReceiptID
	Amount   domain.Money // what the receipt brought
	PaidAt   time.Time    // in the zone in which it is printed
	PSP      string       // who took the money
	Method   string       // how it was paid, in words; may be empty
	Causale  string
	Period   domain.Period
	Lines    []QuittanceLine
	// Twice says that the notice was paid already: the amount is the payer's credit
	// and closes no debt.
	Twice      bool
	Surplus    domain.Money // of Amount, what was more than the debt: a credit
	WrittenOff domain.Money // of the debt, what the creditor gave up
	Proof      Proof
}

// QuittanceLine is one service of one child.
type QuittanceLine struct {
	Child   string
	Service string
	Amount  domain.Money
}

// Limits of a quittance's and a statement's texts, in characters.
const (
	MaxLineText = 200
	MaxCausale  = 140
)

// WriteQuittance prints q to w. One that is not valid is refused: each rule that it
// breaks is a *domain.Refusal. Nothing is written before the whole is laid out.
func WriteQuittance(w io.Writer, q Quittance) error {
	q = q.plain()
	if err := q.validate(); err != nil {
		return fmt.Errorf("quittance not printed: %w", err)
	}
	s := emptySheet(q.title()+" "+q.Notice.Groups(), q.Causale, q.Creditor.Name)
	s.quittance(q)
	if err := s.pdf.Output(w); err != nil {
		return fmt.Errorf("quittance not printed: %w", err)
	}
	return nil
}

func (q Quittance) title() string {
	if q.Twice {
		return "Ricevuta di un secondo pagamento"
	}
	return "Quietanza di pagamento"
}

func (q Quittance) plain() Quittance {
	for _, text := range []*string{&q.Creditor.Name, &q.Creditor.Office, &q.Creditor.Contacts, &q.Debtor.Name, &q.PSP, &q.Method, &q.Causale} {
		*text = plain(*text)
	}
	lines := make([]QuittanceLine, len(q.Lines))
	for i, l := range q.Lines {
		lines[i] = QuittanceLine{plain(l.Child), plain(l.Service), l.Amount}
	}
	q.Lines = lines
	return q
}

func (q Quittance) validate() error {
	var f faults
	q.Creditor.check(&f)
	q.Debtor.check(&f)
	_, err := domain.ParseNoticeNumber(string(q.Notice))
	f.require(err == nil, "notice", "18 digits")
	f.text("receipt", string(q.Receipt), 1, domain.MaxReceiptID)
	f.require(q.Amount > 0 && q.Amount <= domain.MaxAmount, "amount", "above zero, at most "+domain.MaxAmount.String())
	f.require(!q.PaidAt.IsZero(), "paidAt", "when it was paid")
	f.text("causale", q.Causale, 1, MaxCausale)
	f.text("psp", q.PSP, 0, MaxLineText)
	f.text("method", q.Method, 0, MaxLineText)
	for i, l := range q.Lines {
		f.text(fmt.Sprintf("lines[%d].child", i), l.Child, 0, MaxLineText)
		f.text(fmt.Sprintf("lines[%d].service", i), l.Service, 1, MaxLineText)
	}
	return errors.Join(f...)
}

var quittanceTable = cells{[]string{"Servizio", "Per chi", "Importo €"}, []float64{margin, 80, 170}}

func (s *sheet) quittance(q Quittance) {
	y := s.letterhead(q.Creditor, q.title(), "")
	y = max(s.creditor(y+gap, q.Creditor), s.payer(y+gap, q.Debtor)) + gap
	y = s.received(y, q) + gap
	s.bar(fullColumn, y, "Che cosa è stato pagato")
	y = s.paragraph(fullColumn, y+barHeight+lineGap, q.Causale, regular(10)) + lineGap
	if q.Period.Valid() {
		y = s.paragraph(fullColumn, y, "Periodo "+italianDay(q.Period.From)+" - "+italianDay(q.Period.To), regular(cellSize)) + lineGap
	}
	y = s.head(y, quittanceTable)
	for _, r := range q.rows() {
		if s.measured(y, func(y float64) float64 { return s.tableRow(y, quittanceTable, r) }) > footTop-gap {
			s.foot(q.notes(), q.Proof)
			s.pdf.AddPage()
			y = s.head(s.letterhead(q.Creditor, q.title(), "(segue)")+gap, quittanceTable)
		}
		y = s.tableRow(y, quittanceTable, r)
	}
	s.foot(q.notes(), q.Proof)
}

// rows are the lines of the debt, and what leads from them to the amount paid.
func (q Quittance) rows() []tableRow {
	var rows []tableRow
	var sum domain.Money
	for _, l := range q.Lines {
		rows = append(rows, tableRow{cells: []string{l.Service, l.Child, ItalianAmount(l.Amount)}})
		sum += l.Amount
	}
	if q.Twice {
		return rows
	}
	if q.WrittenOff > 0 {
		rows = append(rows, tableRow{cells: []string{"Abbuono", "", "-" + ItalianAmount(q.WrittenOff)}})
	}
	if q.Surplus > 0 {
		rows = append(rows, tableRow{cells: []string{"Pagato in più, a tuo credito", "", ItalianAmount(q.Surplus)}})
	}
	return append(rows, tableRow{cells: []string{"Totale pagato", "", ItalianAmount(sum - q.WrittenOff + q.Surplus)}, bold: true})
}

func (q Quittance) notes() []string {
	notes := []string{"Documento prodotto dai dati del registro dell’ente: " +
		"l’identificativo della ricevuta è quello attribuito dalla piattaforma pagoPA. Non richiede firma."}
	if q.Twice {
		return append([]string{"Questo avviso risultava già pagato: la somma non estingue un debito ed è un credito di chi ha pagato. " +
			"Non si può portare in detrazione."}, notes...)
	}
	return append([]string{"Con questo pagamento il bollettino indicato è estinto."}, notes...)
}

// received prints how much was paid, when, by whom and through whom.
func (s *sheet) received(y float64, q Quittance) float64 {
	s.bar(fullColumn, y, "Il pagamento")
	y += barHeight + lineGap
	top := y
	y = s.paragraph(leftColumn, y, "Importo pagato", regular(8))
	s.euro(leftColumn.x, y+figures(16).baseline(), leftColumn.width, ItalianAmount(q.Amount))
	y += figures(16).leading() + lineGap
	y = s.labelled(leftColumn, y, "In lettere", amountInWords(q.Amount)+" euro", bold(10), bold(8)) + lineGap
	left := s.labelled(leftColumn, y, "Pagato il", q.PaidAt.Format("02/01/2006 15:04"), figures(10))
	right := s.labelled(rightColumn, top, "Codice avviso", q.Notice.Groups(), figures(10)) + lineGap
	right = s.labelled(rightColumn, right, "IUV", string(q.Notice.IUV()), figures(10)) + lineGap
	right = s.labelled(rightColumn, right, "Identificativo della ricevuta", string(q.Receipt), figures(10), figures(8)) + lineGap
	by := q.PSP
	if q.Method != "" {
		by += " (" + q.Method + ")"
	}
	if by != "" {
		right = s.labelled(rightColumn, right, "Tramite (PSP)", by, bold(10), bold(8))
	}
	return max(left, right)
}

// letterhead prints whose paper it is and what it is, and returns where that ends.
func (s *sheet) letterhead(c Creditor, title, more string) float64 {
	y := s.paragraph(fullColumn, margin, c.Name, bold(12), bold(10))
	y = s.paragraph(fullColumn, y+gap/2, title, bold(16), bold(14))
	return s.paragraph(fullColumn, y, more, regular(10))
}

// payer prints whose debt it was.
func (s *sheet) payer(y float64, d Debtor) float64 {
	return s.partyName(rightColumn, y, "Intestatario", string(d.FiscalCode), d.Name)
}
