// Package summary says, of a span of days, what payers paid, what flows report of it, what
// the bank booked and what is on the transit account still: by day, by PSP, by category of
// service and by chapter of the accounting office, which finds in it its accertamenti and
// what its reversali have to cover. Whatever it is grouped by, the sums are the same to the
// cent: each part of each payment is in one group, and what belongs to no service has
// groups of its own. It is pure; titles are in Italian.
package summary

import (
	"cmp"
	"slices"
	"time"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/domain/reconciliation"
)

// Per is what a summary is grouped by.
type Per string

// The groupings. The last two have a line for every part of a payment, for those who
// write accertamenti and reversali.
const (
	Day          Per = "day"
	PSP          Per = "psp"
	Category     Per = "category"
	Chapter      Per = "chapter"
	Accertamenti Per = "accertamenti"
	Reversali    Per = "reversali"
)

// Pers are all groupings.
var Pers = []Per{Day, PSP, Category, Chapter, Accertamenti, Reversali}

// Title says in Italian what the summary is by.
func (p Per) Title() string {
	return map[Per]string{
		Day: "Per giorno", PSP: "Per PSP", Category: "Per categoria e servizio", Chapter: "Per capitolo",
		Accertamenti: "Accertamenti per capitolo", Reversali: "Reversali per capitolo",
	}[p]
}

// Question says which summary, of whom, and of which days.
type Question struct {
	Creditor domain.FiscalCode
	Span     domain.Period
	Per      Per
}

// longest is how many days can be asked for at once.
const longest = 400

// Refusals of questions.
var (
	ErrPer  = &domain.Refusal{Kind: domain.Invalid, Field: "per", Rule: "a summary is per day, psp, category, chapter, accertamenti or reversali"}
	ErrSpan = &domain.Refusal{Kind: domain.Invalid, Field: "from", Rule: "from and to are days written yyyy-mm-dd, in order, at most 400 days apart"}
)

// Check refuses what is no question, naming the field.
func (q Question) Check() error {
	switch {
	case !slices.Contains(Pers, q.Per):
		return ErrPer
	case !q.Span.Valid() || q.Span.To.Time().Sub(q.Span.From.Time()) > longest*24*time.Hour:
		return ErrSpan
	}
	return nil
}

// Bills reports whether the summary has what was billed and taken back.
func (q Question) Bills() bool { return q.Per != Day && q.Per != PSP && q.Per != Reversali }

// Differs reports whether the summary counts differences, which are a flow's, a receipt's
// or a credit's and no service's.
func (q Question) Differs() bool { return q.Per == Day || q.Per == PSP }

// Names are what things are called today.
type Names struct {
	Categories map[domain.CategoryCode]string
	Services   map[domain.ServiceCode]domain.Service
	PSPs       map[string]string
}

// Sums are those of a group, or of all.
type Sums struct {
	Payments, Lines, Flows, Differences int
	Issued, Cancelled                   domain.Money
	Taken, Reported, Settled, Open      domain.Money
	Difference                          domain.Money // what the bank has more, or less
}

func (s *Sums) add(e Entry) {
	switch e.Stage {
	case Issued:
		s.Issued += e.Amount
	case Cancelled:
		s.Cancelled += e.Amount
	case Taken:
		s.Payments, s.Taken = s.Payments+e.count, s.Taken+e.Amount
	case Reported:
		s.Lines, s.Reported = s.Lines+e.count, s.Reported+e.Amount
	case Settled:
		s.Settled += e.Amount
	case Open:
		s.Open += e.Amount
	}
}

// key tells a group from the others; of its members, those that the summary is by.
type key struct {
	day      domain.Date
	psp      string
	chapter  string
	kind     Kind
	category domain.CategoryCode
	service  domain.ServiceCode
}

// Summary is what was asked for.
type Summary struct {
	Question
	Names
	Position uint64 // of the log, that it shows
	Total    Sums
	groups   map[key]*Sums
	entries  []Entry // of accertamenti and reversali
}

// New begins the summary that a question asks for.
func New(q Question, n Names) *Summary {
	return &Summary{Question: q, Names: n, groups: make(map[key]*Sums)}
}

// Add takes entries in.
func (s *Summary) Add(entries ...Entry) {
	for _, e := range entries {
		s.Total.add(e)
		s.group(e).add(e)
		if s.Per == Accertamenti && e.Stage <= Taken || s.Per == Reversali && e.Stage == Settled {
			s.entries = append(s.entries, e)
		}
	}
}

// AddFlow counts a flow of a day.
func (s *Summary) AddFlow(psp string, day domain.Date) {
	s.Total.Flows++
	s.group(Entry{PSP: psp, Day: day}).Flows++
}

// Differ counts what somebody has to look at.
func (s *Summary) Differ(b reconciliation.Book) {
	differ := func(psp string, day domain.Date, f reconciliation.Finding, difference domain.Money) {
		if f.Outcome.Severity() < reconciliation.ToCheck {
			return
		}
		for _, sums := range []*Sums{&s.Total, s.group(Entry{PSP: psp, Day: day})} {
			sums.Differences, sums.Difference = sums.Differences+1, sums.Difference+difference
		}
	}
	for _, f := range b.Flows {
		differ(f.PSP, f.RegulationDate, f.Finding, f.Difference())
	}
	for _, r := range b.Receipts {
		differ(r.PSP, dayOf(r.PaidAt), r.Finding, r.Difference())
	}
	for _, c := range b.Credits {
		differ("", c.Booked, c.Finding, c.Difference())
	}
}

func (s *Summary) group(e Entry) *Sums {
	k := s.key(e)
	if s.groups[k] == nil {
		s.groups[k] = new(Sums)
	}
	return s.groups[k]
}

func (s *Summary) key(e Entry) key {
	switch s.Per {
	case Day:
		return key{day: e.Day}
	case PSP:
		return key{psp: e.PSP}
	case Category:
		return key{kind: e.Kind, category: e.Category, service: e.Service}
	}
	return key{chapter: s.chapterOf(e.Share), kind: e.Kind, service: e.Service}
}

// chapterOf is the chapter that the share's service has; empty for none.
func (s *Summary) chapterOf(of Share) string {
	if of.Kind != ForService {
		return ""
	}
	return s.Services[of.Service].Chapter
}

// keys are the groups in order: what has no name comes last.
func (s *Summary) keys() []key {
	var all []key
	for k := range s.groups {
		all = append(all, k)
	}
	slices.SortFunc(all, key.compare)
	return all
}

func (k key) compare(o key) int {
	return cmp.Or(cmp.Compare(k.day, o.day), last(k.psp, o.psp), last(k.chapter, o.chapter),
		cmp.Compare(k.kind, o.kind), cmp.Compare(k.category, o.category), cmp.Compare(k.service, o.service))
}

// last compares names, of which an empty one comes last.
func last(a, b string) int {
	if (a == "") != (b == "") {
		return cmp.Compare(len(b), len(a))
	}
	return cmp.Compare(a, b)
}

func dayOf(t time.Time) domain.Date { return domain.DateOf(t.In(domain.Rome)) }
