package domain

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Current returns the version of the flow that counts: the one made last.
func (k Case) Current() (CaseFlow, bool) {
	if len(k.Versions) == 0 {
		return CaseFlow{}, false
	}
	return slices.MaxFunc(k.Versions, func(a, b CaseFlow) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.Flow, b.Flow))
	}), true
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

// settle compares how the case stands with what was settled, and says what changed
// because of the event.
func (k Case) settle(of subjectOf, because CaseEvent) []CaseEvent {
	want := k.wanted()
	if sameSettled(k.Settled, want) {
		return nil
	}
	var out []CaseEvent
	at := because.OccurredAt()
	if k.Settled != nil {
		out = append(out, RemittanceReopened{of.creditor, of.subject, k.Settled.Flow, at})
	}
	if want != nil {
		out = append(out, RemittanceSettled{of.creditor, of.subject, want.Flow, want.Movements, Net(k.Credits()), want.Booked, want.WithoutRevoked, at})
	}
	return out
}

// wanted is what should be settled as the case stands; nil for nothing.
func (k Case) wanted() *CaseSettled {
	v, ok := k.Current()
	credits := k.Credits()
	if !ok || len(credits) == 0 {
		return nil
	}
	net := Net(credits)
	all, without := v.Explains(net)
	if !all && !(k.Accepted && net > 0) {
		return nil
	}
	s := &CaseSettled{Flow: v.Flow, WithoutRevoked: without}
	for _, m := range credits {
		s.Movements, s.Booked = append(s.Movements, m.Movement), max(s.Booked, m.Booked)
	}
	return s
}

// sameSettled compares what is settled, whichever statement it was seen in.
func sameSettled(a, b *CaseSettled) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Flow == b.Flow && a.WithoutRevoked == b.WithoutRevoked
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
		k.Settled = &CaseSettled{e.Flow, e.Movements, e.Booked, e.WithoutRevoked}
	case RemittanceReopened:
		k.Settled = nil
	default:
		panic("domain: unhandled event of a case")
	}
	return k
}

func (k Case) stands(movement string, s MatchStands) Case {
	k.Movements = slices.Clone(k.Movements)
	if i := k.movement(movement); i >= 0 {
		k.Movements[i].Standing = s
	}
	return k
}
