package domain

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Current returns the versions of the flow that count, by their sender: of each PSP the
// one made last. There is one, unless PSPs use one id.
func (k Case) Current() []CaseFlow {
	var current []CaseFlow
	for _, v := range k.Versions {
		i := slices.IndexFunc(current, func(c CaseFlow) bool { return c.PSP == v.PSP })
		switch {
		case i < 0:
			current = append(current, v)
		case cmp.Or(current[i].Created.Compare(v.Created), cmp.Compare(current[i].Flow, v.Flow)) < 0:
			current[i] = v
		}
	}
	slices.SortFunc(current, func(a, b CaseFlow) int { return cmp.Compare(a.PSP, b.PSP) })
	return current
}

// Standing tells of a version of a flow whether it counts, and what settled it; nil for
// nothing.
func (k Case) Standing(version string) (counts bool, by *CaseSettled) {
	counts = slices.ContainsFunc(k.Current(), func(v CaseFlow) bool { return v.Flow == version })
	if i := slices.IndexFunc(k.Settled, func(s CaseSettled) bool { return s.Flow == version }); i >= 0 {
		by = &k.Settled[i]
	}
	return counts, by
}

// ByItself reports whether a match holds that was found so, and no person made.
func (k Case) ByItself(movement, by string) bool {
	i := k.movement(movement)
	return i >= 0 && k.Movements[i].Standing == MatchHolds && k.Movements[i].By == by && k.Movements[i].Proposer == ""
}

// Credits returns the movements that count, each once: statements overlap, and the
// same line of the account can come in several, but twice in one of them is two.
func (k Case) Credits() []CaseMovement {
	var holding []CaseMovement
	for _, m := range k.Movements {
		if m.Standing == MatchHolds {
			holding = append(holding, m.CaseMovement)
		}
	}
	return DistinctMovements(holding)
}

// DistinctMovements leaves out movements that another statement has too.
func DistinctMovements(all []CaseMovement) []CaseMovement {
	type line struct {
		amount   Money
		reversal bool
		value    Date
		trn      string
	}
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b CaseMovement) int { return strings.Compare(a.Movement, b.Movement) })
	counts := make(map[line]map[string]int) // how often each statement has it
	most := make(map[line]int)
	var out []CaseMovement
	for _, m := range all {
		l := line{m.Amount, m.Reversal, m.Value, m.TRN}
		statement, _, _ := strings.Cut(m.Movement, "/")
		if counts[l] == nil {
			counts[l] = make(map[string]int)
		}
		if counts[l][statement]++; counts[l][statement] > most[l] {
			most[l]++
			out = append(out, m)
		}
	}
	return out
}

// Net is what movements leave on the account.
func Net(all []CaseMovement) (sum Money) {
	for _, m := range all {
		if m.Reversal {
			sum -= m.Amount
		} else {
			sum += m.Amount
		}
	}
	return sum
}

// Explains reports whether a flow of this version is made of so much money at the
// bank, and whether what was given back is left out of it. The PSP's declared total
// does not count: the lines do.
func (v CaseFlow) Explains(net Money) (all, withoutRevoked bool) {
	switch {
	case net <= 0:
		return false, false
	case net == v.Sum || net == v.Distinct:
		return true, false
	case v.Revoked > 0 && net == v.Distinct-v.Revoked:
		return true, true
	}
	return false, false
}

// Share gives the credits that name an id to the flows that have it, which are nearly
// always one. Of several each has a credit that explains it alone, the first by its
// sender first; what is left is the first one's that none explains.
func Share(flows []CaseFlow, credits []CaseMovement) [][]CaseMovement {
	shares := make([][]CaseMovement, len(flows))
	if len(flows) == 0 {
		return nil
	}
	rest, open := credits, len(flows)
	if len(flows) > 1 {
		standing := unreversed(credits)
		for i, v := range flows {
			at := slices.IndexFunc(standing, func(m CaseMovement) bool { all, _ := v.Explains(m.Amount); return all })
			if at < 0 {
				open = min(open, i)
				continue
			}
			alone := standing[at]
			shares[i] = []CaseMovement{alone}
			standing = slices.Delete(standing, at, at+1)
			rest = slices.DeleteFunc(slices.Clone(rest), func(m CaseMovement) bool { return m.Movement == alone.Movement })
		}
	}
	open %= len(flows) // the first, where every one has its own
	shares[open] = append(shares[open], rest...)
	return shares
}

// settle compares how the case stands with what was settled, and says what changed
// because of the event. Where flows and movements of one TRN meet nothing is settled:
// that is the flow's case.
func (k Case) settle(of subjectOf, because CaseEvent) []CaseEvent {
	if of.subject.Flow() == "" {
		return nil
	}
	want, difference := k.wanted()
	var out []CaseEvent
	at := because.OccurredAt()
	for _, s := range k.Settled {
		if !slices.ContainsFunc(want, s.same) {
			out = append(out, RemittanceReopened{of.creditor, of.subject, s.Flow, at})
		}
	}
	booked := at
	for _, w := range want {
		if !slices.ContainsFunc(k.Settled, w.same) {
			out = append(out, RemittanceSettled{of.creditor, of.subject, w.Flow, w.Movements, w.net, w.Booked, w.WithoutRevoked, at})
		}
		booked = w.Booked.Time()
	}
	if difference != k.Difference {
		out = append(out, DifferenceBooked{of.creditor, of.subject, difference - k.Difference, booked})
	}
	return out
}

// wanted is what should be settled as the case stands, and what the payments of that
// have more than the bank.
func (k Case) wanted() (want []CaseSettled, difference Money) {
	current := k.Current()
	for i, credits := range Share(current, k.Credits()) {
		v, net := current[i], Net(credits)
		all, without := v.Explains(net)
		if !all && !(k.Accepted && net > 0) {
			continue
		}
		s := CaseSettled{Flow: v.Flow, WithoutRevoked: without, net: net}
		for _, m := range credits {
			s.Movements, s.Booked = append(s.Movements, m.Movement), max(s.Booked, m.Booked)
		}
		want = append(want, s)
		difference += v.Distinct - net
		if without {
			difference -= v.Revoked
		}
	}
	return want, difference
}

// same compares what is settled, whichever statement it was seen in.
func (s CaseSettled) same(o CaseSettled) bool {
	return s.Flow == o.Flow && s.WithoutRevoked == o.WithoutRevoked
}

// FlowNoted says that a case has a version of its flow.
type FlowNoted struct {
	Creditor FiscalCode `json:"creditor"`
	Subject  Subject    `json:"subject"`
	Version  CaseFlow   `json:"version"`
	At       time.Time  `json:"at"`
}

// MovementNoted says that a case has a movement of the bank's.
type MovementNoted struct {
	Creditor FiscalCode   `json:"creditor"`
	Subject  Subject      `json:"subject"`
	Movement CaseMovement `json:"movement"`
	At       time.Time    `json:"at"`
}

// MatchProposed says that somebody takes a movement for the flow's.
type MatchProposed struct {
	Creditor FiscalCode   `json:"creditor"`
	Subject  Subject      `json:"subject"`
	Movement CaseMovement `json:"movement"`
	Actor    string       `json:"actor"`
	Reason   string       `json:"reason"`
	At       time.Time    `json:"at"`
}

// MatchConfirmed says that the match holds.
type MatchConfirmed struct {
	Creditor FiscalCode `json:"creditor"`
	Subject  Subject    `json:"subject"`
	Movement string     `json:"movement"`
	Actor    string     `json:"actor"`
	Reason   string     `json:"reason"`
	At       time.Time  `json:"at"`
}

// MatchUndone says that a match holds no more.
type MatchUndone struct {
	Creditor FiscalCode `json:"creditor"`
	Subject  Subject    `json:"subject"`
	Movement string     `json:"movement"`
	Actor    string     `json:"actor"`
	Reason   string     `json:"reason"`
	At       time.Time  `json:"at"`
}

// DifferenceAccepted says that a person takes a case as it stands. One that waits
// needs a second person's word.
type DifferenceAccepted struct {
	Creditor FiscalCode `json:"creditor"`
	Subject  Subject    `json:"subject"`
	Stake    Money      `json:"stake"`
	Actor    string     `json:"actor"`
	Reason   string     `json:"reason"`
	Waits    bool       `json:"waits"`
	At       time.Time  `json:"at"`
	Rule     int        `json:"rule,omitzero"` // that accepted it; 0 for a person
}

// DifferenceReopened says that a case is to be looked at again.
type DifferenceReopened struct {
	Creditor FiscalCode `json:"creditor"`
	Subject  Subject    `json:"subject"`
	Actor    string     `json:"actor"`
	Reason   string     `json:"reason"`
	At       time.Time  `json:"at"`
}

// RemittanceSettled says that the bank has the money that a flow is made of.
type RemittanceSettled struct {
	Creditor       FiscalCode `json:"creditor"`
	Subject        Subject    `json:"subject"`
	Flow           string     `json:"flow"` // the version's key
	Movements      []string   `json:"movements"`
	Amount         Money      `json:"amount"`
	Booked         Date       `json:"booked"`
	WithoutRevoked bool       `json:"withoutRevoked"` // what was given back is not in it
	At             time.Time  `json:"at"`
}

// RemittanceReopened says that a flow and the bank explain each other no more.
type RemittanceReopened struct {
	Creditor FiscalCode `json:"creditor"`
	Subject  Subject    `json:"subject"`
	Flow     string     `json:"flow"`
	At       time.Time  `json:"at"`
}

// DifferenceBooked says what the payments of a flow that counts as settled have more
// than the bank, or less where it is negative: as much as the case has changed by. A
// person or a rule accepted it, or the transfer has a line twice.
type DifferenceBooked struct {
	Creditor FiscalCode `json:"creditor"`
	Subject  Subject    `json:"subject"`
	Amount   Money      `json:"amount"`
	At       time.Time  `json:"at"` // when the bank booked the money; else when it was taken back
}

// Evolve returns k as it stands after e.
func (k Case) Evolve(e CaseEvent) Case {
	switch e := e.(type) {
	case FlowNoted:
		k.Versions = append(slices.Clip(k.Versions), e.Version)
	case MovementNoted:
		k.Movements = append(slices.Clip(k.Movements), Match{CaseMovement: e.Movement})
	case MatchProposed:
		m := Match{e.Movement, MatchWaits, e.Actor}
		k.Movements = append(slices.DeleteFunc(slices.Clone(k.Movements), func(x Match) bool { return x.Movement == m.Movement }), m)
	case MatchConfirmed:
		k = k.stands(e.Movement, MatchHolds)
	case MatchUndone:
		k = k.stands(e.Movement, MatchGone)
	case DifferenceAccepted:
		k.Accepted = !e.Waits
		k.Proposed = nil
		if e.Waits {
			k.Proposed = &AcceptDifference{Actor: e.Actor, Reason: e.Reason}
		}
	case DifferenceReopened:
		k.Accepted, k.Proposed, k.Reopened = false, nil, true
	case CaseNoteAdded:
		k.Notes = append(slices.Clip(k.Notes), e.Note)
	case RemittanceSettled:
		k.Settled = append(k.settledBut(e.Flow), CaseSettled{e.Flow, e.Movements, e.Booked, e.WithoutRevoked, e.Amount})
	case RemittanceReopened:
		k.Settled = k.settledBut(e.Flow)
	case DifferenceBooked:
		k.Difference += e.Amount
	default:
		panic("domain: unhandled event of a case")
	}
	return k
}

// settledBut is what is settled without a flow.
func (k Case) settledBut(flow string) []CaseSettled {
	return slices.DeleteFunc(slices.Clone(k.Settled), func(s CaseSettled) bool { return s.Flow == flow })
}

func (k Case) stands(movement string, s MatchStands) Case {
	k.Movements = slices.Clone(k.Movements)
	if i := k.movement(movement); i >= 0 {
		k.Movements[i].Standing = s
	}
	return k
}
