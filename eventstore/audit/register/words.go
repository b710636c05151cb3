package register

import (
	"slices"
	"strings"

	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// operations say in Italian what the events are that move money, by their stored names
// without the version.
var operations = map[string]string{
	"bulletin-issued": "Bollettino emesso", "bulletin-cancelled": "Bollettino annullato",
	"payment-confirmed": "Pagamento confermato", "payment-duplicated": "Pagamento doppio", "receipt-unmatched": "Incasso da attribuire",
	"receipt-applied": "Incasso attribuito", "receipt-reassigned": "Incasso spostato", "receipt-disowned": "Incasso non nostro",
	"refund-due": "Rimborso dovuto", "payment-refunded": "Rimborso fatto",
	"payment-settled": "Pagamento riversato", "settlement-reversed": "Riversamento stornato", "payment-revoked": "Pagamento revocato",
	"difference-booked": "Differenza con la banca",
	"wallet-credited":   "Ricarica accreditata", "meal-charged": "Pasto addebitato",
}

// Operation says the stored name of an event that moves money in Italian words; a name
// that has none stays as it is.
func Operation(stored string) string {
	name, _, _ := strings.Cut(stored, ".")
	if words, ok := operations[name]; ok {
		return words
	}
	return stored
}

// accountKind says how accounts that begin alike are named: all of them, and one.
type accountKind struct{ prefix, all, one string }

// kinds say the accounts; a star stands for all of a kind.
var kinds = []accountKind{
	{"receivable:", "Crediti verso le famiglie", "Credito per il bambino"},
	{"revenue:", "Ricavi", "Ricavi di"},
	{"credit:", "Somme da rimborsare", "Somma da rimborsare all’adulto"},
	{"wallet:", "Ricariche dei bambini", "Ricarica del bambino"},
	{string(domain.AccountTransit), "Incassi pagoPA in transito", ""},
	{string(domain.AccountBank), "Banca", ""},
	{string(domain.AccountSuspense), "Incassi da attribuire", ""},
	{string(domain.AccountDifferences), "Differenze accettate fra flussi e banca", ""},
}

// AccountName says an account in Italian words. Persons stay what they are in the log:
// ids.
func AccountName(a domain.Account) string {
	if a == domain.AccountUnknownPayer {
		return "Somme da rimborsare a chi non si conosce"
	}
	for _, k := range kinds {
		rest, ok := strings.CutPrefix(string(a), k.prefix)
		switch {
		case !ok:
		case rest == "" || rest == "*":
			return k.all
		case k.one != "":
			return k.one + " " + rest
		}
	}
	return string(a)
}

// AccountOrder is where an account's kind comes among the kinds, as accountants read them;
// -1 for one of no kind that is known.
func AccountOrder(a domain.Account) int {
	return slices.IndexFunc(kinds, func(k accountKind) bool { return strings.HasPrefix(string(a), k.prefix) })
}

// noticeOf is the notice number that a stream is of; empty for other streams.
func noticeOf(s eventstore.Stream) string {
	if c := s.Category(); c != "bulletin" && c != "foreign" {
		return ""
	}
	return string(s[strings.LastIndexByte(string(s), '-')+1:])
}
