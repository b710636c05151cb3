package reconciliation

import (
	"cmp"
	"slices"

	"github.com/saldo-ledger/saldo/domain"
)

// credits gives movements to flows, and returns those that belong to none.
func (m *matcher) credits(all []Credit, flows []FlowResult) (free []Credit) {
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b Credit) int { return cmp.Compare(a.Movement, b.Movement) })
	all = slices.CompactFunc(all, func(a, b Credit) bool { return a.Movement == b.Movement })
	at := make(map[string][]int, len(flows)) // by flow id: several where PSPs use one
	for i, f := range flows {
		at[f.ID] = append(at[f.ID], i)
	}
	holding := make(map[string][]domain.CaseMovement)
	for _, c := range all {
		of, ok := at[c.Matched]
		if c.Matched == "" || !ok || c.Standing == domain.MatchGone {
			free = append(free, c)
			continue
		}
		if c.Standing == domain.MatchWaits {
			flows[of[0]].Waiting = append(flows[of[0]].Waiting, c.CaseMovement)
			continue
		}
		holding[c.Matched] = append(holding[c.Matched], c.CaseMovement)
	}
	for id, moves := range holding {
		share(flows, at[id], domain.DistinctMovements(moves))
	}
	return free
}

// share gives the movements that name an id to the flows that have it.
func share(flows []FlowResult, of []int, moves []domain.CaseMovement) {
	slices.SortFunc(of, func(a, b int) int { return cmp.Compare(flows[a].PSP, flows[b].PSP) })
	alike := make([]domain.CaseFlow, len(of))
	for i, at := range of {
		alike[i] = domain.CaseFlow{Sum: flows[at].Sum, Distinct: flows[at].Distinct, Revoked: flows[at].Revoked}
	}
	for i, credits := range domain.Share(alike, moves) {
		f := &flows[of[i]]
		f.Credits, f.Net = credits, domain.Net(credits)
	}
}

// conclude gives a flow its outcome: the worst of its header, its lines and the bank's
// side.
func (m *matcher) conclude(f *FlowResult) {
	f.Finding = m.bank(f)
	if f.DeclaredCount != int64(f.Count) || f.DeclaredTotal != f.Sum {
		f.worse(Finding{WrongHeader, "dichiarati " + Euro(f.DeclaredTotal) + ", righe " + Euro(f.Sum), endOf(f.RegulationDate, correctionDays)})
	}
	for _, l := range f.Found {
		if l.Outcome.Severity() >= ToCheck {
			f.worse(l.Finding)
		}
	}
	if m.accepted[domain.SubjectOfFlow(f.ID)] && f.Outcome.Severity() >= ToCheck {
		f.Finding = Finding{Outcome: AcceptedAsItIs, Detail: f.Outcome.Advice().Title}
	}
}

func (f *FlowResult) worse(found Finding) {
	if Worse(f.Outcome, found.Outcome) == found.Outcome && f.Outcome != found.Outcome {
		f.Finding = found
	}
}

// bank compares a flow with its credits.
func (m *matcher) bank(f *FlowResult) Finding {
	v := domain.CaseFlow{Sum: f.Sum, Distinct: f.Distinct, Revoked: f.Revoked}
	explained, _ := v.Explains(f.Net)
	due := endOf(f.RegulationDate, creditDays)
	sums := "flusso " + Euro(f.Sum) + ", banca " + Euro(f.Net)
	switch {
	case explained:
		return Finding{Outcome: Squared}
	case len(f.Credits) == 0 && m.Now.Before(due):
		return Finding{Outcome: AwaitingCredit, Detail: Euro(f.Sum), Deadline: due}
	case len(f.Credits) == 0:
		return Finding{Outcome: FlowNoCredit, Detail: Euro(f.Sum), Deadline: due}
	case f.Net <= 0:
		return Finding{Outcome: Reversed, Detail: sums}
	case f.Net > f.Sum && f.Net%f.Sum == 0:
		return Finding{Outcome: Double, Detail: sums}
	case f.Net < f.Sum && m.Now.Before(due):
		return Finding{Outcome: Partial, Detail: sums, Deadline: due}
	}
	return Finding{Outcome: OtherAmount, Detail: sums, Deadline: endOf(f.RegulationDate, correctionDays)}
}

// alone gives the movements that belong to no flow their outcome. Those that are not
// pagoPA's and fit nothing are not reconciled here.
func (m *matcher) alone(free []Credit, flows []FlowResult) (out []CreditResult) {
	paid := m.byIUV()
	for _, c := range free {
		if c.Reversal && !c.PagoPA {
			continue
		}
		r := CreditResult{Credit: c, Proposals: proposals(c, flows)}
		due := endOf(c.Booked, flowDays)
		switch {
		case m.accepted[domain.SubjectOfMovement(c.Movement)]:
			r.Finding = Finding{Outcome: AcceptedAsItIs}
		case c.Reversal:
			r.Finding = Finding{Outcome: Reversed, Detail: Euro(c.Amount)}
		case c.IUV != "" && m.isFor(paid, c):
			r.Finding = Finding{Outcome: SingleTransfer, Detail: string(c.IUV)}
		case !c.PagoPA && len(r.Proposals) == 0:
			continue
		case c.PagoPA && m.Now.Before(due):
			r.Finding = Finding{Outcome: AwaitingFlow, Detail: Euro(c.Amount), Deadline: due}
		default:
			r.Finding = Finding{Outcome: CreditNoFlow, Detail: Euro(c.Amount), Deadline: due}
		}
		out = append(out, r)
	}
	return out
}

// byIUV is where the receipts of our notices are, by their IUV, that no flow names.
func (m *matcher) byIUV() map[domain.IUV]int {
	paid := make(map[domain.IUV]int)
	for i, r := range m.receipts {
		if m.said[i].lines == 0 && r.Issuer == "" && m.own(r.Notice.IUV()) {
			paid[r.Notice.IUV()] = i
		}
	}
	return paid
}

// isFor reports whether a single transfer is the money of a receipt, which then waits
// for no flow.
func (m *matcher) isFor(paid map[domain.IUV]int, c Credit) bool {
	i, ok := paid[c.IUV]
	if !ok || m.receipts[i].Amount != c.Amount {
		return false
	}
	m.said[i].single = true
	return true
}

// proposals are the flows without a credit that a movement may be the money of.
func proposals(c Credit, flows []FlowResult) (ids []string) {
	if c.Reversal {
		return nil
	}
	for _, f := range flows {
		v := domain.CaseFlow{Sum: f.Sum, Distinct: f.Distinct, Revoked: f.Revoked}
		if explained, _ := v.Explains(f.Net + c.Amount); explained && near(c.Booked, f.RegulationDate) {
			ids = append(ids, f.ID)
		}
	}
	return ids
}

func near(a, b domain.Date) bool {
	days := a.Time().Sub(b.Time()).Hours() / 24
	return days <= proposalDays && days >= -proposalDays
}
