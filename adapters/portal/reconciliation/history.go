package reconciliation

import (
	"time"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
)

// deed is one line of a case's history: what was found, or what somebody decided.
type deed struct {
	At     time.Time
	Who    string
	What   string
	Why    string // the reason, or the text of a note
	Undone *deed  // what took it back; nil while it stands
}

// By is the author after "annullato".
func (d deed) By() string {
	if d.Who == byItself {
		return d.Who
	}
	return "da " + d.Who
}

// historyOf tells what became of a case, oldest first. Who names the author of an
// event.
func historyOf(events []domain.CaseEvent, who func(actor string) string) []*deed {
	h := history{who: who, matches: make(map[string]*deed)}
	for _, e := range events {
		h.tell(e)
	}
	return h.deeds
}

// history is a case's deeds while they are being told, with those that can be taken
// back.
type history struct {
	who      func(actor string) string
	deeds    []*deed
	matches  map[string]*deed // by movement, the deed that brought it
	accepted *deed
	settled  *deed
}

// byItself is the author of what no person did.
const byItself = "da sé"

func (h *history) add(at time.Time, actor, what, why string) *deed {
	d := &deed{At: at, Who: byItself, What: what, Why: why}
	if actor != "" {
		d.Who = h.who(actor)
	}
	h.deeds = append(h.deeds, d)
	return d
}

func (h *history) tell(e domain.CaseEvent) {
	switch e := e.(type) {
	case domain.FlowNoted:
		h.add(e.At, "", "Arrivato il flusso, totale delle righe "+frame.Euro(e.Version.Sum), "")
	case domain.MovementNoted:
		h.matches[e.Movement.Movement] = h.add(e.At, "", "Trovato "+spoken(e.Movement)+", "+foundBy(e.Movement.By), "")
	case domain.MatchProposed:
		h.matches[e.Movement.Movement] = h.add(e.At, e.Actor, "Abbinato a mano "+spoken(e.Movement), e.Reason)
	case domain.MatchConfirmed:
		if d := h.matches[e.Movement]; d == nil || d.At != e.At || d.Why != e.Reason { // else it was confirmed as it was said
			h.add(e.At, e.Actor, "Abbinamento confermato", e.Reason)
		}
	case domain.MatchUndone:
		h.takeBack(h.matches[e.Movement], h.add(e.At, e.Actor, "Abbinamento annullato", e.Reason))
	case domain.DifferenceAccepted:
		what := "Differenza accettata: " + frame.Euro(e.Stake)
		if e.Waits {
			what = "Accettazione proposta, da confermare da un'altra persona: " + frame.Euro(e.Stake)
		}
		h.accepted = h.add(e.At, e.Actor, what, e.Reason)
	case domain.DifferenceReopened:
		h.takeBack(h.accepted, h.add(e.At, e.Actor, "Differenza riaperta", e.Reason))
	case domain.CaseNoteAdded:
		h.add(e.At, e.Actor, "Nota", e.Text)
	case domain.RemittanceSettled:
		h.settled = h.add(e.At, "", "Il flusso è in banca: "+frame.Euro(e.Amount)+" passati dal conto transito alla banca", "")
	case domain.DifferenceBooked:
		h.add(e.At, "", "Differenza fra flusso e banca: "+frame.Euro(e.Amount)+" sul conto delle differenze", "")
	case domain.RemittanceReopened:
		h.takeBack(h.settled, h.add(e.At, "", "Il flusso e la banca non coincidono più: le somme tornano sul conto transito", ""))
	}
}

func (h *history) takeBack(earlier, by *deed) {
	if earlier != nil {
		earlier.Undone = by
	}
}

// spoken is a movement in words.
func spoken(m domain.CaseMovement) string {
	what := "l'accredito di "
	if m.Reversal {
		what = "lo storno di "
	}
	return what + frame.Euro(m.Amount) + " del " + frame.Day(m.Booked)
}

func foundBy(by string) string {
	switch by {
	case domain.ByTRN:
		return "con il TRN"
	case domain.ByRule:
		return "con una regola"
	}
	return "con la causale"
}
