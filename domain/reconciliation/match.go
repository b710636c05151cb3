package reconciliation

import (
	"cmp"
	"slices"
	"time"

	"github.com/saldo-ledger/saldo/domain"
)

// Book is what a set of facts comes to: each of them is in it, once.
type Book struct {
	Flows    []FlowResult    // the versions that count, by creation
	Receipts []ReceiptResult // those that no flow names
	Credits  []CreditResult  // those that belong to no flow
}

// FlowResult is a flow with what was found of it.
type FlowResult struct {
	Flow
	Finding
	Found    []LineResult
	Credits  []domain.CaseMovement // each once, whatever statements it is in
	Net      domain.Money          // what they leave on the account
	Waiting  []domain.CaseMovement // matches that somebody else has to confirm
	Replaced []Flow                // earlier versions
}

// LineResult is a line with the receipt that it belongs to, if there is one.
type LineResult struct {
	Line
	Finding
	Receipt *Receipt
}

// ReceiptResult is a receipt that no flow names.
type ReceiptResult struct {
	Receipt
	Finding
}

// CreditResult is a movement of pagoPA's that belongs to no flow.
type CreditResult struct {
	Credit
	Finding
	// Proposals are the flows without a credit that have this sum and were transferred
	// within three days; a person has to confirm.
	Proposals []string
}

// Difference is what the bank has more than the flow says, or less.
func (f FlowResult) Difference() domain.Money { return f.Net - f.Sum }

// Difference is what the bank lacks.
func (r ReceiptResult) Difference() domain.Money { return -r.Amount }

// Difference is what the bank has, or took back.
func (c CreditResult) Difference() domain.Money {
	if c.Reversal {
		return -c.Amount
	}
	return c.Amount
}

// matcher is the facts while they are being matched.
type matcher struct {
	Terms
	receipts []Receipt // sorted
	byID     map[domain.ReceiptID]int32
	said     []said // of each receipt, what flows say
	strange  map[lineKey]bool
	accepted map[domain.Subject]bool
}

// said is what flows say of a receipt.
type said struct {
	lines  uint8 // a bit for each transfer that was named
	amount domain.Money
	iuv    domain.IUV
	single bool // a single transfer is its money
}

type lineKey struct {
	receipt domain.ReceiptID
	iuv     domain.IUV
	index   int
}

// Match brings receipts, flows and credits together.
func Match(f Facts, t Terms) Book {
	m := &matcher{Terms: t, accepted: f.Accepted, strange: make(map[lineKey]bool)}
	m.index(f.Receipts)
	current, replaced := versions(f.Flows)
	var book Book
	book.Flows = make([]FlowResult, len(current))
	for i := range current {
		book.Flows[i] = FlowResult{Flow: current[i], Replaced: replaced[current[i].id()]}
		m.first(&book.Flows[i])
	}
	for i := range book.Flows {
		m.second(&book.Flows[i])
	}
	free := m.credits(f.Credits, book.Flows)
	for i := range book.Flows {
		m.conclude(&book.Flows[i])
	}
	book.Credits = m.alone(free, book.Flows)
	book.Receipts = m.unreported(book.Flows)
	return book
}

// index sorts the receipts and makes them findable. One that is given twice counts
// once.
func (m *matcher) index(receipts []Receipt) {
	m.receipts = slices.Clone(receipts)
	slices.SortFunc(m.receipts, func(a, b Receipt) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Notice, b.Notice))
	})
	m.receipts = slices.CompactFunc(m.receipts, func(a, b Receipt) bool { return a.ID == b.ID })
	m.byID = make(map[domain.ReceiptID]int32, len(m.receipts))
	for i, r := range m.receipts {
		m.byID[r.ID] = int32(i)
	}
	m.said = make([]said, len(m.receipts))
}

type flowID struct{ psp, id string }

func (f Flow) id() flowID { return flowID{f.PSP, f.ID} }

// versions tells the versions that count from those that they replaced.
func versions(all []Flow) (current []Flow, replaced map[flowID][]Flow) {
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b Flow) int {
		return cmp.Or(cmp.Compare(a.PSP, b.PSP), cmp.Compare(a.ID, b.ID), a.Created.Compare(b.Created), cmp.Compare(a.Key, b.Key))
	})
	all = slices.CompactFunc(all, func(a, b Flow) bool { return a.Key == b.Key })
	replaced = make(map[flowID][]Flow)
	for i, f := range all {
		if i+1 < len(all) && all[i+1].id() == f.id() {
			replaced[f.id()] = append(replaced[f.id()], f)
			continue
		}
		current = append(current, f)
	}
	slices.SortFunc(current, func(a, b Flow) int { return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.Key, b.Key)) })
	return current, replaced
}

// first gives lines to receipts. The flow made first has a line that several repeat.
func (m *matcher) first(f *FlowResult) {
	slices.SortStableFunc(f.Lines, func(a, b Line) int { return cmp.Compare(a.Number, b.Number) })
	f.Found = make([]LineResult, len(f.Lines))
	for i, l := range f.Lines {
		f.Found[i] = LineResult{Line: l}
		at, ok := m.byID[l.Receipt]
		if !ok || l.Index > 8 {
			key := lineKey{l.Receipt, l.IUV, l.Index}
			if m.strange[key] {
				f.Found[i].Outcome = RepeatedLine
			}
			m.strange[key] = true
			continue
		}
		f.Found[i].Receipt = &m.receipts[at]
		bit := uint8(1) << (l.Index - 1)
		if m.said[at].lines&bit != 0 {
			f.Found[i].Outcome = RepeatedLine
			continue
		}
		m.said[at].lines |= bit
		m.said[at].amount += l.Amount
		m.said[at].iuv = l.IUV
	}
}

// second gives each line its outcome, once all that is said of its receipt is known.
func (m *matcher) second(f *FlowResult) {
	correction := endOf(f.RegulationDate, correctionDays)
	for i := range f.Found {
		l := &f.Found[i]
		if l.Outcome == notClassifiedYet {
			l.Finding = m.line(l, correction)
		} else {
			l.Detail = "già riportata in questo flusso o in un altro"
		}
		if l.Outcome != Squared && m.accepted[domain.SubjectOfReceipt(l.FlowLine.Receipt)] {
			l.Finding = Finding{Outcome: AcceptedAsItIs, Detail: l.Outcome.Advice().Title}
		}
	}
}

func (m *matcher) line(l *LineResult, correction time.Time) Finding {
	switch r := l.Receipt; {
	case l.FlowLine.Outcome == domain.FlowRevoked:
		return Finding{Outcome: Revoked, Detail: Euro(l.Amount), Deadline: correction}
	case r == nil && !m.own(l.IUV):
		return Finding{Outcome: OtherSystem}
	case r == nil && !l.Issued:
		return Finding{Outcome: UnknownIUV, Detail: Euro(l.Amount), Deadline: correction}
	case r == nil && l.FlowLine.Outcome.Proves():
		return Finding{Outcome: PaidNoReceipt}
	case r == nil:
		return Finding{Outcome: FlowNoReceipt, Detail: Euro(l.Amount), Deadline: correction}
	case r.Issuer == "" && m.own(l.IUV) && r.Notice.IUV() != l.IUV:
		return Finding{Outcome: UnknownIUV, Detail: "la ricevuta è dello IUV " + string(r.Notice.IUV()), Deadline: correction}
	case m.said[m.byID[r.ID]].amount != r.Amount:
		return Finding{Outcome: OtherAmount, Deadline: correction,
			Detail: "ricevuta " + Euro(r.Amount) + ", flusso " + Euro(m.said[m.byID[r.ID]].amount)}
	case r.Second:
		return Finding{Outcome: Double, Detail: "avviso già pagato con un'altra ricevuta"}
	case r.Issuer == "" && !l.Issued:
		return Finding{Outcome: UnknownIUV, Detail: Euro(l.Amount)}
	case !r.Filed:
		return Finding{Outcome: PaidNoReceipt}
	}
	return Finding{Outcome: Squared}
}

// unreported are the receipts that no flow names.
func (m *matcher) unreported(flows []FlowResult) (out []ReceiptResult) {
	reported := make(map[string]domain.Date) // the latest transfer of each PSP
	for _, f := range flows {
		reported[f.PSP] = max(reported[f.PSP], f.RegulationDate)
	}
	for i, r := range m.receipts {
		if m.said[i].lines != 0 {
			continue
		}
		day := WorkingDayOf(r.PaidAt)
		found := Finding{Outcome: AwaitingFlow, Deadline: endOf(day, flowDays)}
		switch {
		case m.said[i].single:
			found = Finding{Outcome: SingleTransfer}
		case m.accepted[domain.SubjectOfReceipt(r.ID)]:
			found = Finding{Outcome: AcceptedAsItIs}
		case m.Now.Before(found.Deadline):
		case reported[r.PSP] >= day:
			found = Finding{Outcome: ReceiptTooMany, Detail: Euro(r.Amount), Deadline: endOf(day, correctionDays)}
		default:
			found = Finding{Outcome: ReceiptNoFlow, Detail: Euro(r.Amount), Deadline: endOf(day, correctionDays)}
		}
		out = append(out, ReceiptResult{r, found})
	}
	return out
}
