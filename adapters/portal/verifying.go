package portal

import (
	"net/url"
	"slices"
	"strings"

	"github.com/saldo-ledger/saldo/domain"
)

// verifyingAsk is said when a bulletin is paid again whose payment is being verified.
const verifyingAsk = "Hai già pagato questo bollettino? Se lo hai fatto, togli la spunta e aspetta la conferma. Se non hai concluso il pagamento, conferma che vuoi pagarlo"

// confirmation is the sentence to agree to before bulletins are paid whose payment
// is being verified. They are not locked: only a receipt says that one is paid.
type confirmation struct {
	Value  string // of the box: the notices that it is about
	Names  []string
	Given  bool
	Amount domain.Money
}

// confirmation returns what the ticks need; nil when nothing of them is being
// verified.
func (c cart) confirmation(dues Dues) *confirmation {
	var found confirmation
	var notices []string
	for _, b := range dues.Bulletins {
		if b.Verifying != nil && b.Pending == nil && c.ticked(b.Notice) {
			found.Names = append(found.Names, called(b))
			found.Amount += b.Amount
			notices = append(notices, string(b.Notice))
		}
	}
	if len(notices) == 0 {
		return nil
	}
	found.Value = strings.Join(notices, ".")
	found.Given = c.Confirmed == found.Value // with one more bulletin it is asked again
	return &found
}

// Question asks about one bulletin, or about several.
func (c confirmation) Question() string {
	if len(c.Names) == 1 {
		return "Hai già pagato il bollettino " + c.Names[0] + "?"
	}
	return "Hai già pagato i bollettini " + strings.Join(c.Names, "; ") + "?"
}

// readConfirmed is the box of the confirmation, as the form has it.
func readConfirmed(form url.Values) string { return form.Get("conferma") }

// withoutVerifying drops ticks that a link brought along of bulletins that are being
// verified: those are ticked by hand.
func (c cart) withoutVerifying(dues Dues) cart {
	c.Ticks = slices.DeleteFunc(slices.Clone(c.Ticks), func(t tick) bool {
		i := slices.IndexFunc(dues.Bulletins, func(b Bulletin) bool { return b.Notice == t.Notice })
		return i >= 0 && dues.Bulletins[i].Verifying != nil
	})
	return c
}
