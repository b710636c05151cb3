package revision

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore/audit"
	"github.com/saldo-ledger/saldo/eventstore/audit/register"
)

// trialPage is Bilancio di verifica, of one pair of dates, and Situazione al, of two.
type trialPage struct {
	*asked
	Two      bool // pairs of dates stand side by side
	Accounts []domain.Account
	Kind     domain.Account // whose accounts are listed; empty for the kinds
	Lines    []trialLine
	Found    int               // lines on all pages
	Sum      [2]audit.Turnover // of all of them
	Totals   [2]audit.Turnover // of all accounts
	Early    *birth
	Paging   frame.Paging
}

// trialLine is one account, or all of a kind, as of each pair of dates.
type trialLine struct {
	Account domain.Account
	Of      [2]audit.Turnover
	// Where its figures lead to.
	First, Second, Why string
}

// Change is of the balance, from the first dates to the second.
func (l trialLine) Change() domain.Money { return l.Of[1].Balance() - l.Of[0].Balance() }

// Changed is the change of all.
func (p trialPage) Changed() domain.Money { return p.Sum[1].Balance() - p.Sum[0].Balance() }

// Balanced reports whether debits are credits.
func (p trialPage) Balanced() bool { return p.Totals[0].Balance() == 0 && p.Totals[1].Balance() == 0 }

// linesShown is how many lines a page of a list has.
const linesShown = 50

// Fields of the dates that others are compared with.
const (
	factsBeside = "fatti2"
	knownBeside = "registrati2"
)

func (s *site) trialBalance(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	return s.trial(w, r, who, frame.Page{Name: "bilancio", Title: "Bilancio di verifica"}, false)
}

func (s *site) situation(w http.ResponseWriter, r *http.Request, who frame.Visit) error {
	return s.trial(w, r, who, frame.Page{Name: "situazione", Title: "Situazione al"}, true)
}

func (s *site) trial(w http.ResponseWriter, r *http.Request, who frame.Visit, page frame.Page, two bool) error {
	a, err := s.asked(r)
	if err != nil {
		return err
	}
	p := &trialPage{asked: a, Two: two}
	chosen := a.account()
	if p.Accounts, err = s.accounts(r.Context(), string(chosen)); err != nil {
		return err
	}
	if p.Kind = domain.Account(a.Typed(kindField)); p.Kind != "" && !isKind(p.Kind) {
		return frame.ErrNotFound
	}
	ranges := [2]audit.Range{a.reach(factsField, knownField)}
	ranges[1] = ranges[0]
	if two {
		ranges[1] = a.beside(ranges[0])
	}
	page.Trail, page.Content = trail(frame.Link{Name: page.Title}), p
	if a.wrong() {
		return s.Show(w, r, who, a.status(), page)
	}
	got, err := reckoned(s, w, r, who, a, page.Title, fmt.Sprintf("bilancio %v", ranges), func(ctx context.Context, w *work) (*trial, error) {
		return s.trialOf(ctx, w, ranges)
	})
	if got == nil {
		return err
	}
	if p.Early, err = s.early(r.Context(), ranges[:]...); err != nil {
		return err
	}
	p.fill(got, chosen, ranges, frame.PageOf(r))
	p.Paging = frame.PagingOf(r, frame.PageOf(r), (frame.PageOf(r)+1)*linesShown < p.Found)
	for _, l := range p.Lines {
		page.Of = append(page.Of, personIn(l.Account)...)
	}
	return s.Show(w, r, who, http.StatusOK, page)
}

// beside reads the dates that others are compared with: one that is not typed is that of
// the others.
func (a *asked) beside(first audit.Range) audit.Range {
	second := a.reach(factsBeside, knownBeside)
	if second.AsOf.IsZero() {
		second.AsOf = first.AsOf
	}
	if second.RecordedBy.IsZero() {
		second.RecordedBy = first.RecordedBy
	}
	return second
}

// trial is the body's trial balance as of two ranges, by account.
type trial struct {
	lines  []trialLine // of single accounts, in order; none that nothing moved
	kinds  []trialLine // with one for all accounts of a kind, in the order in which kinds are told
	totals [2]audit.Turnover
}

func (s *site) trialOf(ctx context.Context, w *work, ranges [2]audit.Range) (*trial, error) {
	log, err := s.summed(ctx, w)
	if err != nil {
		return nil, err
	}
	asked := ranges[:]
	if ranges[0] == ranges[1] {
		asked = ranges[:1]
	}
	found, err := audit.TrialBalances(ctx, log, asked...)
	if err != nil {
		return nil, err
	}
	t := new(trial)
	for book, first := range found[0] {
		second := found[len(found)-1][book] // both have every account
		if book.Creditor != s.Body.FiscalCode || first == (audit.Turnover{}) && second == (audit.Turnover{}) {
			continue
		}
		t.lines = append(t.lines, trialLine{Account: book.Account, Of: [2]audit.Turnover{first, second}})
	}
	slices.SortFunc(t.lines, func(a, b trialLine) int { return cmp.Compare(a.Account, b.Account) })
	t.kinds, t.totals = byKind(t.lines), sumOf(t.lines)
	return t, nil
}

func sumOf(lines []trialLine) (sum [2]audit.Turnover) {
	for _, l := range lines {
		for i := range sum {
			sum[i].Debits += l.Of[i].Debits
			sum[i].Credits += l.Of[i].Credits
		}
	}
	return sum
}

// fill puts one page of lines into the page: those of the account that was chosen, the
// accounts of a kind, or the kinds.
func (p *trialPage) fill(t *trial, chosen domain.Account, ranges [2]audit.Range, page int) {
	lines := t.kinds
	switch {
	case p.Kind != "":
		lines = of(t.lines, p.Kind)
	case isKind(chosen):
		lines = slices.DeleteFunc(slices.Clone(lines), func(l trialLine) bool { return l.Account != chosen })
	case chosen != "":
		lines = of(t.lines, chosen)
	}
	p.Totals, p.Sum, p.Found = t.totals, sumOf(lines), len(lines)
	from := min(page*linesShown, len(lines))
	for _, l := range lines[from:min(from+linesShown, len(lines))] {
		p.Lines = append(p.Lines, p.linked(l, ranges))
	}
}

// linked gives the line's figures where they lead to: the accounts of a kind, or the
// events of an account.
func (p *trialPage) linked(l trialLine, ranges [2]audit.Range) trialLine {
	account := []string{accountField, string(l.Account), kindField, "", factsBeside, "", knownBeside, ""}
	second := slices.Concat(account, []string{factsField, typedDay(ranges[1].AsOf, p.rome), knownField, typedDay(ranges[1].RecordedBy, p.rome)})
	l.First, l.Second = p.With(explainPath, account...), p.With(explainPath, second...)
	if ranges[0] != ranges[1] {
		l.Why = p.With(whyPath, slices.Concat(account, p.between(ranges))...)
	}
	return l
}

// between are the fields of Perché è cambiato for two pairs of dates.
func (p *trialPage) between(ranges [2]audit.Range) []string {
	day := func(t time.Time, none string) string { return cmp.Or(typedDay(t, p.rome), none) }
	first, second := ranges[0], ranges[1]
	fields := []string{knownField, "", factsField, day(first.AsOf, everyFact)}
	if !second.AsOf.Equal(first.AsOf) {
		fields = append(fields, factsBeside, day(second.AsOf, ""))
	}
	if first.RecordedBy.IsZero() && second.RecordedBy.IsZero() {
		return fields
	}
	return append(fields, fromField, day(first.RecordedBy, asKnownNow), untilField, day(second.RecordedBy, asKnownNow))
}

// Inside is where the accounts of a kind are listed; empty for a single account.
func (p *trialPage) Inside(account domain.Account) string {
	if !isKind(account) {
		return ""
	}
	path := trialPath
	if p.Two {
		path = situationPath
	}
	return p.With(path, kindField, string(account), accountField, "")
}

// Kinds leads from the accounts of a kind back to all kinds.
func (p *trialPage) Kinds() string {
	path := trialPath
	if p.Two {
		path = situationPath
	}
	return p.With(path, kindField, "", accountField, "")
}

// isKind reports whether an account stands for all of a kind: any account that begins as
// it does is counted in it.
func isKind(account domain.Account) bool { return audit.KindOf(account+"x") == account }

// of are the lines of an account, or of a kind: they stand together.
func of(lines []trialLine, account domain.Account) []trialLine {
	prefix, kind := strings.CutSuffix(string(account), "*")
	from, _ := slices.BinarySearchFunc(lines, prefix, func(l trialLine, name string) int { return cmp.Compare(string(l.Account), name) })
	to := from
	for to < len(lines) && (lines[to].Account == account || kind && strings.HasPrefix(string(lines[to].Account), prefix)) {
		to++
	}
	return lines[from:to]
}

// byKind adds up the accounts of each kind.
func byKind(lines []trialLine) []trialLine {
	var groups []trialLine
	for _, l := range lines { // those of a kind stand together
		kind := audit.KindOf(l.Account)
		if n := len(groups); n == 0 || groups[n-1].Account != kind {
			groups = append(groups, trialLine{Account: kind})
		}
		last := &groups[len(groups)-1]
		last.Of = sumOf([]trialLine{*last, l})
	}
	slices.SortStableFunc(groups, func(a, b trialLine) int { return cmp.Compare(rank(a.Account), rank(b.Account)) })
	return groups
}

// rank is the place of an account's kind among all.
func rank(account domain.Account) int {
	return register.AccountOrder(account)
}

// personIn is the person whose account it is, if it is a person's.
func personIn(account domain.Account) []uuid.UUID {
	if kind := audit.KindOf(account); kind != account {
		if id, err := uuid.Parse(strings.TrimPrefix(string(account), strings.TrimSuffix(string(kind), "*"))); err == nil {
			return []uuid.UUID{id}
		}
	}
	return nil
}
