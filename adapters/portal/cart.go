package portal

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/saldo-ledger/saldo/adapters/portal/frame"
	"github.com/saldo-ledger/saldo/domain"
	"github.com/saldo-ledger/saldo/eventstore"
)

// What a selection can lack, or have too much of.
const (
	nothingTicked = "Seleziona almeno un bollettino"
	tooManyTicked = "Puoi pagare online al massimo 5 bollettini per volta. Togline qualcuno, oppure scegli Paga presso PSP"
	tickedTwice   = "Hai scelto il bollettino %s intero e anche a rate. Lascia la spunta sull'intero oppure sulle rate"
)

// cart is what came with the form of the Paga page.
type cart struct {
	Form     uuid.UUID // made with the form; names what is sent with it
	Category domain.CategoryCode
	Ticks    []tick
	// Confirmed names the bulletins that are to be paid although their payment is
	// being verified.
	Confirmed string
}

// tick is one ticked box: a notice, and the amount that stood beside it.
type tick struct {
	Notice domain.NoticeNumber
	Amount domain.Money
}

// readCart reads the form.
func readCart(form url.Values) (cart, error) {
	id, err := uuid.Parse(form.Get("modulo"))
	if err != nil {
		return cart{}, fmt.Errorf("modulo: %w", frame.ErrForm)
	}
	return cart{id, domain.CategoryCode(form.Get("categoria")), readTicks(form), readConfirmed(form)}, nil
}

// readTicks drops what the portal did not write: what counts are the parent's
// open bulletins, whatever is sent.
func readTicks(form url.Values) []tick {
	var ticks []tick
	for _, value := range form["bollettino"] {
		t, ok := readTick(value)
		if ok && !slices.ContainsFunc(ticks, func(o tick) bool { return o.Notice == t.Notice }) {
			ticks = append(ticks, t)
		}
	}
	return ticks
}

// String is the value of the box: "301000000000004285.5733".
func (t tick) String() string { return fmt.Sprintf("%s.%d", t.Notice, int64(t.Amount)) }

func readTick(value string) (tick, bool) {
	number, cents, _ := strings.Cut(value, ".")
	notice, err := domain.ParseNoticeNumber(number)
	if err != nil {
		return tick{}, false
	}
	amount, err := strconv.ParseInt(cents, 10, 64)
	return tick{notice, domain.Money(amount)}, err == nil
}

func (c cart) ticked(notice domain.NoticeNumber) bool {
	return slices.ContainsFunc(c.Ticks, func(t tick) bool { return t.Notice == notice })
}

// payment names the cart by form and ticks: sent twice it is one payment, and
// the same form with other ticks, after going back, is another.
func (c cart) payment() domain.PaymentID {
	parts := []string{string(c.Category)}
	for _, t := range c.Ticks {
		parts = append(parts, t.String())
	}
	return domain.PaymentID{UUID: uuid.NewSHA1(c.Form, []byte(strings.Join(parts, " ")))}
}

func (c cart) notices() []domain.NoticeNumber {
	list := make([]domain.NoticeNumber, len(c.Ticks))
	for i, t := range c.Ticks {
		list[i] = t.Notice
	}
	return list
}

// check compares the ticks with what is open now and returns what is wrong.
func (c cart) check(dues Dues, online bool) frame.FormErrors {
	var problems frame.FormErrors
	for _, t := range c.Ticks {
		i := slices.IndexFunc(dues.Bulletins, func(b Bulletin) bool { return b.Notice == t.Notice })
		switch {
		case i < 0:
			problems.Add("bollettini", "Il bollettino con avviso "+t.Notice.Groups()+" non è più da pagare. Controlla la selezione e riprova")
		case dues.Bulletins[i].Pending != nil:
			problems.Add("bollettini", "Il bollettino "+called(dues.Bulletins[i])+" è già in pagamento. Togli la spunta e riprova")
		case dues.Bulletins[i].Amount != t.Amount:
			problems.Add("bollettini", "L'importo del bollettino "+called(dues.Bulletins[i])+" è cambiato: era "+frame.Euro(t.Amount)+", ora è "+
				frame.Euro(dues.Bulletins[i].Amount)+". Controlla e conferma di nuovo")
		}
	}
	for _, b := range c.twice(dues) {
		problems.Add("bollettini", fmt.Sprintf(tickedTwice, called(b)))
	}
	if len(c.Ticks) == 0 {
		problems.Add("bollettini", nothingTicked)
	}
	if ask := c.confirmation(dues); ask != nil && !ask.Given {
		problems.Add("conferma", verifyingAsk)
	}
	if online && len(c.Ticks) > domain.MaxCheckoutNotices {
		problems.Add("bollettini", tooManyTicked)
	}
	return problems
}

// totals are the three figures under the bulletins.
type totals struct {
	Position    eventstore.Position   // of the log, that is shown
	Ticked      []domain.NoticeNumber // those that Totale sums up
	Totale      domain.Money
	Saldo       domain.Money
	SaldoFinale domain.Money
	TooMany     string // why the ticks do not fit in one checkout; may be empty
	Twice       string // what is ticked whole and in instalments; may be empty
	Verifying   domain.Money
	// InVerification are the bulletins that Verifying sums up.
	InVerification []domain.NoticeNumber
	Confirm        *confirmation // nil when none is needed
	ConfirmErr     string        // why the form came back without it; may be empty
}

// twice are the bulletins that are ticked whole and in instalments too.
func (c cart) twice(dues Dues) []Bulletin {
	return slices.DeleteFunc(slices.Clone(dues.Bulletins), func(b Bulletin) bool {
		return b.Rata > 0 || !c.ticked(b.Notice) || !slices.ContainsFunc(b.Rate, c.ticked)
	})
}

// totals adds up the ticks that are the parent's own open bulletins, at the
// ledger's amounts. What is ticked whole and in instalments counts once.
func (c cart) totals(dues Dues) totals {
	t := totals{Position: dues.Position, Saldo: dues.Saldo, Verifying: dues.Verifying, InVerification: dues.InVerification, Confirm: c.confirmation(dues)}
	n := 0
	for _, b := range dues.Bulletins {
		if b.Pending == nil && c.ticked(b.Notice) && !(b.Rata > 0 && c.ticked(b.Whole)) {
			t.Totale += b.Amount
			t.Ticked = append(t.Ticked, b.Notice)
			n++
		}
	}
	t.SaldoFinale = t.Saldo + t.Totale
	if twice := c.twice(dues); len(twice) > 0 {
		t.Twice = fmt.Sprintf(tickedTwice, called(twice[0]))
	}
	if n > domain.MaxCheckoutNotices {
		t.TooMany = tooManyTicked
	}
	return t
}

// called names a bulletin as one would say it: "POST-SCUOLA gennaio 2020", and an
// instalment of it "POST-SCUOLA gennaio 2020, rata 1 di 3".
func called(b Bulletin) string {
	name := strings.Join(b.Services, ", ") + " " + frame.Spoken(b.Period)
	if b.Rata > 0 {
		name += fmt.Sprintf(", rata %d di %d", b.Rata, len(b.Rate))
	}
	return name
}
