package portal

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
	"github.com/saldo-ledger/saldo/projections"
)

// explainPath is where amounts lead: /spiega/<figure>?posizione=…
const explainPath = "/spiega/"

// figureWords are the figures as addresses and pages name them. What is of one child
// ends in its name.
var figureWords = map[string]struct {
	kind  projections.FigureKind
	title string
	back  frame.Link
}{
	"saldo-famiglia":         {projections.FamilySaldo, "Saldo bollettini della famiglia", overviewTrail},
	"saldo-bollettini":       {projections.ConsumerDebt, "Saldo bollettini di ", overviewTrail},
	"saldo":                  {projections.WalletBalance, "Saldo di ", overviewTrail},
	"ultima-ricarica":        {projections.LastTopUp, "Ultima ricarica di ", overviewTrail},
	"ultimo-bollettino":      {projections.LastBulletin, "Ultimo bollettino di ", overviewTrail},
	"movimento":              {projections.EntryAmount, "Movimento di ", overviewTrail},
	"bollettino":             {projections.BulletinAmount, "Importo del bollettino", payTrail},
	"rata":                   {projections.BulletinAmount, "Importo della rata", payTrail},
	"totale":                 {projections.SelectionTotal, "Totale dei bollettini scelti", payTrail},
	"in-verifica":            {projections.SelectionTotal, "Importo in verifica", payTrail},
	"saldo-finale":           {projections.FamilyAfter, "Saldo bollettini finale", payTrail},
	"pagamento-totale":       {projections.CartTotal, "Totale del pagamento", payTrail},
	"pagamento-saldo":        {projections.CartSaldo, "Saldo bollettini del pagamento", payTrail},
	"pagamento-saldo-finale": {projections.CartAfter, "Saldo bollettini finale del pagamento", payTrail},
	"pagato":                 {projections.AmountPaid, "Importo pagato", historyTrail},
	"spese":                  {projections.YearPaid, "Spese dell'anno ", documentsTrail},
	"spese-contanti":         {projections.YearCash, "Spese in contanti dell'anno ", documentsTrail},
	"credito":                {projections.CreditDue, "Da rimborsare", historyTrail},
}

// figure is an amount on a page, and where it is explained.
type figure struct {
	Amount domain.Money
	URL    string
	Of     string // what it is, for those who hear the link alone
}

// newFigure describes an amount: what of names it, and pairs of the address's
// parameters and their values follow the position that the page shows. Notices are a
// list.
func newFigure(amount domain.Money, word, of string, at eventstore.Position, pairs ...any) (figure, error) {
	if _, ok := figureWords[word]; !ok || len(pairs)%2 != 0 {
		return figure{}, fmt.Errorf("no figure %q of %d parameters", word, len(pairs))
	}
	var b strings.Builder
	b.WriteString(explainPath + word + "?posizione=" + strconv.FormatUint(uint64(at), 10))
	for i := 0; i < len(pairs); i += 2 {
		name := fmt.Sprint("&", pairs[i], "=")
		if notices, ok := pairs[i+1].([]domain.NoticeNumber); ok {
			for _, n := range notices {
				b.WriteString(name + string(n))
			}
			continue
		}
		b.WriteString(name + url.QueryEscape(fmt.Sprint(pairs[i+1])))
	}
	return figure{amount, b.String(), of}, nil
}

// amountOf describes the amount of a bulletin, or of an instalment of one.
func amountOf(b Bulletin, at eventstore.Position) (figure, error) {
	word := "bollettino"
	if b.Rata > 0 {
		word = "rata"
	}
	return newFigure(b.Amount, word, word+" "+called(b), at, "avviso", b.Notice)
}

// readFigure reads what newFigure wrote. An address that it did not write is
// ErrNotFound.
func readFigure(word string, query url.Values) (projections.Figure, error) {
	r := figureReader{query: query}
	f := projections.Figure{
		Kind: figureWords[word].kind, At: eventstore.Position(r.number("posizione")), Entry: eventstore.Position(r.number("evento")),
		Until: int(r.number("fino")), Year: int(r.number("anno")), Line: int(r.number("riga")), Service: domain.ServiceCode(query.Get("servizio")),
	}
	f.Consumer.UUID, f.Payment.UUID = r.id("consumatore"), r.id("pagamento")
	for _, n := range query["avviso"] {
		notice, err := domain.ParseNoticeNumber(n)
		r.failed = r.failed || err != nil
		f.Notices = append(f.Notices, notice)
	}
	if r.failed || f.Kind == 0 || len(f.Notices) > maxNotices {
		return f, fmt.Errorf("figure %q: %w", word, ErrNotFound)
	}
	return f, nil
}

// maxNotices bounds how many bulletins one figure sums up.
const maxNotices = 500

type figureReader struct {
	query  url.Values
	failed bool
}

// number reads a parameter; 0 when it is not there.
func (r *figureReader) number(name string) uint64 {
	value := r.query.Get(name)
	if value == "" {
		return 0
	}
	n, err := strconv.ParseUint(value, 10, 31)
	if name == "posizione" || name == "evento" {
		n, err = strconv.ParseUint(value, 10, 63)
	}
	r.failed = r.failed || err != nil
	return n
}

func (r *figureReader) id(name string) uuid.UUID {
	value := r.query.Get(name)
	if value == "" {
		return uuid.Nil
	}
	id, err := uuid.Parse(value)
	r.failed = r.failed || err != nil
	return id
}
