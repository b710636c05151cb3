package pagopa

import (
	"fmt"
	"time"

	"github.com/saldo-ledger/saldo/domain"
)

// Terms are what a body decides about its payments. A body without terms takes late
// payments, and has the postal account that its debts name, or none.
type Terms struct {
	Creditor domain.FiscalCode
	// RefuseLate answers PAA_PAGAMENTO_SCADUTO from the day after the due date, in
	// Italy. The Node itself never looks at the due date.
	RefuseLate bool
	// PostalIBAN is the body's account with the post, also registered with pagoPA:
	// where a payment goes that is asked for by transfer type POSTAL. It goes before
	// the one that a DebtPosition names.
	PostalIBAN string
}

// postABI is the bank code of the post in an IBAN.
const postABI = "07601"

// Postal reports whether an IBAN is of an account with the post.
func Postal(iban string) bool { return len(iban) == 27 && iban[5:10] == postABI }

// termsOf lists terms by body, or says which cannot be.
func termsOf(all []Terms, ours stations) (map[domain.FiscalCode]Terms, error) {
	by := make(map[domain.FiscalCode]Terms, len(all))
	for i, t := range all {
		key := func(name string) string { return fmt.Sprintf("bodies[%d].%s", i, name) }
		if _, twice := by[t.Creditor]; twice {
			return nil, &KeyError{key("fiscalCode"), fmt.Sprintf("%q is there twice", t.Creditor)}
		}
		if len(ours.where(func(s Station) bool { return s.Creditor == t.Creditor })) == 0 {
			return nil, &KeyError{key("fiscalCode"), fmt.Sprintf("%q has no station", t.Creditor)}
		}
		if t.PostalIBAN != "" && (!domain.ValidIBAN(t.PostalIBAN) || !Postal(t.PostalIBAN)) {
			return nil, &KeyError{key("postalIban"), fmt.Sprintf("%q is no Italian IBAN of the post (bank code %s)", t.PostalIBAN, postABI)}
		}
		by[t.Creditor] = t
	}
	return by, nil
}

// late reports whether a debt that was due on a day is refused now.
func (h *Handler) late(creditor domain.FiscalCode, due time.Time) bool {
	return h.terms[creditor].RefuseLate && !due.IsZero() && due.Format(time.DateOnly) < h.now().In(domain.Rome).Format(time.DateOnly)
}
